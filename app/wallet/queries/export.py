"""A member's whole record, for taking away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import DeclarativeBase

from app.cards.models import Card, ConsentEvent, Installation, Login, Member, Merge, RefreshToken
from app.cards.profiles import read_profile
from app.cards.queries import aliases
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.models import Account, LedgerTransaction, Lot, Transfer
from app.rewards.models import Visit, Voucher

_TABLES: tuple[tuple[str, type[DeclarativeBase]], ...] = (
    ("cards", Card),
    ("installations", Installation),
    ("logins", Login),
    ("sessions", RefreshToken),
    ("consents", ConsentEvent),
    ("merges", Merge),
    ("accounts", Account),
    ("lots", Lot),
    ("transactions", LedgerTransaction),
    ("transfers", Transfer),
    ("visits", Visit),
    ("vouchers", Voucher),
)
# How the platform protects the record is not part of it, and a hash is of no use to its member.
_LEFT_OUT = {"pin_hash", "claim_code_hash", "claim_tries", "pin_tries", "seal", "seal_key", "chain", "details"}


def export_me(scope: Scope) -> dict[str, Any]:
    """Everything kept about the scope's member, as one JSON document: times as RFC 3339, the profile in clear.

    Raises ``NotFoundError`` for a member who has left.
    """
    with scope.reading() as tx:
        member = tx.session.get(Member, scope.member_id)
        if member is None or member.status in ("erased", "merged"):
            raise NotFoundError(what="member")
        profile = read_profile(tx, scope, member.id)
        everybody = aliases(tx.session, member.id)
        record: dict[str, Any] = {
            "exported_at": _told(scope.now),
            "member": {
                "member_id": member.id,
                "status": member.status,
                "locale": member.locale,
                "is_spending_locked": member.is_spending_locked,
                "created_at": _told(member.created_at),
                "last_seen_at": _told(member.last_seen_at),
                "merged_member_ids": everybody[1:],
            },
            "profile": {
                "name": profile.name,
                "email": profile.email,
                "phone": profile.phone,
                "birthday": profile.birthday,
                "shows_name": profile.shows_name,
            },
        }
        for name, model in _TABLES:
            record[name] = _rows(tx, model, everybody)
        return record


def _rows(tx: Transaction, model: type[DeclarativeBase], member_ids: list[str]) -> list[dict[str, Any]]:
    table: Any = model.__table__
    columns = [
        column for column in table.columns if column.name not in _LEFT_OUT and not isinstance(column.type, LargeBinary)
    ]
    rows = tx.session.execute(
        select(*columns).where(table.c.member_id.in_(member_ids)).order_by(*table.primary_key.columns)
    ).mappings()
    return [{name: _told(value) for name, value in row.items()} for row in rows]


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value
