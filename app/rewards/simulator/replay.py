"""One member's visits once more, under one set of rules. Pure: no database, no clock.

It follows what booking a visit does (:mod:`app.rewards.booking`), so that the rules of then give what was booked then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Protocol

from app.rewards.evaluator import Earning, MemberFacts, VisitFacts, evaluate
from app.rewards.history import first_month, month_of
from app.rewards.rules import ProgrammeRules, PromotionRules, local_day, tier_for

_NO_FACTS = MemberFacts()


class Runs(Protocol):
    """A promotion with the time in which it runs."""

    @property
    def rules(self) -> PromotionRules:
        """What it gives."""

    def runs(self, at: datetime) -> bool:
        """Whether it was on at that moment."""


@dataclass(slots=True)
class Past:
    """Where a member stood before the first of the visits. ``is_open``: there was an account already."""

    is_open: bool = False
    balance: int = 0
    visits: int = 0
    units_earned: int = 0
    last_visit_at: datetime | None = None
    remainder: Fraction = Fraction(0)
    months: dict[int, int] = field(default_factory=dict)
    birthday: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a member, in the order in which it was booked: a visit, or ``units`` that came (> 0) or went
    (< 0) otherwise. ``is_expiry``: they expired, and had come before the first of the visits."""

    at: datetime
    visit: VisitFacts | None = None
    units: int = 0
    is_expiry: bool = False


@dataclass(slots=True)
class _Lot:
    expires_at: datetime
    units: int


class Line:
    """A member under one set of rules."""

    __slots__ = (
        "_days",
        "_fills",
        "_is_open",
        "_last_visit_at",
        "_lots",
        "_months",
        "_old",
        "_past",
        "_promotions",
        "_remainder",
        "_rules",
        "_units_earned",
        "_visits",
        "balance",
        "cards",
        "earned",
        "expired",
        "missed",
    )

    def __init__(self, rules: ProgrammeRules, promotions: Sequence[Runs], past: Past, *, fills: bool) -> None:
        self._rules = rules
        self._promotions = promotions
        self._fills = rules.goal is not None and fills
        self._is_open = past.is_open
        self._visits = past.visits
        self._units_earned = past.units_earned
        self._last_visit_at = past.last_visit_at
        self._remainder = past.remainder
        self._months = dict(past.months)
        self._past = past
        self._days: dict[datetime, tuple[int, int]] = {}
        self._old = past.balance  # of units from before, as they were booked
        self._lots: deque[_Lot] = deque()  # of units that can expire meanwhile
        self.balance = past.balance
        self.earned = 0
        self.cards = 0
        self.expired = 0
        self.missed = 0  # times that something was redeemed then which could not have been

    def visit(self, facts: VisitFacts) -> Earning:
        """What a visit earns, and what follows from it."""
        rules = self._rules
        at = facts.occurred_at
        promotions = [one.rules for one in self._promotions if one.runs(at)] if self._promotions else ()
        earning = evaluate(rules, promotions, facts, self._facts(at))
        if not self._is_open and not (earning.units or earning.remainder or earning.qualifying):
            return earning
        self._is_open = True
        self._remainder = earning.remainder
        self._visits += 1
        self._units_earned += earning.units
        if self._last_visit_at is None or at > self._last_visit_at:
            self._last_visit_at = at
        if rules.tiers is not None and earning.qualifying:
            month = month_of(rules, at)
            self._months[month] = self._months.get(month, 0) + earning.qualifying
        if earning.units or earning.exact:
            day = local_day(rules, at)[0]
            visits, units = self._days.get(day, (0, 0))
            self._days[day] = (visits + 1, units + earning.units)
        if earning.units:
            self.earned += earning.units
            self.balance += earning.units
            if earning.expires_at is None:
                self._old += earning.units
            else:
                self._lots.append(_Lot(earning.expires_at, earning.units))
            self._fill()
        return earning

    def happens(self, event: Event) -> None:
        """What came or went otherwise than by a visit."""
        units = event.units
        if units > 0:
            self._is_open = True
            self._old += units
            self.balance += units
            self._fill()
        elif event.is_expiry:
            gone = min(-units, self._old)
            self._old -= gone
            self.balance -= gone
            self.expired += gone
        elif self.balance >= -units:
            self._take(-units)
        else:
            self.missed += 1

    def expire(self, now: datetime) -> None:
        """Let go of what was earned in these visits and is over by ``now``."""
        lots = self._lots
        while lots and lots[0].expires_at <= now:
            gone = lots.popleft().units
            self.balance -= gone
            self.expired += gone

    def _facts(self, at: datetime) -> MemberFacts:
        rules = self._rules
        caps = rules.caps
        day_visits = day_units = 0
        if self._days and (caps.day_visits is not None or caps.day_units is not None):
            day_visits, day_units = self._days.get(local_day(rules, at)[0], (0, 0))
        birthday = self._past.birthday
        if not self._is_open:
            return _NO_FACTS if birthday is None else MemberFacts(birthday=birthday)
        tier = None
        if rules.tiers is not None and self._months:
            since = first_month(rules, at)
            months = [gathered for month, gathered in self._months.items() if month >= since]
            tier = tier_for(rules, sum(months)) if months else None
        return MemberFacts(
            visits=self._visits,
            last_visit_at=self._last_visit_at,
            tier=tier.key if tier else None,
            birthday=birthday,
            day_visits=day_visits,
            day_units=day_units,
            card_units=self._units_earned,
            remainder=self._remainder,
        )

    def _fill(self) -> None:
        goal = self._rules.goal
        if not self._fills or goal is None:
            return
        while self.balance >= goal:
            self._take(goal)
            self.cards += 1

    def _take(self, units: int) -> None:
        """First what came first: that ends first too."""
        self.balance -= units
        first = min(self._old, units)
        self._old -= first
        units -= first
        lots = self._lots
        while units:
            lot = lots[0]
            if lot.units > units:
                lot.units -= units
                return
            units -= lot.units
            lots.popleft()


def replay(lines: Sequence[Line], events: Sequence[Event], until: datetime) -> list[tuple[Earning, ...]]:
    """Run a member's events through every line. What each visit earned in each of them; ``until`` is the end."""
    earnings = []
    for event in events:
        for line in lines:
            line.expire(event.at)
        if event.visit is not None:
            earnings.append(tuple(line.visit(event.visit) for line in lines))
        else:
            for line in lines:
                line.happens(event)
    for line in lines:
        line.expire(until)
    return earnings
