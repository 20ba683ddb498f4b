"""The header that makes a booking safe to send again."""

from __future__ import annotations

import re

from flask import Request

from app.common.errors import DomainError, Kind

_KEY = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)


class KeyMissingError(DomainError):
    """A call that books needs the header ``Idempotency-Key``."""

    code = "key_missing"
    kind = Kind.MALFORMED


class KeyUnusableError(DomainError):
    """An idempotency key has 1 to 255 printable ASCII characters."""

    code = "key_unusable"
    kind = Kind.MALFORMED


def key(http: Request) -> str:
    """The request's idempotency key. Raises :class:`KeyMissingError` or :class:`KeyUnusableError`."""
    text = http.environ.get("HTTP_IDEMPOTENCY_KEY", "").strip()
    if not text:
        raise KeyMissingError
    if not _KEY.fullmatch(text):
        raise KeyUnusableError
    return str(text)
