"""What follows from Stripe's messages, and what time does to subscriptions."""

from __future__ import annotations

from typing import Any

from app.billing import service as billing
from app.billing.stripe_gateway import gateway
from app.common import outbox
from app.common.outbox import Message
from app.jobs.context import JobContext


def act_on_event(context: JobContext, message: Message) -> None:
    """Act on one stored event; no transaction is open while Stripe is asked. Without a key there is nothing to act on:
    the nightly comparison makes up for it when there is one again."""
    scope = context.scope()
    stripe = gateway(context.settings.stripe)
    if stripe is not None:
        billing.process_event(scope, stripe, message.payload["event_id"], public_url=context.settings.public_url)
    scope.run(lambda tx: outbox.complete(tx, message, now=scope.now))


def settle(context: JobContext) -> dict[str, Any]:
    """Tell owners what is due to be told; where billing is off, let go on what was paused."""
    is_on = gateway(context.settings.stripe) is not None
    return dict(billing.settle_time(context.scope(), is_on=is_on, public_url=context.settings.public_url))


def compare(context: JobContext) -> dict[str, Any]:
    """Count active members, and compare every subscription with Stripe."""
    scope = context.scope()
    stripe = gateway(context.settings.stripe)
    if stripe is None:
        return {"asked": 0}
    counted = billing.count_active_members(scope)
    asked = billing.reconcile(scope, stripe, public_url=context.settings.public_url, on_progress=context.go_on)
    billing.settle_time(scope, is_on=True, public_url=context.settings.public_url)
    return {"counted": counted, "asked": asked}
