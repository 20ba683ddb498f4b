"""What undoing a visit takes back: by the rules that earned it, whole or by a refunded amount.

A visit of which an amount is refunded keeps what the rest of it would have earned at that very moment: tier, promotions
and what the caps left are read from the snapshot, the minimum spend is judged again. Each refund takes the difference
between what is kept before and after it, so that any split of refunds adds up to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Any

from app.rewards.evaluator.combine import Basis, Extra, Room, count, settle, shares, spent
from app.rewards.evaluator.errors import EmptyRefundError, RefundTooLargeError, RefundWithoutAmountError
from app.rewards.evaluator.facts import Limit, Part, Reversal, VisitFacts
from app.rewards.rules import ProgrammeRules


@dataclass(frozen=True, slots=True)
class Kept:
    """What a visit still counts for: by rule, in whole units, or exactly where fractions are carried."""

    value: Fraction
    parts: tuple[tuple[str, Fraction], ...]
    qualifying: int


NOTHING_KEPT = Kept(Fraction(0), (), 0)


def reverse(
    programme: ProgrammeRules,
    visit: VisitFacts,
    snapshot: Mapping[str, Any],
    *,
    refunded_before_minor: int,
    refund_minor: int | None,
    remainder_now: Fraction,
) -> Reversal:
    """What to take back when ``refund_minor`` of a visit is refunded (``None``: all that is left of it).

    ``programme`` is the version that earned it, ``snapshot`` the earning's. ``refunded_before_minor`` is the sum of
    earlier refunds, ``remainder_now`` the account's carried fraction at this moment. Refunding the visit's whole amount
    takes everything, what was given for the visit as such and bonuses included.

    Raises :class:`EmptyRefundError`, :class:`RefundTooLargeError` or :class:`RefundWithoutAmountError`.
    """
    whole = spent(visit)
    left_before = None if whole is None else whole - refunded_before_minor
    left_after: int | None = 0
    if refund_minor is not None:
        if refund_minor <= 0:
            raise EmptyRefundError
        if left_before is None:
            raise RefundWithoutAmountError
        left_after = left_before - refund_minor
        if left_after < 0:
            raise RefundTooLargeError(left_minor=max(left_before, 0))
    before = _kept(programme, visit, snapshot, whole, left_before)
    after = NOTHING_KEPT if not left_after else _kept(programme, visit, snapshot, whole, left_after)

    remainder = remainder_now - (before.value - after.value) if programme.carries else remainder_now
    borrowed = -(remainder.numerator // remainder.denominator) if programme.carries else 0
    units = borrowed if programme.carries else int(before.value - after.value)
    return Reversal(
        units,
        remainder + borrowed,
        _parts(programme, before, after, remainder_now, units),
        units if _by(programme) == "units" else before.qualifying - after.qualifying,
    )


def _by(programme: ProgrammeRules) -> str | None:
    return None if programme.tiers is None else programme.tiers.by


def _kept(
    programme: ProgrammeRules, visit: VisitFacts, snapshot: Mapping[str, Any], whole: int | None, left: int | None
) -> Kept:
    booked = Fraction(snapshot["exact"] if programme.carries else snapshot["units"])
    parts = tuple((part[0], Fraction(part[1])) for part in snapshot.get("parts", ()))
    qualifying = snapshot.get("qualifying", 0)
    full = left is None or left == whole
    if full and not programme.carries:
        return Kept(booked, parts, qualifying)
    if (left is not None and left <= 0 and not full) or (not booked and not qualifying):
        return NOTHING_KEPT
    basis = count(programme, visit)
    if isinstance(basis, Limit):
        return NOTHING_KEPT
    if not full and left is not None and whole:
        basis = _rest(basis, left, whole)
    tier, extras, rooms = _terms(snapshot)
    given = shares(programme, basis, tier, extras)
    if isinstance(given, Limit):
        return NOTHING_KEPT
    settled = settle(programme, given, rooms)
    if programme.carries:
        scale = programme.scale
        value = Fraction(settled.scaled, scale)
        parts = tuple((rule, Fraction(scaled, scale)) for rule, scaled, _ in (*given, *settled.cuts))
    else:
        value = Fraction(settled.units)
        parts = tuple((part.rule, Fraction(part.units)) for part in settled.parts)
    if full:
        value = booked
    spend = basis.amount or 0 if _by(programme) == "spend" else qualifying
    # What was booked is the most that can be kept, whatever a later release of this code would have given.
    return Kept(min(value, booked), parts, min(spend, qualifying))


def _rest(basis: Basis, left: int, whole: int) -> Basis:
    """What counts of the part that is not refunded: in proportion, to the next whole piece or minor unit."""

    def of(number: int) -> int:
        return ceil(Fraction(number * left, whole))

    return Basis(
        None if basis.amount is None else of(basis.amount),
        None if basis.units is None else of(basis.units),
        tuple(
            replace(
                item,
                quantity=of(item.quantity),
                amount_minor=None if item.amount_minor is None else of(item.amount_minor),
            )
            for item in basis.items
        ),
    )


def _terms(snapshot: Mapping[str, Any]) -> tuple[tuple[str, int] | None, list[Extra], list[Room]]:
    tier = snapshot.get("tier")
    extras = [
        Extra(rule, hundredths, bonus, minimum, frozenset(categories), combinable)
        for rule, hundredths, bonus, minimum, categories, combinable in snapshot.get("extras", ())
    ]
    rooms = [Room(code, units) for code, units in snapshot.get("rooms", ())]
    return None if tier is None else (tier[0], tier[1]), extras, rooms


def _parts(programme: ProgrammeRules, before: Kept, after: Kept, remainder: Fraction, units: int) -> tuple[Part, ...]:
    """The units taken back, by the rule that gave them; with carried fractions by where the borrowing falls."""
    taken: dict[str, Fraction] = {}
    for sign, kept in ((1, before), (-1, after)):
        for rule, value in kept.parts:
            taken[rule] = taken.get(rule, Fraction(0)) + sign * value
    parts: list[Part] = []
    total, whole = Fraction(0), 0
    for rule, value in taken.items():
        total += value
        now = max(ceil(total - remainder), 0) if programme.carries else int(total)
        if now != whole:
            parts.append(Part(rule, now - whole))
            whole = now
    if whole != units:
        parts.append(Part("rounding", units - whole))
    return tuple(parts)
