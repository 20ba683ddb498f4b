"""What tablets and tills call: ``/api/v1/pos``, with a device token or an API key, for one location."""

from __future__ import annotations

from mobile_api.v1.pos import (
    cards,
    claims,
    devices,
    feedback,
    location,
    opening_balances,
    queue,
    redemptions,
    reviews,
    scans,
    training,
    transactions,
    visit_claims,
    visits,
)
from mobile_api.v1.pos.blueprint import blueprint

__all__ = [
    "blueprint",
    "cards",
    "claims",
    "devices",
    "feedback",
    "location",
    "opening_balances",
    "queue",
    "redemptions",
    "reviews",
    "scans",
    "training",
    "transactions",
    "visit_claims",
    "visits",
]
