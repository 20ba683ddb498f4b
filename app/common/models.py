"""Tables that every domain writes into and none owns: the outbox, the audit trail, idempotency keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, text
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
        Index("ix_audit_event_actor", "actor_kind", "actor_id", "id"),
        Index("ix_audit_event_subject", "subject_id", "id"),
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


class PlatformBrand(Model):
    """How the town's card is called and looks, in versions: the newest is in force. Append-only."""

    __tablename__ = "platform_brand"
    __table_args__ = (
        CheckConstraint("hue >= 0 AND hue < 360", name="hue"),
        CheckConstraint("logo_svg IS NULL OR logo_picture IS NULL", name="one_logo"),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    hue: Mapped[int]
    logo_svg: Mapped[str | None] = mapped_column(Text)
    logo_picture: Mapped[bytes | None] = mapped_column(LargeBinary)  # made anew from what was uploaded, as WebP
    sender_name: Mapped[str | None] = mapped_column(Text)
    reply_to: Mapped[str | None] = mapped_column(Text)
    support_address: Mapped[str | None] = mapped_column(Text)
    former_hosts: Mapped[list[Any]] = mapped_column(server_default="[]")  # of cards that are printed already
    created_by: Mapped[str | None] = mapped_column(Id)  # an operator
    created_at: Mapped[datetime]


class JobPlan(Model):
    """How old the last run of each scheduled job may be before somebody should look, as the jobs themselves say."""

    __tablename__ = "job_plan"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    expected_seconds: Mapped[int]
    noted_at: Mapped[datetime]


class MailBounce(Model):
    """A mail that did not arrive: refused by the server it was given to, or sent back later. Nobody's name is kept."""

    __tablename__ = "mail_bounce"
    __table_args__ = (
        CheckConstraint("how IN ('refused', 'returned')", name="how"),
        Index("ix_mail_bounce_bounced_at", "bounced_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    domain: Mapped[str] = mapped_column(Text)  # of the address: proximus.be
    how: Mapped[str] = mapped_column(Text)
    told: Mapped[str] = mapped_column(Text)  # the server's code
    bounced_at: Mapped[datetime]


class BackupRun(Model):
    """A backup that was asked for from the screen, and what became of it. ``lane`` is set while it waits or runs, and
    unique: there is one at a time."""

    __tablename__ = "backup_run"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'running', 'done', 'failed', 'removed')", name="status"),
        CheckConstraint("(status IN ('waiting', 'running')) = (lane IS NOT NULL)", name="lane"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    status: Mapped[str] = mapped_column(Text, server_default="waiting")
    lane: Mapped[str | None] = mapped_column(Text, unique=True)
    asked_by: Mapped[str | None] = mapped_column(Id)
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]  # its last sign of life
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    ended_at: Mapped[datetime | None]
    file: Mapped[str | None] = mapped_column(Text)
    bytes: Mapped[int | None]
    facts: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(Text)


class DatabaseDay(Model):
    """How large the database was on a day (UTC), and its largest tables, in bytes by name."""

    __tablename__ = "database_day"

    day: Mapped[str] = mapped_column(Text, primary_key=True)
    bytes: Mapped[int]
    tables: Mapped[dict[str, Any]]
    measured_at: Mapped[datetime]
