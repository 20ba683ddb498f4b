"""The table of days on which a business is shut beside its weekly rest: holidays with the family, building work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class ClosingPeriod(Model):
    """A location, or without one the whole business, is shut from ``first_day`` to ``last_day``, both ISO dates and
    both included."""

    __tablename__ = "closing_period"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="in_order"),
        Index("ix_closing_period_merchant_id_last_day", "merchant_id", "last_day"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    location_id: Mapped[str | None] = mapped_column(Id, ForeignKey("location.id"))
    first_day: Mapped[str] = mapped_column(Text)
    last_day: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    revision: Mapped[int] = mapped_column(server_default="1")
    created_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]
