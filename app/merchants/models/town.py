"""Tables of what the town and its shops agree on, and of what the town tells them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class TermsVersion(Model):
    """One version of the terms, of the data-processing agreement or of the privacy statement. Append-only: what holds
    is the highest number of its kind that has come into force."""

    __tablename__ = "terms_version"
    __table_args__ = (
        CheckConstraint("kind IN ('terms', 'dpa', 'privacy')", name="kind"),
        UniqueConstraint("kind", "number"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    texts: Mapped[dict[str, Any]]  # by language; an empty line parts two paragraphs
    effective_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(Id)  # an operator
    created_at: Mapped[datetime]


class TermsAcceptance(Model):
    """That an owner accepted a version for the business. Append-only."""

    __tablename__ = "terms_acceptance"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    version_id: Mapped[str] = mapped_column(Id, ForeignKey("terms_version.id"), primary_key=True)
    staff_id: Mapped[str] = mapped_column(Id, ForeignKey("staff.id"))
    accepted_at: Mapped[datetime]


class Announcement(Model):
    """What the town tells its shops: all, or those of a trade or a town. It can be cancelled until it goes out."""

    __tablename__ = "announcement"
    __table_args__ = (
        CheckConstraint("status IN ('planned', 'sent', 'cancelled')", name="status"),
        CheckConstraint("(status = 'planned') = (ended_at IS NULL)", name="ended_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    titles: Mapped[dict[str, Any]]  # by language
    texts: Mapped[dict[str, Any]]
    category: Mapped[str | None] = mapped_column(Text)  # none: every trade
    city: Mapped[str | None] = mapped_column(Text)  # none: everywhere
    status: Mapped[str] = mapped_column(Text, server_default="planned")
    goes_out_at: Mapped[datetime]
    mails: Mapped[int | None]  # how many went out
    created_by: Mapped[str | None] = mapped_column(Id)  # an operator
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # when it was sent or cancelled


class AnnouncementDismissal(Model):
    """That somebody of a shop has read an announcement and wants it out of sight."""

    __tablename__ = "announcement_dismissal"

    staff_id: Mapped[str] = mapped_column(Id, ForeignKey("staff.id"), primary_key=True)
    announcement_id: Mapped[str] = mapped_column(Id, ForeignKey("announcement.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    dismissed_at: Mapped[datetime]
