"""What Stripe says by itself: stored first, answered at once, acted on from the table."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from app.billing.models import BillingAccount, BillingEvent
from app.billing.service.keeping import sync
from app.billing.stripe_gateway import Gateway
from app.common import outbox
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement

TOPIC = "billing"
"""The outbox topic of one event: ``{event_id}``."""
_STORE = Statement(
    "INSERT INTO billing_event (id, kind, customer, created_at, received_at)"
    " VALUES (:id, :kind, :customer, :created_at, :now) ON CONFLICT (id) DO NOTHING"
)
_DONE = Statement("UPDATE billing_event SET processed_at = :now WHERE id = :id AND processed_at IS NULL")


def receive_event(scope: Scope, stripe: Gateway, body: bytes, signature: str | None) -> bool:
    """Store an event after its signature was checked on the bytes as they came; acting on it comes after. False for one
    that was stored before: nothing follows from it a second time.

    Raises SignatureRefusedError.
    """
    event = stripe.read_event(body, signature, scope.now)

    def work(tx: Transaction) -> bool:
        row = {
            "id": event.id,
            "kind": event.kind,
            "customer": event.customer,
            "created_at": datetime.fromtimestamp(event.created, UTC),
            "now": scope.now,
        }
        if tx.run(_STORE, row) != 1:
            return False
        outbox.enqueue(tx, topic=TOPIC, payload={"event_id": event.id}, now=scope.now)
        return True

    return scope.run(work)


def process_event(scope: Scope, stripe: Gateway, event_id: str, *, public_url: str) -> None:
    """Act on a stored event: ask how it stands now with whom it is about. What the event itself said does not count, so
    that neither its order nor a repeat does. Raises BillingUnreachableError: then it is to be tried again."""
    with scope.reading() as tx:
        event = tx.session.get(BillingEvent, event_id)
        if event is None or event.processed_at is not None:
            return
        about = tx.session.scalars(
            select(BillingAccount.merchant_id).where(
                BillingAccount.customer.is_not(None), BillingAccount.customer == event.customer
            )
        ).first()
    if about is not None:
        sync(scope, stripe, about, public_url=public_url)
    scope.run(lambda tx: tx.run(_DONE, {"id": event_id, "now": scope.now}))
