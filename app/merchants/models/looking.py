"""Tables of operators who look through a shop's eyes, and of shops that let them act."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class ShopConsent(Model):
    """That an owner lets the operators act for the shop, until it is over or withdrawn."""

    __tablename__ = "shop_consent"
    __table_args__ = (
        CheckConstraint("expires_at > given_at", name="in_order"),
        Index("ix_shop_consent_merchant_id", "merchant_id", "expires_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    given_by: Mapped[str] = mapped_column(Id, ForeignKey("staff.id"))
    given_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class ShopView(Model):
    """An operator's look at a shop's back office: ``mode`` is ``read``, or ``act`` with the shop's consent. Only the
    hash of its cookie is kept."""

    __tablename__ = "shop_view"
    __table_args__ = (
        CheckConstraint("mode IN ('read', 'act')", name="mode"),
        CheckConstraint("(mode = 'act') = (consent_id IS NOT NULL)", name="consent"),
        CheckConstraint("expires_at > created_at", name="in_order"),
        UniqueConstraint("token_hash"),
        Index("ix_shop_view_merchant_id", "merchant_id", "id"),
        Index(
            "ix_shop_view_open",
            "expires_at",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    operator_id: Mapped[str] = mapped_column(Id, ForeignKey("operator.id"))
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    mode: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    consent_id: Mapped[str | None] = mapped_column(Id, ForeignKey("shop_consent.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
