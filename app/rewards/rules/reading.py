"""Reading one JSON object of rules: each field once, by type and bounds, and nothing left over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.common.money import InvalidAmountError, parse_amount
from app.rewards.rules.errors import InvalidRulesError

_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.([0-9]{1,4}))?", re.ASCII)
_DATE = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_MISSING: Any = object()
LIST_MAXIMUM = 50
TEXTS_MAXIMUM = 5_000
TEXT_MAXIMUM = 100


class Fields:
    """The fields of one object at ``path``. ``close`` refuses those that nobody took."""

    __slots__ = ("_left", "path")

    def __init__(self, document: Any, path: str) -> None:
        self.path = path
        if not isinstance(document, Mapping):
            raise InvalidRulesError(path, "object_expected")
        self._left: dict[Any, Any] = dict(document)

    def at(self, name: str) -> str:
        """The path of one field."""
        return f"{self.path}.{name}" if self.path else name

    def wrong(self, name: str, message_code: str, **params: int | str) -> InvalidRulesError:
        """The error for a field, to be raised."""
        return InvalidRulesError(self.at(name), message_code, **params)

    def has(self, name: str) -> bool:
        """Whether a field is there and not null."""
        return self._left.get(name) is not None

    def raw(self, name: str, default: Any = _MISSING) -> Any:
        """A field's value as it is; null counts as absent."""
        value = self._left.pop(name, None)
        if value is None:
            if default is _MISSING:
                raise self.wrong(name, "missing")
            return default
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: Any = _MISSING) -> Any:
        """One of a few words."""
        value = self.raw(name, default)
        if not isinstance(value, str) or value not in allowed:
            raise self.wrong(name, "not_one_of", allowed=", ".join(allowed))
        return value

    def flag(self, name: str) -> bool:
        """True or false; absent is false."""
        value = self.raw(name, False)
        if not isinstance(value, bool):
            raise self.wrong(name, "boolean_expected")
        return value

    def whole(self, name: str, least: int, most: int, default: Any = _MISSING) -> Any:
        """A whole number within bounds (``default`` is given back as it is)."""
        value = self.raw(name, default)
        if value is default:
            return value
        return check_whole(value, self.at(name), least, most)

    def decimal(self, name: str, least: str, most: str, decimals: int, default: Any = _MISSING) -> str:
        """A decimal string, or a whole number, within bounds; answered without needless zeros."""
        value = self.raw(name, default)
        path = self.at(name)
        if isinstance(value, int) and not isinstance(value, bool):
            check_whole(value, path, 0, int(Decimal(most)))
            value = str(value)
        if not isinstance(value, str):
            raise InvalidRulesError(path, "decimal_expected")
        match = _DECIMAL.fullmatch(value)
        if match is None or len(match[1] or "") > decimals:
            raise InvalidRulesError(path, "decimal_expected", decimals=decimals)
        number = Decimal(value)
        if number < Decimal(least):
            raise InvalidRulesError(path, "too_small", minimum=least)
        if number > Decimal(most):
            raise InvalidRulesError(path, "too_large", maximum=most)
        plain = format(number, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain

    def money(self, name: str, currency: str) -> int | None:
        """An amount in minor units, from a decimal string in major ones."""
        value = self.raw(name, None)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.wrong(name, "amount_expected")
        try:
            return parse_amount(value, currency)
        except InvalidAmountError as error:
            raise self.wrong(name, "amount_expected", currency=currency) from error

    def text(self, name: str, default: Any = _MISSING) -> Any:
        """A short printable text without outer spaces."""
        value = self.raw(name, default)
        return value if value is default else check_text(value, self.at(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of short texts; absent is empty."""
        return tuple(check_text(value, path) for path, value in self.entries(name, most=TEXTS_MAXIMUM))

    def entries(self, name: str, required: bool = False, most: int = LIST_MAXIMUM) -> list[tuple[str, Any]]:
        """A list's values, each with its path."""
        value = self.raw(name, _MISSING if required else [])
        if not isinstance(value, list | tuple):
            raise self.wrong(name, "list_expected")
        if len(value) > most:
            raise self.wrong(name, "too_many", maximum=most)
        if required and not value:
            raise self.wrong(name, "empty")
        return [(f"{self.at(name)}[{index}]", entry) for index, entry in enumerate(value)]

    def day(self, name: str, default: Any = _MISSING) -> Any:
        """A local date, ``YYYY-MM-DD``."""
        value = self.raw(name, default)
        if value is default:
            return value
        try:
            if isinstance(value, str) and _DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise self.wrong(name, "date_expected")

    def minute(self, name: str) -> int:
        """A time of day ``HH:MM`` as a minute of the day; ``24:00`` is the end of it."""
        value = self.raw(name)
        if value == "24:00":
            return 1440
        match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise self.wrong(name, "time_expected")
        return int(match[1]) * 60 + int(match[2])

    def inner(self, name: str) -> Fields | None:
        """An object within this one, or nothing."""
        value = self.raw(name, None)
        return None if value is None else Fields(value, self.at(name))

    def close(self) -> None:
        """Refuses a field that was not read."""
        for name in self._left:
            shown = name[:40] if isinstance(name, str) and name.isprintable() else "?"
            raise self.wrong(shown, "unknown_field")


def check_whole(value: Any, path: str, least: int, most: int) -> int:
    """``value`` if it is a whole number from ``least`` to ``most``."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidRulesError(path, "whole_number_expected")
    if value < least:
        raise InvalidRulesError(path, "too_small", minimum=least)
    if value > most:
        raise InvalidRulesError(path, "too_large", maximum=most)
    return value


def check_text(value: Any, path: str) -> str:
    """``value`` without outer spaces if it is a printable text of 1 to 100 characters."""
    if not isinstance(value, str):
        raise InvalidRulesError(path, "text_expected")
    if len(value) > TEXT_MAXIMUM:
        raise InvalidRulesError(path, "too_long", maximum=TEXT_MAXIMUM)
    stripped = value.strip()
    if not stripped or not stripped.isprintable():
        raise InvalidRulesError(path, "text_expected")
    return stripped
