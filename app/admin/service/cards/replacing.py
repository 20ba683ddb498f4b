"""Another card in the place of one that is lost."""

from __future__ import annotations

from sqlalchemy import exists, or_, select

from app.admin.errors import NewCardNeededError
from app.cards import service as cards
from app.cards.models import Member
from app.cards.queries import CardView, card_in, read_number
from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.models import LedgerTransaction
from app.rewards.models import Voucher


def replace_card(scope: Scope, *, card_id: str, new_number: str | None, reason: str) -> CardView:
    """Put another card in a card's place: the printed one ``new_number``, which must never have been anybody's, or a
    new digital one without it. The old one is dead at once, everything stays with the member, who is told.

    Returns the new card. The same swap again changes nothing. Raises ``CodeUnreadableError``, ``CodeMistypedError``,
    ``NotFoundError``, ``CardReplacedError``, ``CardBlockedError`` where the member has left, ``CardNotPrintedError``,
    ``NewCardUsedError``, ``SameCardError``, and
    :class:`NewCardNeededError` where nobody would see a digital card.
    """
    if not new_number:
        return scope.run(lambda tx: _digital(tx, scope, card_id, reason))
    canonical = read_number(new_number)
    return scope.run(lambda tx: _swap(tx, scope, card_id, canonical, reason))


def _digital(tx: Transaction, scope: Scope, card_id: str, reason: str) -> CardView:
    old = card_in(tx.session, scope, card_id=card_id)
    member = None if old is None else tx.session.get(Member, old.member_id)
    if old is not None and old.kind == "printed" and member is not None and member.status == "anonymous":
        raise NewCardNeededError
    return cards.replace_card(scope, card_id=card_id, reason=reason)


def _swap(tx: Transaction, scope: Scope, card_id: str, new_number: str, reason: str) -> CardView:
    old = card_in(tx.session, scope, card_id=card_id)
    if old is None:
        raise NotFoundError(what="card")
    if old.replaced_by != new_number:
        before = {"status": old.status}
        after = {"status": "replaced", "reason": reason}
        audit.record(tx, scope, "card.swap_ordered", "card", card_id, before=before, after=after)
    cards.swap_card(
        tx,
        scope,
        old_number=old.number,
        new_number=new_number,
        has_history=lambda member_id: _has_history(tx, member_id),
    )
    new = card_in(tx.session, scope, number=new_number)
    if new is None:
        raise NotFoundError(what="card")
    return new


def _has_history(tx: Transaction, member_id: str) -> bool:
    booked = exists().where(LedgerTransaction.member_id == member_id)
    given = exists().where(Voucher.member_id == member_id)
    return bool(tx.session.scalar(select(or_(booked, given))))
