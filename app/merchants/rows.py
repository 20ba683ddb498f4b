"""Rows that a scope may touch: not yours and not there get the same answer."""

from __future__ import annotations

from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.merchants.models import Device, Location, Merchant, Staff


def merchant_of(tx: Transaction, scope: Scope, merchant_id: str) -> Merchant:
    """The merchant's row. Raises NotFoundError when it is not there or not the scope's."""
    merchant = tx.session.get(Merchant, merchant_id) if _sees(scope, merchant_id) else None
    if merchant is None:
        raise NotFoundError
    return merchant


def location_of(tx: Transaction, scope: Scope, location_id: str) -> Location:
    """The location's row. Raises NotFoundError when it is not there or not the scope's."""
    location = tx.session.get(Location, location_id)
    if location is None or not _sees(scope, location.merchant_id):
        raise NotFoundError
    if scope.location_id is not None and scope.location_id != location_id:
        raise NotFoundError
    return location


def device_of(tx: Transaction, scope: Scope, device_id: str) -> Device:
    """The device's row, also that of a key of the merchant's sandbox. Raises NotFoundError when it is not there or not
    the scope's; for whoever works at one location also where it is of another one."""
    device = tx.session.get(Device, device_id) if is_id(device_id) else None
    if device is None or not (_sees(scope, device.merchant_id) or _is_twin(tx, scope, device.merchant_id)):
        raise NotFoundError
    if scope.actor_kind == "staff" and scope.location_id not in (None, device.location_id):
        raise NotFoundError
    return device


def staff_of(tx: Transaction, scope: Scope, staff_id: str) -> Staff:
    """The row of a member of staff. Raises NotFoundError when it is not there or not the scope's."""
    staff = tx.session.get(Staff, staff_id) if is_id(staff_id) else None
    if staff is None or not _sees(scope, staff.merchant_id):
        raise NotFoundError
    return staff


def _is_twin(tx: Transaction, scope: Scope, merchant_id: str) -> bool:
    twin = tx.session.get(Merchant, merchant_id)
    return twin is not None and twin.sandbox_of is not None and twin.sandbox_of == scope.merchant_id


def _sees(scope: Scope, merchant_id: str) -> bool:
    return scope.merchant_id is None or scope.merchant_id == merchant_id
