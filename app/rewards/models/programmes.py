"""Tables of programmes and promotions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class Programme(Model):
    """The rules of one loyalty currency, owned by one merchant."""

    __tablename__ = "programme"
    __table_args__ = (
        CheckConstraint("kind IN ('stamps', 'points')", name="kind"),
        CheckConstraint("goal IS NULL OR goal > 0", name="goal"),
        CheckConstraint("(kind = 'stamps') = (goal IS NOT NULL)", name="stamps_have_goal"),
        Index("ix_programme_merchant_id", "merchant_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)  # the word for one unit: "stamp", "point"
    goal: Mapped[int | None]
    full_card_reward_id: Mapped[str | None] = mapped_column(Id)
    timezone: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(server_default="0")
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]


class ProgrammeVersion(Model):
    """Earning rules from a moment on. The first version has no beginning. Never changed: a transaction is always
    reversed by the rules that earned it."""

    __tablename__ = "programme_version"

    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[datetime | None]
    rules: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Promotion(Model):
    """A time-bound extra earning rule."""

    __tablename__ = "promotion"
    __table_args__ = (Index("ix_promotion_merchant_id", "merchant_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"))
    name: Mapped[str] = mapped_column(Text)
    rule: Mapped[dict[str, Any]]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]
    names: Mapped[dict[str, Any]] = mapped_column(server_default="{}")  # by locale, where it is not ``name``
    revision: Mapped[int] = mapped_column(server_default="1")  # of what a form showed; each change makes the next
    replaced_by: Mapped[str | None] = mapped_column(Id)  # the one that goes on in its place, by another rule
