"""Runs a graph: token ids in, last_hidden_state or finished vectors out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from layouts import PADDED_INPUTS

MAX_TOKENS = 256


def tokenizer(path: Path) -> Tokenizer:
    """The published tokenizer without its fixed padding, truncating where sentence-transformers does."""
    found = Tokenizer.from_file(str(path))
    found.no_padding()
    found.enable_truncation(MAX_TOKENS)
    return found


class Encoder:
    def __init__(self, graph: Path, tokens: Tokenizer, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Waiting threads sleep instead of spinning, or a busy machine would crawl.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        self.ragged = "token_places" in {graph_input.name for graph_input in self.session.get_inputs()}
        self.tokenizer = tokens

    def feed(self, texts: list[str]) -> dict[str, np.ndarray]:
        """Right-padded inputs, int64 [texts, longest]."""
        encoded = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        ids = np.zeros((len(encoded), max(map(len, encoded))), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(encoded):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        return dict(zip(PADDED_INPUTS, (ids, mask, np.zeros_like(ids)), strict=True))

    def batch(self, texts: list[str]) -> np.ndarray:
        """Pooled and normalized vectors, float32 [texts, hidden], all texts in one batch."""
        padded = self.feed(texts)
        mask = padded["attention_mask"]
        if not self.ragged:
            return pool(self.session.run(None, padded)[0], mask)
        tokens = self.session.run(None, to_ragged(padded))[0]
        hidden = np.zeros((*mask.shape, tokens.shape[-1]), np.float32)
        hidden[mask == 1] = tokens
        return pool(hidden, mask)

    def encode(self, texts: list[str], size: int = 32) -> np.ndarray:
        """The same in batches of like lengths; the order of `texts` is kept."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors: list[np.ndarray] = [np.empty(0)] * len(texts)
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            for row, vector in zip(rows, self.batch([texts[i] for i in rows]), strict=True):
                vectors[row] = vector
        return np.stack(vectors)


def to_ragged(padded: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same inputs in the ragged layout (layouts.py)."""
    mask = padded["attention_mask"]
    real = mask == 1
    row_tokens = np.zeros_like(mask)
    row_tokens[real] = np.arange(mask.sum())
    return {
        "input_ids": padded["input_ids"][real],
        "position_ids": np.broadcast_to(np.arange(mask.shape[1]), mask.shape)[real],
        "token_type_ids": padded["token_type_ids"][real],
        "token_places": np.flatnonzero(real),
        "row_tokens": row_tokens,
        "attention_mask": mask,
    }


def pool(hidden: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean over the real tokens, then length 1. A row's sums run over its own tokens only, so padding cannot matter."""
    means = np.stack([rows[: int(real.sum())].mean(axis=0) for rows, real in zip(hidden, mask, strict=True)])
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
