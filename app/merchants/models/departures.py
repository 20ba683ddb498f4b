"""The table of businesses that leave."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class Departure(Model):
    """That a merchant stops: nothing is earned from ``frozen_from`` on, nothing redeemed from ``closes_at`` on. There
    is one at a time that was not called off. ``told_stage`` is the last of its steps that was done."""

    __tablename__ = "departure"
    __table_args__ = (
        CheckConstraint("closes_at > frozen_from AND frozen_from > announced_at", name="in_order"),
        Index(
            "uq_departure_merchant_id",
            "merchant_id",
            unique=True,
            postgresql_where=text("called_off_at IS NULL"),
            sqlite_where=text("called_off_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    announced_at: Mapped[datetime]
    announced_by: Mapped[str | None] = mapped_column(Id)
    frozen_from: Mapped[datetime]
    closes_at: Mapped[datetime]
    word: Mapped[dict[str, Any]]  # the owner's own word to the members, by locale
    liability_minor: Mapped[int | None]  # what members held when earning stopped
    told_stage: Mapped[int] = mapped_column(server_default="0")
    called_off_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
