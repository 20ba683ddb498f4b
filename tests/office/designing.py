"""A shop's programme in the designer: its pages, its form, and what of it is kept."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from app.rewards.models import ProgrammeDraft, ProgrammeVersion
from tests.factories import Shop
from tests.office.desk import Desk

FIELDS = {
    "goal": "8",
    "earn-0-per": "visit",
    "earn-0-units": "1",
    "minimum": "5,50",
    "rounding": "floor",
    "cap_day_visits": "1",
    "expiry": "never",
    "expiry_month": "12",
    "tiers_by": "",
    "example": "9",
    "revision": "0",
}


def at(shop: Shop, more: str = "") -> str:
    return f"/programmes/{shop.programme_id}{more}"


def draft_of(shop: Shop) -> ProgrammeDraft | None:
    with shop.scope.reading() as tx:
        return tx.session.get(ProgrammeDraft, shop.programme_id)


def versions_of(shop: Shop) -> list[ProgrammeVersion]:
    with shop.scope.reading() as tx:
        return list(
            tx.session.scalars(
                select(ProgrammeVersion)
                .where(ProgrammeVersion.programme_id == shop.programme_id)
                .order_by(ProgrammeVersion.version)
            )
        )


def revision_in(page: str) -> str:
    found = re.search(r'name="revision"[^>]*value="(\d*)"', page)
    assert found is not None, page
    return found[1]


def save(desk: Desk, shop: Shop, **changes: str) -> Any:
    return desk.post(at(shop), {**FIELDS, **changes})


def publish(desk: Desk, shop: Shop, **fields: str) -> Any:
    revision = revision_in(desk.get(at(shop, "/publish")).get_data(as_text=True))
    return desk.post(at(shop, "/publish"), {"revision": revision, "when": "now", **fields})
