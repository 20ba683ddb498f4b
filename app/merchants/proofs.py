"""What staff and operators must prove to know: PINs at the counter, passwords at the desk.

A PIN has so few values that a thief of the database could try them all, whatever the hash; so it is first keyed by the
platform's data key, which is not in the database, and bound to its owner.
"""

from __future__ import annotations

import base64
import hmac
from functools import lru_cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from app.common.keys import Keys
from app.merchants.errors import PasswordTooShortError, StaffPinInvalidError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 512
# OWASP's smallest memory setting: a PIN is checked while somebody waits at a counter, once for each colleague.
_pins = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_passwords = PasswordHasher()
_PEPPER = "pepper of staff PINs"


def check_staff_pin(pin: str) -> None:
    """Raises StaffPinInvalidError unless ``pin`` has four to eight digits that are not all one and don't just count."""
    if not (4 <= len(pin) <= 8 and pin.isascii() and pin.isdigit()):
        raise StaffPinInvalidError
    if {int(after) - int(before) for before, after in pairwise(pin)} in ({0}, {1}, {-1}):
        raise StaffPinInvalidError


def hash_staff_pin(keys: Keys, staff_id: str, pin: str) -> str:
    """What is stored of a PIN: the data key's id and an Argon2id hash. Raises what ``check_staff_pin`` raises."""
    check_staff_pin(pin)
    return f"{keys.data.active}:{_pins.hash(_peppered(keys, keys.data.active, staff_id, pin))}"


def is_staff_pin(keys: Keys, staff_id: str, stored: str, pin: str) -> bool:
    """Whether ``pin`` is this person's; a PIN hashed by a key that is gone is nobody's."""
    key_id, _, hashed = stored.partition(":")
    if key_id not in keys.data.keys:
        return False
    try:
        return _pins.verify(hashed, _peppered(keys, key_id, staff_id, pin))
    except VerifyMismatchError:
        return False


def hash_password(password: str) -> str:
    """What is stored of a password: an Argon2id hash. Raises PasswordTooShortError under twelve characters."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise PasswordTooShortError(shortest=SHORTEST_PASSWORD)
    return _passwords.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether ``password`` is the one. It takes about as long where none was ever set."""
    try:
        return _passwords.verify(stored or _nobodys(), password[:LONGEST_PASSWORD]) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def _peppered(keys: Keys, key_id: str, staff_id: str, pin: str) -> str:
    pepper = hmac.digest(keys.data.keys[key_id], _PEPPER.encode(), "sha256")
    return base64.b64encode(hmac.digest(pepper, f"{staff_id}:{pin}".encode(), "sha256")).decode()


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _passwords.hash("nobody's")
