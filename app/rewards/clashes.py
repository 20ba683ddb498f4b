"""Promotions side by side: on which days one runs, and where two meet or one can never do anything. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.rewards.rules import ProgrammeRules, PromotionRules
from app.rewards.rules.dates import ONE_DAY, day_start

AHEAD = 92  # days that are looked at for promotions which meet


@dataclass(frozen=True, slots=True)
class Planned:
    """A promotion with its compiled rules and the moments between which it runs (the end excluded)."""

    promotion_id: str
    name: str
    programme_id: str
    rules: PromotionRules
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Clash:
    """Something to know: ``meets_best`` and ``meets_both`` of two promotions, the others of ``first`` alone."""

    code: str
    first: Planned
    second: Planned | None = None
    params: dict[str, Any] = field(default_factory=dict)


def runs_on(planned: Planned, zone: ZoneInfo, day: date) -> bool:
    """Whether it can apply to a visit on some moment of a local day, as far as time goes."""
    rules = planned.rules
    start, end = day_start(zone, day), day_start(zone, day + ONE_DAY)
    if planned.starts_at is not None and planned.starts_at >= end:
        return False
    if planned.ends_at is not None and planned.ends_at <= start:
        return False
    if rules.weekdays and day.isoweekday() not in rules.weekdays:
        return False
    if rules.date_from is not None and day < rules.date_from:
        return False
    return rules.date_to is None or day <= rules.date_to


def is_everyday(planned: Planned) -> bool:
    """Whether nothing in it asks for a day or a date: it belongs beside a calendar rather than into it."""
    rules = planned.rules
    return not (
        rules.weekdays or rules.hours or rules.date_from or rules.date_to or planned.starts_at or planned.ends_at
    )


def find_clashes(
    planned: Sequence[Planned], programmes: dict[str, ProgrammeRules], *, asks: dict[str, str], now: datetime
) -> list[Clash]:
    """What their owner should know of promotions that are on or planned: which of them meet within three months, and
    which can do nothing at all.

    ``programmes`` are the rules in force by programme; ``asks`` what a counter asks for in each (``visit``, ``amount``,
    ``items``).
    """
    found: list[Clash] = []
    for number, one in enumerate(planned):
        rules = programmes.get(one.programme_id)
        if rules is None:
            continue
        found += _alone(one, rules, asks.get(one.programme_id, "visit"), now)
        for other in planned[number + 1 :]:
            if other.programme_id == one.programme_id and (clash := _together(one, other, rules, now)) is not None:
                found.append(clash)
    return found


def _alone(one: Planned, programme: ProgrammeRules, asks: str, now: datetime) -> list[Clash]:
    found: list[Clash] = []
    today = now.astimezone(programme.zone).date()
    if one.ends_at is not None or one.rules.date_to is not None:
        begins = one.starts_at or now
        first = max(begins.astimezone(programme.zone).date(), today)
        if not any(runs_on(one, programme.zone, first + timedelta(days=ahead)) for ahead in range(366)):
            found.append(Clash("never", one))
    known = {tier.key for tier in programme.tiers.table} if programme.tiers is not None else set()
    if one.rules.tiers and not one.rules.tiers & known:
        found.append(Clash("no_tier", one))
    if one.rules.minimum_minor is not None and asks == "visit":
        found.append(Clash("no_amount", one))
    if one.rules.categories and not programme.needs_items:
        found.append(Clash("needs_lines", one))
    least = [cap for cap in (programme.caps.visit_units, programme.caps.day_units) if cap is not None]
    if least and min(least) <= 1:
        found.append(Clash("capped", one, params={"most": min(least)}))
    return found


def _together(one: Planned, other: Planned, programme: ProgrammeRules, now: datetime) -> Clash | None:
    # Something extra comes on top in any case: there is nothing to know.
    if _keeps_apart(one.rules, other.rules) or not one.rules.hundredths or not other.rules.hundredths:
        return None
    today = now.astimezone(programme.zone).date()
    for ahead in range(AHEAD):
        day = today + timedelta(days=ahead)
        if runs_on(one, programme.zone, day) and runs_on(other, programme.zone, day):
            params: dict[str, Any] = {"day": day}
            if one.rules.combinable or other.rules.combinable:
                times = one.rules.hundredths + other.rules.hundredths - 100
                return Clash("meets_both", one, other, params | {"hundredths": times})
            return Clash("meets_best", one, other, params)
    return None


def _keeps_apart(one: PromotionRules, other: PromotionRules) -> bool:
    """Whether no visit can be meant by both, whatever the day."""
    if one.first_visit != other.first_visit and (one.comeback_days or other.comeback_days):
        return True
    for field_name in ("locations", "tiers", "categories"):
        these, those = getattr(one, field_name), getattr(other, field_name)
        if these and those and not these & those:
            return True
    return one.hours is not None and other.hours is not None and not _share_minutes(one.hours, other.hours)


def _share_minutes(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return any(a < d and c < b for a, b in _spans(one) for c, d in _spans(other))


def _spans(hours: tuple[int, int]) -> list[tuple[int, int]]:
    start, end = hours
    return [(start, end)] if start < end else [(start, 1440), (0, end)]
