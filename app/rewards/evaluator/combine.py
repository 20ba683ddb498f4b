"""From what counts of a visit to units: the fixed order in which rules combine (docs/rules.md).

Numbers named ``scaled`` are units times the programme's scale: whole, and exact. What is earned never falls when the
amount, the units or the quantities rise; reversals of a part rest on that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from app.rewards.evaluator.facts import NO_PARAMS, Item, Limit, Params, Part, VisitFacts
from app.rewards.rules import EarnRule, ProgrammeRules
from app.rewards.rules.model import HUNDRED

CEILING = 1_000_000_000  # units of one visit, whatever the rules say: sums stay far within 64 bits
FINEST = 10**18  # a carried fraction's denominator fits 64 bits

Share = tuple[str, int, Params]  # rule, scaled units, params
NO_ITEMS: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """What counts of a visit once exclusions are taken off. ``amount`` is ``None`` where it isn't known."""

    amount: int | None
    units: int | None
    items: tuple[Item, ...] = NO_ITEMS


@dataclass(frozen=True, slots=True)
class Extra:
    """A promotion that applies, reduced to what must be known to undo it."""

    rule: str
    hundredths: int
    bonus: int
    minimum_minor: int | None
    categories: frozenset[str]
    combinable: bool


@dataclass(frozen=True, slots=True)
class Room:
    """What the caps leave for this visit, in their fixed order: visit, day, card."""

    code: str
    units: int


@dataclass(frozen=True, slots=True)
class Settled:
    """Shares made whole. ``scaled`` is the contribution after caps; ``cuts`` what the caps took, as scaled shares."""

    units: int
    scaled: int
    parts: tuple[Part, ...]
    limited: tuple[Limit, ...]
    cuts: tuple[Share, ...]


def spent(visit: VisitFacts) -> int | None:
    """The visit's amount in minor units: as told, else the sum of its lines where each of them has one."""
    if visit.amount_minor is not None or not visit.items:
        return visit.amount_minor
    total = 0
    for item in visit.items:
        if item.amount_minor is None:
            return None
        total += item.amount_minor
    return total


def count(programme: ProgrammeRules, visit: VisitFacts) -> Basis | Limit:
    """What counts of the visit, or why nothing does."""
    if not visit.items:
        return Basis(visit.amount_minor, visit.units)
    amount = spent(visit)
    if not programme.exclude_categories and not programme.exclude_skus:
        return Basis(amount, visit.units, visit.items)
    kept = tuple(item for item in visit.items if not _excluded(programme, item))
    if len(kept) < len(visit.items) and amount is not None:
        for item in visit.items:
            if _excluded(programme, item):
                if item.amount_minor is None:
                    # It can't be told how much of the amount must not earn, so none of it does.
                    return Limit("excluded_amount")
                amount -= item.amount_minor
        amount = max(amount, 0)
    if not kept and not amount:
        return Limit("excluded")
    return Basis(amount, visit.units, kept)


def _excluded(programme: ProgrammeRules, item: Item) -> bool:
    return item.sku in programme.exclude_skus or (
        item.category is not None and item.category.casefold() in programme.exclude_categories
    )


def shares(
    programme: ProgrammeRules, basis: Basis, tier: tuple[str, int] | None, extras: Sequence[Extra]
) -> list[Share] | Limit:
    """What each rule gives before it is made whole, in order; or the one reason why nothing is earned.

    ``tier`` is the member's tier with its multiplier in hundredths.
    """
    minimum = programme.minimum_minor
    if minimum is not None:
        if basis.amount is None:
            return Limit("no_amount")
        if basis.amount < minimum:
            return Limit("minimum", {"minimum": minimum})
    given: list[Share] = []
    base = 0
    for rule in programme.earn:
        share = _base(rule, basis)
        if share[1]:
            base += share[1]
            given.append(share)
    if not base:
        return _nothing(programme, basis)
    if tier is not None and tier[1] > HUNDRED:
        more = base * (tier[1] - HUNDRED) // HUNDRED
        base += more
        given.append((f"tier:{tier[0]}", more, {"hundredths": tier[1]}))
    if extras:
        given += _promoted(programme, basis, tier[1] if tier else HUNDRED, base, extras)
    return given


def _base(rule: EarnRule, basis: Basis) -> Share:
    if rule.per == "amount":
        if rule.of_items:
            amount = sum(item.amount_minor or 0 for item in basis.items if _meant(rule, item))
        else:
            amount = basis.amount or 0
        return rule.rule, rule.weight * amount, {"amount": amount}
    if rule.per == "unit":
        if basis.units is None:
            return "visit", rule.weight, NO_PARAMS
        return "unit", rule.weight * basis.units, {"units": basis.units}
    if rule.per == "item":
        quantity = sum(item.quantity for item in basis.items if _meant(rule, item))
        return rule.rule, rule.weight * quantity, {"quantity": quantity}
    return "visit", rule.weight, NO_PARAMS


def _meant(rule: EarnRule, item: Item) -> bool:
    if rule.sku is not None:
        return item.sku == rule.sku
    return item.category is not None and item.category.casefold() == rule.category


def _nothing(programme: ProgrammeRules, basis: Basis) -> Limit:
    if basis.amount is None and any(rule.per == "amount" and not rule.of_items for rule in programme.earn):
        return Limit("no_amount")
    if programme.needs_items:
        return Limit("no_items")
    return Limit("zero_amount")


def _promoted(programme: ProgrammeRules, basis: Basis, tier: int, base: int, extras: Sequence[Extra]) -> list[Share]:
    """Multipliers: of those that don't combine the one that gives most, and all that do; then the bonuses."""
    best: Share | None = None
    multiplied: list[Share] = []
    bonuses: list[Share] = []
    for extra in extras:
        if not holds(extra, basis):
            continue
        if extra.bonus:
            bonuses.append((extra.rule, extra.bonus * programme.scale, NO_PARAMS))
            continue
        of = base
        if extra.categories:
            of = _of_items(programme, basis, _bought(extra, basis)) * tier // HUNDRED
        share = (extra.rule, of * (extra.hundredths - HUNDRED) // HUNDRED, {"hundredths": extra.hundredths})
        if extra.combinable:
            multiplied.append(share)
        elif best is None or share[1] > best[1]:
            best = share
    return [*([best] if best else []), *multiplied, *bonuses]


def holds(extra: Extra, basis: Basis) -> bool:
    """Whether what counts of the visit reaches the promotion's minimum and holds one of its categories."""
    if extra.minimum_minor is not None and (basis.amount is None or basis.amount < extra.minimum_minor):
        return False
    return not extra.categories or bool(_bought(extra, basis))


def _bought(extra: Extra, basis: Basis) -> tuple[Item, ...]:
    return tuple(
        item for item in basis.items if item.category is not None and item.category.casefold() in extra.categories
    )


def _of_items(programme: ProgrammeRules, basis: Basis, items: tuple[Item, ...]) -> int:
    """What these lines of the receipt earned by the rules that look at money or products."""
    amount = sum(item.amount_minor or 0 for item in items)
    if basis.amount is not None:
        amount = min(amount, basis.amount)
    part = Basis(amount, None, items)
    return sum(_base(rule, part)[1] for rule in programme.earn if rule.per in ("amount", "item"))


def rooms(programme: ProgrammeRules, day_units: int, card_units: int) -> tuple[Room, ...]:
    """What the programme's caps leave, given what was earned before."""
    caps = programme.caps
    if caps.visit_units is None and caps.day_units is None and caps.card_units is None:
        return ()
    left = []
    if caps.visit_units is not None:
        left.append(Room("cap:visit", caps.visit_units))
    if caps.day_units is not None:
        left.append(Room("cap:day", max(caps.day_units - day_units, 0)))
    if caps.card_units is not None:
        left.append(Room("cap:card", max(caps.card_units - card_units, 0)))
    return tuple(left)


def carried(programme: ProgrammeRules, remainder: Fraction) -> Fraction:
    """The account's fraction, to be added to by these rules.

    It stays as it is, unless rules have followed one another whose common denominator would no longer fit its column:
    then what is finer than these rules can give is dropped.
    """
    if lcm(programme.scale, remainder.denominator) <= FINEST:
        return remainder
    return Fraction(remainder.numerator * programme.scale // remainder.denominator, programme.scale)


def settle(
    programme: ProgrammeRules, given: Sequence[Share], left: Sequence[Room], start: int = 0, scale: int = 0
) -> Settled:
    """Rounding or carrying, then caps. ``start`` is the carried fraction times ``scale`` (default: the programme's).

    The running total is made whole share by share, so a fraction falls to the share that completes (or loses) it.
    """
    factor = scale // programme.scale if scale else 1
    scale = scale or programme.scale
    rounding = programme.rounding
    parts: list[Part] = []
    total, whole = start, 0
    for rule, scaled, params in given:
        total += scaled * factor
        now = _whole(total, scale, rounding)
        if now != whole:
            parts.append(Part(rule, now - whole, params))
            whole = now
    contribution = total - start
    if not left and whole <= CEILING:
        return Settled(whole, contribution, tuple(parts), (), ())
    limited: list[Limit] = []
    cuts: list[Share] = []
    for room in (*left, Room("cap:ceiling", CEILING)):
        if rounding == "carry":
            # The contribution itself is cut: a carried fraction can't hoard what a cap refused.
            over = contribution > room.units * scale
            most = _whole(start + room.units * scale, scale, rounding) if over else whole
        else:
            over, most = whole > room.units, room.units
        if not over:
            continue
        limited.append(Limit(room.code, {"room": room.units, "lost": whole - most}))
        cuts.append((room.code, room.units * scale - contribution, NO_PARAMS))
        contribution = room.units * scale
        if most != whole:
            parts.append(Part(room.code, most - whole, {"room": room.units}))
            whole = most
    return Settled(whole, contribution, tuple(parts), tuple(limited), tuple(cuts))


def _whole(scaled: int, scale: int, rounding: str) -> int:
    if rounding == "ceil":
        return -(-scaled // scale)
    if rounding == "nearest":
        return (2 * scaled + scale) // (2 * scale)
    return scaled // scale
