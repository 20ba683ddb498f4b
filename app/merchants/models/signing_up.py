"""Tables of shops that sign up: what waits for its address to be proved, and the days of those on trial."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class SignUp(Model):
    """A shop that somebody began to sign up: nothing of it is there before the mailed code was typed. The row is found
    by the token that the browser holds, and goes when it is used or over."""

    __tablename__ = "sign_up"
    __table_args__ = (Index("ix_sign_up_expires_at", "expires_at"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)  # keyed: six digits could all be tried
    tries: Mapped[int] = mapped_column(server_default="0")
    shop: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class TrialDay(Model):
    """How many visits a shop on trial has given for on one of its local days."""

    __tablename__ = "trial_day"
    __table_args__ = (CheckConstraint("visits > 0", name="visits"),)

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    day: Mapped[str] = mapped_column(Text, primary_key=True)  # 2026-11-28
    visits: Mapped[int]
