"""Identifiers: UUIDv7, made by the application, so that rows sort by when they were made."""

from __future__ import annotations

import uuid
from datetime import timedelta

from uuid_utils import uuid7


def new_id() -> str:
    """A fresh UUIDv7 in its 36-character form."""
    return str(uuid7())


def is_id(text: object) -> bool:
    """Whether ``text`` is a UUID in canonical form (36 characters, lower case)."""
    if not isinstance(text, str) or len(text) != 36:
        return False
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def ids_around(text: str, apart: timedelta) -> tuple[str, str]:
    """The first and the last id that can be made within ``apart`` of when this one was. An id of another kind than
    UUIDv7 has no time: what comes back then holds nothing that anybody looks for."""
    made, step = uuid.UUID(text).int >> 80, int(apart.total_seconds() * 1000)
    first, last = max(0, made - step), min(made + step, (1 << 48) - 1)
    return str(uuid.UUID(int=first << 80)), str(uuid.UUID(int=(last + 1 << 80) - 1))
