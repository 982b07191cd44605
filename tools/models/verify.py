"""Measures a finished build and refuses it where it falls short. Nothing is written to models/ before this passes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

import manifest
import saturation
from encoder import Encoder, tokenizer
from probes import PROBES

FLOAT_COSINE = 0.999999
INT8_COSINE = 0.98
INT8_MEAN_COSINE = 0.995
# How far a probe's cosine must stay from the threshold: other exact kernels round a few values the other way.
PROBE_MARGIN = 0.003
WEIGHTS_BYTES_LIMIT = 46_000_000
GRAPH_BYTES_LIMIT = 1_000_000
BATCH = 200


class VerificationError(Exception):
    """The build is not fit to ship; the message lists every shortfall."""


@dataclass(frozen=True)
class Fidelity:
    """Cosines to the reference over the verification texts, and over the probes."""

    texts: int
    float_mean: float
    float_worst: float
    int8_worst: float
    int8_mean: float
    int8_probe_worst: float
    saturating_probe_worst: float


def _cosines(found: np.ndarray, reference: np.ndarray) -> np.ndarray:
    left, right = found.astype(np.float64), reference.astype(np.float64)
    return (left * right).sum(axis=1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)


def _batch_shortfalls(graph: Path, texts: list[str]) -> list[str]:
    """A text's bits must not depend on its batch-mates, the padding, or the number of threads."""
    tokens = tokenizer(graph.parent / manifest.TOKENIZER)
    one, two = Encoder(graph, tokens, threads=1), Encoder(graph, tokens, threads=2)
    alone = np.concatenate([one.batch([text]) for text in texts])
    runs = {
        "one thread, padded batch": one.batch(texts),
        "two threads, padded batch": two.batch(texts),
        "two threads, alone": np.concatenate([two.batch([text]) for text in texts]),
        "one thread, sorted batches": one.encode(texts),
    }
    return [
        f"{graph.name}: {int((found != alone).any(axis=1).sum())} of {len(texts)} texts differ from alone ({name})"
        for name, found in runs.items()
        if not np.array_equal(found, alone)
    ]


def _size_shortfalls(folder: Path) -> list[str]:
    limits = {"weights.bin": WEIGHTS_BYTES_LIMIT, manifest.FLOAT_GRAPH: GRAPH_BYTES_LIMIT, manifest.INT8_GRAPH: GRAPH_BYTES_LIMIT}
    sizes = {name: (folder / name).stat().st_size for name in limits}
    return [f"{name} has {sizes[name]} bytes, at most {limits[name]} allowed" for name in limits if sizes[name] > limits[name]]


def verify(folder: Path, axes: np.ndarray, texts: list[str], expected: np.ndarray, probe_vectors: np.ndarray) -> Fidelity:
    """`expected` and `probe_vectors` are sentence-transformers' vectors of `texts` and of the probes."""
    tokens = tokenizer(folder / manifest.TOKENIZER)
    exact = Encoder(folder / manifest.FLOAT_GRAPH, tokens)
    coded = Encoder(folder / manifest.INT8_GRAPH, tokens)
    float_cosines = _cosines(exact.encode(texts), expected)
    int8_cosines = _cosines(coded.encode(texts), expected)
    float_probes = _cosines(exact.encode(PROBES), probe_vectors)
    # Evaluated apart from the runtime, so that the figures do not depend on this machine's kernels.
    int8_graph = folder / manifest.INT8_GRAPH
    int8_probes = _cosines(saturation.vectors(int8_graph, coded, PROBES, saturating=False), probe_vectors)
    broken = _cosines(saturation.vectors(int8_graph, coded, PROBES, saturating=True), probe_vectors)
    here = _cosines(coded.encode(PROBES), probe_vectors)
    fidelity = Fidelity(
        texts=len(texts),
        float_mean=float(float_cosines.mean()),
        float_worst=float(float_cosines.min()),
        int8_worst=float(int8_cosines.min()),
        int8_mean=float(int8_cosines.mean()),
        int8_probe_worst=float(min(int8_probes.min(), here.min())),
        saturating_probe_worst=float(broken.min()),
    )
    threshold = manifest.INT8_PROBE_COSINE
    checks = {
        f"fp32: worst cosine {fidelity.float_worst:.7f}": fidelity.float_worst >= FLOAT_COSINE,
        f"fp32: worst probe {float_probes.min():.7f}": bool(float_probes.min() >= FLOAT_COSINE),
        f"int8: worst cosine {fidelity.int8_worst:.4f}": fidelity.int8_worst >= INT8_COSINE,
        f"int8: mean cosine {fidelity.int8_mean:.5f}": fidelity.int8_mean >= INT8_MEAN_COSINE,
        f"int8: worst probe {fidelity.int8_probe_worst:.4f} too close to {threshold}": fidelity.int8_probe_worst
        >= threshold + PROBE_MARGIN,
        f"saturating kernels reach {fidelity.saturating_probe_worst:.4f}, too close to {threshold}": (
            fidelity.saturating_probe_worst <= threshold - PROBE_MARGIN
        ),
        "rotation: axes are not orthonormal within 1e-6": bool(
            np.abs(axes.astype(np.float64) @ axes.T.astype(np.float64) - np.eye(len(axes))).max() < 1e-6
        ),
    }
    shortfalls = [message for message, passed in checks.items() if not passed]
    for name in (manifest.FLOAT_GRAPH, manifest.INT8_GRAPH):
        shortfalls += _batch_shortfalls(folder / name, texts[:BATCH])
    shortfalls += _size_shortfalls(folder)
    if shortfalls:
        raise VerificationError("the build is not written:\n- " + "\n- ".join(shortfalls))
    return fidelity
