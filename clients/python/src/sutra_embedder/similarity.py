"""Comparing vectors. Everything takes lists and numpy arrays alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def cosine_similarity(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Cosine of two vectors, -1 to 1; 0 where either is zero.

    :raises ValueError: where they differ in length
    """
    return float(_cosines(np.atleast_2d(_floats(a)), np.atleast_2d(_floats(b)))[0, 0])


def batch_cosine_similarity(embeddings_a: npt.ArrayLike, embeddings_b: npt.ArrayLike) -> list[list[float]]:
    """Cosines of all pairs of two sets: result[i][j] is that of a[i] and b[j].

    :raises ValueError: where vectors differ in length
    """
    cosines: list[list[float]] = _cosines(_floats(embeddings_a), _floats(embeddings_b)).tolist()
    return cosines


def find_most_similar(
    query_embedding: npt.ArrayLike, candidate_embeddings: npt.ArrayLike, top_k: int = 5
) -> list[tuple[int, float]]:
    """The candidates most similar to the query as (index, cosine), best first; of equal ones the earlier first.

    :param top_k: how many at most, 1 or more
    :raises ValueError: where vectors differ in length, or top_k is below 1
    """
    if top_k < 1:
        raise ValueError(f"top_k must be 1 or more, not {top_k}")
    candidates = _floats(candidate_embeddings)
    if candidates.size == 0:
        return []
    scores = _cosines(np.atleast_2d(_floats(query_embedding)), candidates)[0]
    best = np.argsort(-scores, kind="stable")[:top_k]
    return [(int(index), float(scores[index])) for index in best]


def hamming(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> int:
    """Bits in which two packed binary codes differ. The cosine of what they stand for is 1 - 2 x hamming / dimensions.

    :raises ValueError: where they differ in length
    """
    if a.shape != b.shape:
        raise ValueError(f"the codes differ in shape: {a.shape} and {b.shape}")
    return int(np.unpackbits(np.bitwise_xor(a, b)).sum())


def _floats(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.asarray(values, np.float64)


def _cosines(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"the vectors differ in length: shapes are {a.shape} and {b.shape}")
    # Rounding may lead beyond 1 by a few units in the last place.
    cosines: npt.NDArray[np.float64] = np.clip(_unit(a) @ _unit(b).T, -1, 1)
    return cosines


def _unit(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    # A zero vector stays zero, so that its cosines are 0 and not NaN.
    return rows / np.where(norms == 0, 1, norms)
