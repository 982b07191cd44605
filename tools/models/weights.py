"""weights.bin: the encoder's matrices as float16 and its vectors as float32, back to back on 64-byte boundaries.

Rounding the biases and layer norms to float16 would cost more accuracy than all the matrices together (cosine to the
reference 1 - 1.0e-6 at worst instead of 1 - 0.4e-6) and save 0.1 MB, so they stay exact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from checkpoint import Checkpoint

FILE_NAME = "weights.bin"
ALIGNMENT = 64

# Published name -> the name in the graphs. The pooler is left out: mean pooling does not use it.
_NAMES = [
    (r"^embeddings\.(word|position|token_type)_embeddings\.weight$", r"embeddings.\1"),
    (r"^embeddings\.LayerNorm\.(weight|bias)$", r"embeddings.norm.\1"),
    (r"^encoder\.layer\.(\d+)\.attention\.self\.(query|key|value)\.(weight|bias)$", r"layer.\1.\2.\3"),
    (r"^encoder\.layer\.(\d+)\.attention\.output\.dense\.(weight|bias)$", r"layer.\1.attention_out.\2"),
    (r"^encoder\.layer\.(\d+)\.attention\.output\.LayerNorm\.(weight|bias)$", r"layer.\1.attention_norm.\2"),
    (r"^encoder\.layer\.(\d+)\.intermediate\.dense\.(weight|bias)$", r"layer.\1.expand.\2"),
    (r"^encoder\.layer\.(\d+)\.output\.dense\.(weight|bias)$", r"layer.\1.contract.\2"),
    (r"^encoder\.layer\.(\d+)\.output\.LayerNorm\.(weight|bias)$", r"layer.\1.output_norm.\2"),
]
_LINEAR = re.compile(r"\.(query|key|value|attention_out|expand|contract)\.weight$")
_IGNORED = re.compile(r"^(pooler\.|embeddings\.position_ids$)")


class UnknownTensorError(Exception):
    """The checkpoint holds a tensor that the graphs would leave out unnoticed."""


@dataclass(frozen=True)
class Stored:
    """Where a tensor lies in weights.bin (bytes), its ONNX element type, and its value after rounding, as float32."""

    shape: tuple[int, ...]
    element: int
    offset: int
    length: int
    value: np.ndarray


@dataclass(frozen=True)
class Weights:
    blob: bytes
    tensors: dict[str, Stored]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.tensors[name].value


def _graph_name(published: str) -> str:
    for pattern, replacement in _NAMES:
        name, hits = re.subn(pattern, replacement, published)
        if hits:
            return name
    raise UnknownTensorError(f"no place in the graph for the tensor {published}; add it to weights.py")


def pack(checkpoint: Checkpoint) -> Weights:
    """Rounds the matrices to float16. Linear layers are stored [in, out], as MatMul multiplies them."""
    blob = bytearray()
    tensors: dict[str, Stored] = {}
    for published in sorted(checkpoint.tensors):
        if _IGNORED.match(published):
            continue
        name = _graph_name(published)
        value = checkpoint.tensors[published]
        if _LINEAR.search(name):
            value = value.T
        kept = np.ascontiguousarray(value, np.float16 if value.ndim > 1 else np.float32)
        raw = kept.astype(kept.dtype.newbyteorder("<")).tobytes()
        element = TensorProto.FLOAT16 if value.ndim > 1 else TensorProto.FLOAT
        tensors[name] = Stored(kept.shape, element, len(blob), len(raw), kept.astype(np.float32))
        blob += raw + b"\0" * (-len(raw) % ALIGNMENT)
    return Weights(bytes(blob), tensors)
