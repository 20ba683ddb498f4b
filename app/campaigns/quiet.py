"""When a shop may write to a member: not in its quiet hours, and not more often than it, and the town, allow. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.common.clock import zone

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
DAY = timedelta(days=1)
MOST_A_DAY = 2
"""Of all shops together: so many marketing messages reach one member in any 24 hours. The town's own rule; no shop can
change it."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How often and when a shop writes: at most ``week_most`` and ``month_most`` marketing messages to one member in
    any seven and thirty days, and nothing from minute ``quiet_from`` of the shop's local day to ``quiet_until``, which
    may lie on the next day; the same minute twice means no quiet hours."""

    week_most: int = 1
    month_most: int = 3
    quiet_from: int = 21 * 60
    quiet_until: int = 9 * 60


def quiet_end(at: datetime, timezone: str, manners: Manners) -> datetime | None:
    """When the quiet hours in which ``at`` lies are over, in UTC; None where it lies in none.

    Minutes are those of the shop's own wall clock, so that on the days on which it is put forward or back the hours
    are an hour shorter or longer.
    """
    begins, ends = manners.quiet_from, manners.quiet_until
    if begins == ends:
        return None
    local = at.astimezone(zone(timezone))
    minute = local.hour * 60 + local.minute
    is_quiet = begins <= minute < ends if begins < ends else minute >= begins or minute < ends
    if not is_quiet:
        return None
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if minute >= ends:
        midnight += timedelta(days=1)
    end = (midnight + timedelta(minutes=ends)).replace(tzinfo=zone(timezone)).astimezone(UTC)
    # In the hour that comes twice the wall clock may say an earlier end than it is.
    return end if end > at else end + timedelta(hours=1)


def free_from(
    here: Sequence[datetime], everywhere: Sequence[datetime], now: datetime, manners: Manners
) -> datetime | None:
    """From when on one more marketing message is within the caps; None: now.

    ``here`` are the moments of this shop's own messages to the member, ``everywhere`` those of all shops, in any order.
    A shop that allows none at all is asked again in a week or a month.
    """
    free: datetime | None = None
    for moments, span, most in (
        (here, WEEK, manners.week_most),
        (here, MONTH, manners.month_most),
        (everywhere, DAY, MOST_A_DAY),
    ):
        within = sorted((moment for moment in moments if moment > now - span), reverse=True)
        if len(within) < most:
            continue
        # The one that has to fall out of the span before there is room again.
        until = now + span if most == 0 else within[most - 1] + span
        free = until if free is None else max(free, until)
    return free


def quiet_begin(at: datetime, timezone: str, manners: Manners) -> datetime | None:
    """When the next quiet hours begin, seen from a moment that lies in none, in UTC; None where there are none."""
    if manners.quiet_from == manners.quiet_until:
        return None
    there = zone(timezone)
    midnight = at.astimezone(there).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    for days in (0, 1):
        begin = (midnight + timedelta(days=days, minutes=manners.quiet_from)).replace(tzinfo=there).astimezone(UTC)
        if begin > at:
            return begin
    return begin
