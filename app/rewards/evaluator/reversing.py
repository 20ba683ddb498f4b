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

from app.rewards.evaluator.combine import Basis, Extra, Room, carried, count, settle, shares, spent
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
    check_refund(visit, refunded_before_minor, refund_minor)
    left_after = 0 if refund_minor is None or left_before is None else left_before - refund_minor
    before = _kept(programme, visit, snapshot, whole, left_before)
    after = NOTHING_KEPT if not left_after else _kept(programme, visit, snapshot, whole, left_after)
    taken = before.value - after.value
    remainder = remainder_now
    units = int(taken)
    if programme.carries:
        held = carried(programme, remainder_now)
        units = max(ceil(taken - held), 0)  # whole units are borrowed where the fraction doesn't suffice
        remainder = held - taken + units
    return Reversal(
        units,
        remainder,
        _parts(programme, before, after, remainder_now, units),
        units if _by(programme) == "units" else before.qualifying - after.qualifying,
    )


def check_refund(visit: VisitFacts, refunded_before_minor: int, refund_minor: int | None) -> None:
    """Whether so much of a visit can be refunded, whatever it earned.

    Raises :class:`EmptyRefundError`, :class:`RefundTooLargeError` or :class:`RefundWithoutAmountError`.
    """
    if refund_minor is None:
        return
    if refund_minor <= 0:
        raise EmptyRefundError
    whole = spent(visit)
    if whole is None:
        raise RefundWithoutAmountError
    if refund_minor > whole - refunded_before_minor:
        raise RefundTooLargeError(left_minor=max(whole - refunded_before_minor, 0))


def _by(programme: ProgrammeRules) -> str | None:
    return None if programme.tiers is None else programme.tiers.by


def _kept(
    programme: ProgrammeRules, visit: VisitFacts, snapshot: Mapping[str, Any], whole: int | None, left: int | None
) -> Kept:
    booked = Fraction(snapshot["exact"] if programme.carries else snapshot["units"])
    qualifying = snapshot.get("qualifying", 0)
    if not booked and not qualifying:
        return NOTHING_KEPT
    if left is None or left == whole:
        if programme.carries:
            return Kept(booked, _judged(programme, visit, snapshot, 1, 1).parts, qualifying)
        return Kept(booked, tuple((part[0], Fraction(part[1])) for part in snapshot.get("parts", ())), qualifying)
    if left <= 0 or whole is None:
        return NOTHING_KEPT
    # What was booked is the most that can be kept, whatever a later release of this code would have given.
    judged = _judged(programme, visit, snapshot, left, whole)
    return Kept(min(judged.value, booked), judged.parts, min(judged.qualifying, qualifying))


def _judged(programme: ProgrammeRules, visit: VisitFacts, snapshot: Mapping[str, Any], left: int, whole: int) -> Kept:
    """What ``left`` of ``whole`` of the visit would have earned then; nothing where it earned nothing."""
    tier, extras, rooms = _terms(snapshot)
    basis = count(programme, visit)
    if isinstance(basis, Limit):
        return NOTHING_KEPT
    if left != whole:
        basis = _rest(basis, left, whole)
    given = shares(programme, basis, tier, extras)
    if isinstance(given, Limit):
        return NOTHING_KEPT
    settled = settle(programme, given, rooms)
    qualifying = basis.amount or 0 if _by(programme) == "spend" else 1
    if programme.carries:
        scale = programme.scale
        exact = tuple((rule, Fraction(scaled, scale)) for rule, scaled, _ in (*given, *settled.cuts))
        return Kept(Fraction(settled.scaled, scale), exact, qualifying)
    return Kept(Fraction(settled.units), tuple((part.rule, Fraction(part.units)) for part in settled.parts), qualifying)


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
