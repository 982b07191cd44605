"""Answers with vectors, decoded into numpy arrays."""

from __future__ import annotations

import json
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .codes import dequantize, packed_length, unpack_codes
from .errors import UnexpectedResponseError
from .result import EmbeddingResult

_QUESTION = "Is a Sutra-Embedder at this address?"


def parse_json(body: bytes | str) -> Any:
    """:raises UnexpectedResponseError: where the body is not JSON"""
    try:
        return json.loads(body)
    except ValueError as error:
        raise UnexpectedResponseError(f"The answer is not JSON. {_QUESTION}") from error


def read_result(body: bytes, texts: int, keep_codes: bool) -> EmbeddingResult:
    """What was answered to a request of so many texts.

    :param keep_codes: whether the caller wants the codes beside the values that they stand for
    :raises UnexpectedResponseError: where the answer is not what was asked for
    """
    answer = parse_json(body)
    try:
        wire, model_info, metadata = answer["embeddings"], answer["model_info"], answer["metadata"]
        dimensions, quantization = model_info["dimensions"], metadata["quantization"]
        if len(wire) != texts:
            raise ValueError(f"it holds {len(wire)} vectors for {texts} texts")
        if metadata["encoding_format"] != "packed":
            vectors = np.frombuffer(_rows(wire, dimensions * 4), "<f4").reshape(texts, dimensions)
            return EmbeddingResult(vectors, model_info, answer["performance"], metadata)
        scheme, scales = quantization["scheme"], quantization.get("scales")
        length = packed_length(scheme, dimensions)
        rows: npt.NDArray[np.uint8] = np.frombuffer(_rows(wire, length), np.uint8).reshape(texts, length)
        codes = unpack_codes(rows, scheme, dimensions)
        vectors = dequantize(codes, scheme, dimensions, scales)
        kept = {"codes": codes, "scales": scales} if keep_codes else {}
        return EmbeddingResult(vectors, model_info, answer["performance"], metadata, **kept)
    except (KeyError, TypeError, ValueError, Base64Error) as error:
        raise UnexpectedResponseError(f"The answer is not what was asked for ({error}). {_QUESTION}") from error


def _rows(wire: Sequence[str], length: int) -> bytearray:
    """All vectors' bytes, one after the other. A bytearray, so that the arrays made of it can be written to."""
    # Strings are decoded one by one: joined, their paddings would stand in the middle.
    rows = bytearray().join(map(a2b_base64, wire))
    if len(rows) != length * len(wire):
        raise ValueError(f"its vectors do not have {length} bytes each")
    return rows
