"""Tables of the privacy desk. A request is the desk's own and may have no member yet, so its key is its id; what is one
member's (that she was told of her erasure) begins with hers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

KINDS = ("access", "erasure", "correction", "objection")
CHANNELS = ("mail", "phone", "letter", "counter", "app", "retention")
STATUSES = ("open", "waiting", "done", "refused")
CHECKS = ("app", "mail", "card", "document")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN (" + ", ".join(f"'{value}'" for value in values) + ")"


class PrivacyRequest(Model):
    """What somebody asked about her data, and what came of it. ``outcome`` counts what was destroyed or handed out: the
    receipt, which names no person. ``words`` and ``contact`` are sealed by the platform's data key, and are destroyed
    when the person is."""

    __tablename__ = "privacy_request"
    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint(_one_of("channel", CHANNELS), name="channel"),
        CheckConstraint(_one_of("status", STATUSES), name="status"),
        CheckConstraint("identity_check IS NULL OR " + _one_of("identity_check", CHECKS), name="identity_check"),
        CheckConstraint("(status IN ('done', 'refused')) = (done_at IS NOT NULL)", name="done"),
        Index("ix_privacy_request_status_due_at", "status", "due_at"),
        Index("ix_privacy_request_member_id", "member_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="open")
    member_id: Mapped[str | None] = mapped_column(Id)
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    identity_check: Mapped[str | None] = mapped_column(Text)
    identified_at: Mapped[datetime | None]
    identified_by: Mapped[str | None] = mapped_column(Id)
    contact: Mapped[bytes | None] = mapped_column(LargeBinary)
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcome: Mapped[dict[str, Any] | None]
    created_by: Mapped[str | None] = mapped_column(Id)
    done_by: Mapped[str | None] = mapped_column(Id)
    done_at: Mapped[datetime | None]


class PrivacyLink(Model):
    """A link by which a checked address fetches a record, once. Only the token's hash is kept."""

    __tablename__ = "privacy_link"
    __table_args__ = (Index("ix_privacy_link_request_id", "request_id"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    request_id: Mapped[str] = mapped_column(Id, ForeignKey("privacy_request.id"))
    member_id: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RetentionNotice(Model):
    """That a member was told of her erasure, and when it comes if she gives no sign of life."""

    __tablename__ = "retention_notice"
    __table_args__ = (
        CheckConstraint("channel IN ('mail', 'inbox')", name="channel"),
        Index("ix_retention_notice_erase_at", "erase_at"),
    )

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(Text)
    told_at: Mapped[datetime]
    erase_at: Mapped[datetime]


class RetentionSetting(Model):
    """After how many months without a sign of life a member is told, and how many days later erased. One row, or none
    while the usual holds."""

    __tablename__ = "retention_setting"
    __table_args__ = (
        CheckConstraint("id = 1", name="one"),
        CheckConstraint("months BETWEEN 12 AND 60", name="months"),
        CheckConstraint("grace_days BETWEEN 14 AND 90", name="grace_days"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    months: Mapped[int]
    grace_days: Mapped[int]
    changed_at: Mapped[datetime]
