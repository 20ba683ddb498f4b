"""From the six texts of a row to a visit, or to the reason why it can't be taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from app.common.money import MAXIMUM, InvalidAmountError, exponent, is_currency, parse_amount
from app.scanning.counter import AHEAD

COLUMNS = ("visit_id", "card_ref", "location_ref", "occurred_at", "amount", "currency")
LONGEST = 200  # characters of a reference
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class Record(NamedTuple):
    """A row that can be read. Records sort by time, then by line; ``at`` counts microseconds since 1970 in UTC. The
    texts of time and amount are kept as they were written, for whoever has to look at a rejected row."""

    at: int
    line: int
    visit_id: str
    card_ref: str
    location_ref: str
    amount_minor: int
    currency: str
    time_text: str
    amount_text: str

    @property
    def occurred_at(self) -> datetime:
        return _EPOCH + self.at * _TICK

    def texts(self) -> tuple[str, ...]:
        """The row as it stood in the file, in the order of :data:`COLUMNS`."""
        return (self.visit_id, self.card_ref, self.location_ref, self.time_text, self.amount_text, self.currency)


def record_reader(now: datetime, zone: tzinfo | None) -> Callable[[int, Sequence[Any]], Record | str]:
    """A function that makes a :class:`Record` of a line's number and its values (in the order of :data:`COLUMNS`), or
    gives the reason why not. Times without an offset are read in ``zone``; without one they are refused."""
    latest = now + AHEAD

    def read(line: int, values: Sequence[Any]) -> Record | str:
        texts = [value.strip() if isinstance(value, str) else "" if value is None else str(value) for value in values]
        for name, text in zip(COLUMNS, texts, strict=True):
            if not text:
                return f"{name} is missing"
            if len(text) > LONGEST:
                return f"{name} is longer than {LONGEST} characters"
            if not text.isprintable():
                return f"{name} holds characters that can't be read"
        visit_id, card_ref, location_ref, time_text, amount_text, currency = texts
        try:
            when = values[3] if isinstance(values[3], datetime) else datetime.fromisoformat(time_text)
            if when.tzinfo is None:
                if zone is None:
                    return "occurred_at has no offset (say --timezone to read such times in a zone)"
                when = when.replace(tzinfo=zone)
            elapsed = when - _EPOCH
            if when > latest:
                return "occurred_at lies in the future"
        except (ValueError, OverflowError):
            return "occurred_at is not a time such as 2026-03-04T12:00:00+01:00"
        if elapsed < timedelta(0):
            return "occurred_at lies before 1970"
        if not is_currency(currency):
            return "currency is not a code such as EUR"
        if isinstance(values[4], float):
            amount_text = _plain(values[4], currency)
        try:
            minor = parse_amount(amount_text, currency)
        except InvalidAmountError:
            return _why_not(amount_text, currency)
        return Record(elapsed // _TICK, line, visit_id, card_ref, location_ref, minor, currency, time_text, amount_text)

    return read


def _plain(value: float, currency: str) -> str:
    """A binary number as the decimal text that it stands for; one with more decimals than the currency keeps them."""
    rounded = f"{value:.{exponent(currency)}f}"
    return rounded if abs(float(rounded) - value) < 1e-9 * max(1.0, abs(value)) else repr(value)


def _why_not(text: str, currency: str) -> str:
    if text.startswith("-"):
        return "amount is negative"
    digits, _, fraction = text.partition(".")
    if not (digits + fraction).isascii() or not (digits + fraction).isdigit():
        return "amount is not a number such as 12.50"
    if len(fraction) > exponent(currency):
        return f"amount has more decimals than {currency} has"
    return f"amount is larger than {MAXIMUM}"
