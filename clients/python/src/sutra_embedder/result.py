"""What one request gave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .codes import Codes, FloatMatrix


class EmbeddingResult:
    """Vectors in the order of the texts, and what the server said about them.

    Vectors arrive as bytes and stay one numpy array: `vectors`. Lists of floats are made when `embeddings` is first
    read.
    """

    def __init__(
        self,
        embeddings: Sequence[Sequence[float]] | FloatMatrix,
        model_info: dict[str, Any],
        performance: dict[str, Any],
        metadata: dict[str, Any],
        *,
        codes: Codes | None = None,
        scales: Sequence[float] | None = None,
    ) -> None:
        self.vectors: FloatMatrix = np.asarray(embeddings, np.float32)
        """float32, shape (texts, dimensions)."""
        self.model_info = model_info
        self.performance = performance
        self.metadata = metadata
        self.codes = codes
        """Where `packed` was asked for. int8 and int4: int8, (texts, dimensions). binary: uint8, (texts, bytes)."""
        self.scales = scales
        """Of int8 and int4 codes, one a text: value = float32(code x scale)."""
        self._lists: list[list[float]] | None = None

    @property
    def embeddings(self) -> list[list[float]]:
        """The vectors as lists of floats, one a text."""
        if self._lists is None:
            self._lists = as_lists(self.vectors)
        return self._lists

    def __len__(self) -> int:
        return len(self.vectors)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if copy:
            return np.array(self.vectors, dtype)
        return np.asarray(self.vectors, dtype)

    def __repr__(self) -> str:
        texts, dimensions = self.vectors.shape
        return f"EmbeddingResult({texts} x {dimensions}, model={self.model_info.get('model_id')!r})"


def as_lists(vectors: FloatMatrix) -> list[list[float]]:
    """Rows of an array as lists of floats."""
    lists: list[list[float]] = vectors.tolist()
    return lists
