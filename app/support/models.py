"""Tables of support. A question may be nobody's yet, so it is keyed by its id; what it says is sealed by the platform's
data key, and destroyed when its member leaves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class SupportCounter(Model):
    """The number of the last question: one row."""

    __tablename__ = "support_counter"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last: Mapped[int]


class SupportQuestion(Model):
    """A question and what has become of it. ``due_at``: by when an answer is promised; none while the asker is not the
    one who waits. ``blind`` is the keyed hash of the asker's address."""

    __tablename__ = "support_question"
    __table_args__ = (
        CheckConstraint("origin IN ('mail', 'office')", name="origin"),
        CheckConstraint("status IN ('open', 'answered', 'closed')", name="status"),
        CheckConstraint("(status = 'open') = (due_at IS NOT NULL)", name="due"),
        UniqueConstraint("number"),
        Index("ix_support_question_status_due_at", "status", "due_at"),
        Index("ix_support_question_member_id", "member_id"),
        Index("ix_support_question_merchant_id", "merchant_id"),
        Index("ix_support_question_blind", "blind"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[int]
    origin: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="open")
    member_id: Mapped[str | None] = mapped_column(Id)
    merchant_id: Mapped[str | None] = mapped_column(Id)
    address: Mapped[bytes | None] = mapped_column(LargeBinary)
    blind: Mapped[bytes | None] = mapped_column(LargeBinary)
    subject: Mapped[bytes | None] = mapped_column(LargeBinary)
    locale: Mapped[str] = mapped_column(Text)
    assigned_to: Mapped[str | None] = mapped_column(Id)
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    heard_at: Mapped[datetime]  # when the asker last wrote
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class SupportMessage(Model):
    """One message of a question: what came in, what went out, or a note among colleagues. ``reference`` is the hash of
    an incoming mail's Message-ID, so that a mail which is handed in twice counts once; ``mail_id`` the outbox's id of
    an answer, which is also the first part of its Message-ID."""

    __tablename__ = "support_message"
    __table_args__ = (
        CheckConstraint("direction IN ('in', 'out', 'note')", name="direction"),
        UniqueConstraint("reference"),
        Index("ix_support_message_question_id", "question_id", "id"),
        Index("ix_support_message_mail_id", "mail_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    question_id: Mapped[str] = mapped_column(Id, ForeignKey("support_question.id"))
    direction: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    reference: Mapped[bytes | None] = mapped_column(LargeBinary)
    mail_id: Mapped[str | None] = mapped_column(Id)
    author_id: Mapped[str | None] = mapped_column(Id)  # an operator, or somebody of the shop
    at: Mapped[datetime]


class SupportTemplate(Model):
    """An answer that is given often, in one language. The standard ones are part of the service; a row here changes one
    or adds one."""

    __tablename__ = "support_template"
    __table_args__ = (UniqueConstraint("key", "locale"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
