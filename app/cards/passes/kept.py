"""Which cards are in whose wallets, and what is left of that when a member leaves."""

from __future__ import annotations

from sqlalchemy import delete, select

from app.cards.models import Card, PassDevice, WalletPass
from app.common import outbox
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement

TOPIC = "wallet.pass"
"""The outbox topic of a pass that is to be brought up to date, or ended: ``{card_id, kind}``."""


_CHANGED = Statement("UPDATE wallet_pass SET changed_at = :now WHERE card_id = :card_id AND kind = :kind")


def renew_passes(tx: Transaction, scope: Scope, member_id: str) -> None:
    """Have what stands on a member's passes brought up to date, when the caller's transaction has been committed."""
    passes = (
        select(WalletPass.card_id, WalletPass.kind)
        .join(Card, Card.id == WalletPass.card_id)
        .where(Card.member_id == member_id)
        .order_by(WalletPass.card_id, WalletPass.kind)
    )
    for card_id, kind in tx.session.execute(passes).all():
        tx.run(_CHANGED, {"card_id": card_id, "kind": kind, "now": scope.now})
        outbox.enqueue(tx, topic=TOPIC, payload={"card_id": card_id, "kind": kind}, now=scope.now)


def forget_passes(tx: Transaction, scope: Scope, member_ids: list[str]) -> None:
    """Forget in whose wallets the cards of members are who leave, in the caller's transaction. What is on Google's side
    is ended afterwards, from a message that names the card alone."""
    cards = select(Card.id).where(Card.member_id.in_(member_ids))
    wanted = select(WalletPass.card_id).where(WalletPass.card_id.in_(cards), WalletPass.kind == "google")
    for card_id in tx.session.scalars(wanted).all():
        outbox.enqueue(tx, topic=TOPIC, payload={"card_id": card_id, "kind": "google"}, now=scope.now)
    tx.session.execute(delete(PassDevice).where(PassDevice.card_id.in_(cards)))
    tx.session.execute(delete(WalletPass).where(WalletPass.card_id.in_(cards)))
