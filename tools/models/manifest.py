"""manifest.json: what a server must know to pick, load and trust the model."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np

import rotation
import weights
from checkpoint import sha256
from encoder import MAX_TOKENS
from probes import PROBES

FILE_NAME = "manifest.json"
FLOAT_GRAPH = "graph.fp32.onnx"
INT8_GRAPH = "graph.int8.onnx"
TOKENIZER = "tokenizer.json"
LICENSE = "LICENSE"
FILES = (weights.FILE_NAME, FLOAT_GRAPH, INT8_GRAPH, TOKENIZER, rotation.FILE_NAME, LICENSE)
NEEDED = tuple(name for name in FILES if name != LICENSE)

# Below these cosines to the reference on any probe, a session must not serve. verify.py holds every build to them.
FLOAT_PROBE_COSINE = 0.99999
INT8_PROBE_COSINE = 0.992


def _artifact(precision: str, graph: str, ragged: bool, requires: list[str], probe_cosine: float) -> dict[str, object]:
    return {
        "id": precision,
        "format": "onnx",
        "precision": precision,
        "graph": graph,
        "files": [graph, weights.FILE_NAME],
        **({"ragged": True} if ragged else {}),
        "requires": requires,
        "probe_cosine": probe_cosine,
    }


def describe(folder: Path, dimensions: int, probe_vectors: np.ndarray, fitted_on: str) -> dict[str, object]:
    """`folder` holds the finished files; `probe_vectors` are the reference's, float32 [probes, dimensions]."""
    size = sum((folder / name).stat().st_size for name in NEEDED)
    return {
        "schema": 1,
        "id": "all-MiniLM-L6-v2",
        "name": "All MiniLM L6 v2",
        "family": "bert",
        "dimensions": dimensions,
        "trained_dimensions": [],
        "max_tokens": MAX_TOKENS,
        "pooling": "mean",
        "normalize": True,
        "prompts": {},
        "quality_score": 56.26,
        "quality_source": "MTEB (English, 56 datasets) average, from the public leaderboard; not measured here",
        "license": "Apache-2.0",
        "size_mb": round(size / 1e6, 1),
        "hardware_tier": "minimal",
        "tokenizer": TOKENIZER,
        "rotation": {"file": rotation.FILE_NAME, "axes": dimensions, "fitted_on": fitted_on},
        "artifacts": [
            _artifact("fp32", FLOAT_GRAPH, True, [], FLOAT_PROBE_COSINE),
            _artifact("int8", INT8_GRAPH, False, ["int8_dot"], INT8_PROBE_COSINE),
        ],
        "files": {
            name: {"bytes": (folder / name).stat().st_size, "sha256": sha256(folder / name)} for name in sorted(FILES)
        },
        "probes": [
            {"text": text, "vector": base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")}
            for text, vector in zip(PROBES, probe_vectors, strict=True)
        ],
    }


def write(folder: Path, content: dict[str, object]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False)
    (folder / FILE_NAME).write_text(text + "\n", "utf-8", newline="\n")
