"""Codes of quantized vectors: how they are unpacked, and the values that they stand for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatMatrix = npt.NDArray[np.float32]
"""Shape (texts, dimensions)."""
Codes = npt.NDArray[np.int8] | npt.NDArray[np.uint8]
"""int8 and int4: int8, shape (texts, dimensions). binary: uint8 bits, shape (texts, ceil(dimensions / 8))."""


def packed_length(scheme: str, dimensions: int) -> int:
    """Bytes that the codes of one vector take on the wire.

    :raises ValueError: where the scheme has no codes
    """
    if scheme == "int8":
        return dimensions
    if scheme == "int4":
        return (dimensions + 1) // 2
    if scheme == "binary":
        return (dimensions + 7) // 8
    raise ValueError(f"the scheme {scheme} has no codes")


def unpack_codes(packed: npt.NDArray[np.uint8], scheme: str, dimensions: int) -> Codes:
    """Codes from their packed bytes, one row a vector.

    int8: one code a byte. int4: two a byte, the low half first; each becomes one element, -8 to 7. binary: bits as they
    are, the first dimension in the most significant bit.
    """
    if scheme == "int8":
        return packed.view(np.int8)
    if scheme == "int4":
        halves = np.stack((packed << 4, packed & 0xF0), axis=-1).view(np.int8) >> 4
        return np.ascontiguousarray(halves.reshape(len(packed), -1)[:, :dimensions])
    return packed


def dequantize(codes: Codes, scheme: str, dimensions: int, scales: npt.ArrayLike | None = None) -> FloatMatrix:
    """The float32 values that codes stand for, equal to the bit to what the server gives as base64.

    int8 and int4: code x scale. binary: plus or minus 1/sqrt(dimensions).

    :param scales: of int8 and int4, one a vector
    :raises ValueError: where int8 or int4 codes come without their scales
    """
    if scheme == "binary":
        bits = np.unpackbits(codes.view(np.uint8), axis=1, count=dimensions)
        one = np.float32(1 / np.sqrt(dimensions))
        return np.where(bits == 1, one, -one)
    if scales is None:
        raise ValueError(f"{scheme} codes need their scales")
    return codes * np.asarray(scales, np.float32).reshape(-1, 1)
