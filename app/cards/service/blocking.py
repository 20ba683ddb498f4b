"""Ending a card that was lost."""

from __future__ import annotations

from sqlalchemy import select, update

from app.cards import security
from app.cards.errors import CardReplacedError, CardWithdrawnError
from app.cards.models import Card, CardBatch, Installation, Member
from app.cards.queries import CardView, card_in
from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope


def block_card(scope: Scope, *, card_id: str, reason: str | None = None) -> CardView:
    """Block a card: it can't be scanned any more; balances stay. Blocking a blocked card changes nothing. ``reason`` is
    an operator's, for the audit trail.

    Raises ``NotFoundError`` for a card that isn't there or is another member's, :class:`CardReplacedError` for one that
    was replaced.
    """
    with scope.transaction() as tx:
        card = lock_card(tx, scope, card_id)
        if card.status == "replaced":
            raise CardReplacedError
        if card.status == "active":
            tx.session.execute(
                update(Card).where(Card.number == card.number).values(status="blocked", blocked_at=scope.now)
            )
            end_installations(tx, scope, card)
            after = {"status": "blocked"} | ({} if reason is None else {"reason": reason})
            audit.record(tx, scope, "card.blocked", "card", card_id, before={"status": "active"}, after=after)
            security.tell(tx, scope.now, card.member_id, "card_blocked", card_id=card_id)
        return get_changed(tx, scope, card_id)


def unblock_card(scope: Scope, *, card_id: str, reason: str) -> CardView:
    """Put a card back into use that was blocked by mistake; its member is told. Phones that showed it begin anew; what
    was done to its PIN stays. Unblocking a card that is in use changes nothing. ``reason`` is an operator's.

    Raises ``NotFoundError`` for a card that isn't there or whose member has left, :class:`CardReplacedError` for one
    that was replaced, :class:`CardWithdrawnError` for one of a print run that is disabled as a whole.
    """
    with scope.transaction() as tx:
        card = lock_card(tx, scope, card_id)
        if card.status == "replaced":
            raise CardReplacedError
        if card.status == "blocked":
            if _is_withdrawn(tx, card_id):
                raise CardWithdrawnError
            if tx.session.scalar(select(Member.status).where(Member.id == card.member_id)) == "erased":
                raise NotFoundError(what="card")
            tx.session.execute(update(Card).where(Card.number == card.number).values(status="active", blocked_at=None))
            after = {"status": "active", "reason": reason}
            audit.record(tx, scope, "card.unblocked", "card", card_id, before={"status": "blocked"}, after=after)
            security.tell(tx, scope.now, card.member_id, "card_blocked", card_id=card_id, is_back=True)
        return get_changed(tx, scope, card_id)


def _is_withdrawn(tx: Transaction, card_id: str) -> bool:
    return (
        tx.session.scalar(
            select(CardBatch.id)
            .join(Card, Card.batch_id == CardBatch.id)
            .where(Card.id == card_id, CardBatch.disabled_at == Card.blocked_at)
        )
        is not None
    )


def lock_card(tx: Transaction, scope: Scope, card_id: str) -> CardView:
    """The card, locked until the transaction ends. Raises ``NotFoundError``."""
    card = card_in(tx.session, scope, card_id=card_id, lock=True)
    if card is None:
        raise NotFoundError(what="card")
    return card


def get_changed(tx: Transaction, scope: Scope, card_id: str) -> CardView:
    """The card as this transaction has changed it."""
    card = card_in(tx.session, scope, card_id=card_id)
    if card is None:
        raise NotFoundError(what="card")
    return card


def end_installations(tx: Transaction, scope: Scope, card: CardView, *, kind: str | None = None) -> None:
    """End the installations of a card, all or those of one kind: their digits are dead at once."""
    ending = update(Installation).where(
        Installation.member_id == card.member_id,
        Installation.number == card.number,
        Installation.ended_at.is_(None),
    )
    if kind is not None:
        ending = ending.where(Installation.kind == kind)
    tx.session.execute(ending.values(ended_at=scope.now))
