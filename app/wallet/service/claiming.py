"""Claiming a printed card: it becomes the signed-in member's, with everything on it.

The number is no secret: it stands on the card, and a photograph of it goes round easily. So a card that has earned asks
for more: the code under its scratch field, its PIN, or a shop's tablet that has just confirmed its bearer.
"""

from __future__ import annotations

from enum import Enum

from sqlalchemy import exists, select, update

from app.cards import attempts, numbers
from app.cards.data_keys import DataKeys, data_keys
from app.cards.errors import ClaimRefusedError
from app.cards.models import Card
from app.cards.queries import CardView, aliases, card_in, get_card, member_in, read_number
from app.cards.secret_codes import verify_code, verify_pin
from app.cards.service import replace_card
from app.cards.service.installing import require_usable
from app.cards.service.issuing import claim_purpose
from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.models import LedgerTransaction
from app.wallet import limits
from app.wallet.service.merging import merge


class _Outcome(Enum):
    CLAIMED = "claimed"
    NOT_THERE = "not_there"
    REFUSED = "refused"


def claim_card(scope: Scope, *, number: str, claim_code: str | None = None, pin: str | None = None) -> CardView:
    """Make a printed card the scope's member's own; what its former, nameless member had is merged, to the unit.

    A card that has never earned needs the number alone. Claiming one's own card again changes nothing. Raises
    ``CodeUnreadableError``, ``CodeMistypedError``, ``NotFoundError`` for a number that no printed card has,
    :class:`ClaimRefusedError` for a wrong or missing proof and for a card that somebody else has claimed,
    ``CardBlockedError``, ``CardReplacedError``, and ``TriesUsedUpError`` after five tries of a card in an hour.
    """
    canonical = read_number(number)
    found = get_own(scope, canonical)
    if found is not None:
        return found
    attempts.spend(scope, limits.CLAIMS_OF_MEMBER, scope.member_id or "")
    attempts.spend(scope, limits.CLAIMS_OF_CARD, canonical)
    outcome = scope.run(lambda tx: _claim(tx, scope, canonical, claim_code, pin))
    if outcome is _Outcome.NOT_THERE:
        raise NotFoundError(what="card")
    if outcome is _Outcome.REFUSED:
        raise ClaimRefusedError
    attempts.forget(scope, limits.CLAIMS_OF_CARD, canonical)
    return get_card(scope, number=canonical)


def replace_own_card(
    scope: Scope, *, card_id: str, number: str | None = None, claim_code: str | None = None, pin: str | None = None
) -> CardView:
    """Replace one of the member's cards by a digital one, or by a printed one that is claimed for it.

    Returns the new card. Raises what :func:`claim_card` and :func:`app.cards.service.replace_card` raise.
    """
    get_card(scope, card_id=card_id)
    replacement = None if number is None else claim_card(scope, number=number, claim_code=claim_code, pin=pin).number
    return replace_card(scope, card_id=card_id, replacement_number=replacement)


def get_own(scope: Scope, number: str) -> CardView | None:
    """The card, if it is the scope's member's already."""
    with scope.reading() as tx:
        return card_in(tx.session, scope, number=number)


def _claim(tx: Transaction, scope: Scope, number: str, claim_code: str | None, pin: str | None) -> _Outcome:
    row = tx.session.execute(
        select(
            Card.id,
            Card.member_id,
            Card.kind,
            Card.claim_code_hash,
            Card.pin_hash,
            Card.claim_approved_until,
            Card.claimed_at,
        )
        .where(Card.number == number)
        .with_for_update()
    ).first()
    if row is None or row.kind != "printed":
        return _Outcome.NOT_THERE
    owner, own = member_in(tx.session, row.member_id), member_in(tx.session, scope.member_id or "")
    if owner is None or own is None or owner.is_sandbox != own.is_sandbox:
        return _Outcome.NOT_THERE
    if row.member_id == scope.member_id:
        return _Outcome.CLAIMED
    keys = data_keys(scope.keys.data)
    # Every proof is looked at in any case, so that the time tells nothing about the card.
    is_proven = _is_code(keys, number, row.claim_code_hash, claim_code)
    is_proven |= _is_pin(keys, row.id, row.pin_hash, pin)
    is_proven |= row.claim_approved_until is not None and row.claim_approved_until > scope.now
    has_owner = row.claimed_at is not None or owner.status != "anonymous"
    is_wrong = (claim_code is not None or pin is not None) and not is_proven
    if has_owner or is_wrong or (not is_proven and _has_earned(tx, row.member_id)):
        tx.session.execute(update(Card).where(Card.number == number).values(claim_tries=Card.claim_tries + 1))
        return _Outcome.REFUSED
    card = card_in(tx.session, Scope(scope.database, scope.keys, clock=scope.clock), number=number)
    if card is not None:
        require_usable(card)
    merge(tx, scope, survivor_id=scope.member_id or "", merged_id=row.member_id)
    tx.session.execute(
        update(Card).where(Card.number == number).values(claimed_at=scope.now, claim_approved_until=None, claim_tries=0)
    )
    audit.record(tx, scope, "card.claimed", "card", row.id)
    return _Outcome.CLAIMED


def _is_code(keys: DataKeys, number: str, stored: bytes | None, given: str | None) -> bool:
    code = numbers.normalise((given or "")[:64])
    return verify_code(keys, claim_purpose(number), bytes(stored or b""), code) and given is not None


def _is_pin(keys: DataKeys, card_id: str, stored: str | None, given: str | None) -> bool:
    return given is not None and stored is not None and verify_pin(keys, card_id, stored, given)


def _has_earned(tx: Transaction, member_id: str) -> bool:
    """Whether anything was ever booked on the member's cards."""
    booked = exists().where(LedgerTransaction.member_id.in_(aliases(tx.session, member_id)))
    return bool(tx.session.scalar(select(booked)))
