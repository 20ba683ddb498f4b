"""The audit trail as operators read it: every act, of whom, on what, with what it was before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.models import Merchant, Operator

PAGE = 50


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One event. ``actor`` is an operator's name where an operator acted, ``shop`` the merchant's."""

    event_id: str
    at: datetime
    actor_kind: str
    actor_id: str | None
    actor: str | None
    action: str
    subject_kind: str
    subject_id: str | None
    merchant_id: str | None
    shop: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Events, the newest first, and the ``before`` with which they go on."""

    rows: list[TrailRow]
    next: str | None


def read_trail(
    scope: Scope,
    *,
    actor_id: str | None = None,
    merchant_id: str | None = None,
    only_operators: bool = True,
    before: str | None = None,
) -> TrailPage:
    """A page of the trail: of operators alone or of everybody, of one actor, at one merchant."""
    wanted = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(PAGE + 1)
    if actor_id is not None:
        wanted = wanted.where(AuditEvent.actor_kind == "operator", AuditEvent.actor_id == actor_id)
    elif only_operators:
        wanted = wanted.where(AuditEvent.actor_kind == "operator")
    if merchant_id is not None:
        wanted = wanted.where(AuditEvent.merchant_id == merchant_id)
    if before is not None:
        wanted = wanted.where(AuditEvent.id < before)
    with scope.reading() as tx:
        events = list(tx.session.scalars(wanted))
        more = len(events) > PAGE
        events = events[:PAGE]
        names = {
            one.id: one.name or one.email
            for one in tx.session.scalars(
                select(Operator).where(Operator.id.in_({event.actor_id for event in events if event.actor_id}))
            )
        }
        shops = dict(
            tx.session.execute(
                select(Merchant.id, Merchant.name).where(
                    Merchant.id.in_({event.merchant_id for event in events if event.merchant_id})
                )
            ).all()
        )
    rows = [
        TrailRow(
            event_id=event.id,
            at=event.occurred_at,
            actor_kind=event.actor_kind,
            actor_id=event.actor_id,
            actor=names.get(event.actor_id or ""),
            action=event.action,
            subject_kind=event.subject_kind,
            subject_id=event.subject_id,
            merchant_id=event.merchant_id,
            shop=shops.get(event.merchant_id or ""),
            before=event.before or {},
            after=event.after or {},
        )
        for event in events
    ]
    return TrailPage(rows, rows[-1].event_id if more else None)
