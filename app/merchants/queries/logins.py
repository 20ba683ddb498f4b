"""Logins, read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.models import StaffLogin, StaffPasskey


@dataclass(frozen=True, slots=True)
class StaffPasskeyView:
    """A passkey of a login's own."""

    passkey_id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


def password_of(tx: Transaction, login_id: str) -> str | None:
    """What is stored of a login's password, in the caller's transaction."""
    return tx.session.scalars(select(StaffLogin.password_hash).where(StaffLogin.id == login_id)).first()


def list_staff_passkeys(scope: Scope, login_id: str) -> list[StaffPasskeyView]:
    """A login's passkeys, the newest first."""
    with scope.reading() as tx:
        rows = tx.session.scalars(
            select(StaffPasskey).where(StaffPasskey.login_id == login_id).order_by(StaffPasskey.id.desc())
        )
        return [StaffPasskeyView(row.id, row.name, row.created_at, row.last_used_at) for row in rows]
