"""A shop's tablet confirms that whoever holds a printed card may claim it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from app.cards.errors import CardNotPrintedError
from app.cards.models import Card
from app.cards.queries import card_in, member_in
from app.cards.service.installing import require_usable
from app.common import audit
from app.common.errors import NotFoundError
from app.common.scope import Scope

APPROVAL_LIFE = timedelta(minutes=5)  # while its bearer stands at the counter


def approve_claim(scope: Scope, *, number: str) -> datetime:
    """Let a printed card be claimed by its number alone, once, within five minutes. Returns until when.

    The scope is a shop's device. A repeat begins the five minutes anew. Raises ``NotFoundError``,
    :class:`CardNotPrintedError`, and ``CardBlockedError`` or ``CardReplacedError`` for a dead card.
    """
    until = scope.now + APPROVAL_LIFE
    with scope.transaction() as tx:
        card = card_in(tx.session, scope, number=number, lock=True)
        owner = None if card is None else member_in(tx.session, card.member_id)
        if card is None or owner is None or owner.is_sandbox is not scope.is_sandbox:
            raise NotFoundError(what="card")
        require_usable(card)
        if card.kind != "printed":
            raise CardNotPrintedError
        tx.session.execute(update(Card).where(Card.number == number).values(claim_approved_until=until))
        audit.record(tx, scope, "card.claim_approved", "card", card.card_id)
    return until
