"""What time does to shops that leave."""

from __future__ import annotations

from typing import Any

from app.backoffice.service import leaving
from app.billing import service as billing
from app.billing.errors import SubscriptionMissingError
from app.billing.stripe_gateway import gateway
from app.jobs.context import JobContext


def advance(context: JobContext) -> dict[str, Any]:
    """Tell members once more, stop, close; and let subscriptions end of which nothing more is had."""
    done = leaving.advance(context.scope(), on_progress=context.go_on)
    stripe = gateway(context.settings.stripe)
    cancelled = 0
    for merchant_id in done.frozen:
        if stripe is None:
            continue
        own = context.scope()
        own.merchant_id = merchant_id
        try:
            billing.cancel(own, stripe, is_cancelled=True, public_url=context.settings.public_url)
            cancelled += 1
        except SubscriptionMissingError:
            continue
    return {"steps": done.steps, "closed": done.closed, "cancelled": cancelled}
