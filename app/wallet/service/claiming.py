"""Claiming a printed card, or a visit that was booked on a new card since its member had none at hand: it becomes the
signed-in member's, with everything on it.

The number is no secret: it stands on the card, and a photograph of it goes round easily. So a card that has earned asks
for more: the code under its scratch field, its PIN, or a shop's tablet that has just confirmed its bearer. The card of
a visit was shown to whoever stood there: for a while its number is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import exists, select, update

from app.cards import attempts, numbers, waiting
from app.cards.data_keys import DataKeys, data_keys
from app.cards.errors import ClaimRefusedError
from app.cards.models import Card
from app.cards.queries import CardView, aliases, card_in, get_card, member_in, read_number
from app.cards.secret_codes import nobodys_pin, verify_code, verify_pin
from app.cards.service import replace_card
from app.cards.service.installing import require_usable
from app.cards.service.issuing import claim_purpose
from app.common import audit
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.models import LedgerTransaction
from app.members.service import merge
from app.rewards.models import VisitClaim
from app.wallet import limits
from app.wallet.errors import VisitClaimOverError

# Guarded, so that of a claim at the last moment and the job that takes the visit back exactly one finds it open.
END_CLAIM = Statement(
    "UPDATE visit_claim SET ended_at = :now WHERE number = :number AND ended_at IS NULL AND expires_at > :now"
)


class _Outcome(Enum):
    OWN = "own"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A card that is the member's own now, and the merge by which what was on it came; None where nothing had to."""

    card: CardView
    merge_id: str | None


def claim_card(scope: Scope, *, number: str, claim_code: str | None = None, pin: str | None = None) -> Claimed:
    """Make a printed card the scope's member's own; what its former, nameless member had is merged, to the unit.

    A card that has never earned needs the number alone, and so does a visit's card, which then gives way to the card
    that the member has. In a session that may not spend yet the card's PIN is taken away. Claiming one's own card again
    changes nothing. Raises ``CodeUnreadableError``, ``CodeMistypedError``, :class:`ClaimRefusedError` for a wrong or
    missing proof, for a card that somebody else has claimed and for a number of no card, all alike, so that who guesses
    numbers learns nothing; ``CardBlockedError`` and ``CardReplacedError`` for one that could be claimed otherwise;
    :class:`VisitClaimOverError`; and ``TriesUsedUpError`` after five tries of a number in an hour.
    """
    canonical = read_number(number)
    found = get_own(scope, canonical)
    if found is not None:
        return Claimed(found, None)
    attempts.spend(scope, limits.CLAIMS_OF_MEMBER, scope.member_id or "")
    attempts.spend(scope, limits.CLAIMS_OF_CARD, canonical)
    outcome = scope.run(lambda tx: _claim(tx, scope, canonical, claim_code, pin))
    if outcome is _Outcome.REFUSED:
        raise ClaimRefusedError
    attempts.forget(scope, limits.CLAIMS_OF_CARD, canonical)
    merge_id = outcome if isinstance(outcome, str) else None
    return Claimed(get_card(scope, number=canonical), merge_id)


def replace_own_card(
    scope: Scope, *, card_id: str, number: str | None = None, claim_code: str | None = None, pin: str | None = None
) -> CardView:
    """Replace one of the member's cards by a digital one, or by a printed one that is claimed for it.

    Returns the new card. Raises what :func:`claim_card` and :func:`app.cards.service.replace_card` raise.
    """
    get_card(scope, card_id=card_id)
    replacement = (
        None if number is None else claim_card(scope, number=number, claim_code=claim_code, pin=pin).card.number
    )
    return replace_card(scope, card_id=card_id, replacement_number=replacement)


def get_own(scope: Scope, number: str) -> CardView | None:
    """The card, if it is the scope's member's already."""
    with scope.reading() as tx:
        return card_in(tx.session, scope, number=number)


def _claim(tx: Transaction, scope: Scope, number: str, claim_code: str | None, pin: str | None) -> _Outcome | str:
    """What came of it; the merge's id where the card was claimed."""
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
    keys = data_keys(scope.keys.data)
    if row is None:
        _is_code(keys, number, None, claim_code)
        _is_pin(keys, number, None, pin)
        return _Outcome.REFUSED
    is_of_visit = row.kind == "digital" and _is_of_visit(tx, number)
    if row.kind != "printed" and not is_of_visit:
        return _Outcome.REFUSED
    owner, own = member_in(tx.session, row.member_id), member_in(tx.session, scope.member_id or "")
    if owner is None or own is None or owner.is_sandbox != own.is_sandbox:
        return _Outcome.REFUSED
    if row.member_id == scope.member_id:
        return _Outcome.OWN
    if is_of_visit:
        return _claim_visit(tx, scope, number, row, is_free=row.claimed_at is None and owner.status == "anonymous")
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
    merge_id = merge(tx, scope, survivor_id=scope.member_id or "", merged_id=row.member_id)
    changes: dict[str, Any] = {"claimed_at": scope.now, "claim_approved_until": None, "claim_tries": 0}
    if waiting.waits(scope):
        # Whoever brings a card with a PIN of their own would spend by it.
        changes |= {"pin_hash": None, "pin_tries": 0}
    tx.session.execute(update(Card).where(Card.number == number).values(**changes))
    audit.record(tx, scope, "card.claimed", "card", row.id)
    return merge_id


def _is_of_visit(tx: Transaction, number: str) -> bool:
    return tx.session.scalar(select(VisitClaim.number).where(VisitClaim.number == number)) is not None


def _claim_visit(tx: Transaction, scope: Scope, number: str, row: Any, *, is_free: bool) -> _Outcome | str:
    """The card's row is locked: the job that takes back what nobody claimed waits, or was faster."""
    if not is_free:
        return _Outcome.REFUSED
    if tx.run(END_CLAIM, {"number": number, "now": scope.now}) != 1:
        raise VisitClaimOverError
    merge_id = merge(tx, scope, survivor_id=scope.member_id or "", merged_id=row.member_id)
    # Its number was on a screen for everybody to see. Whoever has a card keeps that one alone.
    kept = tx.session.scalar(
        select(Card.number)
        .where(Card.member_id == scope.member_id, Card.status == "active", Card.number != number)
        .order_by(Card.kind, Card.id.desc())
        .limit(1)
    )
    changes: dict[str, Any] = {"claimed_at": scope.now, "claim_approved_until": None}
    if kept is not None:
        changes |= {"status": "replaced", "replaced_by": kept, "blocked_at": scope.now}
    tx.session.execute(update(Card).where(Card.number == number).values(**changes))
    audit.record(tx, scope, "visit.claimed", "card", row.id)
    return merge_id


def _is_code(keys: DataKeys, number: str, stored: bytes | None, given: str | None) -> bool:
    code = numbers.normalise((given or "")[:64])
    return verify_code(keys, claim_purpose(number), bytes(stored or b""), code) and given is not None


def _is_pin(keys: DataKeys, card_id: str, stored: str | None, given: str | None) -> bool:
    """A PIN takes its time to be hashed, so one is also held against a card that has none."""
    return given is not None and verify_pin(keys, card_id, stored or nobodys_pin(keys), given) and stored is not None


def _has_earned(tx: Transaction, member_id: str) -> bool:
    """Whether anything was ever booked on the member's cards."""
    booked = exists().where(LedgerTransaction.member_id.in_(aliases(tx.session, member_id)))
    return bool(tx.session.scalar(select(booked)))
