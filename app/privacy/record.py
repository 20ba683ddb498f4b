"""A member's whole record, for taking away: by herself in the app, or by the privacy desk for who asks by mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, func, select
from sqlalchemy.orm import DeclarativeBase

from app.campaigns import belongings as campaigns
from app.cards.models import (
    Card,
    ConsentEvent,
    Installation,
    Login,
    Member,
    MemberSession,
    Merge,
    PassDevice,
    WalletPass,
)
from app.cards.profiles import read_profile
from app.cards.queries import aliases
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.money import format_amount
from app.common.scope import Scope
from app.insights import belongings as insights
from app.ledger.models import Account, LedgerTransaction, Lot, Transfer
from app.members.passkeys import passkeys_in
from app.rewards import shop_members
from app.rewards.models import CardRefusal, SpendingRequest, Visit, Voucher
from app.support import belongings as support

_TABLES: tuple[tuple[str, type[DeclarativeBase]], ...] = (
    ("cards", Card),
    ("installations", Installation),
    ("logins", Login),
    ("sessions", MemberSession),
    ("consents", ConsentEvent),
    ("merges", Merge),
    ("accounts", Account),
    ("lots", Lot),
    ("transactions", LedgerTransaction),
    ("transfers", Transfer),
    ("visits", Visit),
    ("vouchers", Voucher),
    ("spending_requests", SpendingRequest),
    ("refusals", CardRefusal),
)
# How the platform protects the record is not part of it, and a hash is of no use to its member.
_LEFT_OUT = {"pin_hash", "claim_code_hash", "claim_tries", "pin_tries", "seal", "seal_key", "chain", "details"}


def whole_record(tx: Transaction, scope: Scope, member_id: str) -> dict[str, Any]:
    """Everything kept about a member, as one JSON document: times as RFC 3339, the profile in clear.

    Raises ``NotFoundError`` for a member who has left.
    """
    member = tx.session.get(Member, member_id)
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
            "ask_above": _amount(member.ask_above_minor, member.brakes_currency),
            "daily_cap": _amount(member.daily_cap_minor, member.brakes_currency),
            "brakes_currency": member.brakes_currency,
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
    record["passkeys"] = [
        {
            "id": one.passkey_id,
            "name": one.name,
            "created_at": _told(one.created_at),
            "last_used_at": _told(one.last_used_at),
        }
        for one in passkeys_in(tx, scope, member.id)
    ]
    for name, model in _TABLES:
        record[name] = _rows(tx, model, everybody)
    record["wallet_passes"] = _wallet_passes(tx, everybody)
    record["shop_notes"] = shop_members.record_of(tx, scope, everybody)
    record["shop_figures"] = insights.record_of(tx, everybody)
    record["recommendations"] = insights.choices_of(tx, everybody)
    record |= campaigns.record_of(tx, scope, everybody)
    record["support_questions"] = support.record_of(tx, scope, everybody)
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


def _wallet_passes(tx: Transaction, member_ids: list[str]) -> list[dict[str, Any]]:
    """In which wallets the cards are, and on how many devices."""
    devices = (
        select(func.count()).select_from(PassDevice).where(PassDevice.card_id == WalletPass.card_id).scalar_subquery()
    )
    rows = tx.session.execute(
        select(WalletPass.card_id, WalletPass.kind, WalletPass.created_at, devices)
        .join(Card, Card.id == WalletPass.card_id)
        .where(Card.member_id.in_(member_ids))
        .order_by(WalletPass.card_id, WalletPass.kind)
    )
    return [
        {
            "card_id": card_id,
            "kind": kind,
            "created_at": _told(created_at),
            "devices": count if kind == "apple" else None,
        }
        for card_id, kind, created_at, count in rows
    ]


def _amount(minor: int | None, currency: str | None) -> str | None:
    return None if minor is None or currency is None else format_amount(minor, currency)


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value
