"""A shop's people, tablets and keys, as its own screens list them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select

from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants.models import Device, DeviceGap, Location, Merchant, Staff, StaffLogin, StaffPasskey

MOST_GONE = 20  # devices that were ended: the last of them are told


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works, or worked, at a shop."""

    staff_id: str
    name: str
    role: str
    email: str | None
    location_id: str | None
    location_name: str | None
    has_pin: bool
    is_active: bool
    invited_at: datetime | None
    has_second: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Equipment:
    """A tablet or a key. ``missing`` counts the numbers of its queue that never came."""

    device_id: str
    kind: str
    name: str
    location_id: str
    location_name: str
    scopes: tuple[str, ...]
    is_sandbox: bool
    created_at: datetime
    last_seen_at: datetime | None
    app_version: str | None
    queue_length: int | None
    clock_offset_ms: int | None
    is_storage_kept: bool | None
    missing: int
    revoked_at: datetime | None
    written_off_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A shop that asks somebody in."""

    staff_id: str
    shop: str
    hue: int
    role: str


@dataclass(frozen=True, slots=True)
class LocationName:
    """A place of a merchant that is open to be chosen."""

    location_id: str
    name: str


def list_team(scope: Scope) -> list[Colleague]:
    """The people of the scope's merchant: who works there now first, owners before managers before cashiers, by name;
    for whoever works at one location those who work there too."""
    has_passkey = exists().where(StaffPasskey.login_id == StaffLogin.id)
    wanted = (
        select(Staff, StaffLogin, Location.name, has_passkey)
        .outerjoin(StaffLogin, StaffLogin.id == Staff.login_id)
        .outerjoin(Location, Location.id == Staff.location_id)
        .where(Staff.merchant_id == scope.merchant_id)
    )
    if scope.location_id is not None:
        wanted = wanted.where(or_(Staff.location_id.is_(None), Staff.location_id == scope.location_id))
    with scope.reading() as tx:
        found = [
            Colleague(
                staff_id=staff.id,
                name=staff.name,
                role=staff.role,
                email=staff.email,
                location_id=staff.location_id,
                location_name=place,
                has_pin=staff.pin_hash is not None,
                is_active=staff.is_active,
                invited_at=staff.invited_at,
                has_second=bool(login is not None and (login.totp_secret is not None or passkey)),
                revision=staff.revision,
            )
            for staff, login, place, passkey in tx.session.execute(wanted)
        ]
    order = {"owner": 0, "manager": 1, "cashier": 2}
    return sorted(found, key=lambda one: (not one.is_active, order[one.role], one.name.casefold(), one.staff_id))


def get_colleague(scope: Scope, staff_id: str) -> Colleague:
    """One of :func:`list_team`. Raises NotFoundError."""
    for one in list_team(scope):
        if one.staff_id == staff_id:
            return one
    raise NotFoundError


def list_equipment(scope: Scope, kind: str) -> list[Equipment]:
    """The tablets (``tablet``) or keys (``key``, those of the sandbox too) of the scope's merchant: those in use, the
    newest first, then the last that were ended."""
    missing = (
        select(func.coalesce(func.sum(DeviceGap.last - DeviceGap.first + 1), 0))
        .where(DeviceGap.device_id == Device.id)
        .scalar_subquery()
    )
    # Training devices of the sandbox are no tablets: nobody paired them.
    ours = Device.merchant_id == scope.merchant_id
    if kind == "key":
        ours = or_(ours, Device.merchant_id.in_(select(Merchant.id).where(Merchant.sandbox_of == scope.merchant_id)))
    wanted = (
        select(Device, Location.name, missing)
        .join(Location, Location.id == Device.location_id)
        .where(ours, Device.kind == kind)
        .order_by(Device.revoked_at.is_not(None), Device.id.desc())
    )
    if scope.location_id is not None:
        wanted = wanted.where(Device.location_id == scope.location_id)
    with scope.reading() as tx:
        rows = tx.session.execute(wanted).all()
    found = [
        Equipment(
            device_id=row.id,
            kind=row.kind,
            name=row.name,
            location_id=row.location_id,
            location_name=place,
            scopes=tuple(row.scopes),
            is_sandbox=row.is_sandbox,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            app_version=row.app_version,
            queue_length=row.queue_length,
            clock_offset_ms=row.clock_offset_ms,
            is_storage_kept=row.is_storage_kept,
            missing=int(lost),
            revoked_at=row.revoked_at,
            written_off_at=row.written_off_at,
        )
        for row, place, lost in rows
    ]
    in_use = [one for one in found if one.revoked_at is None]
    return in_use + [one for one in found if one.revoked_at is not None][:MOST_GONE]


def get_equipment(scope: Scope, device_id: str) -> Equipment:
    """One tablet or key of the scope's merchant, whatever became of it. Raises NotFoundError."""
    for kind in ("tablet", "key"):
        for one in list_equipment(scope, kind):
            if one.device_id == device_id:
                return one
    raise NotFoundError


def list_invitations(scope: Scope, login_id: str) -> list[Invitation]:
    """The shops that ask a login in and wait for an answer."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(Staff.id, Merchant.name, Merchant.hue, Staff.role)
            .join(Merchant, Merchant.id == Staff.merchant_id)
            .where(Staff.login_id == login_id, Staff.is_active, Staff.invited_at.is_not(None))
            .order_by(Staff.invited_at.desc())
        )
        return [Invitation(*row) for row in rows]


def list_location_names(scope: Scope) -> list[LocationName]:
    """The open places of the scope's merchant, by name; for whoever works at one, that one."""
    wanted = (
        select(Location.id, Location.name)
        .where(Location.merchant_id == scope.merchant_id, Location.is_active)
        .order_by(Location.name, Location.id)
    )
    if scope.location_id is not None:
        wanted = wanted.where(Location.id == scope.location_id)
    with scope.reading() as tx:
        return [LocationName(*row) for row in tx.session.execute(wanted)]
