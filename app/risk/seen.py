"""What the rules are shown, and what they find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from app.merchants.opening_hours import OpeningHours


class SeenVisit(NamedTuple):
    """A visit that stands. ``is_welcome``: it earned the bonus of a first visit, and none at this shop came after."""

    at: datetime
    recorded_at: datetime
    member_id: str
    number: str
    transaction_id: str
    merchant_id: str
    location_id: str
    device_id: str | None
    staff_id: str | None
    source: str
    units: int
    is_welcome: bool = False


class SeenReversal(NamedTuple):
    """Something that was undone after it, or what came of it, was given out."""

    at: datetime
    recorded_at: datetime
    member_id: str
    transaction_id: str
    merchant_id: str
    location_id: str
    device_id: str | None
    staff_id: str | None
    was_at: datetime
    was_kind: str
    units: int


@dataclass(frozen=True, slots=True)
class SeenPlace:
    """A location, as far as rules need it. ``offsets`` are its devices' clocks against ours in milliseconds."""

    location_id: str
    merchant_id: str
    timezone: str
    country: str
    hours: OpeningHours
    lat: float | None
    lon: float | None
    offsets: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standard:
    """What a subject is held to: more than ``soft``, counted from what was booked after ``since``."""

    soft: int
    since: datetime | None = None

    def counts(self, recorded_at: datetime) -> bool:
        """Whether something that was booked then counts."""
        return self.since is None or recorded_at > self.since


@dataclass(slots=True)
class Finding:
    """That a rule found something. A card is named by its number here, and by its id once it is kept."""

    rule: str
    subject_kind: str
    subject: str
    merchant_id: str | None
    location_id: str | None
    score: int
    soft: int
    at_stake: int
    first_at: datetime
    last_at: datetime
    rows: list[tuple[datetime, str, str, str]]  # when, whose, which transaction, where
    members: frozenset[str]
    told: dict[str, Any] = field(default_factory=dict)
