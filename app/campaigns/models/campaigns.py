"""Tables of campaigns: to whom a shop writes, with which offer, by which way, and who by lot was left out so that the
effect can be told. Every member-owned table's key begins with ``member_id``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Float, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

TRIGGERS = ("welcome", "thanks", "come_back", "birthday", "expiring", "nearly_full", "anniversary", "tip")
"""What makes an automation write to one member."""
WAYS = ("inbox", "push", "email", "wallet")
"""How a member can be reached; each wants her consent for this shop."""
STATES = ("draft", "scheduled", "sending", "sent", "measured", "stopped", "on")
ARMS = ("treated", "control")
DELIVERY = ("waiting", "sent", "held", "skipped")
_TRIGGERS = ", ".join(f"'{one}'" for one in TRIGGERS)
_STATES = ", ".join(f"'{one}'" for one in STATES)
_WAYS = ", ".join(f"'{one}'" for one in WAYS)
_DELIVERY = ", ".join(f"'{one}'" for one in DELIVERY)


class Campaign(Model):
    """A message with an offer to a segment, once (``trigger`` none) or, as an automation, to each member at her own
    moment. A campaign goes draft → scheduled → sending → sent → measured; an automation draft → on; both may be
    stopped. ``wanted`` is a :class:`app.rewards.segments.MemberFilter` as it is written. ``control_percent`` of those
    who fit get nothing, by a lot that ``seed`` decides. ``result`` is what was measured when it was over."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint(f"status IN ({_STATES})", name="status"),
        CheckConstraint(f"trigger IN ({_TRIGGERS})", name="trigger"),
        CheckConstraint("control_percent BETWEEN 0 AND 50", name="control"),
        CheckConstraint("measure_days BETWEEN 1 AND 180", name="measure_days"),
        Index("ix_campaign_merchant_id", "merchant_id", "id"),
        Index(
            "ix_campaign_due",
            "send_at",
            postgresql_where=text("status IN ('scheduled', 'sending')"),
            sqlite_where=text("status IN ('scheduled', 'sending')"),
        ),
        # Of each trigger a shop has one automation.
        Index(
            "uq_campaign_trigger",
            "merchant_id",
            "trigger",
            unique=True,
            postgresql_where=text("trigger IS NOT NULL"),
            sqlite_where=text("trigger IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    name: Mapped[str] = mapped_column(Text)
    trigger: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="draft")
    wanted: Mapped[dict[str, Any]]
    settings: Mapped[dict[str, Any]]  # of an automation: its days, hour, groups
    ways: Mapped[list[Any]]
    title: Mapped[dict[str, Any]]  # by locale
    text: Mapped[dict[str, Any]]
    reward_id: Mapped[str | None] = mapped_column(Id)  # given as a voucher
    offer_days: Mapped[int | None]  # so long the voucher is good
    order_by: Mapped[str] = mapped_column(
        Text, server_default="uplift"
    )  # who comes first where only ``most`` are meant
    most: Mapped[int | None]
    control_percent: Mapped[int] = mapped_column(server_default="20")
    measure_days: Mapped[int] = mapped_column(server_default="28")
    seed: Mapped[int]
    cost_minor: Mapped[int] = mapped_column(server_default="0")  # of sending, as the shop reckons it
    send_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]  # when the last one had gone out
    measured_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    revision: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(Id)
    changed_at: Mapped[datetime]


class CampaignMember(Model):
    """One member in one campaign, or in one round of an automation (``occasion``: her birthday's year, the visit):
    whether she was meant or left out by lot, and what became of it. ``score`` is what was expected of her,
    ``stratum`` the layer in which the lot was drawn, both fixed before anything was sent. Which members were left out
    is never shown to the shop."""

    __tablename__ = "campaign_member"
    __table_args__ = (
        CheckConstraint("arm IN ('treated', 'control')", name="arm"),
        CheckConstraint(f"status IN ({_DELIVERY})", name="status"),
        Index("ix_campaign_member_campaign_id", "campaign_id", "arm", "member_id"),
        Index(
            "ix_campaign_member_due",
            "campaign_id",
            "due_at",
            "member_id",
            postgresql_where=text("status = 'waiting'"),
            sqlite_where=text("status = 'waiting'"),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(Id, ForeignKey("campaign.id"), primary_key=True)
    occasion: Mapped[str] = mapped_column(Text, primary_key=True, server_default="")
    merchant_id: Mapped[str] = mapped_column(Id)
    arm: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)  # why she got nothing, or waits
    stratum: Mapped[int] = mapped_column(BigInteger, server_default="0")
    score: Mapped[float | None] = mapped_column(Float)
    facts: Mapped[dict[str, Any] | None]  # what the score was made from, to learn from later
    message_id: Mapped[str | None] = mapped_column(Id)
    voucher_id: Mapped[str | None] = mapped_column(Id)
    assigned_at: Mapped[datetime]
    due_at: Mapped[datetime]  # not before
    sent_at: Mapped[datetime | None]


class Contact(Model):
    """That a shop reached, or tried to reach, a member by one way: one history for all of them, and what the caps are
    counted from. ``source`` names the campaign's member or whatever else caused it: of one cause and way there is one
    contact."""

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint(f"way IN ({_WAYS})", name="way"),
        CheckConstraint("status IN ('queued', 'sending', 'sent', 'failed', 'dropped')", name="status"),
        UniqueConstraint("member_id", "source", "way"),
        Index("ix_contact_member_id_merchant_id_at", "member_id", "merchant_id", "at"),
        # What is under way is found among all that came.
        Index(
            "ix_contact_open",
            "at",
            postgresql_where=text("status IN ('queued', 'sending')"),
            sqlite_where=text("status IN ('queued', 'sending')"),
        ),
        Index(
            "ix_contact_campaign_id",
            "campaign_id",
            "way",
            "status",
            postgresql_where=text("campaign_id IS NOT NULL"),
            sqlite_where=text("campaign_id IS NOT NULL"),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id)
    campaign_id: Mapped[str | None] = mapped_column(Id)
    message_id: Mapped[str | None] = mapped_column(Id)
    way: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    is_marketing: Mapped[bool]  # counts against the caps
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


class ContactSetting(Model):
    """How often and when a shop writes: at most so many marketing messages to one member in seven and in thirty days,
    and nothing by push or mail in the quiet hours (local minutes of the day; the end may lie on the next day)."""

    __tablename__ = "contact_setting"
    __table_args__ = (
        CheckConstraint("week_most BETWEEN 0 AND 7 AND month_most BETWEEN 0 AND 30", name="caps"),
        CheckConstraint("quiet_from BETWEEN 0 AND 1439 AND quiet_until BETWEEN 0 AND 1439", name="quiet"),
    )

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    week_most: Mapped[int] = mapped_column(server_default="1")
    month_most: Mapped[int] = mapped_column(server_default="3")
    quiet_from: Mapped[int] = mapped_column(server_default="1260")  # 21:00
    quiet_until: Mapped[int] = mapped_column(server_default="540")  # 9:00
    mail_cost_minor: Mapped[int] = mapped_column(server_default="0")
    revision: Mapped[int] = mapped_column(server_default="1")
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None] = mapped_column(Id)
