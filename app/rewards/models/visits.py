"""Tables of visits, and of what is known about them beside the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class Visit(Model):
    """One identified purchase or check-in, with what it earned and why. ``earned`` holds, per programme, the rule
    version and the parts that make its units, from which it is explained and reversed."""

    __tablename__ = "visit"
    __table_args__ = (
        ForeignKeyConstraint(
            ["member_id", "transaction_id"], ["ledger_transaction.member_id", "ledger_transaction.id"]
        ),
        CheckConstraint("amount_minor IS NULL OR amount_minor >= 0", name="amount_not_negative"),
        CheckConstraint("refunded_minor >= 0 AND refunded_minor <= coalesce(amount_minor, 0)", name="refunded_within"),
        Index("ix_visit_member_merchant_occurred", "member_id", "merchant_id", "occurred_at"),
        Index("ix_visit_location_occurred", "location_id", "occurred_at"),  # a day of a shop, for its reports
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    transaction_id: Mapped[str] = mapped_column(Id)
    merchant_id: Mapped[str] = mapped_column(Id)
    location_id: Mapped[str] = mapped_column(Id)
    device_id: Mapped[str | None] = mapped_column(Id)
    staff_id: Mapped[str | None] = mapped_column(Id)
    number: Mapped[str] = mapped_column(Text)
    amount_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(Text)
    units: Mapped[int | None]
    items: Mapped[list[Any] | None]
    receipt_ref: Mapped[str | None] = mapped_column(Text)
    earned: Mapped[list[Any]]
    refunded_minor: Mapped[int] = mapped_column(server_default="0")
    reversed_at: Mapped[datetime | None]
    source: Mapped[str] = mapped_column(Text, server_default="counter")
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class TierMonth(Model):
    """What a member gathered towards a tier in one calendar month of the programme's zone."""

    __tablename__ = "tier_month"
    __table_args__ = (ForeignKeyConstraint(["member_id", "account_id"], ["account.member_id", "account.id"]),)

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, primary_key=True)
    month: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)  # year * 12 + month - 1
    gathered: Mapped[int]


class OfflineEvent(Model):
    """What a tablet's queue sent and could not simply be applied: rejected, or waiting for a person to look at it."""

    __tablename__ = "offline_event"
    __table_args__ = (
        CheckConstraint("status IN ('rejected', 'review', 'approved', 'refused')", name="status"),
        Index("ix_offline_event_inbox", "location_id", "status", "received_at"),
    )

    location_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    device_id: Mapped[str] = mapped_column(Id)
    sequence: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    event: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(Id)
    transaction_id: Mapped[str | None] = mapped_column(Id)  # what was booked when it was approved
    voucher_code: Mapped[str | None] = mapped_column(Text)  # of a redemption: stays reserved until it is decided on


class CardRefusal(Model):
    """What a counter refused a card, for whoever looks at what happened to it. Forgotten after a year."""

    __tablename__ = "card_refusal"
    __table_args__ = (
        CheckConstraint("act IN ('scan', 'visit', 'redemption', 'opening')", name="act"),
        Index("ix_card_refusal_refused_at", "refused_at"),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[str | None] = mapped_column(Text)  # none where a voucher's code was shown instead
    voucher_id: Mapped[str | None] = mapped_column(Id)
    merchant_id: Mapped[str] = mapped_column(Id)
    location_id: Mapped[str] = mapped_column(Id)
    device_id: Mapped[str | None] = mapped_column(Id)
    staff_id: Mapped[str | None] = mapped_column(Id)
    act: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)  # of the error, by which its sentence is found
    told: Mapped[dict[str, Any]]  # what fills the sentence
    refused_at: Mapped[datetime]


class OpeningBalance(Model):
    """The units of a member's old paper card, entered at a counter once per programme."""

    __tablename__ = "opening_balance"
    __table_args__ = (CheckConstraint("units > 0", name="units_positive"),)

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    programme_id: Mapped[str] = mapped_column(Id, primary_key=True)
    units: Mapped[int]
    transaction_id: Mapped[str] = mapped_column(Id)
    location_id: Mapped[str] = mapped_column(Id)
    device_id: Mapped[str | None] = mapped_column(Id)
    staff_id: Mapped[str | None] = mapped_column(Id)
    entered_at: Mapped[datetime]


class VisitClaim(Model):
    """A visit of somebody who forgot the card: booked on a new card, whose number alone claims it until it ends. What
    nobody claims is reversed."""

    __tablename__ = "visit_claim"
    __table_args__ = (
        Index(
            "ix_visit_claim_expires_at",
            "expires_at",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    number: Mapped[str] = mapped_column(Text, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id)
    visit_id: Mapped[str] = mapped_column(Id)
    transaction_id: Mapped[str] = mapped_column(Id)
    merchant_id: Mapped[str] = mapped_column(Id)
    location_id: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # claimed, or reversed
