from __future__ import annotations

import numpy as np
import pytest

from sutra_embedder.codes import dequantize, packed_length, unpack_codes


def test_int4_codes_come_low_half_first_in_twos_complement() -> None:
    packed = np.array([[0x98, 0xBA, 0x07]], np.uint8)
    assert unpack_codes(packed, "int4", 5).tolist() == [[-8, -7, -6, -5, 7]]


def test_int8_codes_are_signed_bytes() -> None:
    codes = unpack_codes(np.array([[0, 127, 128, 255]], np.uint8), "int8", 4)
    assert codes.tolist() == [[0, 127, -128, -1]]
    values = dequantize(codes, "int8", 4, [0.1])
    assert values.dtype == np.float32
    assert values.tolist() == (np.array([[0, 127, -128, -1]], np.float32) * np.float32(0.1)).tolist()


def test_bits_stand_for_two_values_of_unit_length() -> None:
    values = dequantize(np.array([[0b10100000, 0b10000000]], np.uint8), "binary", 9)
    assert np.sign(values).tolist() == [[1, -1, 1, -1, -1, -1, -1, -1, 1]]
    assert np.linalg.norm(values) == pytest.approx(1)


@pytest.mark.parametrize(("scheme", "length"), [("int8", 101), ("int4", 51), ("binary", 13)])
def test_lengths(scheme: str, length: int) -> None:
    assert packed_length(scheme, 101) == length


def test_what_has_no_codes_is_named() -> None:
    with pytest.raises(ValueError, match="none has no codes"):
        packed_length("none", 64)
    with pytest.raises(ValueError, match="need their scales"):
        dequantize(np.zeros((1, 4), np.int8), "int8", 4)
