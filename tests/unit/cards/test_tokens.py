"""A member's access tokens: what is accepted, and everything that is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from app.cards.errors import TokenRefusedError
from app.cards.tokens import (
    ACCESS_LIFE,
    AccessClaims,
    hash_refresh_token,
    issue_access_token,
    new_refresh_token,
    read_access_token,
)
from app.common.ids import new_id
from app.common.keys import KeyRing

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
OLD = KeyRing("k1", {"k1": bytes(range(32))})
RING = KeyRing("k2", {"k2": bytes(range(32, 64)), "k1": bytes(range(32))})
WHO, FAMILY = new_id(), new_id()
_KEY = RING.derive("member access tokens")


def token(ring: KeyRing = RING) -> str:
    return issue_access_token(ring, member_id=WHO, family_id=FAMILY, now=NOW)


def forged(key: bytes | None = _KEY, algorithm: str = "HS256", **changes: Any) -> str:
    claims = {
        "typ": "member",
        "aud": "zegel",
        "sub": WHO,
        "fam": FAMILY,
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + ACCESS_LIFE).timestamp()),
    }
    return jwt.encode({name: value for name, value in (claims | changes).items() if value is not None}, key, algorithm)


def test_a_token_names_its_member_for_a_quarter_of_an_hour() -> None:
    made = token()
    assert read_access_token(RING, made, NOW) == AccessClaims(WHO, FAMILY)
    assert read_access_token(RING, made, NOW + ACCESS_LIFE - timedelta(seconds=1)).member_id == WHO
    with pytest.raises(TokenRefusedError):
        read_access_token(RING, made, NOW + ACCESS_LIFE)


def test_a_token_of_an_older_key_is_still_understood() -> None:
    assert read_access_token(RING, token(OLD), NOW).member_id == WHO
    with pytest.raises(TokenRefusedError):
        read_access_token(OLD, token(RING), NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"typ": "device"},
        {"typ": None},
        {"aud": "elsewhere"},
        {"aud": None},
        {"sub": "x"},
        {"sub": None},
        {"fam": None},
        {"fam": "x"},
        {"exp": None},
        {"exp": "never"},
        {"exp": 0},
        {"iat": None},
    ],
)
def test_a_token_with_other_claims_is_refused(changes: dict[str, Any]) -> None:
    assert read_access_token(RING, forged(), NOW).member_id == WHO
    with pytest.raises(TokenRefusedError):
        read_access_token(RING, forged(**changes), NOW)


@pytest.mark.parametrize(
    "text",
    ["", "x", "a.b.c", "é" * 20, "." * 4000, forged(bytes(32)), forged(RING.current), forged(None, "none")],
)
def test_what_is_not_signed_by_us_is_refused(text: str) -> None:
    with pytest.raises(TokenRefusedError):
        read_access_token(RING, text, NOW)


def test_refresh_tokens_are_long_and_kept_as_hashes() -> None:
    first, second = new_refresh_token(), new_refresh_token()
    assert first != second
    assert first.startswith("zg_ref_")
    assert len(first) >= len("zg_ref_") + 43
    assert hash_refresh_token(first) != hash_refresh_token(second)
    assert len(hash_refresh_token("\ud800")) == 32  # whatever was sent
