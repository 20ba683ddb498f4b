"""The table of shops that operators ask to join."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class ShopInvitation(Model):
    """That a shop was asked to join. One row for each address: it is asked again in the same row, once the last time is
    over. A row goes a while after that, unless it led to a shop."""

    __tablename__ = "shop_invitation"
    __table_args__ = (
        CheckConstraint("(signed_up_at IS NULL) = (merchant_id IS NULL)", name="signed_up"),
        CheckConstraint("signed_up_at IS NULL OR called_off_at IS NULL", name="ended"),
        Index("ix_shop_invitation_merchant_id", "merchant_id"),
        Index("ix_shop_invitation_sent_at", "sent_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    invited_by: Mapped[str | None] = mapped_column(Id)  # an operator
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    signed_up_at: Mapped[datetime | None]
    called_off_at: Mapped[datetime | None]
    merchant_id: Mapped[str | None] = mapped_column(Id, ForeignKey("merchant.id"))
