"""Printed cards over the counter: the first PIN of one that was just handed out, and a new one for one that was lost or
that another system issued."""

from __future__ import annotations

from dataclasses import dataclass

from app.cards import codes
from app.cards import service as cards
from app.cards.codes import CodeKind
from app.cards.data_keys import data_keys
from app.cards.errors import CardReplacedError, CodeUnreadableError, PinAlreadySetError
from app.cards.secret_codes import hash_pin
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.sql import Statement
from app.merchants.counter_settings import MEMBER_PIN, STAFF_APPROVAL
from app.rewards.configuration import configuration
from app.scanning import approving
from app.scanning.counter import Counter
from app.scanning.errors import (
    CardSwappedError,
    CardUnknownError,
    PinNotSetError,
    PinWrongError,
    ProofNeededError,
)
from app.scanning.identifying import FOREIGN, LOOKUP, STATIC, KnownCard, Presented, context, present
from app.scanning.requests import Identification
from app.scanning.results import SwapResult
from app.scanning.service.scans import describe

_HISTORY = Statement(
    "SELECT 1 FROM ledger_transaction WHERE member_id = :member_id"
    " UNION ALL SELECT 1 FROM voucher WHERE member_id = :member_id LIMIT 1"
)
# The same swap asked for again: the foreign card is retired, and the very card that was named took its place.
_SWAPPED_FOR = Statement(
    """
    SELECT c.number FROM card_source s
    JOIN card_reference r ON r.source = s.source AND r.reference = :reference AND r.retired_at IS NOT NULL
    JOIN card c ON c.number = r.number AND c.replaced_by = :new
    WHERE s.merchant_id = :merchant_id
    """
)


@dataclass(frozen=True, slots=True)
class SwapRequest:
    """The card to be replaced and the new one, as scanned or typed; ``pin`` is the old card's, ``staff_pin`` approves
    the swap of another system's card."""

    code: str
    new_code: str
    pin: str | None = None
    staff_pin: str | None = None


def set_first_pin(counter: Counter, who: Identification, pin: str, *, staff_pin: str | None = None) -> None:
    """Give the printed card in front of us its first PIN, typed by whoever holds it, with the shop's approval.

    A card that was used before needs an approval that would be enough to redeem: its PIN will be. While some session of
    its member may not spend yet, a named person has to approve. A repeat with the same PIN changes nothing. Raises
    ``PinAlreadySetError`` for another one, ``CardNotPrintedError``, the errors of a dead card and of a bad PIN, and
    what :func:`app.scanning.approving.staff_approval` raises.
    """
    scope = counter.scope
    presented = present(who, scope=scope, hosts=counter.hosts)
    if presented.proof == LOOKUP:
        raise ProofNeededError(needs=["card"])
    with scope.reading() as transaction:
        card = _card(transaction, counter, presented.number)
        is_used = has_history(transaction, card.member_id)
    approved = approving.staff_approval(counter, staff_pin, is_redeeming=is_used)
    if approved.staff_id is None and card.waits_at(scope.now):
        raise ProofNeededError(needs=[STAFF_APPROVAL])
    try:
        cards.set_first_pin(scope, number=presented.number, pin=pin, staff_id=approved.staff_id)
    except PinAlreadySetError as taken:
        try:
            approving.check_member_pin(counter, presented, pin)
        except PinWrongError:
            raise taken from None


def swap_card(counter: Counter, request: SwapRequest) -> SwapResult:
    """Put a new printed card in the place of a lost one of ours, whose PIN proves the member (the new one keeps it), or
    of another system's, by staff approval. Every balance stays.

    Of two swaps of one card, or to one card, one wins. A repeat changes nothing and answers again. Raises
    :class:`PinNotSetError`, :class:`PinWrongError`, ``TriesUsedUpError``, :class:`ProofNeededError`,
    :class:`CardSwappedError`, and what :func:`app.cards.service.swap_card` raises.
    """
    scope = counter.scope
    new_number = _new_number(counter, request.new_code)
    old, staff_id = _proven(counter, request, new_number)
    pin_hash = None
    if old.proof != FOREIGN:
        with scope.reading() as transaction:
            new = _card(transaction, counter, new_number)
        # Hashing takes its time, so it is done outside of the transaction.
        pin_hash = hash_pin(data_keys(scope.keys.data), new.card_id, request.pin or "")

    def work(transaction: Transaction) -> SwapResult:
        _card(transaction, counter, new_number)
        try:
            cards.swap_card(
                transaction,
                scope,
                old_number=old.number,
                new_number=new_number,
                has_history=lambda member_id: has_history(transaction, member_id),
                pin_hash=pin_hash,
                staff_id=staff_id,
            )
        except NotFoundError:
            raise CardUnknownError from None
        found = context(transaction, scope, new_number, None)
        card = _card(transaction, counter, new_number)
        config = configuration(transaction, counter.merchant_id, found.config_version)
        return SwapResult(new_number, describe(transaction, counter, config, card, STATIC).accounts)

    try:
        return scope.run(work)
    except CardReplacedError:
        if old.proof == FOREIGN:
            raise CardSwappedError from None
        raise


def has_history(transaction: Transaction, member_id: str) -> bool:
    """Whether anything was ever booked for a member, or given."""
    return bool(transaction.rows(_HISTORY, {"member_id": member_id}))


def _proven(counter: Counter, request: SwapRequest, new_number: str) -> tuple[Presented, str | None]:
    """The old card, once somebody has proven that it may be swapped, and who of the shop that was."""
    scope = counter.scope
    try:
        old = present(Identification(code=request.code), scope=scope, hosts=counter.hosts)
    except CardSwappedError:
        asked = {"merchant_id": counter.merchant_id, "reference": request.code.strip(), "new": new_number}
        with scope.reading() as transaction:
            swapped = transaction.rows(_SWAPPED_FOR, asked)
        if not swapped:
            raise
        old = Presented(swapped[0][0], FOREIGN, reference=request.code.strip())
    if old.proof == FOREIGN:
        return old, approving.staff_approval(counter, request.staff_pin, is_redeeming=False).staff_id
    with scope.reading() as transaction:
        found = context(transaction, scope, old.number, None)
        approving.require_staff(counter, configuration(transaction, counter.merchant_id, found.config_version))
    if found.card is None:
        raise CardUnknownError
    if found.card.pin_hash is None:
        raise PinNotSetError
    if request.pin is None:
        raise ProofNeededError(needs=[MEMBER_PIN])
    approving.check_member_pin(counter, old, request.pin)
    return old, scope.staff_id


def _new_number(counter: Counter, code: str) -> str:
    scanned = codes.parse(code, counter.hosts)
    if scanned.kind is CodeKind.VOUCHER:
        raise CodeUnreadableError
    return scanned.number


def _card(transaction: Transaction, counter: Counter, number: str) -> KnownCard:
    card = context(transaction, counter.scope, number, None).card
    if card is None:
        raise CardUnknownError
    return card
