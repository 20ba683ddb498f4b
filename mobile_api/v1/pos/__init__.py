"""What tablets and tills call: ``/api/v1/pos``, with a device token or an API key, for one location."""

from __future__ import annotations

from mobile_api.v1.pos import claims, devices, queue, redemptions, scans, transactions, visits
from mobile_api.v1.pos.blueprint import blueprint

__all__ = ["blueprint", "claims", "devices", "queue", "redemptions", "scans", "transactions", "visits"]
