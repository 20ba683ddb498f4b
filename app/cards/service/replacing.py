"""Replacing a lost card: the old one is dead at once, the member and every balance stay."""

from __future__ import annotations

from sqlalchemy import update

from app.cards import security
from app.cards.errors import CardReplacedError
from app.cards.models import Card
from app.cards.queries import CardView, card_in
from app.cards.service.blocking import end_installations, lock_card
from app.cards.service.issuing import add_digital_card
from app.common import audit
from app.common.errors import NotFoundError
from app.common.scope import Scope


def replace_card(
    scope: Scope, *, card_id: str, replacement_number: str | None = None, reason: str | None = None
) -> CardView:
    """Put another card in a card's place. Returns the new one.

    ``replacement_number`` names an active card that the same member has already (a printed one just claimed); without
    it a digital card is made. ``reason`` is an operator's, for the audit trail. Raises ``NotFoundError`` where either
    isn't there or is another member's, :class:`CardReplacedError` when the old one was replaced before.
    """
    with scope.transaction() as tx:
        old = lock_card(tx, scope, card_id)
        if old.status == "replaced":
            raise CardReplacedError
        if replacement_number is None:
            _, number = add_digital_card(tx, scope, old.member_id)
        else:
            number = replacement_number
        new = card_in(tx.session, scope, number=number)
        if new is None or new.member_id != old.member_id or new.card_id == card_id or not new.is_usable:
            raise NotFoundError(what="card")
        tx.session.execute(
            update(Card)
            .where(Card.number == old.number)
            .values(status="replaced", replaced_by=number, blocked_at=old.blocked_at or scope.now)
        )
        end_installations(tx, scope, old)
        after = {"status": "replaced", "replaced_by": new.card_id} | ({} if reason is None else {"reason": reason})
        audit.record(tx, scope, "card.replaced", "card", card_id, before={"status": old.status}, after=after)
        security.tell(tx, scope.now, old.member_id, "card_replaced", card_id=card_id, new_card_id=new.card_id)
        return new
