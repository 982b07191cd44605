"""sentence-transformers itself, on the untouched checkpoint: what every artifact is held against."""

from __future__ import annotations

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from checkpoint import Checkpoint
from encoder import MAX_TOKENS


def encode(checkpoint: Checkpoint, texts: list[str]) -> np.ndarray:
    """Unit vectors, float32 [texts, hidden]. Each text alone on one thread, so that the sums run in one order."""
    torch.set_num_threads(1)
    model = SentenceTransformer(str(checkpoint.folder), device="cpu", local_files_only=True)
    model.max_seq_length = MAX_TOKENS
    return np.concatenate([model.encode([text], convert_to_numpy=True, show_progress_bar=False) for text in texts])
