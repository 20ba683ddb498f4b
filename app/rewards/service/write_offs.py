"""Giving up: a tablet that is lost or broken, or the part of a queue that will not come any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.scope import Scope
from app.merchants import gaps
from app.merchants.configuration import configuration_changed
from app.merchants.models import Device
from app.rewards import releasing
from app.rewards.undecided import undecided_vouchers

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class WriteOff:
    """What was given up: the numbers of the queue that never came, first and last of each run, and how many vouchers
    that were reserved for the tablet are free again."""

    device_id: str
    name: str
    missing: tuple[tuple[int, int], ...]
    released: int
    written_off_at: datetime | None


def write_off_device(scope: Scope, device_id: str, *, reason: str) -> WriteOff:
    """Give a tablet up with whatever its queue still holds: its token is refused from now on, the vouchers reserved for
    it are their members' again, and what is missing of its queue is not missed any more.

    The one way besides the tablet's own word by which a reservation ends, so ``reason`` (up to 200 characters) is
    audited: what the tablet redeemed without a network and never told can then be redeemed once more. A redemption of
    its queue on which somebody has yet to decide keeps its voucher until then. A second time changes nothing. Raises
    ``NotFoundError``, ``InvalidError`` for a reason that is empty or too long.
    """
    told = _reason(reason)

    def work(tx: Transaction) -> WriteOff:
        device = _locked(tx, scope, device_id)
        if device.written_off_at is not None:
            return WriteOff(device_id, device.name, (), 0, device.written_off_at)
        was_revoked = device.revoked_at is not None
        device.written_off_at = scope.now
        device.revoked_at = device.revoked_at or scope.now
        tx.session.flush()
        configuration_changed(tx, device.merchant_id)
        undecided = undecided_vouchers(tx, device.location_id)
        released = releasing.release_all(tx, scope, device_id, keeping=undecided)
        lost = tuple(gaps.runs(gaps.forget_gaps(tx, device_id)))
        audit.record(
            tx,
            scope,
            "device.written_off",
            "device",
            device_id,
            merchant_id=device.merchant_id,
            before={"was_revoked": was_revoked, "queue_length": device.queue_length, "missing": lost},
            after={"reason": told, "released": released},
        )
        return WriteOff(device_id, device.name, lost, released, device.written_off_at)

    return scope.run(work)


def write_off_missing(scope: Scope, device_id: str, *, reason: str) -> WriteOff:
    """Take it that what is missing of a tablet's queue will not come, and let the tablet go on. Audited; a number that
    comes after all is booked as ever. A second time finds nothing. Raises as :func:`write_off_device`."""
    told = _reason(reason)

    def work(tx: Transaction) -> WriteOff:
        device = _locked(tx, scope, device_id)
        lost = tuple(gaps.runs(gaps.forget_gaps(tx, device_id)))
        if lost:
            audit.record(
                tx,
                scope,
                "device.gap_written_off",
                "device",
                device_id,
                merchant_id=device.merchant_id,
                before={"missing": lost},
                after={"reason": told},
            )
        return WriteOff(device_id, device.name, lost, 0, device.written_off_at)

    return scope.run(work)


def _locked(tx: Transaction, scope: Scope, device_id: str) -> Device:
    # Before everything else of the tablet's: so a batch of its queue, or a new reservation, comes before or after.
    wanted = select(Device).where(Device.id == device_id).with_for_update().execution_options(populate_existing=True)
    device = tx.session.scalars(wanted).first()
    if device is None or scope.merchant_id not in (None, device.merchant_id):
        raise NotFoundError(what="device")
    return device


def _reason(text: str) -> str:
    told = text.strip()
    if not 0 < len(told) <= LONGEST_REASON:
        raise InvalidError(errors={"reason": ["reason_expected"]})
    return told
