"""Tables of rules in the making: a programme's draft, and what a draft would have given in the past."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

STATES = ("waiting", "running", "done", "failed", "cancelled", "ended")


class ProgrammeDraft(Model):
    """Rules that somebody is writing and that do not hold yet. ``revision`` grows with every save, so that of two
    people who write at once the second one is told."""

    __tablename__ = "programme_draft"
    __table_args__ = (
        CheckConstraint("revision > 0", name="revision"),
        Index("ix_programme_draft_merchant_id", "merchant_id"),
    )

    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    rules: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(server_default="1")
    changed_by: Mapped[str | None] = mapped_column(Id)
    changed_at: Mapped[datetime]


class Simulation(Model):
    """One run of the simulator: the rules that hold and a draft over the same visits. ``done_steps`` of ``all_steps``
    tell how far it is, ``beaten_at`` that its worker is alive; ``result`` holds figures and ids, nothing personal."""

    __tablename__ = "simulation"
    __table_args__ = (
        CheckConstraint("status IN (" + ", ".join(f"'{state}'" for state in STATES) + ")", name="status"),
        CheckConstraint("done_steps >= 0 AND all_steps >= 0", name="steps"),
        Index("ix_simulation_programme", "merchant_id", "programme_id", "created_at"),
        Index(
            "ix_simulation_open",
            "created_at",
            postgresql_where=text("status IN ('waiting', 'running')"),
            sqlite_where=text("status IN ('waiting', 'running')"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"))
    rules: Mapped[dict[str, Any]]
    draft_revision: Mapped[int | None]
    status: Mapped[str] = mapped_column(Text, server_default="waiting")
    done_steps: Mapped[int] = mapped_column(server_default="0")
    all_steps: Mapped[int] = mapped_column(server_default="0")
    result: Mapped[dict[str, Any] | None]
    created_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    beaten_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
