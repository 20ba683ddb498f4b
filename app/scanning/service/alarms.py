"""Telling the operators of queues of which something never came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from app.common import audit
from app.common.database import Transaction
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.models import Device, Location, Merchant, Operator

AFTER = timedelta(minutes=10)
_MOST_LISTED = 20

_DUE = Statement(
    "SELECT DISTINCT g.device_id FROM device_gap g JOIN device d ON d.id = g.device_id"
    " WHERE g.alarmed_at IS NULL AND g.noticed_at <= :before AND NOT d.is_sandbox ORDER BY g.device_id"
)
_LOCK = Statement(
    "SELECT id FROM device WHERE id = :device_id FOR UPDATE", sqlite="SELECT id FROM device WHERE id = :device_id"
)
_OF_DEVICE = Statement(
    "SELECT first, last FROM device_gap WHERE device_id = :device_id AND alarmed_at IS NULL AND noticed_at <= :before"
    " ORDER BY first"
)
_ALARMED = Statement(
    "UPDATE device_gap SET alarmed_at = :now WHERE device_id = :device_id AND alarmed_at IS NULL"
    " AND noticed_at <= :before"
)
_OPEN = Statement(
    "SELECT count(*), coalesce(sum(g.last - g.first + 1), 0) FROM device_gap g JOIN device d ON d.id = g.device_id"
    " WHERE g.noticed_at <= :before AND NOT d.is_sandbox"
)


@dataclass(frozen=True, slots=True)
class Missing:
    """How many runs of numbers are missing for longer than ten minutes, and how many numbers they are."""

    runs: int
    numbers: int


def missing(transaction: Transaction, now: datetime) -> Missing:
    """What is missing of all tablets' queues for longer than ten minutes."""
    ((runs, numbers),) = transaction.rows(_OPEN, {"before": now - AFTER})
    return Missing(int(runs), int(numbers))


def raise_gap_alarms(scope: Scope) -> int:
    """Tell the operators, once, of every run of numbers that is missing for ten minutes: an event in the audit trail,
    and a mail to each of them. Returns how many runs. One transaction for each tablet; a repeat finds nothing more."""
    with scope.reading() as transaction:
        due = [row[0] for row in transaction.rows(_DUE, {"before": scope.now - AFTER})]
    return sum(scope.run(partial(_alarm, scope=scope, device_id=device_id)) for device_id in due)


def _alarm(transaction: Transaction, scope: Scope, device_id: str) -> int:
    # With the device's row held, no batch of its queue takes a run apart meanwhile.
    transaction.rows(_LOCK, {"device_id": device_id})
    which = {"device_id": device_id, "before": scope.now - AFTER}
    runs = [(first, last) for first, last in transaction.rows(_OF_DEVICE, which)]
    if not runs:
        return 0
    transaction.run(_ALARMED, {**which, "now": scope.now})
    device, location, merchant = transaction.session.execute(
        select(Device, Location.name, Merchant.name)
        .join(Location, Location.id == Device.location_id)
        .join(Merchant, Merchant.id == Device.merchant_id)
        .where(Device.id == device_id)
    ).one()
    audit.record(
        transaction,
        scope,
        "device.gap_alarmed",
        "device",
        device_id,
        merchant_id=device.merchant_id,
        after={"missing": runs},
    )
    operators = select(Operator.email).where(Operator.is_active.is_(True)).order_by(Operator.email)
    for address in transaction.session.scalars(operators):
        mail = _mail(address, device, location, merchant, runs)
        queue_mail(transaction, scope.keys.data, mail, now=scope.now)
    return len(runs)


def _mail(to: str, device: Device, location: str, merchant: str, runs: Sequence[tuple[int, int]]) -> Mail:
    count = sum(last - first + 1 for first, last in runs)
    told = ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in runs[:_MOST_LISTED])
    more = f", and {len(runs) - _MOST_LISTED} more runs" if len(runs) > _MOST_LISTED else ""
    seen = "never" if device.last_seen_at is None else f"{device.last_seen_at:%Y-%m-%d %H:%M} UTC"
    kept = {True: "yes", False: "no", None: "not told"}[device.is_storage_kept]
    text = f"""A tablet's queue has a gap: {count} of its events never came, though later ones did.

Merchant: {merchant}
Location: {location}
Tablet:   {device.name} ({device.id})
Missing:  {told}{more}
Last seen: {seen}
Its browser promised to keep the queue: {kept}

Either they are still on their way, or the tablet's storage was cleared and visits are lost.

1. Ask the shop whether the tablet was reset or its browser's data cleared.
2. If the tablet still has them, it sends them by itself, and the gap closes.
3. If they are lost:        zegel device write-off {device.id} --missing-only --reason "…"
   If the tablet is lost:   zegel device write-off {device.id} --reason "…"
"""
    return Mail(to=to, subject=f"{merchant}: {count} visits of a tablet are missing", text=text)
