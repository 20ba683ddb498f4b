"""Ending cards: one that was lost, or a whole print run that went astray."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, Result, update

from app.cards import security
from app.cards.errors import CardReplacedError
from app.cards.models import Card, CardBatch, Installation
from app.cards.queries import CardView, card_in
from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope


def block_card(scope: Scope, *, card_id: str) -> CardView:
    """Block a card: it can't be scanned any more; balances stay. Blocking a blocked card changes nothing.

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
            audit.record(tx, scope, "card.blocked", "card", card_id)
            security.tell(tx, scope.now, card.member_id, "card_blocked", card_id=card_id)
        return get_changed(tx, scope, card_id)


def disable_batch(scope: Scope, *, batch_id: str) -> int:
    """Block all active cards of a print run at once. Returns how many; a repeat blocks none.

    Raises ``NotFoundError``.
    """
    with scope.transaction() as tx:
        batch = _lock_batch(tx, batch_id)
        if batch.disabled_at is not None:
            return 0
        batch.disabled_at = scope.now
        blocked = tx.session.execute(
            update(Card)
            .where(Card.batch_id == batch_id, Card.status == "active")
            .values(status="blocked", blocked_at=scope.now)
        )
        audit.record(tx, scope, "batch.disabled", "card_batch", batch_id)
        return _count(blocked)


def enable_batch(scope: Scope, *, batch_id: str) -> int:
    """Undo :func:`disable_batch`; cards that were blocked for themselves stay so. Returns how many cards are active
    again; a repeat changes nothing. Raises ``NotFoundError``."""
    with scope.transaction() as tx:
        batch = _lock_batch(tx, batch_id)
        if batch.disabled_at is None:
            return 0
        freed = tx.session.execute(
            update(Card)
            .where(Card.batch_id == batch_id, Card.status == "blocked", Card.blocked_at == batch.disabled_at)
            .values(status="active", blocked_at=None)
        )
        batch.disabled_at = None
        audit.record(tx, scope, "batch.enabled", "card_batch", batch_id)
        return _count(freed)


def _lock_batch(tx: Transaction, batch_id: str) -> CardBatch:
    batch = tx.session.get(CardBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None:
        raise NotFoundError(what="batch")
    return batch


def _count(result: Result[Any]) -> int:
    return cast("CursorResult[Any]", result).rowcount


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
