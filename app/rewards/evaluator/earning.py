"""What a visit earns: the one place that counter, sync, import, preview and simulator ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from math import lcm
from typing import Any

from app.rewards.evaluator.combine import Basis, Extra, Room, carried, count, holds, rooms, settle, shares
from app.rewards.evaluator.conditions import applies
from app.rewards.evaluator.facts import Earning, Limit, MemberFacts, Needs, VisitFacts
from app.rewards.rules import ProgrammeRules, PromotionRules, collecting_period, expires_at


def needs(programme: ProgrammeRules, promotions: Sequence[PromotionRules]) -> Needs:
    """Which facts of the member ``evaluate`` will look at. A plain programme without promotions needs none."""
    caps = programme.caps
    return Needs(
        day=caps.day_visits is not None or caps.day_units is not None,
        card_units=caps.card_units is not None,
        visits=any(promotion.first_visit for promotion in promotions),
        last_visit_at=any(promotion.comeback_days is not None for promotion in promotions),
        tier=programme.tiers is not None or any(promotion.tiers for promotion in promotions),
        birthday=any(promotion.birthday_week for promotion in promotions),
        remainder=programme.carries,
    )


def evaluate(
    programme: ProgrammeRules, promotions: Sequence[PromotionRules], visit: VisitFacts, member: MemberFacts
) -> Earning:
    """What ``visit`` earns in ``programme`` with the ``promotions`` given (in any order; those that don't apply are
    passed over).

    Always an answer, of 0 units or more; ``limited`` says why less was earned, or nothing. The same arguments give the
    same answer.
    """
    local = None
    if promotions or programme.expiry.kind != "never":
        local = visit.occurred_at.astimezone(programme.zone)
        if programme.expiry.kind == "periods" and collecting_period(programme, local.date()) is None:
            return _nothing(programme, member, Limit("not_collecting"))
    caps = programme.caps
    if caps.day_visits is not None and member.day_visits >= caps.day_visits:
        return _nothing(programme, member, Limit("cap:day_visits", {"room": 0}))
    basis = count(programme, visit)
    if isinstance(basis, Limit):
        return _nothing(programme, member, basis)
    tier = None
    if programme.tiers is not None and member.tier is not None:
        hundredths = programme.tiers.hundredths.get(member.tier)
        tier = None if hundredths is None else (member.tier, hundredths)
    extras = _extras(promotions, visit, member, local, basis) if local is not None and promotions else ()
    given = shares(programme, basis, tier, extras)
    if isinstance(given, Limit):
        return _nothing(programme, member, given)
    left = rooms(programme, member.day_units, member.card_units)

    exact = None
    remainder = member.remainder
    if programme.carries:
        remainder = carried(programme, remainder)
        scale = lcm(programme.scale, remainder.denominator)
        start = remainder.numerator * (scale // remainder.denominator)
        settled = settle(programme, given, left, start, scale)
        exact = Fraction(settled.scaled, scale)
        remainder = Fraction((start + settled.scaled) % scale, scale)
    else:
        settled = settle(programme, given, left)
    qualifying = 0
    if programme.tiers is not None:
        by = programme.tiers.by
        qualifying = settled.units if by == "units" else 1 if by == "visits" else basis.amount or 0
    return Earning(
        settled.units,
        settled.parts,
        settled.limited,
        exact,
        remainder,
        None if local is None else expires_at(programme, local.date()),
        qualifying,
        _terms(tier, extras, left),
    )


def _nothing(programme: ProgrammeRules, member: MemberFacts, limit: Limit) -> Earning:
    exact = Fraction(0) if programme.carries else None
    return Earning(0, (), (limit,), exact, member.remainder, None, 0)


def _extras(
    promotions: Sequence[PromotionRules], visit: VisitFacts, member: MemberFacts, local: datetime, basis: Basis
) -> list[Extra]:
    found = []
    for promotion in promotions:
        if applies(promotion, visit, member, local):
            extra = Extra(
                promotion.rule,
                promotion.hundredths,
                promotion.bonus,
                promotion.minimum_minor,
                promotion.categories,
                promotion.combinable,
            )
            if holds(extra, basis):
                found.append(extra)
    return sorted(found, key=lambda extra: extra.rule)


NO_TERMS: dict[str, Any] = {}


def _terms(tier: tuple[str, int] | None, extras: Sequence[Extra], left: Sequence[Room]) -> dict[str, Any]:
    """What a reversal must know of this moment: it never asks again who the member was or what the day had left."""
    if tier is None and not extras and not left:
        return NO_TERMS
    terms: dict[str, Any] = {}
    if tier is not None:
        terms["tier"] = list(tier)
    if extras:
        terms["extras"] = [
            [
                extra.rule,
                extra.hundredths,
                extra.bonus,
                extra.minimum_minor,
                sorted(extra.categories),
                extra.combinable,
            ]
            for extra in extras
        ]
    if left:
        terms["rooms"] = [[room.code, room.units] for room in left]
    return terms
