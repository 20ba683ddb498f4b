"""Hashes of what people must prove to know: PINs and codes.

A PIN has so few values that a thief of the database could try them all, whatever the hash; so it is first keyed by the
platform's data key, which is not in the database, and bound to its owner, so that nobody's hash opens another's. Codes
that the platform draws itself are long enough for the keyed hash alone, which also lets them be looked up.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from app.cards.data_keys import DataKeys
from app.cards.errors import PinInvalidError, PinTooSimpleError

# OWASP's smallest memory setting: a PIN is checked while somebody waits at a counter, and others are waiting too.
_argon2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_PEPPER = "pepper of PINs"
_HASHING = "hash of codes"


def check_pin(pin: str) -> None:
    """Raises PinInvalidError unless `pin` has four to eight digits, PinTooSimpleError for one digit repeated (0000)
    and for digits that count up or down (1234, 8765)."""
    if not (4 <= len(pin) <= 8 and pin.isascii() and pin.isdigit()):
        raise PinInvalidError
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        raise PinTooSimpleError


def hash_pin(keys: DataKeys, owner_id: str, pin: str) -> str:
    """Returns what is stored of a PIN: the key's id and an Argon2id hash. Each call gives another text.

    Raises what `check_pin` raises.
    """
    check_pin(pin)
    key_id = keys.active_id
    return f"{key_id}:{_argon2.hash(_peppered(keys, key_id, owner_id, pin))}"


def verify_pin(keys: DataKeys, owner_id: str, stored: str, pin: str) -> bool:
    """Tells whether `pin` is the owner's. It takes about as long either way.

    Raises UnknownDataKeyError where the key that made `stored` is not configured any more.
    """
    key_id, _, hashed = stored.partition(":")
    try:
        return _argon2.verify(hashed, _peppered(keys, key_id, owner_id, pin))
    except VerifyMismatchError:
        return False


def nobodys_pin(keys: DataKeys) -> str:
    """What would be stored of a PIN that nobody knows: holding one against it takes as long as against any other."""
    return f"{keys.active_id}:{_nobodys()}"


@cache
def _nobodys() -> str:
    return _argon2.hash(secrets.token_hex())


def needs_rehash(keys: DataKeys, stored: str) -> bool:
    """Tells whether a PIN that was just proven should be hashed anew: by the active key, or with today's cost."""
    key_id, _, hashed = stored.partition(":")
    return key_id != keys.active_id or _argon2.check_needs_rehash(hashed)


def hash_code(keys: DataKeys, purpose: str, code: str) -> bytes:
    """Returns the keyed hash of a code in canonical form, the same bytes each time.

    `purpose` ("claim", "recovery" …) keeps a code of one sort from being taken for one of another. Where it guards one
    thing only, name that thing too ("claim 7K3M…").
    """
    return _hashed(keys, keys.active_id, purpose, code)


def hashes_of_code(keys: DataKeys, purpose: str, code: str) -> list[bytes]:
    """Returns the code's hashes by all data keys, the active one first: any of them finds it while keys rotate."""
    return [_hashed(keys, key_id, purpose, code) for key_id in keys.ids]


def verify_code(keys: DataKeys, purpose: str, stored: bytes, code: str) -> bool:
    """Tells in constant time whether `stored` is the hash of `code` by any of the data keys."""
    matches = [hmac.compare_digest(stored, candidate) for candidate in hashes_of_code(keys, purpose, code)]
    return any(matches)


def _hashed(keys: DataKeys, key_id: str, purpose: str, code: str) -> bytes:
    digest = hmac.digest(keys.derive(key_id, _HASHING), _message(purpose, code), "sha256")
    return bytes([len(key_id)]) + key_id.encode() + digest


def _peppered(keys: DataKeys, key_id: str, owner_id: str, pin: str) -> str:
    digest = hmac.digest(keys.derive(key_id, _PEPPER), _message(owner_id, pin), "sha256")
    return base64.b64encode(digest).decode()


def _message(label: str, secret: str) -> bytes:
    """Label and secret in one, with the label's length first, so that no two pairs give the same bytes."""
    return f"{len(label)}:{label}{secret}".encode()
