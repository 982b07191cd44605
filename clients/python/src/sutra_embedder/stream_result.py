"""What a stream gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class StreamedEmbedding:
    """One vector of a stream."""

    index: int
    """Place of the text in what was given."""
    text: str
    vector: npt.NDArray[np.float32]
    """float32, shape (dimensions,)."""
    metadata: Mapping[str, Any]
    """latency_ms, model_used and more."""
