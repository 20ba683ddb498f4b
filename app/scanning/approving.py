"""Whether the person at the counter may spend: a rotating code, the card's PIN, or somebody of the shop who says so, as
far as the shop takes each of them.

A PIN takes its time to be hashed and a wrong one counts whatever becomes of the redemption, so this is settled before
the booking's transaction begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.cards import attempts
from app.cards.data_keys import data_keys
from app.cards.secret_codes import verify_pin
from app.merchants.counter_settings import MEMBER_PIN, ROTATING_CODE, STAFF_APPROVAL
from app.merchants.service import approve
from app.rewards.configuration import MerchantConfig, current_configuration
from app.scanning.counter import Counter
from app.scanning.errors import (
    ApprovalNotOfferedError,
    ManagerNeededError,
    PinWrongError,
    ProofNeededError,
    StaffNeededError,
    StaffUnknownError,
)
from app.scanning.identifying import FOREIGN, LOOKUP, ROTATING, KnownCard, Presented, context, foresee

PIN_TRIES = attempts.Limit("member-pin", 5, timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class Approval:
    """How a redemption was allowed, and by whom of the shop if by somebody."""

    how: str
    staff_id: str | None = None


def approval(counter: Counter, presented: Presented, *, member_pin: str | None, staff_pin: str | None) -> Approval:
    """Settle who allows it. Rotating digits are only read here; the booking checks them and uses them up. While some
    session of the member may not spend yet, nobody's being there approves by itself: somebody has to sign in or type a
    PIN.

    Raises :class:`ProofNeededError` when nothing does, :class:`ApprovalNotOfferedError` when only what this shop does
    not take does, :class:`PinWrongError` for a wrong member's PIN, :class:`ManagerNeededError` for a cashier where a
    manager is wanted, the staff PIN's own errors, and :class:`StaffNeededError` as :func:`require_staff`. Five wrong
    PINs for a card close this way for fifteen minutes.
    """
    scope = counter.scope
    if presented.proof == LOOKUP:
        raise ProofNeededError(needs=[ROTATING_CODE])
    config = _configuration(counter)
    require_staff(counter, config)
    taken = config.counter.approves
    presented = foresee(scope, presented)
    if presented.proof == ROTATING and ROTATING_CODE in taken:
        return Approval(ROTATING_CODE, scope.staff_id)
    has_pin = member_pin is not None and presented.proof != FOREIGN
    if has_pin and MEMBER_PIN in taken:
        check_member_pin(counter, presented, member_pin or "")
        return Approval(MEMBER_PIN, scope.staff_id)
    if STAFF_APPROVAL in taken:
        approved = _by_staff(counter, config, staff_pin)
        if approved is not None and (approved.staff_id is not None or not _waits(counter, presented)):
            return approved
    if has_pin or (staff_pin is not None and STAFF_APPROVAL not in taken):
        raise ApprovalNotOfferedError
    raise ProofNeededError(needs=[way for way in taken if way != ROTATING_CODE] or [ROTATING_CODE])


def staff_approval(counter: Counter, staff_pin: str | None, *, is_redeeming: bool = True) -> Approval:
    """Settle who of the shop allows it: whoever has this staff PIN, or else who is signed in; at a shop where nobody
    has a PIN, whoever stands at its tablet.

    ``is_redeeming``: it is, or leads to, redeeming, so that a shop that takes no staff approval takes none here. Raises
    :class:`ProofNeededError` when nobody does, :class:`ApprovalNotOfferedError`, :class:`ManagerNeededError`,
    :class:`StaffNeededError`, and the staff PIN's own errors.
    """
    config = _configuration(counter)
    require_staff(counter, config)
    if is_redeeming and STAFF_APPROVAL not in config.counter.approves:
        raise ApprovalNotOfferedError
    approved = _by_staff(counter, config, staff_pin)
    if approved is None:
        raise ProofNeededError(needs=[STAFF_APPROVAL])
    return approved


def still_needed(counter: Counter, config: MerchantConfig, card: KnownCard, proof: str) -> tuple[str, ...]:
    """What redeeming still takes after this scan: any one of the ways told; empty when nothing more."""
    taken = config.counter.approves
    if proof == LOOKUP:
        return (ROTATING_CODE,)
    if proof == ROTATING and ROTATING_CODE in taken:
        return ()
    is_seen = counter.scope.staff_id is not None or not card.waits_at(counter.scope.now)
    if STAFF_APPROVAL in taken and is_seen and _approves_by_itself(counter, config):
        return ()
    ways = []
    if MEMBER_PIN in taken and card.pin_hash and proof != FOREIGN:
        ways.append(MEMBER_PIN)
    if STAFF_APPROVAL in taken:
        ways.append(STAFF_APPROVAL)
    return tuple(ways) or (ROTATING_CODE if ROTATING_CODE in taken else MEMBER_PIN,)


def require_staff(
    counter: Counter, config: MerchantConfig, claimed: str | None = None, *, is_queued: bool = False
) -> None:
    """Whether a booking names somebody, where the shop wants that. ``claimed``: whom a queued event says it was, who
    works here or did; whoever is signed in when the queue is sent says nothing about its events.

    Raises :class:`StaffUnknownError` for a stranger, :class:`StaffNeededError` for nobody at all.
    """
    if claimed is not None and claimed not in config.staff:
        raise StaffUnknownError
    if claimed is None and (is_queued or counter.scope.staff_id is None):
        _refuse_nobody(counter, config)


def check_member_pin(counter: Counter, presented: Presented, member_pin: str) -> None:
    """Raises :class:`PinWrongError` for a wrong PIN, and for a card that has none, and ``TriesUsedUpError`` after five
    of them for one card; each try counts whatever becomes of the use case."""
    scope = counter.scope
    with scope.reading() as transaction:
        card = context(transaction, scope, presented.number, None).card
    attempts.spend(scope, PIN_TRIES, presented.number)
    if card is None or card.pin_hash is None:
        raise PinWrongError
    if not verify_pin(data_keys(scope.keys.data), card.card_id, card.pin_hash, member_pin):
        raise PinWrongError
    attempts.forget(scope, PIN_TRIES, presented.number)


def _refuse_nobody(counter: Counter, config: MerchantConfig) -> None:
    # Tills have sign-ins of their own, and practising names nobody.
    scope = counter.scope
    if scope.device_kind == "tablet" and not scope.is_sandbox and config.asks_sign_in(counter.location_id):
        raise StaffNeededError


def _configuration(counter: Counter) -> MerchantConfig:
    with counter.scope.reading() as transaction:
        return current_configuration(transaction, counter.merchant_id)


def _by_staff(counter: Counter, config: MerchantConfig, staff_pin: str | None) -> Approval | None:
    scope = counter.scope
    if staff_pin is not None:
        staff_id = approve(scope, staff_pin)
        _check_role(config, config.staff[staff_id].role if staff_id in config.staff else "cashier")
        return Approval(STAFF_APPROVAL, staff_id)
    if scope.staff_id is not None:
        _check_role(config, scope.staff_role or "cashier")
        return Approval(STAFF_APPROVAL, scope.staff_id)
    return Approval(STAFF_APPROVAL) if _approves_by_itself(counter, config) else None


def _waits(counter: Counter, presented: Presented) -> bool:
    scope = counter.scope
    with scope.reading() as transaction:
        card = context(transaction, scope, presented.number, None).card
    return card is not None and card.waits_at(scope.now)


def _check_role(config: MerchantConfig, role: str) -> None:
    if role == "cashier" and not config.counter.cashier_approves:
        raise ManagerNeededError


def _approves_by_itself(counter: Counter, config: MerchantConfig) -> bool:
    """Whether nothing more has to be typed: somebody who may approve is signed in, the till was given the right, or
    nobody at this shop has a PIN to type."""
    scope = counter.scope
    if scope.staff_id is not None:
        return scope.staff_role != "cashier" or config.counter.cashier_approves
    if "approve" in scope.scopes:
        return True
    return scope.device_kind == "tablet" and not config.has_staff_pins(counter.location_id)
