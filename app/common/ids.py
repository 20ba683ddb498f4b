"""Identifiers: UUIDv7, made by the application, so that rows sort by when they were made."""

from __future__ import annotations

import uuid

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
