"""Small secrets at rest: sealed with a key of the platform's ring, each kind under a purpose of its own."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.common.keys import KeyRing

_FORMAT = b"\x01"  # so that another cipher can be told from this one later
_NONCE_BYTES = 12


class UnreadableSecretError(Exception):
    """A sealed value was altered or moved, or its key is not in the ring. A fault to be looked into, not an answer."""


def seal(ring: KeyRing, purpose: str, plain: bytes, *, bound: str = "") -> bytes:
    """``plain`` encrypted by the ring's active key, for one purpose and bound to what it belongs to (a row's id).

    Each call gives other bytes.
    """
    key_id = ring.active.encode()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(_key(ring.current, purpose)).encrypt(nonce, plain, bound.encode())
    return _FORMAT + bytes([len(key_id)]) + key_id + nonce + sealed


def unseal(ring: KeyRing, purpose: str, sealed: bytes, *, bound: str = "") -> bytes:
    """What :func:`seal` was given for this purpose and ``bound``. Raises :class:`UnreadableSecretError`."""
    length = sealed[1] if len(sealed) > 1 else 0
    start = 2 + length
    key = ring.keys.get(sealed[2:start].decode("ascii", "replace"))
    if sealed[:1] != _FORMAT or key is None:
        raise UnreadableSecretError("sealed by a key that is not configured")
    nonce, rest = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
    try:
        return AESGCM(_key(key, purpose)).decrypt(nonce, rest, bound.encode())
    except (InvalidTag, ValueError) as error:
        raise UnreadableSecretError("altered, moved, or sealed for another purpose") from error


def _key(key: bytes, purpose: str) -> bytes:
    return hmac.digest(key, b"seal " + purpose.encode(), hashlib.sha256)
