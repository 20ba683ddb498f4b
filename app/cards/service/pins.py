"""The PIN of a printed card: what its member proves at the counter instead of rotating digits."""

from __future__ import annotations

from sqlalchemy import update

from app.cards.data_keys import data_keys
from app.cards.errors import CardNotPrintedError
from app.cards.models import Card
from app.cards.queries import CardView
from app.cards.secret_codes import hash_pin
from app.cards.service.blocking import get_changed, lock_card
from app.cards.service.installing import require_usable
from app.common import audit
from app.common.scope import Scope


def set_pin(scope: Scope, *, card_id: str, pin: str) -> CardView:
    """Set or change the PIN of a printed card; tries count from zero again. The hash is bound to the card's id.

    Raises ``NotFoundError``, ``PinInvalidError``, ``PinTooSimpleError``, :class:`CardNotPrintedError`, and
    ``CardBlockedError`` or ``CardReplacedError`` for a dead card.
    """
    hashed = hash_pin(data_keys(scope.keys.data), card_id, pin)
    with scope.transaction() as tx:
        card = lock_card(tx, scope, card_id)
        require_usable(card)
        if card.kind != "printed":
            raise CardNotPrintedError
        tx.session.execute(update(Card).where(Card.number == card.number).values(pin_hash=hashed, pin_tries=0))
        audit.record(tx, scope, "card.pin_set", "card", card_id)
        return get_changed(tx, scope, card_id)


def remove_pin(scope: Scope, *, card_id: str) -> CardView:
    """Take a card's PIN away. A repeat changes nothing. Raises ``NotFoundError``."""
    with scope.transaction() as tx:
        card = lock_card(tx, scope, card_id)
        if card.has_pin:
            tx.session.execute(update(Card).where(Card.number == card.number).values(pin_hash=None, pin_tries=0))
            audit.record(tx, scope, "card.pin_removed", "card", card_id)
        return get_changed(tx, scope, card_id)
