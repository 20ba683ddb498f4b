"""Web push: what a browser is sent, encrypted for it alone (RFC 8291 with the coding of RFC 8188) and signed by this
platform (RFC 8292). Push services carry it and can't read it."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.campaigns.vapid import Vapid, from_base64url

GONE = (404, 410)  # the browser has ended its subscription
RECORD = 4096  # what every push service takes
LONGEST = 3000  # bytes of text: it must fit one record
_SIGNED_FOR = timedelta(hours=12)
_POINT_BYTES = 65
_AUTH_BYTES = 16


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a browser is reached, and its keys."""

    endpoint: str = field(repr=False)
    p256dh: bytes = field(repr=False)
    auth: bytes = field(repr=False)


def read_subscription(endpoint: str, p256dh: str, auth: str) -> Subscription:
    """A subscription, its keys in base64url as browsers give them. Raises ``ValueError`` for keys that are none."""
    point, secret = from_base64url(p256dh), from_base64url(auth)
    if len(point) != _POINT_BYTES or len(secret) != _AUTH_BYTES:
        raise ValueError("a key has the wrong length")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    return Subscription(endpoint, point, secret)


def encrypt(
    plain: bytes,
    subscription: Subscription,
    *,
    salt: bytes | None = None,
    own_key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The body of a push: ``plain`` (at most :data:`LONGEST` bytes) as one record that this browser alone can read.

    ``salt`` and ``own_key`` are new and random for each body; they are given only to check the published example.
    """
    if len(plain) > LONGEST:
        raise ValueError(f"a push has at most {LONGEST} bytes")
    salt = secrets.token_bytes(16) if salt is None else salt
    key = ec.generate_private_key(ec.SECP256R1()) if own_key is None else own_key
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), subscription.p256dh)
    shared = key.exchange(ec.ECDH(), theirs)
    secret = _derive(subscription.auth, shared, b"WebPush: info\x00" + subscription.p256dh + point, 32)
    content_key = _derive(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(salt, secret, b"Content-Encoding: nonce\x00", 12)
    # 2 marks the last record, which is the only one.
    record = AESGCM(content_key).encrypt(nonce, plain + b"\x02", None)
    return salt + struct.pack("!LB", RECORD, len(point)) + point + record


def headers(vapid: Vapid, endpoint: str, *, now: datetime, lifetime: timedelta, urgency: str) -> Mapping[str, str]:
    """The headers of a push to ``endpoint``: signed for its service, kept there for ``lifetime`` while the browser is
    away. ``urgency`` is ``normal`` or ``high``."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + _SIGNED_FOR).timestamp()),
        "sub": vapid.subject,
    }
    token = jwt.encode(claims, vapid.private_key, algorithm="ES256")
    return {
        "Authorization": f"vapid t={token}, k={vapid.public_key}",
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(lifetime.total_seconds())),
        "Urgency": urgency,
    }


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=salt, info=info).derive(secret)
