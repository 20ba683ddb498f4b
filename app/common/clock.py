"""The time, handed in: domain code never asks the system for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, as an aware datetime in UTC."""
    return datetime.now(UTC)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name. Raises ``ZoneInfoNotFoundError`` or ``ValueError`` for a name that is none."""
    return ZoneInfo(name)


def local_day_bounds(when: datetime, timezone: str) -> tuple[datetime, datetime]:
    """The UTC instants at which the local day of ``when`` begins and ends (23 to 25 hours apart)."""
    there = zone(timezone)
    local = when.astimezone(there)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    next_day = (start.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=there)
    return start.astimezone(UTC), next_day.astimezone(UTC)
