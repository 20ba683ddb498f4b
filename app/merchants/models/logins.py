"""Tables of people who sign in to the back office: one login for all the businesses that a person works at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class StaffLogin(Model):
    """A person who signs in with an e-mail address. What the person may do is told by the rows of staff that name it,
    one for each business."""

    __tablename__ = "staff_login"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed with the platform's data key
    totp_step: Mapped[int | None] = mapped_column(BigInteger)  # the last one used: a code is good once
    totp_offered: Mapped[bytes | None] = mapped_column(LargeBinary)  # shown as a QR, not yet proved; sealed as well
    created_at: Mapped[datetime]


class StaffLoginSession(Model):
    """A browser that is signed in. Only the token's hash is kept."""

    __tablename__ = "staff_login_session"
    __table_args__ = (Index("ix_staff_login_session_login_id", "login_id"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    login_id: Mapped[str] = mapped_column(Id, ForeignKey("staff_login.id"))
    browser: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]  # when the person was last asked for a password or passkey here
    waits_for_second: Mapped[bool] = mapped_column()  # the password was right, the second step is still to come
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StaffLoginLink(Model):
    """A one-time link in a mail to a login's own address: to set a password, or to take an ``address`` that was proved
    by reading the mail. Only the token's hash is kept."""

    __tablename__ = "staff_login_link"
    __table_args__ = (
        CheckConstraint("kind IN ('password', 'address')", name="kind"),
        CheckConstraint("(kind = 'address') = (address IS NOT NULL)", name="address"),
        Index("ix_staff_login_link_login_id", "login_id"),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    login_id: Mapped[str] = mapped_column(Id, ForeignKey("staff_login.id"))
    kind: Mapped[str] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffRecoveryCode(Model):
    """A code that stands in for a lost phone, once. Only its keyed hash is kept."""

    __tablename__ = "staff_recovery_code"

    login_id: Mapped[str] = mapped_column(Id, ForeignKey("staff_login.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used_at: Mapped[datetime | None]


class StaffPasskey(Model):
    """A passkey of a person who signs in to the back office."""

    __tablename__ = "staff_passkey"
    __table_args__ = (Index("ix_staff_passkey_login_id", "login_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    login_id: Mapped[str] = mapped_column(Id, ForeignKey("staff_login.id"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class StaffPasskeyChallenge(Model):
    """What a browser is asked to sign, for five minutes; ``login_id`` where it is asked of somebody known."""

    __tablename__ = "staff_passkey_challenge"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    login_id: Mapped[str | None] = mapped_column(Id, ForeignKey("staff_login.id"))
    expires_at: Mapped[datetime]
