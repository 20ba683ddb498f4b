"""Whether the person at the counter may spend: a rotating code, the card's PIN, or somebody of the shop who says so.

A PIN takes its time to be hashed and a wrong one counts whatever becomes of the redemption, so this is settled before
the booking's transaction begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.cards import attempts
from app.cards.data_keys import data_keys
from app.cards.secret_codes import verify_pin
from app.merchants.service import approve
from app.scanning.counter import Counter
from app.scanning.errors import PinWrongError, ProofNeededError
from app.scanning.identifying import LOOKUP, ROTATING, KnownCard, Presented, context

PIN_TRIES = attempts.Limit("member-pin", 5, timedelta(minutes=15))
MEMBER_PIN = "member_pin"
STAFF_APPROVAL = "staff_approval"


@dataclass(frozen=True, slots=True)
class Approval:
    """How a redemption was allowed, and by whom of the shop if by somebody."""

    how: str
    staff_id: str | None = None


def approval(counter: Counter, presented: Presented, *, member_pin: str | None, staff_pin: str | None) -> Approval:
    """Settle who allows it. Rotating digits are only read here; the booking checks them and uses them up.

    Raises :class:`ProofNeededError` when nothing does, :class:`PinWrongError` for a wrong member's PIN, and the staff
    PIN's own errors. Five wrong PINs for a card close this way for fifteen minutes.
    """
    scope = counter.scope
    if presented.proof == LOOKUP:
        raise ProofNeededError(needs=["rotating_code"])
    if presented.proof == ROTATING:
        return Approval("rotating_code", scope.staff_id)
    if member_pin is not None:
        _check_member_pin(counter, presented, member_pin)
        return Approval(MEMBER_PIN, scope.staff_id)
    if staff_pin is not None:
        return Approval(STAFF_APPROVAL, approve(scope, staff_pin))
    if scope.staff_id is not None or "approve" in scope.scopes:
        return Approval(STAFF_APPROVAL, scope.staff_id)
    raise ProofNeededError(needs=[MEMBER_PIN, STAFF_APPROVAL])


def still_needed(counter: Counter, card: KnownCard, proof: str) -> tuple[str, ...]:
    """What redeeming still takes after this scan: any one of the ways told; empty when nothing more."""
    scope = counter.scope
    if proof == LOOKUP:
        return ("rotating_code",)
    if proof == ROTATING or scope.staff_id is not None or "approve" in scope.scopes:
        return ()
    return (MEMBER_PIN, STAFF_APPROVAL) if card.pin_hash else (STAFF_APPROVAL,)


def _check_member_pin(counter: Counter, presented: Presented, member_pin: str) -> None:
    scope = counter.scope
    with scope.reading() as transaction:
        card = context(transaction, scope, presented.number, None).card
    attempts.spend(scope, PIN_TRIES, presented.number)
    if card is None or card.pin_hash is None:
        raise PinWrongError
    if not verify_pin(data_keys(scope.keys.data), card.card_id, card.pin_hash, member_pin):
        raise PinWrongError
    attempts.forget(scope, PIN_TRIES, presented.number)
