"""Tables of what a shop hears and says beside campaigns: complaints with their clock, notices to buyers, and ideas."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

ENDINGS = ("put_right", "explained", "made_good", "no_agreement", "not_about_us")
IDEA_STATES = ("proposed", "open", "planned", "done", "declined", "merged", "refused")
_ENDINGS = ", ".join(f"'{one}'" for one in ENDINGS)
_IDEA_STATES = ", ".join(f"'{one}'" for one in IDEA_STATES)


class FeedbackSetting(Model):
    """How a shop deals with what members say. Without a row: two days to answer, and no ideas."""

    __tablename__ = "feedback_setting"
    __table_args__ = (CheckConstraint("answer_hours BETWEEN 4 AND 336", name="hours"),)

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    answer_hours: Mapped[int] = mapped_column(server_default="48")
    takes_ideas: Mapped[bool] = mapped_column(server_default=false())
    revision: Mapped[int] = mapped_column(server_default="0")
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None] = mapped_column(Id)


class Complaint(Model):
    """That something a member said wants an answer by a certain moment. ``id`` is the feedback's own. The moments of
    what was told are kept, so that everybody is told once."""

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint(f"ending IS NULL OR ending IN ({_ENDINGS})", name="ending"),
        CheckConstraint("(closed_at IS NULL) = (ending IS NULL)", name="closed"),
        Index(
            "ix_complaint_open",
            "merchant_id",
            "due_at",
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_complaint_waiting",
            "due_at",
            postgresql_where=text("answered_at IS NULL AND closed_at IS NULL AND ended_at IS NULL"),
            sqlite_where=text("answered_at IS NULL AND closed_at IS NULL AND ended_at IS NULL"),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id)
    location_id: Mapped[str] = mapped_column(Id)
    opened_at: Mapped[datetime]
    half_at: Mapped[datetime]
    due_at: Mapped[datetime]
    told_at: Mapped[datetime | None]  # the owners, that it came
    reminded_at: Mapped[datetime | None]  # the owners, at half time
    ended_at: Mapped[datetime | None]  # owners and member, that the time is over
    answered_at: Mapped[datetime | None]
    reward_id: Mapped[str | None] = mapped_column(Id)  # offered to make good; she takes it herself, or not
    voucher_id: Mapped[str | None] = mapped_column(Id)
    is_solved: Mapped[bool | None]  # her word
    judged_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(Id)
    ending: Mapped[str | None] = mapped_column(Text)


class Recall(Model):
    """A notice to all who bought something: what is meant, what it says, and how far it has been spread."""

    __tablename__ = "recall"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'sending', 'sent')", name="status"),
        Index("ix_recall_merchant_id", "merchant_id", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    location_id: Mapped[str | None] = mapped_column(Id)
    items: Mapped[list[Any]]  # codes, names and categories; none: everybody who came
    first_day: Mapped[str] = mapped_column(Text)
    last_day: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    until: Mapped[datetime]
    title: Mapped[dict[str, Any]]
    text: Mapped[dict[str, Any]]
    is_urgent: Mapped[bool] = mapped_column(server_default=false())
    status: Mapped[str] = mapped_column(Text, server_default="draft")
    revision: Mapped[int] = mapped_column(server_default="1")
    meant: Mapped[int] = mapped_column(server_default="0")  # members when it was sent
    told: Mapped[int] = mapped_column(server_default="0")
    passed: Mapped[int] = mapped_column(server_default="0")  # looked at so far, told or not
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(Id)
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class Idea(Model):
    """What a member would like of a shop. Others see it once the shop has let it through; nobody sees whose it is."""

    __tablename__ = "idea"
    __table_args__ = (
        CheckConstraint(f"status IN ({_IDEA_STATES})", name="status"),
        CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name="merged"),
        Index("ix_idea_merchant_id", "merchant_id", "status"),
        Index("ix_idea_member_id", "member_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    member_id: Mapped[str | None] = mapped_column(Id)  # none once she has left
    words: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="proposed")
    merged_into: Mapped[str | None] = mapped_column(Id, ForeignKey("idea.id"))
    answer: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(Id)


class IdeaVote(Model):
    """That a member wants an idea too: one for each."""

    __tablename__ = "idea_vote"
    __table_args__ = (Index("ix_idea_vote_idea_id", "idea_id"),)

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    idea_id: Mapped[str] = mapped_column(Id, ForeignKey("idea.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id)
    voted_at: Mapped[datetime]
