"""A member with an address and a phone, whoever reads her mail, and what both of them try."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import App
from tests.shops import AppCard, Shop

ANN = "ann@example.com"


@dataclass(frozen=True)
class Ann:
    """A member with an address, a phone, a stamp card that was filled, and points for three discounts."""

    app: App
    call: Caller
    phone: AppCard


def patch(call: Caller, **changes: Any) -> Answer:
    return call.send("PATCH", "/me", json.dumps(changes))


def redeem(tablet: Caller, code: str, shop: Shop, **more: Any) -> Answer:
    scanned = tablet.post("/scans", {"code": code}, key=None)
    assert scanned.status == 200, scanned.text
    return tablet.post("/redemptions", {"scan_id": scanned.body["scan_id"], "reward_id": shop.discount_id, **more})


def waits(call: Caller) -> str | None:
    until: str | None = call.get("/me").body["spending_waits_until"]
    return until


def voucher_of(call: Caller, status: str = "issued") -> dict[str, Any]:
    found: dict[str, Any] = call.get("/me/vouchers", status=status).body["items"][0]
    return found


def own_session(call: Caller) -> str:
    return str(next(one["session_id"] for one in call.get("/me/sessions").body["items"] if one["is_this"]))


def other_session(call: Caller) -> str:
    return str(next(one["session_id"] for one in call.get("/me/sessions").body["items"] if not one["is_this"]))
