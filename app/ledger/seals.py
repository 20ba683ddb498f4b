"""Seals: keyed hashes that make a change by raw SQL visible.

A transaction's seal covers its own fields. A transfer's seal covers its fields, its transaction's seal and the seal of
the account's transfer before it: a chain per account. An account's seal covers the head of that chain and its balances,
so that a cut-off tail shows too. The key (``LEDGER_KEY``) never enters the database.
"""

from __future__ import annotations

import hmac
from datetime import datetime

from app.common.keys import KeyRing
from app.common.types import encode_time

GENESIS = b"\x00" * 32
_SEPARATOR = "\x1f"


class Sealer:
    """Makes seals with the active ledger key, and recomputes those of older keys."""

    __slots__ = ("_keys", "key_id")

    def __init__(self, ring: KeyRing) -> None:
        self.key_id = ring.active
        self._keys = ring.keys

    def knows(self, key_id: str) -> bool:
        """Whether the ring holds the key that a seal names."""
        return key_id in self._keys

    def transaction(self, key_id: str, fields: tuple[str | datetime | None, ...]) -> bytes:
        """32 bytes over a transaction's fields, in the order of ``posting.TRANSACTION_FIELDS``."""
        return self._digest(key_id, b"transaction", fields)

    def transfer(
        self, key_id: str, previous: bytes, transaction_seal: bytes, fields: tuple[str | int | datetime | None, ...]
    ) -> bytes:
        """32 bytes that chain a transfer to the one before it on its account."""
        return self._digest(key_id, b"transfer" + previous + transaction_seal, fields)

    def account(self, key_id: str, chain: bytes, fields: tuple[str | int | datetime | None, ...]) -> bytes:
        """32 bytes over the head of an account's chain and its balances."""
        return self._digest(key_id, b"account" + chain, fields)

    def _digest(self, key_id: str, prefix: bytes, fields: tuple[str | int | datetime | None, ...]) -> bytes:
        # A missing field and an empty one must differ, and no field may reach into the next: hence the length marks.
        told = [_tell(field) for field in fields]
        return hmac.digest(self._keys[key_id], prefix + _SEPARATOR.join(told).encode(), "sha256")


def _tell(field: str | int | datetime | None) -> str:
    # Every booking comes here some thirty times: the most frequent kind is asked for first.
    if isinstance(field, str):
        return f"{len(field)}:{field}"
    if field is None:
        return "-"
    if isinstance(field, int):
        return str(field)
    return encode_time(field)
