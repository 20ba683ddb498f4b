"""Tables of people behind the counter and behind the platform, and the links by which they come in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class Staff(Model):
    """A person who works at a merchant, with the least role that does the work."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'manager', 'cashier')", name="role"),
        UniqueConstraint("merchant_id", "email"),
        Index("ix_staff_login_id", "login_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    location_id: Mapped[str | None] = mapped_column(Id, ForeignKey("location.id"))  # none: every location
    email: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    login_id: Mapped[str | None] = mapped_column(Id, ForeignKey("staff_login.id"))  # none: the tablet alone, by PIN
    pin_hash: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(server_default=true())
    invited_at: Mapped[datetime | None]  # asked by mail and not yet come: the back office stays shut until then
    revision: Mapped[int] = mapped_column(server_default="1")  # of two who change it at once the second is told
    created_at: Mapped[datetime]


class Operator(Model):
    """A person who runs the platform. The second step is never optional: without it the password opens nothing."""

    __tablename__ = "operator"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text, server_default="")
    password_hash: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_offered: Mapped[bytes | None] = mapped_column(LargeBinary)  # shown, and not proved yet
    totp_step: Mapped[int | None] = mapped_column(BigInteger)  # the last one used: a code is good once
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]


class OperatorRight(Model):
    """One of the things that an operator may do."""

    __tablename__ = "operator_right"
    __table_args__ = (CheckConstraint("name IN ('support', 'finance', 'risk', 'administrator')", name="name"),)

    operator_id: Mapped[str] = mapped_column(Id, ForeignKey("operator.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)


class OperatorSession(Model):
    """A browser in which an operator is signed in. Only the token's hash is kept."""

    __tablename__ = "operator_session"
    __table_args__ = (Index("ix_operator_session_operator_id", "operator_id"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    operator_id: Mapped[str] = mapped_column(Id, ForeignKey("operator.id"))
    browser: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]  # when the second step was last given; none: it is still to come
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OperatorRecoveryCode(Model):
    """A code that stands in for an operator's lost phone, once. Only its keyed hash is kept."""

    __tablename__ = "operator_recovery_code"

    operator_id: Mapped[str] = mapped_column(Id, ForeignKey("operator.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used_at: Mapped[datetime | None]


class SetupLink(Model):
    """A one-time link by which a member of staff or an operator sets the password."""

    __tablename__ = "setup_link"
    __table_args__ = (CheckConstraint("(staff_id IS NULL) <> (operator_id IS NULL)", name="one_person"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    staff_id: Mapped[str | None] = mapped_column(Id, ForeignKey("staff.id"))
    operator_id: Mapped[str | None] = mapped_column(Id, ForeignKey("operator.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Handover(Model):
    """A business that its owner offers to somebody else, until it is accepted, declined, called off or over."""

    __tablename__ = "merchant_handover"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'accepted', 'declined', 'cancelled', 'expired')", name="status"),
        CheckConstraint("stays_as IS NULL OR stays_as = 'manager'", name="stays_as"),
        Index(
            "uq_merchant_handover_open",
            "merchant_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
            sqlite_where=text("status = 'open'"),
        ),
        Index("ix_merchant_handover_login_id", "login_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    offered_by: Mapped[str] = mapped_column(Id, ForeignKey("staff.id"))
    login_id: Mapped[str] = mapped_column(Id, ForeignKey("staff_login.id"))  # to whom
    stays_as: Mapped[str | None] = mapped_column(Text)  # what who offers it is afterwards; none: nothing
    status: Mapped[str] = mapped_column(Text, server_default="open")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
