"""From when on a shop earns nothing, because its subscription is not what it has to be.

A lapse takes nothing from members: what they hold they see and redeem as before. It only stops what is new, after a
time in which the owner has been told more than once; and it ends in the moment in which it is paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.billing.state import LIVE, OWING

GRACE = timedelta(days=14)  # after a payment failed
ROOM = timedelta(days=30)  # to choose a larger plan, or any, after there were too many members


@dataclass(frozen=True, slots=True)
class Facts:
    """What it depends on. ``most_members`` is what the plan in force covers (None: everybody; 0: there is none);
    ``is_sponsored``: somebody else pays, ``sponsored_until`` at least until then (None: until further notice)."""

    status: str
    unpaid_since: datetime | None
    ended_at: datetime | None
    most_members: int | None
    active_members: int
    over_since: datetime | None
    is_sponsored: bool = False
    sponsored_until: datetime | None = None


def is_over(facts: Facts) -> bool:
    """Whether there are more active members than the plan covers."""
    return facts.most_members is not None and facts.active_members > facts.most_members


def pause_from(facts: Facts) -> datetime | None:
    """From when on nothing is earned; None: no such moment is in sight."""
    if facts.is_sponsored and facts.sponsored_until is None:
        return None
    found = _unpaid(facts)
    if found is not None and facts.sponsored_until is not None and facts.is_sponsored:
        return max(found, facts.sponsored_until + GRACE)
    return found


def _unpaid(facts: Facts) -> datetime | None:
    if facts.status in OWING:
        return None if facts.unpaid_since is None else facts.unpaid_since + GRACE
    if not is_over(facts) or facts.over_since is None:
        return None
    if facts.status in LIVE or facts.ended_at is None:
        return facts.over_since + ROOM
    # Who cancelled gets the whole time from the end of what was paid on.
    return max(facts.over_since, facts.ended_at) + ROOM
