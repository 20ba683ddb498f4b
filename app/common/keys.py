"""The platform's three secrets, each a ring of keys with ids: the first is used, the others are still understood."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass

_KEY_ID = re.compile(r"[a-z0-9]{1,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by id. ``active`` names the one that new seals and signatures use."""

    active: str
    keys: dict[str, bytes]

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Read ``id:base64[,id:base64…]``; a text without ids is one key named ``k1``.

        Raises ``ValueError`` (without the key's content) for bad base64, a repeated or odd id, or a key of fewer than
        32 bytes or of fewer than 8 different bytes.
        """
        keys: dict[str, bytes] = {}
        for part in text.split(","):
            key_id, colon, encoded = part.strip().partition(":")
            if not colon:
                key_id, encoded = "k1", key_id
            if not _KEY_ID.fullmatch(key_id) or key_id in keys:
                raise ValueError("each key needs an id of its own: 1 to 8 small letters or digits")
            try:
                key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
            except (binascii.Error, ValueError):
                raise ValueError(f"key {key_id} is not base64") from None
            if len(key) < 32 or len(set(key)) < 8:
                raise ValueError(f"key {key_id} is weak: 32 random bytes are needed")
            keys[key_id] = key
        return cls(active=next(iter(keys)), keys=keys)

    @property
    def current(self) -> bytes:
        return self.keys[self.active]

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose, from the active key: HMAC-SHA-256 over the purpose."""
        return hmac.digest(self.current, purpose.encode(), hashlib.sha256)

    def derive_all(self, purpose: str) -> list[bytes]:
        """The derived keys of all ids, the active one first: for checking what an older key made."""
        rest = [key for key_id, key in self.keys.items() if key_id != self.active]
        return [hmac.digest(key, purpose.encode(), hashlib.sha256) for key in (self.current, *rest)]


@dataclass(frozen=True, slots=True)
class Keys:
    """``secret`` signs tokens, ``ledger`` seals bookings, ``data`` seals personal data and code secrets."""

    secret: KeyRing
    ledger: KeyRing
    data: KeyRing
