"""Which tablets should be heard of and are not: their shop is open, and has been for an hour. One that was paired and
never heard of since was never at work, so that nobody misses it: those are told apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.common.clock import zone
from app.common.database import Transaction
from app.common.sql import Statement
from app.common.types import decode_time
from app.merchants.opening_hours import is_open, parse
from app.rewards.configuration import document

SILENT = timedelta(hours=1)
_OPENS, _CLOSES = 9, 18  # where a shop never told its hours: by day, but not on Sunday
_SUNDAY = 6

_TABLETS = Statement(
    """
    SELECT d.id, d.name, d.last_seen_at, coalesce(d.queue_length, 0), l.name, l.timezone,
        l.opening_hours, m.id, m.name, m.country
    FROM device d JOIN location l ON l.id = d.location_id JOIN merchant m ON m.id = d.merchant_id
    WHERE d.kind = 'tablet' AND d.revoked_at IS NULL AND d.is_sandbox = :no AND l.is_active = :yes
        AND m.status = 'active' AND d.last_seen_at < :before
    ORDER BY d.last_seen_at, d.id
    """
)
_UNHEARD = Statement(
    """
    SELECT count(*) FROM device d JOIN location l ON l.id = d.location_id JOIN merchant m ON m.id = d.merchant_id
    WHERE d.kind = 'tablet' AND d.revoked_at IS NULL AND d.is_sandbox = :no AND l.is_active = :yes
        AND m.status = 'active' AND d.last_seen_at IS NULL AND d.created_at < :before
    """
)


@dataclass(frozen=True, slots=True)
class Offline:
    """A tablet that was not heard of. ``queued``: how many visits waited in it when it last was."""

    device_id: str
    name: str
    seen_at: datetime
    queued: int
    location: str
    merchant_id: str
    merchant: str


def list_offline(tx: Transaction, now: datetime) -> list[Offline]:
    """The tablets unheard of for an hour in shops that were open all that hour, the longest first."""
    found = []
    for row in tx.rows(_TABLETS, {"no": False, "yes": True, "before": now - SILENT}):
        device_id, name, seen, queued, location, timezone, hours, merchant_id, merchant, country = row
        if not _should_be_on(document(hours), timezone, country, now):
            continue
        seen_at = decode_time(seen) if isinstance(seen, str) else seen
        found.append(Offline(device_id, name, seen_at, int(queued), location, merchant_id, merchant))
    return found


def count_unheard(tx: Transaction, now: datetime) -> int:
    """How many tablets were paired more than an hour ago and never heard of since."""
    return int(tx.rows(_UNHEARD, {"no": False, "yes": True, "before": now - SILENT})[0][0])


def _should_be_on(told: dict[str, object], timezone: str, country: str, now: datetime) -> bool:
    hours = parse(told)
    moments = (now, now - SILENT)
    if hours.is_known:
        return all(is_open(hours, at, timezone=timezone, country=country) for at in moments)
    local = [at.astimezone(zone(timezone)) for at in moments]
    return all(_OPENS <= at.hour < _CLOSES and at.weekday() != _SUNDAY for at in local)
