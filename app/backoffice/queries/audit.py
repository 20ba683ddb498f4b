"""Who did what at a business, as its owner reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.common.database import Transaction
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.models import Device, Location, Staff
from app.rewards.models import Programme, Promotion, Reward

PAGE = 50


@dataclass(frozen=True, slots=True)
class Act:
    """One event. ``actor`` and ``subject`` are names where somebody or something of the business is meant."""

    event_id: str
    at: datetime
    actor_kind: str
    actor: str | None
    action: str
    subject_kind: str
    subject: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trail:
    """A page of events, the newest first, and the ``before`` with which it goes on."""

    acts: list[Act]
    next: str | None


def read_trail(
    scope: Scope,
    *,
    staff_id: str | None = None,
    subjects: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    before: str | None = None,
) -> Trail:
    """What was done at the scope's merchant, the newest first: by one member of its staff, to some kinds of subjects,
    within two moments (``until`` is not part of it)."""
    wanted = (
        select(AuditEvent)
        .where(AuditEvent.merchant_id == scope.merchant_id)
        .order_by(AuditEvent.id.desc())
        .limit(PAGE + 1)
    )
    if staff_id is not None:
        wanted = wanted.where(AuditEvent.actor_id == staff_id)
    if subjects:
        wanted = wanted.where(AuditEvent.subject_kind.in_(subjects))
    if since is not None:
        wanted = wanted.where(AuditEvent.occurred_at >= since)
    if until is not None:
        wanted = wanted.where(AuditEvent.occurred_at < until)
    if before is not None:
        wanted = wanted.where(AuditEvent.id < before)
    with scope.reading() as tx:
        rows = tx.session.scalars(wanted).all()
        shown = rows[:PAGE]
        names = names_of(tx, scope, shown)
    acts = [
        Act(
            event_id=row.id,
            at=row.occurred_at,
            actor_kind=row.actor_kind,
            actor=names.get(row.actor_id or ""),
            action=row.action,
            subject_kind=row.subject_kind,
            subject=names.get(row.subject_id or ""),
            before={key: _named(names, value) for key, value in (row.before or {}).items()},
            after={key: _named(names, value) for key, value in (row.after or {}).items()},
        )
        for row in shown
    ]
    return Trail(acts, shown[-1].id if len(rows) > PAGE else None)


def last_change(scope: Scope, subject_kind: str, subject_id: str) -> Act | None:
    """What was done to one thing last, for whoever is told that somebody was faster."""
    with scope.reading() as tx:
        rows = tx.session.scalars(
            select(AuditEvent)
            .where(
                AuditEvent.merchant_id == scope.merchant_id,
                AuditEvent.subject_kind == subject_kind,
                AuditEvent.subject_id == subject_id,
            )
            .order_by(AuditEvent.id.desc())
            .limit(1)
        ).all()
        names = names_of(tx, scope, rows)
    if not rows:
        return None
    row = rows[0]
    return Act(
        row.id,
        row.occurred_at,
        row.actor_kind,
        names.get(row.actor_id or ""),
        row.action,
        row.subject_kind,
        names.get(row.subject_id or ""),
        {key: _named(names, value) for key, value in (row.before or {}).items()},
        {key: _named(names, value) for key, value in (row.after or {}).items()},
    )


def names_of(tx: Transaction, scope: Scope, rows: Sequence[AuditEvent]) -> dict[str, str]:
    """From the ids in events to what the business calls them now; what is not its own stays without a name."""
    ids = {row.actor_id for row in rows} | {row.subject_id for row in rows}
    for row in rows:
        for told in (row.before, row.after):
            ids |= {value for value in (told or {}).values() if isinstance(value, str)}
    wanted = {one for one in ids if one is not None and len(one) == 36}
    if not wanted:
        return {}
    found: dict[str, str] = {}
    for model in (Staff, Device, Location, Programme, Reward, Promotion):
        found |= {
            row.id: row.name
            for row in tx.session.execute(
                select(model.id, model.name).where(model.id.in_(wanted), model.merchant_id == scope.merchant_id)
            )
        }
    return found


def _named(names: Mapping[str, str], value: Any) -> Any:
    return names.get(value, value) if isinstance(value, str) else value
