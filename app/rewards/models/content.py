"""The table of what somebody finds wrong with what a shop shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class ContentReport(Model):
    """A shop's logo, story, reward or picture of a reward that was reported, and what the operator decided. Who
    reported it is not kept. ``kept`` is what was taken down, to be put back where the decision is undone."""

    __tablename__ = "content_report"
    __table_args__ = (
        CheckConstraint("what IN ('logo', 'story', 'reward', 'picture')", name="what"),
        CheckConstraint("(reward_id IS NULL) = (what IN ('logo', 'story'))", name="reward_id"),
        CheckConstraint("reason IN ('illegal', 'offensive', 'misleading', 'rights', 'other')", name="reason"),
        CheckConstraint("status IN ('open', 'taken_down', 'dismissed', 'restored')", name="status"),
        Index(
            "ix_content_report_open",
            "id",
            postgresql_where=text("status = 'open'"),
            sqlite_where=text("status = 'open'"),
        ),
        Index("ix_content_report_merchant_id", "merchant_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    what: Mapped[str] = mapped_column(Text)
    reward_id: Mapped[str | None] = mapped_column(Id)
    reason: Mapped[str] = mapped_column(Text)
    words: Mapped[str | None] = mapped_column(Text)
    shown: Mapped[dict[str, Any]]  # what stood there when it was reported
    status: Mapped[str] = mapped_column(Text, server_default="open")
    kept: Mapped[dict[str, Any] | None]
    decision: Mapped[str | None] = mapped_column(Text)  # what the shop was told
    decided_by: Mapped[str | None] = mapped_column(Id)  # an operator
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
