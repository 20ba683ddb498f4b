import pytest

from app.common.keys import KeyRing, Keys
from app.merchants import proofs, tokens
from app.merchants.errors import PasswordTooShortError, StaffPinInvalidError


def ring(*seeds: int) -> KeyRing:
    keys = {f"k{seed}": bytes((seed * 31 + at) % 256 for at in range(32)) for seed in seeds}
    return KeyRing(active=f"k{seeds[0]}", keys=keys)


KEYS = Keys(secret=ring(1), ledger=ring(2), data=ring(3))
ROTATED = Keys(secret=ring(4, 1), ledger=ring(2), data=ring(5, 3))


def test_tokens_tell_what_they_are_and_never_repeat() -> None:
    made = {tokens.new_token(tokens.KEY_PREFIX) for _ in range(100)}
    assert len(made) == 100
    assert all(token.startswith("zg_key_") and len(token) == 50 for token in made)


def test_a_pairing_code_is_read_as_people_type_it() -> None:
    assert tokens.read_pairing_code(" 7k3m-9qx2 ") == "7K3M9QX2"
    assert tokens.read_pairing_code("O1IL 0000") == "01110000"
    assert tokens.read_pairing_code(tokens.show_pairing_code("7K3M9QX2")) == "7K3M9QX2"


@pytest.mark.parametrize("text", ["", "7K3M9QX", "7K3M9QX22", "7K3M9QXU", "7K3M9QX!", "½K3M9QX2", "7" * 100_000])
def test_what_is_no_pairing_code_is_none(text: str) -> None:
    assert tokens.read_pairing_code(text) is None


def test_a_pairing_codes_hash_is_keyed_and_found_while_keys_rotate() -> None:
    hashed = tokens.pairing_code_hash(KEYS, "7K3M9QX2")
    assert hashed != tokens.pairing_code_hash(ROTATED, "7K3M9QX2")
    assert hashed in tokens.pairing_code_hashes(ROTATED, "7K3M9QX2")


def test_a_pin_is_proven_by_its_owner_alone() -> None:
    stored = proofs.hash_staff_pin(KEYS, "ann", "4071")
    assert proofs.is_staff_pin(KEYS, "ann", stored, "4071")
    assert proofs.is_staff_pin(ROTATED, "ann", stored, "4071")
    assert not proofs.is_staff_pin(KEYS, "ann", stored, "4072")
    assert not proofs.is_staff_pin(KEYS, "bob", stored, "4071")
    assert not proofs.is_staff_pin(Keys(ring(1), ring(2), ring(9)), "ann", stored, "4071")


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "٤٠٧١", "0000", "1234", "8765"])
def test_a_pin_that_anybody_tries_first_is_refused(pin: str) -> None:
    with pytest.raises(StaffPinInvalidError):
        proofs.check_staff_pin(pin)


def test_passwords() -> None:
    stored = proofs.hash_password("correct horse battery")
    assert proofs.is_password(stored, "correct horse battery")
    assert not proofs.is_password(stored, "correct horse")
    assert not proofs.is_password(None, "nobody's")
    with pytest.raises(PasswordTooShortError):
        proofs.hash_password("short")
