"""One thing that happened to a card or its member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

GROUPS = ("cards", "visits", "redeemed", "refused", "reversed", "vouchers", "phones", "messages", "acts")


@dataclass(frozen=True, slots=True)
class Units:
    """What a booking changed in one programme."""

    programme_id: str
    programme: str
    change: int


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``group`` is one of :data:`GROUPS`, ``what`` its word. ``member_id`` is under which id
    it happened; ``number`` the card, where it is one card's."""

    at: datetime
    key: str
    group: str
    what: str
    member_id: str
    number: str | None = None
    shop_id: str | None = None
    shop: str | None = None
    place: str | None = None
    device: str | None = None
    person: str | None = None
    units: tuple[Units, ...] = ()
    amount: str | None = None
    reason: str | None = None
    about: str | None = None
    limits: tuple[str, ...] = ()
    is_undone: bool = False
    transaction_id: str | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
