"""What bookings come to, free of HTTP and JSON. Units are whole; money in minor units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Earned:
    """What a visit earned in one programme: each part names its rule, ``limited`` why it was not more."""

    programme_id: str
    units: int
    reason: str
    parts: tuple[Mapping[str, Any], ...]
    limited: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """A balance after a booking."""

    programme_id: str
    balance: int
    owed: int


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A voucher that a visit issued."""

    voucher_id: str
    voucher_code: str
    reward_id: str
    name: str


@dataclass(frozen=True, slots=True)
class VisitResult:
    """A booked visit, or with ``visit_id`` None what one would earn."""

    visit_id: str | None
    transaction_id: str | None
    earned: tuple[Earned, ...]
    accounts: tuple[Balance, ...]
    unlocked: tuple[Unlocked, ...]
