"""A shop whose catalogue is tried out: its owner at a desk, members with units, and forms as they are sent."""

from __future__ import annotations

import io
from typing import Any

from flask import Flask
from PIL import Image

from app.common.scope import Scope
from app.rewards.service import adjusting
from tests.factories import Holder, Shop, make_holder, make_shop
from tests.office.desk import Desk, sit_down

REWARD = {"kind": "item", "way": "counter", "name": "A coffee", "cost": "10"}
PROMOTION = {"name": "Double Tuesday", "effect": "multiplier", "multiplier": "2", "whom": "everybody"}


def keep_shop(flask_app: Flask, scope: Scope, name: str = "Bakery", **how: Any) -> tuple[Shop, Desk]:
    """A shop with points (or what ``how`` says) and its owner."""
    shop = make_shop(scope, name=name, **how)
    return shop, sit_down(flask_app, scope, shop.merchant_id)


def rich_member(scope: Scope, shop: Shop, units: int = 100) -> Holder:
    """A member with units at the shop."""
    holder = make_holder(scope)
    adjusting.adjust(
        scope, member_id=holder.member_id, programme_id=shop.programme_id, units=units, reason="opening of the test"
    )
    return holder


def reward_form(shop: Shop, **fields: str) -> dict[str, str]:
    """A reward's form as a browser sends it."""
    return {"programme": shop.programme_id, **REWARD, **fields}


def promotion_form(shop: Shop, **fields: Any) -> dict[str, Any]:
    """A promotion's form as a browser sends it."""
    return {"programme": shop.programme_id, **PROMOTION, **fields}


def photograph(width: int = 1600, height: int = 1200, kind: str = "JPEG", **how: Any) -> bytes:
    """A picture as a phone takes it."""
    image = Image.new("RGB", (width, height), (180, 90, 40))
    image.paste((20, 120, 60), (0, 0, width // 2, height // 2))  # green where it begins
    written = io.BytesIO()
    image.save(written, kind, **how)
    return written.getvalue()
