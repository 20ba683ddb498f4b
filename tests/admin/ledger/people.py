"""Operators as scopes: whoever works at the ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app.admin.service import adjusting
from app.common.ids import new_id
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.ledger.models import Account, LedgerTransaction
from app.merchants import service as merchants
from app.rewards.models import LedgerAdjustment
from tests.factories import Holder, Shop, make_holder, make_shop, visit


def operator(scope: Scope, name: str, *rights: str) -> Scope:
    """The scope of an operator with these rights; support unless told."""
    operator_id = merchants.add_operator(scope, f"{name}@zegel.example", name=name, rights=list(rights or ("support",)))
    return replace(scope, actor_kind="operator", actor_id=operator_id)


def collector(scope: Scope, units: int = 5, **how: Any) -> tuple[Shop, Holder]:
    """A shop (of stamps, 100 to a card, unless told) and a member who has so many units there."""
    shop = make_shop(scope, **(how or {"stamps": 100}))
    holder = make_holder(scope)
    fields: dict[str, Any] = {"units": units} if "points" not in how else {"amount_minor": units * 100}
    assert visit(shop.counter(), holder, **fields).ok
    return shop, holder


def ask(scope: Scope, shop: Shop, holder: Holder, units: int, *, key: str | None = None) -> adjusting.Asked:
    """Ask for an adjustment, in a request of its own."""
    return adjusting.ask_adjustment(
        replace(scope),
        member_id=holder.member_id,
        programme_id=shop.programme_id,
        units=units,
        reason="Tablet offline, receipt shown",
        adjustment_id=key or new_id(),
    )


def balance(scope: Scope, shop: Shop, holder: Holder) -> int:
    with scope.reading() as tx:
        return tx.session.scalars(
            select(Account.balance).where(
                Account.member_id == holder.member_id, Account.programme_id == shop.programme_id
            )
        ).one()


def events(scope: Scope, action: str) -> list[AuditEvent]:
    with scope.reading() as tx:
        return list(
            tx.session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)).all()
        )


def rows(scope: Scope) -> list[LedgerAdjustment]:
    """Every adjustment that was asked for, the oldest first."""
    with scope.reading() as tx:
        return list(tx.session.scalars(select(LedgerAdjustment).order_by(LedgerAdjustment.id)))


def adjusted(scope: Scope) -> int:
    """How many adjustments the ledger holds."""
    with scope.reading() as tx:
        return len(tx.session.scalars(select(LedgerTransaction.id).where(LedgerTransaction.kind == "adjust")).all())
