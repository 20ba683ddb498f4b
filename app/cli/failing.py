"""Errors as one clear line: what happened, and what to do about it."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

import config
from app import messages
from app.common.errors import DomainError


def sentence(error: Exception) -> str | None:
    """The line that tells an error which the person at the terminal can do something about; ``None`` for a fault of
    ours, which keeps its traceback."""
    if isinstance(error, config.SettingsError):
        return str(error)
    if isinstance(error, DomainError):
        return _domain(error)
    if isinstance(error, DBAPIError):
        return _database(error)
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
    return None


def _domain(error: DomainError) -> str:
    told = messages.sentence(error)
    path = error.params.get("path")
    fields = error.params.get("errors")
    if isinstance(fields, dict):
        told = " ".join(f"{name}: {' '.join(map(messages.field, codes))}" for name, codes in fields.items())
    elif path:
        told = f"{told} ({path}: {error.params.get('message_code', error.code)})"
    return told


def _database(error: DBAPIError) -> str | None:
    text = str(error.orig)
    if "no such table" in text or getattr(error.orig, "sqlstate", None) == "42P01":
        return "The database has no tables yet: run `zegel db upgrade` first."
    if isinstance(error, OperationalError) and not isinstance(error, ProgrammingError):
        return f"The database can't be used: {text.strip().splitlines()[0]}"
    return None
