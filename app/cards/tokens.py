"""A member's tokens: short-lived signed access tokens, and the random texts behind refresh tokens.

An access token is a JWT (HS256) of a quarter of an hour that names the member and the chain of refresh tokens it came
from; nothing else is in it. A refresh token is 32 random bytes, of which only the hash is stored.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt

from app.cards.errors import TokenRefusedError
from app.common.ids import is_id
from app.common.keys import KeyRing

ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=180)
REFRESH_PREFIX = "zg_ref_"
_PURPOSE = "member access tokens"
_AUDIENCE = "zegel"
_TYPE = "member"
_LONGEST = 2048


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a valid access token says."""

    member_id: str
    family_id: str


def issue_access_token(ring: KeyRing, *, member_id: str, family_id: str, now: datetime) -> str:
    """A token that lets its bearer act as the member until ``now`` + 15 minutes."""
    issued = int(now.timestamp())
    claims = {
        "typ": _TYPE,
        "aud": _AUDIENCE,
        "sub": member_id,
        "fam": family_id,
        "iat": issued,
        "exp": issued + int(ACCESS_LIFE.total_seconds()),
    }
    return jwt.encode(claims, ring.derive(_PURPOSE), algorithm="HS256")


def read_access_token(ring: KeyRing, token: str, now: datetime) -> AccessClaims:
    """The claims of a token that is genuine and not yet over at ``now``. Raises :class:`TokenRefusedError`."""
    if len(token) > _LONGEST:
        raise TokenRefusedError
    for key in ring.derive_all(_PURPOSE):
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=["HS256"],
                audience=_AUDIENCE,
                # The time is the caller's, not the system's.
                options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "sub", "aud"]},
            )
        except jwt.InvalidTokenError:
            continue
        break
    else:
        raise TokenRefusedError
    expires = claims["exp"]
    if claims.get("typ") != _TYPE or not isinstance(expires, int) or now.timestamp() >= expires:
        raise TokenRefusedError
    member_id, family_id = claims["sub"], claims.get("fam")
    if not is_id(member_id) or not is_id(family_id):
        raise TokenRefusedError
    return AccessClaims(member_id=member_id, family_id=str(family_id))


def new_refresh_token() -> str:
    """A refresh token: 256 random bits."""
    return REFRESH_PREFIX + secrets.token_urlsafe(32)


def hash_refresh_token(token: str) -> bytes:
    """What is stored of a refresh token. It is random enough that a plain hash tells nothing."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
