"""Telling that something about a member changed that is kept in lists behind the counter: her figures at the shops."""

from __future__ import annotations

from datetime import datetime

from app.common import outbox
from app.common.database import Transaction

TOPIC = "member.changed"


def changed(tx: Transaction, member_id: str, *, now: datetime, merchant_id: str | None = None) -> None:
    """Have the lists of ``merchant_id``, or of every shop that knows the member, brought up to date, when the caller's
    transaction has been committed. What a counter books needs no telling: it is followed."""
    payload = {"member_id": member_id, "merchant_id": merchant_id}
    outbox.enqueue(tx, topic=TOPIC, payload=payload, merchant_id=merchant_id, now=now)
