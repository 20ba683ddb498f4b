from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from app.cards import numbers, secret_codes
from app.cards.data_keys import DataKeys, UnknownDataKeyError
from app.cards.errors import PinInvalidError, PinTooSimpleError
from app.cards.secret_codes import hash_code, hash_pin, hashes_of_code, needs_rehash, verify_code, verify_pin

OLD = DataKeys({"old": b"o" * 32})
ROTATING = DataKeys({"new": b"n" * 32, "old": b"o" * 32})
NEW = DataKeys({"new": b"n" * 32})


def test_a_pin_is_proven_by_itself_alone():
    stored = hash_pin(OLD, "lotte", "2580")
    assert verify_pin(OLD, "lotte", stored, "2580")
    for wrong in ("2581", "258", "25800", "", "２５８０"):
        assert not verify_pin(OLD, "lotte", stored, wrong)


def test_a_pin_is_its_owners():
    stored = hash_pin(OLD, "lotte", "2580")
    assert not verify_pin(OLD, "jan", stored, "2580")
    # Owner and PIN must not run into each other.
    assert not verify_pin(OLD, "lotte2", stored, "580")


def test_the_hash_alone_does_not_give_the_pin_away():
    stored = hash_pin(OLD, "lotte", "2580")
    assert not verify_pin(DataKeys({"old": b"x" * 32}), "lotte", stored, "2580")
    assert "2580" not in stored.split("$")[-1]
    assert stored.split(":")[1].startswith("$argon2id$")
    assert hash_pin(OLD, "lotte", "2580") != stored


def test_pins_outlive_a_rotation_and_are_hashed_anew_when_proven():
    stored = hash_pin(OLD, "lotte", "2580")
    assert verify_pin(ROTATING, "lotte", stored, "2580")
    assert needs_rehash(ROTATING, stored)
    assert not needs_rehash(OLD, stored)
    again = hash_pin(ROTATING, "lotte", "2580")
    assert not needs_rehash(ROTATING, again)
    assert verify_pin(NEW, "lotte", again, "2580")
    with pytest.raises(UnknownDataKeyError):
        verify_pin(NEW, "lotte", stored, "2580")


def test_a_hash_of_lower_cost_is_hashed_anew():
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x")
    assert needs_rehash(OLD, f"old:{cheap}")


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "1 34", "-123", "１２４５", "٢٥٨٠"])
def test_a_pin_is_four_to_eight_digits(pin):
    with pytest.raises(PinInvalidError):
        hash_pin(OLD, "lotte", pin)


@pytest.mark.parametrize("pin", ["0000", "99999999", "1234", "345678", "9876", "3210"])
def test_the_first_guesses_are_refused(pin):
    with pytest.raises(PinTooSimpleError):
        secret_codes.check_pin(pin)


@pytest.mark.parametrize("pin", ["2580", "1235", "9012", "11112222", "1357"])
def test_other_pins_are_taken(pin):
    secret_codes.check_pin(pin)


def test_a_code_is_found_by_its_hash_for_its_purpose_alone():
    code = numbers.new_claim_code()
    stored = hash_code(OLD, "claim", code)
    assert hash_code(OLD, "claim", code) == stored
    assert verify_code(OLD, "claim", stored, code)
    assert not verify_code(OLD, "recovery", stored, code)
    assert not verify_code(OLD, "claim", stored, numbers.new_claim_code())
    assert not verify_code(OLD, "claim" + code[0], stored, code[1:])
    assert not verify_code(DataKeys({"old": b"x" * 32}), "claim", stored, code)
    assert code.encode() not in stored


def test_codes_outlive_a_rotation():
    code = numbers.new_recovery_code()
    stored = hash_code(OLD, "recovery", code)
    assert verify_code(ROTATING, "recovery", stored, code)
    assert hashes_of_code(ROTATING, "recovery", code) == [hash_code(NEW, "recovery", code), stored]
    assert not verify_code(NEW, "recovery", stored, code)
    assert not verify_code(ROTATING, "recovery", b"", code)
