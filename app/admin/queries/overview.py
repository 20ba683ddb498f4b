"""How the platform goes: eight figures over half a year, read from the platform's days alone, and the rows behind each.

Nothing here reads visits, bookings or members: with a million visits the page reads as many rows as with a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import func, select

from app.common.database import Transaction
from app.common.scope import Scope
from app.insights.models import PlatformDay
from app.insights.platform_days import town_zone

WEEKS = 26
YEAR = timedelta(weeks=52)  # the same days of the week, a year before
USUAL_DAYS = 28
_WHOLE = 7
FIGURES = ("visits", "rewards", "members", "liability", "shops", "tablets", "mails", "paying")


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days that end with ``last``. ``value`` is None where nobody counted or looked."""

    last: date
    value: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its weeks, the last of them now. ``before`` is what it is compared with: the same week a year ago,
    the end of the month before, or what is usual. ``of`` is out of how many, ``beside`` what stands beside it."""

    name: str
    weeks: tuple[Week, ...]
    before: float | None = None
    of: int | None = None
    beside: float | None = None

    @property
    def now(self) -> float | None:
        """The last value."""
        return self.weeks[-1].value if self.weeks else None

    @property
    def first(self) -> Week | None:
        """The first week of which something is known; None where that is the last one."""
        known = next((week for week in self.weeks if week.value is not None), None)
        return None if known is None or known is self.weeks[-1] else known

    @property
    def change(self) -> float | None:
        """By which share it grew since what it is compared with."""
        if self.now is None or not self.before:
            return None
        return self.now / self.before - 1


@dataclass(frozen=True, slots=True)
class Overview:
    """All figures. ``upto`` is the last whole day of what is counted by week, ``seen_at`` the last look at the rest:
    None on a platform where the jobs never ran."""

    figures: tuple[Figure, ...]
    upto: date
    seen_at: datetime | None
    currency: str

    def __getitem__(self, name: str) -> Figure:
        return next(one for one in self.figures if one.name == name)


def read_overview(scope: Scope) -> Overview:
    """The eight figures. Reads about three hundred rows, whatever happened."""
    with scope.reading() as tx:
        today = scope.now.astimezone(town_zone(tx)).date()
        upto = today - timedelta(days=1)
        days = _days(tx, upto)
        members = int(tx.session.scalar(select(func.coalesce(func.sum(PlatformDay.new_members), 0))) or 0)
    seen = [day for day in days.values() if day.counted_at is not None]
    last = max(seen, key=lambda day: day.day, default=None)
    currency = next((day.currency for day in reversed(seen) if day.currency), "EUR")

    def flow(name: str, take: Callable[[PlatformDay], int], beside: float | None = None) -> Figure:
        weeks = tuple(Week(end, _sum(days, end, take)) for end in _ends(upto))
        # A week of which a day is missing is no measure: the platform began in it.
        is_whole = len(_week(days, upto - YEAR)) == _WHOLE
        return Figure(name, weeks, before=_sum(days, upto - YEAR, take) if is_whole else None, beside=beside)

    def state(
        name: str, take: Callable[[PlatformDay], int | None], before: float | None, of: int | None, beside: float | None
    ) -> Figure:
        weeks = tuple(Week(end, _last(days, end, take)) for end in _ends(today))
        return Figure(name, weeks, before, of, beside)

    month_end = today.replace(day=1) - timedelta(days=1)
    shops = None if last is None else last.shops
    scanned = tuple(Week(end, _last(days, end, lambda day: day.shops_seen)) for end in _ends(upto))
    mails = _sum(days, upto, lambda day: day.mails or 0)
    figures = (
        flow("visits", lambda day: day.visits),
        flow("rewards", lambda day: day.redemptions),
        flow("members", lambda day: day.new_members, beside=members),
        state("liability", lambda day: day.liability_minor, _last(days, month_end, _liability), None, None),
        Figure("shops", scanned, of=shops, beside=_silent(shops, scanned[-1].value)),
        _tablets(days, today, last),
        Figure("mails", tuple(Week(end, _share(days, end)) for end in _ends(upto)), beside=mails),
        state("paying", lambda day: day.paying, None, shops, None if last is None else last.monthly_minor),
    )
    return Overview(figures, upto, None if last is None else last.counted_at, currency)


def _liability(day: PlatformDay) -> int | None:
    return day.liability_minor


def _days(tx: Transaction, upto: date) -> dict[str, PlatformDay]:
    """Half a year until today, and the week of a year ago."""
    first = upto - timedelta(weeks=WEEKS) + timedelta(days=1)
    # A month's end before the half year is never needed; a year ago one week is.
    a_year_ago = (upto - YEAR - timedelta(days=6), upto - YEAR)
    found = tx.session.scalars(
        select(PlatformDay)
        .where(
            (PlatformDay.day >= first.isoformat())
            | PlatformDay.day.between(a_year_ago[0].isoformat(), a_year_ago[1].isoformat())
        )
        .order_by(PlatformDay.day)
    )
    return {day.day: day for day in found}


def _ends(last: date) -> Sequence[date]:
    """The last days of the weeks, the latest at the end."""
    return [last - timedelta(weeks=back) for back in reversed(range(WEEKS))]


def _week(days: dict[str, PlatformDay], end: date) -> list[PlatformDay]:
    keys = ((end - timedelta(days=back)).isoformat() for back in reversed(range(7)))
    return [days[key] for key in keys if key in days]


def _sum(days: dict[str, PlatformDay], end: date, take: Callable[[PlatformDay], int]) -> float | None:
    week = _week(days, end)
    return sum(take(day) for day in week) if week else None


def _last(days: dict[str, PlatformDay], end: date, take: Callable[[PlatformDay], int | None]) -> float | None:
    return next((value for day in reversed(_week(days, end)) if (value := take(day)) is not None), None)


def _share(days: dict[str, PlatformDay], end: date) -> float | None:
    """How many in a hundred mails came back."""
    week = _week(days, end)
    sent = sum(day.mails or 0 for day in week)
    back = sum(day.bounced for day in week)
    return 100 * back / (sent + back) if sent + back else None


def _silent(shops: int | None, scanned: float | None) -> float | None:
    return None if shops is None or scanned is None else max(0, shops - scanned)


def _tablets(days: dict[str, PlatformDay], today: date, last: PlatformDay | None) -> Figure:
    """By week the most that were offline at once; now, how many are. Usual is the middle one of the last four weeks'
    days."""

    def most(end: date) -> float | None:
        return max((day.offline_most for day in _week(days, end) if day.offline_most is not None), default=None)

    ends = _ends(today)
    now = None if last is None else last.offline
    weeks = (*(Week(end, most(end)) for end in ends[:-1]), Week(today, now))
    before = (days.get((today - timedelta(days=back)).isoformat()) for back in range(1, USUAL_DAYS + 1))
    known = [day.offline_most for day in before if day is not None and day.offline_most is not None]
    return Figure("tablets", weeks, median(known) if known else None, None if last is None else last.tablets)
