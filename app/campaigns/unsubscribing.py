"""Links by which mails of one kind, or of one shop, are stopped without signing in: signed, and good for that alone."""

from __future__ import annotations

import hashlib
import hmac
import uuid

from app.campaigns.kinds import KINDS
from app.campaigns.vapid import from_base64url, to_base64url
from app.common.keys import KeyRing

PATH = "/unsubscribe/"
_PURPOSE = "unsubscribe"
_SHOP_PURPOSE = "unsubscribe from a shop"
_TAG_BYTES = 16
_ID_BYTES = 16


def token(ring: KeyRing, member_id: str, kind: str) -> str:
    """The token that switches off mails of ``kind`` for a member. ``ring`` is ``keys.secret``. It is always the same,
    and has no end: a mail may be found again years later."""
    content = uuid.UUID(member_id).bytes + kind.encode()
    return to_base64url(_tag(ring.derive(_PURPOSE), content) + content)


def read(ring: KeyRing, text: str) -> tuple[str, str] | None:
    """The member's id and the kind, or None for a token that is not ours."""
    try:
        data = from_base64url(text[:200])
    except ValueError:
        return None
    tag, content = data[:_TAG_BYTES], data[_TAG_BYTES:]
    if not any(hmac.compare_digest(tag, _tag(key, content)) for key in ring.derive_all(_PURPOSE)):
        return None
    kind = content[_ID_BYTES:].decode("ascii", "replace")
    return (str(uuid.UUID(bytes=content[:_ID_BYTES])), kind) if kind in KINDS else None


def shop_token(ring: KeyRing, member_id: str, merchant_id: str) -> str:
    """The token that withdraws a member's yes to one shop's mails. Always the same, and without an end, as
    :func:`token`."""
    content = uuid.UUID(member_id).bytes + uuid.UUID(merchant_id).bytes
    return to_base64url(_tag(ring.derive(_SHOP_PURPOSE), content) + content)


def read_shop(ring: KeyRing, text: str) -> tuple[str, str] | None:
    """The member's and the merchant's id, or None for a token that is not ours."""
    try:
        data = from_base64url(text[:200])
    except ValueError:
        return None
    tag, content = data[:_TAG_BYTES], data[_TAG_BYTES:]
    is_ours = any(hmac.compare_digest(tag, _tag(key, content)) for key in ring.derive_all(_SHOP_PURPOSE))
    if not is_ours or len(content) != 2 * _ID_BYTES:
        return None
    return str(uuid.UUID(bytes=content[:_ID_BYTES])), str(uuid.UUID(bytes=content[_ID_BYTES:]))


def _tag(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, hashlib.sha256)[:_TAG_BYTES]
