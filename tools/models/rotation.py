"""rotation.bin: orthonormal axes, the ones that carry most first, so that a prefix of the rotated vector is a good
shorter vector. float32, little-endian, row-major [axes, dimensions]; shortened = first k rows times the vector."""

from __future__ import annotations

import numpy as np

FILE_NAME = "rotation.bin"


def fit(vectors: np.ndarray) -> np.ndarray:
    """Principal axes of `vectors`, float32 [texts, dimensions], about their mean. The result is float32 too.

    The mean only chooses the axes; it is not taken off the vectors that are shortened, so that all axes together keep
    every cosine.
    """
    wide = vectors.astype(np.float64)
    wide -= wide.mean(axis=0)
    values, axes = np.linalg.eigh(wide.T @ wide / len(wide))
    axes = axes[:, np.argsort(-values, kind="stable")].T
    # An axis may point either way; fix it, so that a refit gives the same file.
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
    return (axes * signs[:, None]).astype(np.float32)


def to_bytes(axes: np.ndarray) -> bytes:
    return np.ascontiguousarray(axes).astype("<f4").tobytes()
