"""What the day's page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.backoffice.queries.places import Spot
from app.insights.pacing import Usual


@dataclass(frozen=True, slots=True)
class Tick:
    """Something that happened: ``hour`` of the local day, ``kind`` visit, new or reward."""

    hour: float
    kind: str


@dataclass(frozen=True, slots=True)
class Now:
    """The day so far. ``curve`` has (hour, how many in all). ``span``: from when to when the day is drawn.
    ``redeemed_minor``: what the rewards given were worth, of those that said it."""

    day: date
    at: datetime
    hour: float
    visits: int
    new: int
    redeemed: int
    redeemed_minor: int
    unpriced: int
    curve: tuple[tuple[float, int], ...]
    ticks: tuple[Tick, ...]
    usual: Usual | None
    forecast: int | None
    span: tuple[float, float]
    is_closed: bool
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tablet:
    """A tablet: when it last spoke, and how many visits it still keeps. ``state``: works, waits (it has visits that did
    not come through), silent (nothing was heard of it for a while)."""

    name: str
    location: str
    seen_at: datetime | None
    queue: int
    state: str


@dataclass(frozen=True, slots=True)
class Heat:
    """Visits in an hour of each weekday, on average of the weeks looked at. ``cells``: by (weekday, hour). ``closed``:
    weekdays on which the shop says it is shut."""

    hours: range
    cells: Mapping[tuple[int, int], float]
    per_day: Mapping[int, float]
    closed: frozenset[int]
    busiest: tuple[int, int] | None
    weeks: int


@dataclass(frozen=True, slots=True)
class Fullness:
    """How full members' cards are. ``bars``: (units, members) from none on; ``near``: how many lack one stamp, or a
    tenth of the cheapest reward. ``owed_minor``: what all units are worth, where rewards say it."""

    programme_id: str
    name: str
    is_card: bool
    goal: int | None
    bars: tuple[tuple[int, int], ...]
    near: int
    outstanding: int
    owed_minor: int | None
    is_estimated: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do. ``kind`` names it; ``params`` fill its words."""

    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Today:
    """Everything that the day's page shows. ``timezone`` is that of its hours."""

    now: Now
    tablets: tuple[Tablet, ...]
    heat: Heat
    fullness: Fullness | None
    advice: Advice | None
    spots: tuple[Spot, ...]
    timezone: str
    currency: str
