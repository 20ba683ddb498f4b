"""Tables of the adjustments that operators book, and of how much one of them may book alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

WAITS = timedelta(days=7)  # so long somebody may decide
STATUSES = ("open", "approved", "declined", "withdrawn", "expired")


class LedgerAdjustment(Model):
    """What an operator wants booked on a member's account: so many units given or taken, or the undoing of a booking
    (``reverses_id``, a booking of ``reverses_member_id``). Up to the limit it is booked at once; above it a second
    person decides, who is never the one that asked: the database refuses that too."""

    __tablename__ = "ledger_adjustment"
    __table_args__ = (
        ForeignKeyConstraint(["member_id"], ["member.id"]),
        UniqueConstraint("member_id", "transaction_id"),
        CheckConstraint("status IN (" + ", ".join(f"'{status}'" for status in STATUSES) + ")", name="status"),
        CheckConstraint("units <> 0 OR reverses_id IS NOT NULL", name="units"),
        CheckConstraint("(reverses_id IS NULL) = (reverses_member_id IS NULL)", name="reverses"),
        CheckConstraint("decided_by <> asked_by", name="second_person"),
        CheckConstraint(
            "NOT (needs_second AND status IN ('approved', 'declined')) OR decided_by IS NOT NULL", name="decided"
        ),
        CheckConstraint("(status = 'approved') = (transaction_id IS NOT NULL)", name="booked"),
        Index(
            "ix_ledger_adjustment_open",
            "created_at",
            postgresql_where=text("status = 'open'"),
            sqlite_where=text("status = 'open'"),
        ),
        Index("ix_ledger_adjustment_asked_by", "asked_by", "created_at"),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"))
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    units: Mapped[int]  # what the member gets, or gives where it is below zero
    reverses_member_id: Mapped[str | None] = mapped_column(Id)
    reverses_id: Mapped[str | None] = mapped_column(Id)
    reason: Mapped[str] = mapped_column(Text)
    needs_second: Mapped[bool]
    status: Mapped[str] = mapped_column(Text, server_default="open")
    asked_by: Mapped[str] = mapped_column(Id, ForeignKey("operator.id"))
    created_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(Id, ForeignKey("operator.id"))
    decided_at: Mapped[datetime | None]
    transaction_id: Mapped[str | None] = mapped_column(Id)


class AdjustmentLimit(Model):
    """How many stamps, or points, one operator may give or take alone within 24 hours: on one account, and in all.
    Without a row the defaults hold."""

    __tablename__ = "adjustment_limit"
    __table_args__ = (
        CheckConstraint("kind IN ('stamps', 'points')", name="kind"),
        CheckConstraint("most >= 0 AND most_in_all >= most", name="most"),
    )

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    most: Mapped[int]
    most_in_all: Mapped[int]
    changed_by: Mapped[str] = mapped_column(Id, ForeignKey("operator.id"))
    changed_at: Mapped[datetime]
