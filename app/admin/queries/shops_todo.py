"""Shops that need a person: those that wait to be approved."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select

from app.admin.todo import ToDo
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.models import Merchant

MOST = 50
WITHIN = timedelta(days=2)  # so long whoever signs up waits for an answer


def waiting(scope: Scope) -> list[ToDo]:
    """The shops on trial that nobody has asked anything or decided on, the one that waits longest first. ``words`` and
    ``act`` are in English, for whoever shows them to translate."""
    asked = exists().where(
        AuditEvent.merchant_id == Merchant.id,
        AuditEvent.subject_kind == "merchant",
        AuditEvent.action == "merchant.asked",
    )
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(Merchant.id, Merchant.name, Merchant.created_at)
            .where(
                Merchant.approved_at.is_(None),
                Merchant.status == "active",
                Merchant.sandbox_of.is_(None),
                Merchant.frozen_from.is_(None),
                ~asked,
            )
            .order_by(Merchant.created_at, Merchant.id)
            .limit(MOST)
        ).all()
    return [
        ToDo(
            area="shops",
            kind="approve",
            words="A new shop waits to be approved",
            about=name,
            due_at=created_at + WITHIN,
            href=f"/admin/shops/{merchant_id}",
            act="Look",
            right="administrator",
            is_urgent=created_at + WITHIN <= scope.now,
        )
        for merchant_id, name, created_at in rows
    ]
