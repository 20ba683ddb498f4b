"""Fields of the contract's shapes: amounts, instants, ids and texts, strict and with one clear sentence each."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from app.common.ids import is_id

_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)
_AMOUNT = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,3})?", re.ASCII)


class Shape(Schema):
    """Base of every body and query: unknown fields are refused."""

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """A text of ``shortest`` to ``longest`` characters, without space at its ends."""

    def __init__(self, longest: int, *, shortest: int = 1, **options: Any) -> None:
        super().__init__(validate=validate.Length(min=shortest, max=longest), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Not a text.")
        return value.strip()


class Identifier(fields.String):
    """An id: a UUID in its canonical form."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"format": "uuid", **options.pop("metadata", {})}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = value.lower() if isinstance(value, str) else value
        if not is_id(text):
            raise ValidationError("Not an id.")
        return str(text)


class Whole(fields.Integer):
    """A whole number from ``least`` to ``most``: a JSON number, no text, no fraction."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValidationError("Not a whole number.")
        return value


class Flag(fields.Boolean):
    """True or false: JSON's own, no text and no number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Neither true nor false.")
        return value


class Count(fields.Integer):
    """A whole number in a query string."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 9:
            raise ValidationError("Not a whole number.")
        return int(value)


class Amount(fields.String):
    """Money as a decimal text: no sign, at most three decimals; the currency itself may allow fewer."""

    def __init__(self, **options: Any) -> None:
        told = {"pattern": r"^[0-9]{1,7}(\.[0-9]{1,3})?$", "example": "12.50", **options.pop("metadata", {})}
        super().__init__(metadata=told, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
            raise ValidationError('Not an amount such as "12.50".')
        return value


class Currency(fields.String):
    """An ISO 4217 code."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"pattern": "^[A-Z]{3}$", "example": "EUR"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch("[A-Z]{3}", value, re.ASCII):
            raise ValidationError("Not a currency code such as EUR.")
        return value


class Instant(fields.Field[datetime]):
    """An RFC 3339 time with its offset; an aware datetime in UTC inside."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **options: Any) -> str | None:
        return None if value is None else rfc3339(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> datetime:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise ValidationError("Not a time with an offset, such as 2026-03-04T12:00:00+01:00.")
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError("Not a time that exists.") from None


def rfc3339(when: datetime) -> str:
    """An instant as the contract writes it: ``2026-03-04T12:00:00.000000Z`` without a fraction that is nought."""
    return when.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
