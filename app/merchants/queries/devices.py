"""Devices and staff, read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.models import Device, Staff

_FIND = Statement(
    """SELECT d.id, d.merchant_id, d.location_id, d.kind, d.name, d.scopes, d.is_sandbox, m.status, l.is_active,
    m.currency, m.config_version FROM device d JOIN merchant m ON m.id = d.merchant_id
    JOIN location l ON l.id = d.location_id WHERE d.token_hash = :token_hash AND d.revoked_at IS NULL"""
)


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """Who a token's bearer is: one device at one location of one merchant."""

    device_id: str
    merchant_id: str
    location_id: str
    kind: str  # tablet, key
    name: str
    scopes: frozenset[str]
    is_sandbox: bool
    merchant_status: str  # active, suspended, closed
    is_location_active: bool
    currency: str
    config_version: int


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device as its merchant sees it."""

    device_id: str
    location_id: str
    kind: str
    name: str
    scopes: tuple[str, ...]
    is_sandbox: bool
    created_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class StaffView:
    """A member of staff as the merchant sees them."""

    staff_id: str
    location_id: str | None
    name: str
    role: str
    email: str | None
    has_pin: bool
    is_active: bool


def find_device_by_token_hash(tx: Transaction, token_hash: bytes) -> DeviceIdentity | None:
    """The device whose token has this SHA-256, in one query; ``None`` for an unknown or revoked one.

    A merchant that is suspended or closed keeps its devices: the caller decides what they may still do.
    """
    found = tx.rows(_FIND, {"token_hash": token_hash})
    if not found:
        return None
    device_id, merchant_id, location_id, kind, name, scopes, sandbox, status, active, currency, version = found[0]
    return DeviceIdentity(
        device_id=device_id,
        merchant_id=merchant_id,
        location_id=location_id,
        kind=kind,
        name=name,
        scopes=frozenset({"approve"} if "approve" in scopes else ()),  # SQLite gives the list as its JSON text
        is_sandbox=bool(sandbox),
        merchant_status=status,
        is_location_active=bool(active),
        currency=currency,
        config_version=version,
    )


def list_devices(scope: Scope) -> list[DeviceView]:
    """The merchant's devices, those in use first, the newest first."""
    with scope.reading() as tx:
        rows = tx.session.scalars(
            select(Device)
            .where(Device.merchant_id == scope.merchant_id)
            .order_by(Device.revoked_at.is_not(None), Device.id.desc())
        )
        return [
            DeviceView(
                device_id=row.id,
                location_id=row.location_id,
                kind=row.kind,
                name=row.name,
                scopes=tuple(row.scopes),
                is_sandbox=row.is_sandbox,
                created_at=row.created_at,
                last_seen_at=row.last_seen_at,
                revoked_at=row.revoked_at,
            )
            for row in rows
        ]


def list_staff(scope: Scope) -> list[StaffView]:
    """The merchant's people, those who work there now first, by name."""
    with scope.reading() as tx:
        rows = tx.session.scalars(
            select(Staff)
            .where(Staff.merchant_id == scope.merchant_id)
            .order_by(Staff.is_active.desc(), Staff.name, Staff.id)
        )
        return [
            StaffView(
                staff_id=row.id,
                location_id=row.location_id,
                name=row.name,
                role=row.role,
                email=row.email,
                has_pin=row.pin_hash is not None,
                is_active=row.is_active,
            )
            for row in rows
        ]
