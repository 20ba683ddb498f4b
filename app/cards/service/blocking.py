"""Ending cards: one that was lost, or a whole print run that went astray."""

from __future__ import annotations

from sqlalchemy import update

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
        return get_changed(tx, scope, card_id)


def disable_batch(scope: Scope, *, batch_id: str) -> None:
    """Disable all cards of a print run at once. A repeat changes nothing. Raises ``NotFoundError``."""
    _set_batch(scope, batch_id, is_disabled=True)


def enable_batch(scope: Scope, *, batch_id: str) -> None:
    """Undo :func:`disable_batch`. A repeat changes nothing. Raises ``NotFoundError``."""
    _set_batch(scope, batch_id, is_disabled=False)


def _set_batch(scope: Scope, batch_id: str, *, is_disabled: bool) -> None:
    with scope.transaction() as tx:
        batch = tx.session.get(CardBatch, batch_id, with_for_update=True)
        if batch is None:
            raise NotFoundError(what="batch")
        if (batch.disabled_at is not None) is not is_disabled:
            batch.disabled_at = scope.now if is_disabled else None
            audit.record(tx, scope, "batch.disabled" if is_disabled else "batch.enabled", "card_batch", batch_id)


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
