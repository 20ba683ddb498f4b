"""Column types that mean the same on SQLite and PostgreSQL, through the ORM and through the raw driver."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Dialect, String, types
from sqlalchemy.dialects import postgresql


def encode_time(value: datetime) -> str:
    """SQLite's form of an instant: UTC, fixed width, so that text order is time order."""
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]


def decode_time(text: str) -> datetime:
    """The aware instant behind :func:`encode_time`'s text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# The driver's own adapters are deprecated and drop the zone; these are used by every SQLite connection of the process.
sqlite3.register_adapter(datetime, encode_time)
sqlite3.register_converter("TIMESTAMP", lambda raw: decode_time(raw.decode()))


class _SqliteTimestamp(types.UserDefinedType[Any]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TIMESTAMP"


class UtcDateTime(types.TypeDecorator[datetime]):
    """An aware instant: ``timestamptz`` on PostgreSQL, fixed-width UTC text on SQLite."""

    impl = types.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_SqliteTimestamp())
        return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        return encode_time(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if isinstance(value, str):  # an expression over the column keeps SQLite's text
            return decode_time(value)
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return None


class Id(types.TypeDecorator[str]):
    """A UUID as its 36-character text in Python; ``uuid`` on PostgreSQL, text on SQLite."""

    impl = String(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=False))
        return dialect.type_descriptor(types.Text())


Json = JSON().with_variant(postgresql.JSONB(), "postgresql")
"""A JSON document: ``jsonb`` on PostgreSQL, text on SQLite."""
