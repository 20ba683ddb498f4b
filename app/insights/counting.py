"""Counting what was booked on some days of a location."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.common.clock import zone
from app.common.database import Transaction
from app.common.money import parse_amount
from app.common.sql import Statement
from app.rewards.configuration import document

_PROMOTION = "promotion:"
_VISITS = Statement(
    """
    SELECT v.occurred_at, v.amount_minor, v.refunded_minor, v.earned, NOT EXISTS (
        SELECT 1 FROM visit e
        WHERE e.member_id = v.member_id AND e.merchant_id = v.merchant_id AND e.reversed_at IS NULL
            AND (e.occurred_at < v.occurred_at OR (e.occurred_at = v.occurred_at AND e.id < v.id))
    )
    FROM visit v
    WHERE v.location_id = :location_id AND v.occurred_at >= :start AND v.occurred_at < :end AND v.reversed_at IS NULL
    """
)
_REDEEMED = Statement(
    """
    SELECT redeemed_at, reward_id, cost, value FROM voucher
    WHERE redeemed_location_id = :location_id AND redeemed_at >= :start AND redeemed_at < :end AND status = 'redeemed'
    """
)


@dataclass(frozen=True, slots=True)
class Place:
    """A location, and how far its bookings were counted."""

    location_id: str
    merchant_id: str
    timezone: str
    currency: str
    upto: str | None
    revision: int | None


@dataclass(slots=True)
class Counted:
    """What was counted of some days, as rows: by (day, hour), (day, promotion) and (day, reward)."""

    hours: dict[tuple[str, int], dict[str, int]] = field(default_factory=dict)
    promotions: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    rewards: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)


_HOUR_FIELDS = [
    "visits",
    "new_visits",
    "amount_minor",
    "amount_visits",
    "units",
    "redemptions",
    "redeemed_units",
    "redeemed_minor",
    "unpriced",
]
_PROMOTION_FIELDS = ["visits", "units", "amount_minor", "amount_visits"]
_REWARD_FIELDS = ["redemptions", "units", "worth_minor", "unpriced"]


def count_days(tx: Transaction, place: Place, first: date, last: date) -> Counted:
    """Count the visits and redemptions of the local days ``first`` to ``last``."""
    there = zone(place.timezone)
    span = {
        "location_id": place.location_id,
        "start": datetime.combine(first, time(), there).astimezone(UTC),
        "end": datetime.combine(last + timedelta(days=1), time(), there).astimezone(UTC),
    }
    counted = Counted()
    for occurred_at, amount, refunded, earned, is_first in tx.rows(_VISITS, span):
        local = occurred_at.astimezone(there)
        hour = _slot(counted.hours, (local.date().isoformat(), local.hour), _HOUR_FIELDS)
        hour["visits"] += 1
        hour["new_visits"] += bool(is_first)
        if amount is not None:
            hour["amount_minor"] += amount - refunded
            hour["amount_visits"] += 1
        entries = document(earned) or ()
        hour["units"] += sum(entry["units"] for entry in entries)
        for promotion_id, units in _extras(entries).items():
            day = _slot(counted.promotions, (local.date().isoformat(), promotion_id), _PROMOTION_FIELDS)
            day["visits"] += 1
            day["units"] += units
            if amount is not None:
                day["amount_minor"] += amount - refunded
                day["amount_visits"] += 1
    for redeemed_at, reward_id, cost, value in tx.rows(_REDEEMED, span):
        local = redeemed_at.astimezone(there)
        worth = worth_of(document(value), place.currency)
        hour = _slot(counted.hours, (local.date().isoformat(), local.hour), _HOUR_FIELDS)
        hour["redemptions"] += 1
        hour["redeemed_units"] += cost
        hour["redeemed_minor"] += worth or 0
        hour["unpriced"] += worth is None
        day = _slot(counted.rewards, (local.date().isoformat(), reward_id), _REWARD_FIELDS)
        day["redemptions"] += 1
        day["units"] += cost
        day["worth_minor"] += worth or 0
        day["unpriced"] += worth is None
    return counted


def worth_of(value: Mapping[str, Any] | None, currency: str) -> int | None:
    """What a voucher's value comes to in minor units; None where only its name or a percentage is known."""
    amount = None if value is None else value.get("amount")
    return None if amount is None else parse_amount(str(amount), currency)


def _extras(entries: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """What each promotion gave to a visit."""
    found: dict[str, int] = {}
    for entry in entries:
        for rule, units, *_ in entry.get("parts", ()):
            if rule.startswith(_PROMOTION):
                promotion_id = rule.removeprefix(_PROMOTION)
                found[promotion_id] = found.get(promotion_id, 0) + units
    return found


def _slot(rows: dict[Any, dict[str, int]], key: Any, fields: Iterable[str]) -> dict[str, int]:
    row = rows.get(key)
    if row is None:
        row = rows[key] = dict.fromkeys(fields, 0)
    return row
