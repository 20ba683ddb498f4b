"""Finding a member by the beginning of a word, without the word being there: each beginning is a keyed hash of its own
for each business, so that two businesses' lists can't be laid side by side, and a backup holds no name."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable

from app.common.keys import KeyRing
from app.merchants.listing import fold

SHORTEST, LONGEST = 2, 12  # letters of a beginning
WORDS = 6  # of one name
_PURPOSE = "shop member words"
_BYTES = 12
_APART = re.compile(r"[\W_]+")


def spoken(text: str) -> list[str]:
    """The words of a text as they are compared: small letters, no accents, cut after twelve, short ones left out."""
    return [word[:LONGEST] for word in _APART.split(fold(text)) if len(word) >= SHORTEST][:WORDS]


def beginnings(ring: KeyRing, merchant_id: str, texts: Iterable[str]) -> set[bytes]:
    """The hashes under which a member with these names is found at one business."""
    key = ring.derive(_PURPOSE)
    return {
        _token(key, merchant_id, word[:length])
        for text in texts
        for word in spoken(text)
        for length in range(SHORTEST, len(word) + 1)
    }


def tokens_for(ring: KeyRing, merchant_id: str, text: str) -> list[list[bytes]]:
    """For each word that somebody typed, the hashes that one of a member's must equal: one for each key of the ring."""
    keys = ring.derive_all(_PURPOSE)
    return [[_token(key, merchant_id, word) for key in keys] for word in spoken(text)]


def _token(key: bytes, merchant_id: str, beginning: str) -> bytes:
    return hmac.digest(key, f"{merchant_id}/{beginning}".encode(), "sha256")[:_BYTES]
