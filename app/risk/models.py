"""Tables of risk: limits in versions, cases, how far the bookings were looked at, and limits that were tried out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

OPEN = ("open", "asked")
_IS_OPEN = text("status IN ('open', 'asked')")


class RiskLimit(Model):
    """A rule's limits from a moment on, for every shop or for one. Never changed: another version is another row.
    ``soft`` opens a case, ``hard`` refuses at the counter; None: off."""

    __tablename__ = "risk_limit"
    __table_args__ = (
        CheckConstraint("soft IS NULL OR soft > 0", name="soft"),
        CheckConstraint("hard IS NULL OR hard > 0", name="hard"),
        CheckConstraint("version > 0", name="version"),
        # Two who set the same rule's limits at once: one of them comes second.
        UniqueConstraint("rule", "place", "version"),
        Index("ix_risk_limit_merchant_id", "merchant_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    rule: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)  # the merchant's id, or "everywhere"
    merchant_id: Mapped[str | None] = mapped_column(Id, ForeignKey("merchant.id"))
    version: Mapped[int]
    soft: Mapped[int | None]
    hard: Mapped[int | None]
    valid_from: Mapped[datetime]
    made_by: Mapped[str | None] = mapped_column(Id)  # operator
    note: Mapped[str] = mapped_column(Text, server_default="")


class RiskCase(Model):
    """Something that a rule found, until and after somebody decided. ``evidence`` holds ids, moments and numbers,
    nothing about a person. There is one undecided case of each rule about each subject."""

    __tablename__ = "risk_case"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'asked', 'confirmed', 'dismissed')", name="status"),
        CheckConstraint("subject_kind IN ('card', 'staff', 'device', 'source')", name="subject_kind"),
        CheckConstraint("(status IN ('confirmed', 'dismissed')) = (decided_at IS NOT NULL)", name="decided"),
        CheckConstraint("score > 0 AND at_stake >= 0", name="figures"),
        Index(
            "uq_risk_case_open",
            "rule",
            "subject_kind",
            "subject_id",
            unique=True,
            postgresql_where=_IS_OPEN,
            sqlite_where=_IS_OPEN,
        ),
        Index("ix_risk_case_waiting", "opened_at", postgresql_where=_IS_OPEN, sqlite_where=_IS_OPEN),
        Index("ix_risk_case_decided_at", "decided_at"),
        Index("ix_risk_case_merchant_id", "merchant_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    rule: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)  # an id; of a source of tries, the keyed hash by which it is counted
    merchant_id: Mapped[str | None] = mapped_column(Id, ForeignKey("merchant.id"))
    location_id: Mapped[str | None] = mapped_column(Id, ForeignKey("location.id"))
    status: Mapped[str] = mapped_column(Text, server_default="open")
    score: Mapped[int]  # in the unit of the rule's limits
    soft: Mapped[int]  # the limit that it passed
    at_stake: Mapped[int]  # units
    evidence: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(Id)  # operator
    note: Mapped[str] = mapped_column(Text, server_default="")
    act: Mapped[str | None] = mapped_column(Text)  # what was done when it was confirmed


class RiskProgress(Model):
    """Up to which of a location's bookings the rules have looked."""

    __tablename__ = "risk_progress"

    location_id: Mapped[str] = mapped_column(Id, ForeignKey("location.id"), primary_key=True)
    upto: Mapped[str] = mapped_column(Id)
    looked_at: Mapped[datetime]


class GuessPeak(Model):
    """How many tries missed, of one subject in one window, as far as some limit could find it: what is kept of guesses
    beyond their window, so that limits can be tried on what was never a case. ``subject`` is a keyed hash."""

    __tablename__ = "guess_peak"
    __table_args__ = (Index("ix_guess_peak_started_at", "started_at"),)

    subject: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    count: Mapped[int]


class RiskTry(Model):
    """Limits of one rule that somebody tried on the past, before they are set. ``beaten_at`` tells that its worker is
    alive."""

    __tablename__ = "risk_try"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'running', 'done', 'failed', 'ended')", name="status"),
        CheckConstraint("done_steps >= 0 AND all_steps >= 0", name="steps"),
        Index("ix_risk_try_rule", "rule", "created_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    rule: Mapped[str] = mapped_column(Text)
    soft: Mapped[int]
    hard: Mapped[int | None]
    status: Mapped[str] = mapped_column(Text, server_default="waiting")
    done_steps: Mapped[int] = mapped_column(server_default="0")
    all_steps: Mapped[int] = mapped_column(server_default="0")
    result: Mapped[dict[str, Any] | None]
    created_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    beaten_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
