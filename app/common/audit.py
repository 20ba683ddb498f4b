"""The audit trail: who did what to what, and what it was before. Written in the change's own transaction."""

from __future__ import annotations

from typing import Any

from app.common.database import Transaction
from app.common.ids import new_id
from app.common.models import AuditEvent
from app.common.scope import Scope


def record(
    tx: Transaction,
    scope: Scope,
    action: str,
    subject_kind: str,
    subject_id: str | None,
    *,
    merchant_id: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write one event: ``action`` is a verb in the past ("reward.changed"), ``before`` and ``after`` the fields that
    differ, without secrets and personal data. The actor and the time are the scope's. Each call writes one more."""
    tx.session.add(
        AuditEvent(
            id=new_id(),
            merchant_id=merchant_id or scope.merchant_id,
            actor_kind=scope.actor_kind,
            actor_id=scope.actor_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            before=before,
            after=after,
            occurred_at=scope.now,
        )
    )
