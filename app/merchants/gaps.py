"""Numbers of a tablet's queue that never came though later ones did.

A tablet numbers what it queues 1, 2, 3 and never uses a number twice. So a number that is missing below the highest
seen is a visit that is on its way, or one that was lost with the tablet's storage: after a while, somebody is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.common.database import Transaction
from app.common.sql import Statement

MOST_TOLD = 100

_OF_DEVICE = Statement(
    "SELECT first, last, noticed_at, alarmed_at FROM device_gap WHERE device_id = :device_id ORDER BY first"
)
_FORGET = Statement("DELETE FROM device_gap WHERE device_id = :device_id AND first = :first")
_FORGET_ALL = Statement("DELETE FROM device_gap WHERE device_id = :device_id")
_NOTE = Statement(
    "INSERT INTO device_gap (device_id, first, last, noticed_at, alarmed_at)"
    " VALUES (:device_id, :first, :last, :noticed_at, :alarmed_at)"
)


@dataclass(frozen=True, slots=True)
class Gap:
    """The numbers ``first`` to ``last``, both of them missing, since when, and when it was told to somebody."""

    first: int
    last: int
    noticed_at: datetime
    alarmed_at: datetime | None = None

    def without(self, numbers: Iterable[int]) -> list[Gap]:
        """What is left of it when those numbers, in order, have come after all."""
        left = []
        first = self.first
        for number in numbers:
            if not first <= number <= self.last:
                continue
            if number > first:
                left.append(Gap(first, number - 1, self.noticed_at, self.alarmed_at))
            first = number + 1
        if first <= self.last:
            left.append(Gap(first, self.last, self.noticed_at, self.alarmed_at))
        return left


def runs(missing: Iterable[Gap]) -> list[tuple[int, int]]:
    """First and last of each run of missing numbers, those that were noticed one after the other as one."""
    found: list[tuple[int, int]] = []
    for gap in sorted(missing, key=lambda gap: gap.first):
        if found and found[-1][1] == gap.first - 1:
            found[-1] = (found[-1][0], gap.last)
        else:
            found.append((gap.first, gap.last))
    return found


def gaps_of(transaction: Transaction, device_id: str) -> list[Gap]:
    """What is missing of a device's queue, in order."""
    return [Gap(*row) for row in transaction.rows(_OF_DEVICE, {"device_id": device_id})]


def note_arrivals(
    transaction: Transaction, device_id: str, highest: int, arrived: Iterable[int], now: datetime, given_out: int = 0
) -> tuple[int, list[Gap]]:
    """Note which numbers have come, in the caller's transaction, which holds the device's row: two batches of one
    tablet at once would else each undo what the other noted.

    ``highest`` is the highest number seen before. ``given_out`` is the highest that the tablet ever gave out, told when
    nothing is left on it: what is below it and didn't come won't. Returns the highest now, and all that is missing.
    """
    numbers = sorted({number for number in arrived if number > 0})
    known = gaps_of(transaction, device_id)
    left: list[Gap] = []
    for gap in known:
        rest = gap.without(numbers)
        left += rest
        if rest != [gap]:
            transaction.run(_FORGET, {"device_id": device_id, "first": gap.first})
    for number in numbers:
        if number > highest + 1:
            left.append(Gap(highest + 1, number - 1, now))
        highest = max(highest, number)
    if given_out > highest:
        left.append(Gap(highest + 1, given_out, now))
        highest = given_out
    before = set(known)
    for gap in left:
        if gap not in before:
            transaction.run(
                _NOTE,
                {
                    "device_id": device_id,
                    "first": gap.first,
                    "last": gap.last,
                    "noticed_at": gap.noticed_at,
                    "alarmed_at": gap.alarmed_at,
                },
            )
    return highest, left


def forget_gaps(transaction: Transaction, device_id: str) -> list[Gap]:
    """Take it that what is missing will not come, in the caller's transaction. Returns what was missing."""
    lost = gaps_of(transaction, device_id)
    transaction.run(_FORGET_ALL, {"device_id": device_id})
    return lost
