"""The PIN of a printed card: what its member proves at the counter instead of rotating digits."""

from __future__ import annotations

from sqlalchemy import update

from app.cards import waiting
from app.cards.data_keys import data_keys
from app.cards.errors import CardNotPrintedError, PinAlreadySetError
from app.cards.models import Card
from app.cards.queries import CardView, card_in, member_in
from app.cards.secret_codes import hash_pin
from app.cards.service.blocking import get_changed, lock_card
from app.cards.service.installing import require_usable
from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement

# Guarded, not read and then written: of two PINs for one card, the first one counts.
FIRST_PIN = Statement(
    "UPDATE card SET pin_hash = :pin_hash, pin_tries = 0 WHERE number = :number AND pin_hash IS NULL"
    " AND status = 'active'"
)


def set_pin(scope: Scope, *, card_id: str, pin: str) -> CardView:
    """Set or change the PIN of a printed card; tries count from zero again. The hash is bound to the card's id.

    Raises ``SpendingWaitsError`` (with the number, a PIN redeems), ``NotFoundError``, ``PinInvalidError``,
    ``PinTooSimpleError``, :class:`CardNotPrintedError`, and ``CardBlockedError`` or ``CardReplacedError`` for a dead
    card.
    """
    waiting.require_no_wait(scope)
    hashed = hash_pin(data_keys(scope.keys.data), card_id, pin)
    with scope.transaction() as tx:
        card = lock_card(tx, scope, card_id)
        require_usable(card)
        if card.kind != "printed":
            raise CardNotPrintedError
        tx.session.execute(update(Card).where(Card.number == card.number).values(pin_hash=hashed, pin_tries=0))
        audit.record(tx, scope, "card.pin_set", "card", card_id)
        return get_changed(tx, scope, card_id)


def set_first_pin(scope: Scope, *, number: str, pin: str, staff_id: str | None = None) -> None:
    """Give a printed card its first PIN, as typed at a shop's device by whoever holds it; ``staff_id`` allowed it.

    Raises ``PinInvalidError``, ``PinTooSimpleError``, :class:`PinAlreadySetError` for a card that has one,
    ``NotFoundError``, :class:`CardNotPrintedError`, and ``CardBlockedError`` or ``CardReplacedError`` for a dead card.
    """
    with scope.reading() as reading:
        card = card_in(reading.session, scope, number=number)
        owner = None if card is None else member_in(reading.session, card.member_id)
    if card is None or owner is None or owner.is_sandbox is not scope.is_sandbox:
        raise NotFoundError(what="card")
    require_usable(card)
    if card.kind != "printed":
        raise CardNotPrintedError
    # Hashing takes its time, so it is done outside of the transaction.
    hashed = hash_pin(data_keys(scope.keys.data), card.card_id, pin)

    def work(tx: Transaction) -> None:
        if tx.run(FIRST_PIN, {"number": number, "pin_hash": hashed}) != 1:
            now = card_in(tx.session, scope, number=number)
            require_usable(now or card)
            raise PinAlreadySetError
        audit.record(tx, scope, "card.pin_set", "card", card.card_id, after={"staff_id": staff_id})

    scope.run(work)


def remove_pin(scope: Scope, *, card_id: str) -> CardView:
    """Take a card's PIN away. A repeat changes nothing. Raises ``NotFoundError``, ``SpendingWaitsError``."""
    waiting.require_no_wait(scope)
    with scope.transaction() as tx:
        card = lock_card(tx, scope, card_id)
        if card.has_pin:
            tx.session.execute(update(Card).where(Card.number == card.number).values(pin_hash=None, pin_tries=0))
            audit.record(tx, scope, "card.pin_removed", "card", card_id)
        return get_changed(tx, scope, card_id)
