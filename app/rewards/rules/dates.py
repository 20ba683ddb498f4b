"""Local days, expiry, savings periods, tiers and dated versions.

A day begins at the first moment of its local date, also where the clock skips midnight, and ends where the next begins.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.rewards.rules.model import Period, ProgrammeRules, Tier

Version = TypeVar("Version")
ONE_DAY = timedelta(days=1)
_EVER = datetime.min.replace(tzinfo=UTC)


@lru_cache(maxsize=4096)
def day_start(zone: ZoneInfo, day: date) -> datetime:
    """The first moment of a local date, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def local_day(rules: ProgrammeRules, at: datetime) -> tuple[datetime, datetime]:
    """The bounds (UTC; the end excluded) of the local day on which the aware moment ``at`` falls."""
    day = at.astimezone(rules.zone).date()
    return day_start(rules.zone, day), day_start(rules.zone, day + ONE_DAY)


def months_later(day: date, months: int) -> date:
    """The same day of the month, or the month's last one where it is shorter: 31 January and one → 28 February."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def collecting_period(rules: ProgrammeRules, day: date) -> Period | None:
    """The savings period that collects on a local date, if the programme has periods and one does."""
    for period in rules.expiry.periods:
        if period.collect_from <= day <= period.collect_to:
            return period
    return None


def may_redeem(rules: ProgrammeRules, at: datetime) -> bool:
    """Whether units may be redeemed at the aware moment ``at``: always, or in a redeeming window of the programme."""
    if rules.expiry.kind != "periods":
        return True
    day = at.astimezone(rules.zone).date()
    return any(period.redeem_from <= day <= period.redeem_to for period in rules.expiry.periods)


def last_day(rules: ProgrammeRules, day: date) -> date | None:
    """The local date at whose end units earned on ``day`` expire; ``None`` for never (or outside every period)."""
    expiry = rules.expiry
    if expiry.kind == "months":
        return months_later(day, expiry.months)
    if expiry.kind == "yearly":
        this_year = _in_year(day.year, expiry.month, expiry.day)
        return this_year if day <= this_year else _in_year(day.year + 1, expiry.month, expiry.day)
    if expiry.kind == "periods":
        period = collecting_period(rules, day)
        return None if period is None else period.redeem_to
    return None


def expires_at(rules: ProgrammeRules, day: date) -> datetime | None:
    """The first moment (UTC) at which units earned on the local date ``day`` are gone; ``None`` for never."""
    last = last_day(rules, day)
    return None if last is None else day_start(rules.zone, last + ONE_DAY)


def in_birthday_week(birthday: tuple[int, int], day: date) -> bool:
    """Whether ``day`` is within three days of a birthday (month, day); 29 February is kept on the 28th otherwise."""
    return any(
        abs(day - _in_year(year, *birthday)) <= timedelta(days=3) for year in (day.year - 1, day.year, day.year + 1)
    )


def _in_year(year: int, month: int, day: int) -> date:
    if month == 2 and day == 29 and not calendar.isleap(year):
        day = 28
    return date(year, month, day)


def tier_for(rules: ProgrammeRules, qualifying: int) -> Tier | None:
    """The tier of a member with ``qualifying`` units, visits or minor units of money within the rolling period.

    ``None`` where the programme has no tiers, or the member reaches none.
    """
    reached = None
    for tier in rules.tiers.table if rules.tiers is not None else ():
        if qualifying < tier.threshold:
            break
        reached = tier
    return reached


def version_at(versions: Sequence[tuple[datetime | None, Version]], at: datetime) -> Version:
    """The version in force at ``at``, of pairs (valid from, version) in any order; of equal moments the last one given.

    The earliest counts from the beginning of time, whatever its moment; ``None`` is earlier than any. Raises
    :class:`ValueError` without versions.
    """
    if not versions:
        raise ValueError("a programme has at least one version")
    ordered = sorted(versions, key=lambda version: version[0] or _EVER)
    chosen = ordered[0][1]
    for valid_from, version in ordered[1:]:
        if valid_from is not None and valid_from > at:
            break
        chosen = version
    return chosen
