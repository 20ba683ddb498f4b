"""Personal data at rest: encrypted field by field, found by keyed hashes, gone when its key is gone.

Every member has a random data key, stored only wrapped by the platform's active data key. Destroying the wrapped key
erases the person from the tables and from every backup at once. Each ciphertext is bound to its member and its field,
so that moving one to another row or column is found.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from typing import Literal

import phonenumbers
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from email_validator import EmailNotValidError, validate_email

from app.cards.data_keys import DataKeys
from app.cards.errors import EmailInvalidError, PhoneInvalidError

IndexKind = Literal["email", "phone"]

_DATA_KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = b"\x01"  # so that another cipher can be told from this one later
_WRAPPING = "wrap member keys"
_INDEXING = "blind index"


class UnreadablePersonalDataError(Exception):
    """A stored value was altered, moved, cut, or belongs to another key. A fault to be looked into, not an answer."""


def new_data_key() -> bytes:
    """Returns 32 random bytes: the key of one member's personal data."""
    return secrets.token_bytes(_DATA_KEY_BYTES)


def wrap_data_key(keys: DataKeys, member_id: str, data_key: bytes) -> bytes:
    """Returns `data_key` encrypted by the active data key and bound to the member, to be stored."""
    key_id = keys.active_id
    label = _FORMAT + _prefixed(key_id)
    return label + _seal(keys.derive(key_id, _WRAPPING), data_key, _bound(_WRAPPING, key_id, member_id))


def unwrap_data_key(keys: DataKeys, member_id: str, wrapped: bytes) -> bytes:
    """Returns the member's data key.

    Raises UnreadablePersonalDataError where `wrapped` was altered or is another member's, UnknownDataKeyError where
    the data key that wrapped it is not among `keys`.
    """
    key_id, sealed = _opened_label(wrapped)
    return _open(keys.derive(key_id, _WRAPPING), sealed, _bound(_WRAPPING, key_id, member_id))


def wrapping_key_id(wrapped: bytes) -> str:
    """Returns the id of the data key that wrapped a member's key. Raises UnreadablePersonalDataError."""
    return _opened_label(wrapped)[0]


def rewrap_data_key(keys: DataKeys, member_id: str, wrapped: bytes) -> bytes:
    """Returns the member's data key wrapped by the active data key; the same bytes where it already is.

    No field has to be encrypted anew. Raises what `unwrap_data_key` raises.
    """
    data_key = unwrap_data_key(keys, member_id, wrapped)
    if wrapping_key_id(wrapped) == keys.active_id:
        return wrapped
    return wrap_data_key(keys, member_id, data_key)


def encrypt(data_key: bytes, member_id: str, field: str, value: bytes) -> bytes:
    """Returns `value` encrypted by the member's data key, bound to member and field. Each call gives other bytes."""
    return _FORMAT + _seal(data_key, value, _bound("field", field, member_id))


def decrypt(data_key: bytes, member_id: str, field: str, encrypted: bytes) -> bytes:
    """Returns what `encrypt` was given for this member and field. Raises UnreadablePersonalDataError."""
    if encrypted[:1] != _FORMAT:
        raise UnreadablePersonalDataError("unknown format")
    return _open(data_key, encrypted[1:], _bound("field", field, member_id))


def encrypt_text(data_key: bytes, member_id: str, field: str, value: str) -> bytes:
    """Returns a text encrypted as `encrypt` does."""
    return encrypt(data_key, member_id, field, value.encode())


def decrypt_text(data_key: bytes, member_id: str, field: str, encrypted: bytes) -> str:
    """Returns what `encrypt_text` was given for this member and field. Raises UnreadablePersonalDataError."""
    return decrypt(data_key, member_id, field, encrypted).decode()


def normalise_email(text: str) -> str:
    """Returns an e-mail address in the one form that is compared: no case, domain in ASCII.

    Strictly, the part before the @ may tell case apart; no provider that people use does, and two accounts for one
    inbox would be worse. Raises EmailInvalidError.
    """
    try:
        # The demo town's members live under .test, the one reserved name that this setting lets through.
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise EmailInvalidError from error
    local = unicodedata.normalize("NFC", found.local_part.casefold())
    return f"{local}@{found.ascii_domain}"


def normalise_phone(text: str, country: str) -> str:
    """Returns a telephone number in international form (`+32470123456`).

    `country` (ISO 3166, two letters) says whose national numbers are meant where no country code is dialled.
    Raises PhoneInvalidError.
    """
    try:
        number = phonenumbers.parse(text, country.upper())
    except phonenumbers.NumberParseException as error:
        raise PhoneInvalidError from error
    if number.extension or not phonenumbers.is_valid_number(number):
        raise PhoneInvalidError
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def blind_index(keys: DataKeys, kind: IndexKind, value: str) -> bytes:
    """Returns the keyed hash under which an e-mail address or telephone number is stored and found.

    The same address gives the same bytes however it is written; without the data key nobody can test a guess.
    A telephone number comes in international form (`normalise_phone`). Raises EmailInvalidError, PhoneInvalidError.
    """
    return _blind(keys, keys.active_id, _comparable(kind, value))


def blind_indexes(keys: DataKeys, kind: IndexKind, value: str) -> list[bytes]:
    """Returns the value's hashes by all data keys, the active one first: any of them finds it while keys rotate."""
    comparable = _comparable(kind, value)
    return [_blind(keys, key_id, comparable) for key_id in keys.ids]


def _blind(keys: DataKeys, key_id: str, comparable: str) -> bytes:
    return _prefixed(key_id) + hmac.digest(keys.derive(key_id, _INDEXING), comparable.encode(), "sha256")


def _comparable(kind: IndexKind, value: str) -> str:
    if kind == "email":
        return normalise_email(value)
    return normalise_phone(value, "ZZ")  # no country's: only the international form is understood


def _seal(key: bytes, plain: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _open(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
    except (InvalidTag, ValueError) as error:
        raise UnreadablePersonalDataError("altered, moved, or encrypted by another key") from error


def _bound(*parts: str) -> bytes:
    """Associated data in which no two lists of parts look the same."""
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)


def _prefixed(key_id: str) -> bytes:
    return bytes([len(key_id)]) + key_id.encode()


def _opened_label(wrapped: bytes) -> tuple[str, bytes]:
    """Splits a wrapped key into the id of the key that wrapped it and the sealed bytes."""
    length = wrapped[1] if len(wrapped) > 1 else 0
    if wrapped[:1] != _FORMAT or not length or len(wrapped) < 2 + length:
        raise UnreadablePersonalDataError("not a wrapped key")
    try:
        return wrapped[2 : 2 + length].decode("ascii"), wrapped[2 + length :]
    except UnicodeDecodeError as error:
        raise UnreadablePersonalDataError("not a wrapped key") from error
