"""From the texts of a row to what is to be taken over, or to the code of why it can't be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from app.common.money import InvalidAmountError, parse_amount

LONGEST_CARD = 64
MOST_UNITS = 1_000_000
_NUMBER = re.compile(r"[0-9]{1,3}(?:[ .,'\u2019\u00a0][0-9]{3})+|[0-9]+")
_FORMS = (
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d-%m-%Y %H:%M", "%d-%m-%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y",
    "%Y/%m/%d %H:%M", "%Y/%m/%d",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row that can be read. ``units`` of a customer's balance; a visit's time and amount."""

    line: int
    card: str
    name: str = ""
    note: str = ""
    units: int = 0
    occurred_at: datetime | None = None
    amount_minor: int | None = None


def read_row(
    line: int,
    values: Sequence[str],
    columns: Mapping[str, int],
    kind: str,
    *,
    currency: str,
    local: tzinfo,
    now: datetime,
) -> Wanted | str:
    """What a row asks for; or why not: ``card_missing``, ``card_odd``, ``balance_odd``, ``date_odd``, ``date_ahead``,
    ``amount_odd``."""

    def text(role: str) -> str:
        place = columns.get(role)
        return "" if place is None or place >= len(values) else values[place]

    card = text("card")
    if not card:
        return "card_missing"
    if len(card) > LONGEST_CARD or not card.isprintable():
        return "card_odd"
    if kind == "visits":
        moment = _moment(text("date"), local)
        if moment is None:
            return "date_odd"
        if moment > now:
            return "date_ahead"
        try:
            amount = _amount(text("amount"), currency)
        except InvalidAmountError:
            return "amount_odd"
        return Wanted(line, card, occurred_at=moment, amount_minor=amount)
    units = _units(text("balance"))
    if units is None:
        return "balance_odd"
    name = " ".join(part for part in (text("name"), text("surname")) if part)[:80]
    return Wanted(line, card, name=name, note=text("note"), units=units)


def _units(text: str) -> int | None:
    """A balance: whole, with thousands apart or not, ``7,0`` and ``7.00`` too."""
    plain = re.sub(r"[.,]0{1,2}$", "", text.strip())
    if not plain or plain == "-":
        return 0
    if not _NUMBER.fullmatch(plain):
        return None
    units = int(re.sub(r"[^0-9]", "", plain))
    return units if units <= MOST_UNITS else None


def _moment(text: str, local: tzinfo) -> datetime | None:
    found: datetime | None = None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        for form in _FORMS:
            try:
                found = datetime.strptime(text, form)  # noqa: DTZ007  the zone follows
                break
            except ValueError:
                continue
    if found is None:
        return None
    if found.tzinfo is None:
        # A day alone is its noon: no rule's day begins or ends then.
        is_day = found.time() == datetime.min.time() and len(text) <= 10
        found = (found + timedelta(hours=12) if is_day else found).replace(tzinfo=local)
    try:
        found = found.astimezone(UTC)
    except OverflowError:
        return None
    return found if found.year >= 1990 else None


def _amount(text: str, currency: str) -> int | None:
    """An amount as it is written anywhere (``€ 1.234,50``); None for nothing. Raises InvalidAmountError."""
    if not text.strip():
        return None
    plain = re.sub(r"[^0-9.,-]", "", text)
    cents = re.fullmatch(r"(.*?)[.,]([0-9]{1,2})", plain)
    whole, fraction = (cents[1], cents[2]) if cents else (plain, "")
    whole = re.sub(r"[.,]", "", whole)
    return parse_amount(f"{whole}.{fraction}" if fraction else whole, currency)
