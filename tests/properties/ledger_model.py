"""The ledger as anybody would keep it by hand: a list of lots and a debt for each account, in thirty lines a booking.
It shares no code with the service; the state machine compares the two after every step."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Brussels")


def end_of_day_in_months(at: datetime, months: int) -> datetime:
    """Midnight after the local day so many months on."""
    local = at.astimezone(ZONE)
    month = local.month - 1 + months
    year, month = local.year + month // 12, month % 12 + 1
    day = min(local.day, calendar.monthrange(year, month)[1])
    return (datetime(year, month, day, tzinfo=ZONE) + timedelta(days=1)).astimezone(UTC)


@dataclass(eq=False)
class ModelLot:
    origin: str
    left: int
    ends: datetime | None
    earned: datetime


Drawn = list[tuple[ModelLot, int]]


@dataclass
class ModelAccount:
    """One member's account in one programme."""

    lots: list[ModelLot] = field(default_factory=list)
    owed: int = 0
    remainder: Fraction = Fraction(0)

    @property
    def balance(self) -> int:
        return sum(lot.left for lot in self.lots)

    def in_order(self) -> list[ModelLot]:
        """First to end first; of those that end together the first to come, of those that never end the oldest."""
        return sorted(
            (lot for lot in self.lots if lot.left), key=lambda lot: (lot.ends is None, lot.ends or lot.earned)
        )

    def pass_time(self, now: datetime) -> None:
        for lot in self.lots:
            if lot.ends is not None and lot.ends <= now:
                lot.left = 0

    def earn(self, units: int, origin: str, ends: datetime | None, earned: datetime) -> None:
        paid = min(units, self.owed)
        self.owed -= paid
        if units > paid:
            self.lots.append(ModelLot(origin, units - paid, ends, earned))

    def earn_again(self, units: int, ends: datetime | None, earned: datetime) -> None:
        """A lot of unknown origin."""
        self.lots.append(ModelLot("", units, ends, earned))

    def draw(self, units: int, lots: Iterable[ModelLot] | None = None) -> tuple[Drawn, int]:
        """Take units from lots. What was taken from which, and what was lacking."""
        drawn: Drawn = []
        for lot in self.in_order() if lots is None else lots:
            taken = min(units, lot.left)
            if taken:
                lot.left -= taken
                units -= taken
                drawn.append((lot, taken))
        return drawn, units

    def take_back(self, units: int, origin: str) -> None:
        lots = self.in_order()
        first = [lot for lot in lots if lot.origin == origin]
        _, lacking = self.draw(units, first + [lot for lot in lots if lot.origin != origin])
        self.owed += lacking

    def give_back(self, drawn: Drawn) -> None:
        for lot, units in drawn:
            if lot not in self.lots:  # it was another's, who has become this one
                self.earn(units, lot.origin, lot.ends, lot.earned)
        for lot, units in drawn:
            if lot in self.lots:
                lot.left += units
        self.settle()

    def settle(self) -> None:
        due = min(self.owed, self.balance)
        self.draw(due)
        self.owed -= due

    def carry(self, more: Fraction) -> int:
        """Add to the fraction (or take from it). The whole units that come of it, below zero where they go."""
        total = self.remainder + more
        self.remainder = total - floor(total)
        return floor(total)

    def swallow(self, other: ModelAccount, origin: str, ends: datetime | None, now: datetime) -> None:
        """A merge: lots with their ends, then the debt, then the fraction."""
        for lot in other.in_order():
            self.earn(lot.left, lot.origin, lot.ends, lot.earned)
            lot.left = 0
        self.owed += other.owed
        self.settle()
        units = self.carry(other.remainder)
        if units:
            self.earn(units, origin, ends, now)
        other.owed, other.remainder = 0, Fraction(0)

    def holds(self, now: datetime) -> list[tuple[int, datetime | None]]:
        """What has not ended, lot by lot."""
        ends = datetime.max.replace(tzinfo=UTC)
        alive = [(lot.left, lot.ends) for lot in self.lots if lot.left and (lot.ends is None or lot.ends > now)]
        return sorted(alive, key=lambda lot: (lot[1] or ends, lot[0]))
