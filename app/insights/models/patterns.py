"""Tables of retention and patterns: months and gaps counted by the jobs (:mod:`app.insights.service.cohorts`), and what
shops that agreed to it share (:mod:`app.insights.service.crossing`). None of them names a member."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

KINDS = ("new", "kept", "back")
"""Who comes in a month: for the first time, after having come in one of the three months before, or after longer."""
SOURCES = ("invitation", "list", "cards", "app", "counter")
"""What brought a new member: another member, a list from an older system, a printed card of a batch, the app, or none
of these."""
_KINDS = ", ".join(f"'{one}'" for one in KINDS)
_SOURCES = ", ".join(f"'{one}'" for one in SOURCES)


class PatternProgress(Model):
    """How far a shop's months are counted: ``upto`` is the last booking that they have seen. ``members`` come now,
    ``gone`` stay away (:func:`app.insights.rhythm.gone_at`), ``usual_gap`` is the middle one of all who have a rhythm,
    ``broken`` of these are away for longer than theirs. ``revision`` lets two counts at once not spoil each other."""

    __tablename__ = "pattern_progress"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    upto: Mapped[str] = mapped_column(Id)
    members: Mapped[int] = mapped_column(server_default="0")
    gone: Mapped[int] = mapped_column(server_default="0")
    usual_gap: Mapped[int | None]
    broken: Mapped[int] = mapped_column(server_default="0")
    revision: Mapped[int] = mapped_column(server_default="0")
    counted_at: Mapped[datetime]


class CohortMonth(Model):
    """Of those whose first visit was in the month ``cohort``, how many came in ``month``, and how often. Months are
    local ones of the shop, as 2026-03."""

    __tablename__ = "cohort_month"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    cohort: Mapped[str] = mapped_column(Text, primary_key=True)
    month: Mapped[str] = mapped_column(Text, primary_key=True)
    members: Mapped[int]
    visits: Mapped[int]


class PatternMonth(Model):
    """A month's members and visits by :data:`KINDS`. Money in minor units, less refunds, of ``amount_visits``."""

    __tablename__ = "pattern_month"
    __table_args__ = (CheckConstraint(f"kind IN ({_KINDS})", name="kind"),)

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    month: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    members: Mapped[int]
    visits: Mapped[int]
    amount_minor: Mapped[int]
    amount_visits: Mapped[int]


class AcquisitionMonth(Model):
    """A month's new members by what brought them (:data:`SOURCES`)."""

    __tablename__ = "acquisition_month"
    __table_args__ = (CheckConstraint(f"source IN ({_SOURCES})", name="source"),)

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    month: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    members: Mapped[int]


class RetentionMonth(Model):
    """How many members a shop had when the month began, and how many of all went away in it and have not come since."""

    __tablename__ = "retention_month"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    month: Mapped[str] = mapped_column(Text, primary_key=True)
    members: Mapped[int]
    gone: Mapped[int]


class RhythmBar(Model):
    """Members whose usual gap between two visits is at least so many days, up to the next bar, and how many of them are
    away for longer than usual, but not gone for good."""

    __tablename__ = "rhythm_bar"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    least: Mapped[int] = mapped_column(primary_key=True)
    members: Mapped[int]
    broken: Mapped[int]


class CrossingConsent(Model):
    """A shop agreed that anonymous totals of the members that it has in common with others are made. No row: it did
    not, or has withdrawn."""

    __tablename__ = "crossing_consent"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    agreed_at: Mapped[datetime]
    agreed_by: Mapped[str | None] = mapped_column(Id)


class CrossingQuarter(Model):
    """A quarter of a year (as 2026-Q3) whose totals were made: that happens once, and never again."""

    __tablename__ = "crossing_quarter"

    quarter: Mapped[str] = mapped_column(Text, primary_key=True)
    shops: Mapped[int]
    totals: Mapped[int]
    made_at: Mapped[datetime]


class CrossingTotal(Model):
    """What one shop is told of another in a quarter: at least so many members came to both (a multiple of ten), and on
    which weekday (0 is Monday) most of them came to both on the same day, where that many did at all. The other shop
    has the same row of this one."""

    __tablename__ = "crossing_total"
    __table_args__ = (
        CheckConstraint("members >= 10 AND members % 10 = 0", name="members"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        Index("ix_crossing_total_other_id", "other_id"),
    )

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    quarter: Mapped[str] = mapped_column(Text, primary_key=True)
    other_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    other_name: Mapped[str] = mapped_column(Text)
    members: Mapped[int]
    weekday: Mapped[int | None]
