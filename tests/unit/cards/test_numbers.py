"""The check character is proven twice: by its algebra, for every number there can be, and by trying real numbers.

The algebra: the check is a sum of values times fixed weights in GF(32) (shown first), so whether an error is caught
depends on the difference it makes and its place, and on nothing else in the number. Those are few enough to try all.
"""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cards import numbers
from app.cards.numbers import ALPHABET, check_character, is_valid

LENGTH = numbers.NUMBER_LENGTH
VALUES = range(32)


def product(left: int, right: int) -> int:
    """Multiplication in GF(32) modulo x^5 + x^2 + 1, by long hand: multiply, then divide."""
    result = 0
    for bit in range(5):
        if right >> bit & 1:
            result ^= left << bit
    for bit in range(9, 4, -1):
        if result >> bit & 1:
            result ^= 0b100101 << (bit - 5)
    return result


def check_value(values: list[int]) -> int:
    return ALPHABET.index(check_character("".join(ALPHABET[value] for value in values)))


def weights() -> list[int]:
    """The weight of each of the 16 places: what a 1 there, and zeros elsewhere, add to the sum."""
    body = [check_value([int(place == other) for other in range(LENGTH - 1)]) for place in range(LENGTH - 1)]
    return [*body, 1]  # the check character itself is compared, so it counts once


def test_the_check_is_a_weighted_sum():
    weight = weights()
    for place in range(LENGTH - 1):
        for value in VALUES:
            alone = [0] * (LENGTH - 1)
            alone[place] = value
            assert check_value(alone) == product(value, weight[place])
    source = random.Random(1)
    for _ in range(2_000):
        left = [source.randrange(32) for _ in range(LENGTH - 1)]
        right = [source.randrange(32) for _ in range(LENGTH - 1)]
        both = [a ^ b for a, b in zip(left, right, strict=True)]
        assert check_value(both) == check_value(left) ^ check_value(right)


def test_every_single_error_changes_the_sum_at_every_place():
    assert all(product(difference, weight) for weight in weights() for difference in VALUES if difference)


@pytest.mark.parametrize("distance", range(1, LENGTH))
def test_every_swap_changes_the_sum_at_every_place_and_distance(distance):
    # a and b change places: each brings the difference a ^ b. Distance 1 is the neighbour swap, 2 the jump swap.
    weight = weights()
    for place in range(LENGTH - distance):
        for difference in range(1, 32):
            assert product(difference, weight[place]) ^ product(difference, weight[place + distance])


@pytest.mark.parametrize("distance", [1, 2])
def test_every_twin_error_changes_the_sum_at_every_place(distance):
    # aa becomes bb (distance 1), aca becomes bcb (distance 2): the same difference comes in at both places.
    weight = weights()
    for place in range(LENGTH - distance):
        for before in VALUES:
            for after in VALUES:
                if before != after:
                    change = before ^ after
                    assert product(change, weight[place]) ^ product(change, weight[place + distance])


def with_value(number: str, place: int, value: str) -> str:
    return number[:place] + value + number[place + 1 :]


def test_every_error_in_real_numbers_is_caught():
    for number in [numbers.new_number() for _ in range(60)]:
        assert is_valid(number)
        for place in range(LENGTH):
            for value in ALPHABET:
                assert is_valid(with_value(number, place, value)) == (value == number[place])
        for distance in (1, 2):
            for place in range(LENGTH - distance):
                left, right = number[place], number[place + distance]
                swapped = with_value(with_value(number, place, right), place + distance, left)
                assert is_valid(swapped) == (left == right)


def test_every_twin_error_in_real_numbers_is_caught():
    tried = 0
    for place in range(LENGTH - 1):
        for twin in ALPHABET:
            number = number_with_twin(place, twin)
            assert is_valid(number)
            assert number[place : place + 2] == twin * 2
            for other in ALPHABET:
                if other != twin:
                    tried += 1
                    assert not is_valid(number[:place] + other * 2 + number[place + 2 :])
    assert tried == 15 * 32 * 31


def number_with_twin(place: int, twin: str) -> str:
    """A valid number that has `twin` twice from `place` on, also where the second of them is the check character."""
    while True:
        body = numbers.new_number()[:-1]
        if place < LENGTH - 2:
            body = body[:place] + twin * 2 + body[place + 2 :]
            return body + check_character(body)
        for character in ALPHABET:
            candidate = body[:-2] + character + twin
            if check_character(candidate) == twin:
                return candidate + twin


def test_the_formula_gives_what_other_clients_compute():
    # Worked out by hand from i = 0; for each c: i = (i xor value(c)) * 2. Tablet and app hold the same examples.
    assert check_character("") == "0"
    assert check_character("1") == "2"
    assert check_character("G") == "5"  # 16 * 2 = x^5 = x^2 + 1
    assert check_character("1" + "0" * 14) == ALPHABET[0b11111]  # x^15 = x^4 + x^3 + x^2 + x + 1
    assert check_character("7KQ4M2XD9RVB3HT") == "6"
    assert is_valid("7KQ4M2XD9RVB3HT6")


def test_check_character_refuses_what_is_not_in_the_alphabet():
    for character in "ILOUa- é":
        with pytest.raises(ValueError, match="alphabet"):
            check_character(character)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7KQ4M2XD9RVB3HT",
        "7KQ4M2XD9RVB3HT67",
        "7KQ4 M2XD 9RVB 3HT6",
        "7kq4m2xd9rvb3ht6",
        "7KQ4M2XD9RVB3HTU",
        "é" * 16,
    ],
)
def test_only_the_canonical_form_is_valid(text):
    assert not is_valid(text)


def test_new_numbers_are_valid_differ_and_use_every_character_everywhere():
    made = [numbers.new_number() for _ in range(4_000)]
    assert all(is_valid(number) for number in made)
    assert len(set(made)) == len(made)
    for place in range(LENGTH):
        assert {number[place] for number in made} == set(ALPHABET)


def test_new_numbers_do_not_follow_a_seed():
    random.seed(7)
    first = numbers.new_number()
    random.seed(7)
    assert numbers.new_number() != first


@pytest.mark.parametrize(
    ("make", "is_right", "length"),
    [
        (numbers.new_number, numbers.is_valid, 16),
        (numbers.new_voucher_code, numbers.is_valid_voucher_code, 14),
        (numbers.new_claim_code, numbers.is_valid_claim_code, 8),
        (numbers.new_recovery_code, numbers.is_valid_recovery_code, 24),
    ],
)
def test_each_sort_of_code_has_its_length_and_check(make, is_right, length):
    codes = [make() for _ in range(200)]
    assert len(set(codes)) == 200
    for code in codes:
        assert len(code) == length
        assert is_right(code)
        wrong = ALPHABET[ALPHABET.index(code[-1]) - 1]
        assert not is_right(code[:-1] + wrong)
        assert sum(check(code) for check in (is_valid, numbers.is_valid_voucher_code, numbers.is_valid_claim_code)) <= 1


def test_voucher_codes_begin_with_v():
    assert all(numbers.new_voucher_code().startswith("V") for _ in range(50))
    other = "W" + numbers.new_voucher_code()[1:-1]
    assert not numbers.is_valid_voucher_code(other + check_character(other))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("7kq4 m2xd 9rvb 3ht6", "7KQ4M2XD9RVB3HT6"),
        ("7KQ4-M2XD-9RVB-3HT6", "7KQ4M2XD9RVB3HT6"),
        ("7KQ4–M2XD—9RVB‑3HT6", "7KQ4M2XD9RVB3HT6"),  # dashes that phones make of hyphens
        (" 7KQ4\u00a0M2XD\u202f9RVB\t3HT6\r\n", "7KQ4M2XD9RVB3HT6"),
        ("\ufeff7KQ4M2XD\u200b9RVB3HT6", "7KQ4M2XD9RVB3HT6"),
        ("IiLlOo", "111100"),
        ("u", "U"),  # no letter of ours, and nobody knows which was meant
        ("ſßı", "ſßı"),  # str.upper() would make S, SS and I of these
        ("7_K", "7_K"),
        ("", ""),
    ],
)
def test_normalise(written, meant):
    assert numbers.normalise(written) == meant


@given(st.text(alphabet=ALPHABET, min_size=15, max_size=15), st.randoms(use_true_random=False))
def test_however_a_number_is_written_it_is_read(body, source):
    number = body + check_character(body)
    looks = {"1": "1IiLl", "0": "0Oo"}
    written = "".join(
        source.choice(looks.get(character, character + character.lower())) + source.choice(["", "", " ", "-"])
        for character in number
    )
    assert numbers.normalise(written) == number
    assert is_valid(numbers.normalise(written))


@given(st.text(max_size=60))
def test_normalise_is_stable_and_never_fails(text):
    once = numbers.normalise(text)
    assert numbers.normalise(once) == once


def test_shown_in_fours_and_masked():
    assert numbers.format_number("7KQ4M2XD9RVB3HT6") == "7KQ4 M2XD 9RVB 3HT6"
    assert numbers.format_number("K3M9QX2D") == "K3M9 QX2D"
    assert numbers.format_voucher_code("V7K3M9QX2D4R8T") == "V7 K3M9 QX2D 4R8T"
    assert numbers.mask_number("7KQ4M2XD9RVB3HT6") == "•••• •••• •••• 3HT6"


def test_the_weights_differ():
    # What the distances above rest on: no two places of a number count alike.
    assert len(set(weights())) == LENGTH
    assert all(product(2, after) == before for before, after in pairwise(weights()))
