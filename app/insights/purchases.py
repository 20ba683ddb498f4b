"""Purchase histories: from rows of customer, day and amount to what the models take. Pure NumPy, no database.

Several purchases of a customer on one day are one. The first purchase in the history starts a customer's clock; ``x``
counts the days of purchase after it, ``t_x`` and ``T`` are weeks (days / 7) from it to the last purchase and to the
end of the observation.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.insights.errors import HistoryTooShortError, HistoryUnreadableError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
COLUMNS = ("customer", "at", "amount")
WEEK = 7.0


@dataclass(frozen=True, slots=True)
class History:
    """Days of purchase, sorted by customer and day: ``customer`` numbers from 0, ``day`` as proleptic ordinals,
    ``amount`` what was spent on that day."""

    customer: Ints
    day: Ints
    amount: Floats

    @property
    def first_day(self) -> int:
        return int(self.day.min())

    @property
    def last_day(self) -> int:
        return int(self.day.max())

    def until(self, day: int) -> History:
        """The history up to and with a day."""
        kept = self.day <= day
        return History(self.customer[kept], self.day[kept], self.amount[kept])


@dataclass(frozen=True, slots=True)
class Summary:
    """One row a customer: who, days of repeat purchase ``x``, ``t_x`` and ``age`` (T) in weeks, and the mean amount of
    a repeat day (0 without one)."""

    customer: Ints
    x: Floats
    t_x: Floats
    age: Floats
    mean_amount: Floats


def read_history(path: Path) -> History:
    """Read a CSV file (gzipped or not) with the columns ``customer``, ``at`` (a date or an RFC 3339 time, of which the
    date as written counts) and ``amount``; others are left aside.

    Raises :class:`HistoryUnreadableError` for the first bad row, :class:`HistoryTooShortError` for a file without rows.
    """
    names: dict[str, int] = {}
    customers: list[int] = []
    days: list[int] = []
    amounts: list[float] = []
    for line, row in _rows(path):
        customer = (row["customer"] or "").strip()
        if not customer:
            raise HistoryUnreadableError(line=line, reason="no customer")
        try:
            days.append(date.fromisoformat((row["at"] or "")[:10]).toordinal())
        except ValueError:
            raise HistoryUnreadableError(line=line, reason="no date such as 2026-03-04") from None
        try:
            amount = float(row["amount"] or "")
        except ValueError:
            raise HistoryUnreadableError(line=line, reason="no amount such as 12.50") from None
        if not np.isfinite(amount):
            raise HistoryUnreadableError(line=line, reason="no amount such as 12.50")
        customers.append(names.setdefault(customer, len(names)))
        amounts.append(amount)
    if not customers:
        raise HistoryTooShortError
    return gather(np.array(customers, np.int64), np.array(days, np.int64), np.array(amounts, np.float64))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str | None]]]:
    with path.open("rb") as raw:
        is_gzip = raw.read(2) == b"\x1f\x8b"
    with (gzip.open if is_gzip else open)(path, "rt", encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        try:
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise HistoryUnreadableError(line=1, reason=f"no column {missing[0]}")
            for row in reader:
                yield reader.line_num, row
        except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error):
            raise HistoryUnreadableError(line=reader.line_num + 1, reason="it is no text in UTF-8") from None


def gather(customer: Ints, day: Ints, amount: Floats) -> History:
    """A history from rows in any order, the amounts of one customer's day added up."""
    span = int(day.max()) + 1
    keys, place = np.unique(customer * span + day, return_inverse=True)
    spent = np.asarray(np.bincount(place, weights=amount, minlength=len(keys)), np.float64)
    return History(keys // span, keys % span, spent)


def summarise(history: History, end: int) -> Summary:
    """What each customer had done by the end of the day ``end``; those who came later are left out.

    Raises :class:`HistoryTooShortError` when nobody had come.
    """
    seen = history.until(end)
    if len(seen.customer) == 0:
        raise HistoryTooShortError
    who, first, count = np.unique(seen.customer, return_index=True, return_counts=True)
    last = first + count - 1
    repeats = (count - 1).astype(np.float64)
    total = np.add.reduceat(seen.amount, first) - seen.amount[first]
    return Summary(
        customer=who,
        x=repeats,
        t_x=(seen.day[last] - seen.day[first]) / WEEK,
        age=(end - seen.day[first]) / WEEK,
        mean_amount=np.divide(total, repeats, out=np.zeros(len(who)), where=repeats > 0),
    )


def counts_between(history: History, customers: Ints, after: int, until: int) -> Floats:
    """On how many days each of ``customers`` (sorted) bought after the day ``after`` up to and with ``until``."""
    inside = (history.day > after) & (history.day <= until)
    place = np.searchsorted(customers, history.customer[inside])
    found = place < len(customers)
    found[found] &= customers[place[found]] == history.customer[inside][found]
    return np.bincount(place[found], minlength=len(customers)).astype(np.float64)
