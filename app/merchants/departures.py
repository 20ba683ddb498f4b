"""When a business may stop: in time for its members to hear of it, and to redeem."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from app.common.clock import zone
from app.merchants.errors import DepartureTooSoonError, DepartureWindowError

DAYS_AHEAD = 30  # between the announcement and the last day of collecting
LEAST_WINDOW = 30  # days on which what is held can still be redeemed
USUAL_WINDOW = 60
MOST_WINDOW = 365


def moments(last_earning: date, last_redeeming: date, *, timezone: str, now: datetime) -> tuple[datetime, datetime]:
    """From when on nothing is earned and nothing redeemed, for the last local days of either.

    Raises DepartureTooSoonError for less than thirty days until the first, DepartureWindowError for fewer than thirty
    or more than 365 days between the two.
    """
    local = zone(timezone)
    if last_earning < now.astimezone(local).date() + timedelta(days=DAYS_AHEAD):
        raise DepartureTooSoonError(days=DAYS_AHEAD)
    if not LEAST_WINDOW <= (last_redeeming - last_earning).days <= MOST_WINDOW:
        raise DepartureWindowError(least=LEAST_WINDOW, most=MOST_WINDOW)
    day = timedelta(days=1)
    frozen, closes = (datetime.combine(last + day, time(), local) for last in (last_earning, last_redeeming))
    return frozen, closes


def last_day(end: datetime, timezone: str) -> date:
    """The local day that ends at a moment."""
    return (end - timedelta(microseconds=1)).astimezone(zone(timezone)).date()
