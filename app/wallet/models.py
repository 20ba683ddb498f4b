"""Tables of cards in phones' own wallets. They are keyed by what a phone or Google names: the card's id, which is the
pass's serial number, and the device. Whose it is stands with the card alone, so a merge has nothing to move here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class WalletPass(Model):
    """A card that is in a wallet. ``changed_at`` is when what stands on it last changed, ``told_at`` up to when changes
    were looked for."""

    __tablename__ = "wallet_pass"
    __table_args__ = (CheckConstraint("kind IN ('apple', 'google')", name="kind"),)

    card_id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    changed_at: Mapped[datetime]
    told_at: Mapped[datetime]
    created_at: Mapped[datetime]


class PassDevice(Model):
    """A device of Apple's that wants to be told when a pass changes, and the token that reaches it, sealed."""

    __tablename__ = "pass_device"
    __table_args__ = (Index("ix_pass_device_card_id", "card_id"),)

    device_id: Mapped[str] = mapped_column(Text, primary_key=True)
    card_id: Mapped[str] = mapped_column(Id, primary_key=True)
    push_token: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
