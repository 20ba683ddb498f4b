"""The key with which this platform signs its pushes (VAPID, RFC 8292), read from its settings."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

PREFIX = "VAPID_"
_SCALAR_BYTES = 32
_NAMES = {"private_key", "public_key", "subject"}


class VapidError(Exception):
    """A setting can't be used. The message is one line that says which, and what it should be."""


@dataclass(frozen=True, slots=True)
class Vapid:
    """The key pair and whom a push service may write to. ``public_key`` is what browsers take, in base64url."""

    private_key: ec.EllipticCurvePrivateKey = field(repr=False)
    public_key: str
    subject: str


def new_private_key() -> str:
    """A new key as ``VAPID_PRIVATE_KEY`` takes it: 32 bytes in base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return to_base64url(number.to_bytes(_SCALAR_BYTES, "big"))


def read(settings: Mapping[str, str]) -> Vapid | None:
    """The signing key in settings named as in the environment without :data:`PREFIX`; None where nothing is set.

    ``private_key`` is 32 bytes in base64 of either alphabet, or PEM; ``public_key`` is only compared
    with it; ``subject`` is ``mailto:`` or ``https:``. Raises :class:`VapidError`.
    """
    return _read(tuple(sorted(settings.items())))


@lru_cache(maxsize=8)
def _read(items: tuple[tuple[str, str], ...]) -> Vapid | None:
    settings = dict(items)
    if not settings:
        return None
    unknown = sorted(settings.keys() - _NAMES)
    if unknown:
        raise VapidError(f"{PREFIX}{unknown[0].upper()} is no setting: there are PRIVATE_KEY, PUBLIC_KEY and SUBJECT")
    if "private_key" not in settings:
        raise VapidError(f"{PREFIX}PRIVATE_KEY is not set, but other {PREFIX} settings are")
    subject = settings.get("subject", "")
    if not subject.startswith(("mailto:", "https://")):
        raise VapidError(f"{PREFIX}SUBJECT must begin with mailto: or https://, for push services to write to")
    private_key = _private_key(settings["private_key"])
    public_key = to_base64url(
        private_key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    if settings.get("public_key", public_key).rstrip("=") != public_key:
        raise VapidError(f"{PREFIX}PUBLIC_KEY is not the one of {PREFIX}PRIVATE_KEY: leave it out")
    return Vapid(private_key, public_key, subject)


def _private_key(text: str) -> ec.EllipticCurvePrivateKey:
    try:
        if text.lstrip().startswith("-----BEGIN"):
            loaded = serialization.load_pem_private_key(text.encode(), password=None)
        else:
            number = from_base64url(text.translate(str.maketrans("+/", "-_")))
            if len(number) != _SCALAR_BYTES:
                raise ValueError("not 32 bytes")
            loaded = ec.derive_private_key(int.from_bytes(number, "big"), ec.SECP256R1())
    except (ValueError, TypeError):
        raise VapidError(f"{PREFIX}PRIVATE_KEY must be a P-256 key: 32 bytes in base64, or PEM") from None
    if not isinstance(loaded, ec.EllipticCurvePrivateKey) or not isinstance(loaded.curve, ec.SECP256R1):
        raise VapidError(f"{PREFIX}PRIVATE_KEY must be a P-256 key: 32 bytes in base64, or PEM")
    return loaded


def to_base64url(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """What base64url stands for, with or without padding. Raises ``ValueError``."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error
