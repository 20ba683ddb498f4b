"""Tables that every domain writes into and none owns: the outbox, the audit trail, idempotency keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class OutboxMessage(Model):
    """Work that follows from a change, written in the change's own transaction and done by the job runner."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_due",
            "available_at",
            postgresql_where=text("done_at IS NULL"),
            sqlite_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    topic: Mapped[str] = mapped_column(Text)
    merchant_id: Mapped[str | None] = mapped_column(Id)
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    available_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(server_default="0")
    last_error: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None]


class AuditEvent(Model):
    """Who did what to what, and what it was before. Append-only: the database refuses change and deletion."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_merchant_id_id", "merchant_id", "id"),
        Index("ix_audit_event_merchant_id_actor_id_id", "merchant_id", "actor_id", "id"),
        Index("ix_audit_event_merchant_id_subject_kind_id", "merchant_id", "subject_kind", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str | None] = mapped_column(Id)
    actor_kind: Mapped[str] = mapped_column(Text)  # system, operator, staff, login, device, member
    actor_id: Mapped[str | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str | None] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    occurred_at: Mapped[datetime]


class IdempotencyKey(Model):
    """The answer that a key was first given. ``body`` is kept for 90 days; after that the answer is rebuilt from
    the rows that ``answer_to`` names. The key itself stays for ever."""

    __tablename__ = "idempotency_key"

    location_id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    body: Mapped[str | None] = mapped_column(Text)
    member_id: Mapped[str | None] = mapped_column(Id)
    answer_to: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]


class RunningJob(Model):
    """When each scheduled job last ran and how it ended, for health pages."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(Text)
