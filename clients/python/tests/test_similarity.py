from __future__ import annotations

import numpy as np
import pytest

from sutra_embedder import batch_cosine_similarity, cosine_similarity, find_most_similar, hamming


def test_cosine_of_lists_and_arrays() -> None:
    assert cosine_similarity([1, 0], [1, 1]) == pytest.approx(0.5**0.5)
    assert cosine_similarity(np.array([1, 0], np.int8), np.array([-3, 0], np.int8)) == -1
    assert isinstance(cosine_similarity([1], [1]), float)


def test_a_zero_vector_is_like_nothing() -> None:
    assert cosine_similarity([0, 0], [1, 1]) == 0


def test_stays_within_bounds() -> None:
    vector = np.full(384, 0.1)
    assert cosine_similarity(vector, vector * 3) <= 1


def test_all_pairs() -> None:
    assert batch_cosine_similarity([[1, 0], [0, 2]], [[3, 0], [0, 1], [-1, 0]]) == [[1, 0, -1], [0, 1, 0]]


def test_the_most_similar_come_first_and_equals_in_order() -> None:
    found = find_most_similar([1, 0], [[0, 1], [2, 0], [1, 1], [1, 0]], top_k=3)
    assert [index for index, _ in found] == [1, 3, 2]
    assert found[0] == (1, 1.0)
    assert type(found[0][0]) is int
    assert len(find_most_similar([1, 0], [[1, 0]], top_k=5)) == 1
    assert find_most_similar([1, 0], []) == []


def test_differing_lengths_and_odd_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        cosine_similarity([1], [1, 2])
    with pytest.raises(ValueError, match="top_k"):
        find_most_similar([1], [[1]], top_k=0)


def test_hamming_counts_bits() -> None:
    a, b = np.array([0b1111, 0], np.uint8), np.array([0b1001, 255], np.uint8)
    assert hamming(a, b) == 10
    with pytest.raises(ValueError, match="differ in shape"):
        hamming(a, b[:1])
