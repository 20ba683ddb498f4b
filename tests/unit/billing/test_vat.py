"""VAT numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing.vat import enterprise_number, is_belgian, read_vat_number

# Published by their owners: the tax office itself, the national bank, the railways.
REAL = ("BE0203201340", "BE0203430576", "BE0869763267")


@pytest.mark.parametrize("number", REAL)
def test_real_numbers_are_taken_however_they_are_written(number: str) -> None:
    digits = number[2:]
    for written in (number, f"be {digits[:4]}.{digits[4:7]}.{digits[7:]}", digits, f"BE{digits[1:]}", digits[1:]):
        assert read_vat_number(written) == number
    assert enterprise_number(number) == digits


@given(st.integers(1, 19_999_999), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(base: int, place: int, by: int) -> None:
    right = f"{base:08d}{97 - base % 97:02d}"
    assert is_belgian(f"BE{right}")
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]
    assert not is_belgian(f"BE{wrong}")


@pytest.mark.parametrize(
    "text", ["", "BE", "BE0000000097", "BE2123456749", "hello", "BE012345674", "XX123456789", "NL"]
)
def test_what_is_none_is_refused(text: str) -> None:
    assert read_vat_number(text) is None


def test_other_countries_are_known_by_their_form() -> None:
    assert read_vat_number("NL 8234.56.789.B01") == "NL823456789B01"
    assert read_vat_number("fr-40303265045") == "FR40303265045"
