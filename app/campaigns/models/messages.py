"""Tables of messages, of what members want to hear and where, of invitations and of feedback. Every member-owned
table's key begins with ``member_id``; what is looked up otherwise has a table keyed by what is looked up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

CHANNELS = ("push", "email")
# What concerns the safety of an account, as the events of the topic ``member.security`` are called.
SECURITY = (
    "new_sign_in",
    "card_blocked",
    "card_replaced",
    "spent",
    "email_changed",
    "passkey_added",
    "passkey_removed",
    "spending_asked",
)
KINDS = (
    "reward_unlocked",
    "units_expiring",
    *SECURITY,
    "feedback_answered",
    "invitation_rewarded",
    "shop_news",
    "shop_notice",
)
_KINDS = ", ".join(f"'{kind}'" for kind in KINDS)
_CHANNELS = ", ".join(f"'{channel}'" for channel in CHANNELS)


class MemberMessage(Model):
    """One message of a member's inbox. What it says is made from ``kind`` and ``params`` when it is read, in the
    reader's language. ``source`` names what caused it, so that a repeat makes no second one."""

    __tablename__ = "member_message"
    __table_args__ = (
        UniqueConstraint("member_id", "source"),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        Index(
            "ix_member_message_unread",
            "member_id",
            "id",
            postgresql_where=text("read_at IS NULL"),
            sqlite_where=text("read_at IS NULL"),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    merchant_id: Mapped[str | None] = mapped_column(Id)
    params: Mapped[dict[str, Any]]  # ids, names of the catalogue, counts and moments: nothing of the person
    source: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class MessageSetting(Model):
    """A member's word on one kind of message by one channel; without a row the default holds."""

    __tablename__ = "message_setting"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint(f"channel IN ({_CHANNELS})", name="channel"),
    )

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    channel: Mapped[str] = mapped_column(Text, primary_key=True)
    is_on: Mapped[bool]
    changed_at: Mapped[datetime]


class PushSubscription(Model):
    """A browser that wants to be told. Its address and keys are sealed with the member's own key."""

    __tablename__ = "push_subscription"

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    locale: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PushEndpoint(Model):
    """From the keyed hash of a browser's push address to its subscription: a browser tells one member's news."""

    __tablename__ = "push_endpoint"

    blind: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id)
    subscription_id: Mapped[str] = mapped_column(Id)


class ExpiryNotice(Model):
    """That a member was told of the units of one account that end at one moment: each is told once."""

    __tablename__ = "expiry_notice"

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(primary_key=True)
    told_at: Mapped[datetime]


class Invitation(Model):
    """A member's standing invitation to one merchant, and what came of it. ``capped_year`` and ``capped_count`` hold
    how many gifts the inviter got in that year."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint("invited >= 0 AND rewarded >= 0 AND capped_count >= 0", name="counts"),)

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    invited: Mapped[int] = mapped_column(server_default="0")
    rewarded: Mapped[int] = mapped_column(server_default="0")
    capped_year: Mapped[int] = mapped_column(server_default="0")
    capped_count: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime]


class InvitationCode(Model):
    """From an invitation's code to who invites, and where to."""

    __tablename__ = "invitation_code"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id)
    merchant_id: Mapped[str] = mapped_column(Id)


class AcceptedInvitation(Model):
    """That a member came by an invitation. It waits for the first verified visit, which decides it for good."""

    __tablename__ = "accepted_invitation"
    __table_args__ = (CheckConstraint("status IN ('waiting', 'rewarded', 'refused')", name="status"),)

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, primary_key=True)
    inviter_id: Mapped[str] = mapped_column(Id)
    code: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="waiting")
    reason: Mapped[str | None] = mapped_column(Text)  # why nobody, or the inviter alone, got nothing
    visit_id: Mapped[str | None] = mapped_column(Id)
    accepted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class FeedbackQuestion(Model):
    """That a member was asked about a visit: once for each shop and quarter of a year."""

    __tablename__ = "feedback_question"

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    location_id: Mapped[str] = mapped_column(Id, primary_key=True)
    quarter: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)  # year * 4 + quarter - 1
    visit_id: Mapped[str] = mapped_column(Id)
    asked_at: Mapped[datetime]


class Feedback(Model):
    """What a member said of a visit, and what the shop answered; both sealed with the member's own key."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("member_id", "visit_id"),
        CheckConstraint("score BETWEEN 0 AND 10", name="score"),
        # What waits for an answer is found among all that needs none.
        Index(
            "ix_feedback_waiting",
            "location_id",
            "id",
            postgresql_where=text("answered_at IS NULL AND words IS NOT NULL"),
            sqlite_where=text("answered_at IS NULL AND words IS NOT NULL"),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    visit_id: Mapped[str] = mapped_column(Id)
    merchant_id: Mapped[str] = mapped_column(Id)
    location_id: Mapped[str] = mapped_column(Id)
    score: Mapped[int]
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_by: Mapped[str | None] = mapped_column(Id)
    occurred_at: Mapped[datetime]  # the visit
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class LocationFeedback(Model):
    """From a shop's feedback to its member; also the shop's list of it."""

    __tablename__ = "location_feedback"

    location_id: Mapped[str] = mapped_column(Id, primary_key=True)
    feedback_id: Mapped[str] = mapped_column(Id, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id)
