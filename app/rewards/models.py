"""Tables of programmes, promotions, rewards, vouchers, and the visits that the rules judged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class Programme(Model):
    """The rules of one loyalty currency, owned by one merchant."""

    __tablename__ = "programme"
    __table_args__ = (
        CheckConstraint("kind IN ('stamps', 'points')", name="kind"),
        CheckConstraint("goal IS NULL OR goal > 0", name="goal"),
        CheckConstraint("(kind = 'stamps') = (goal IS NOT NULL)", name="stamps_have_goal"),
        Index("ix_programme_merchant_id", "merchant_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)  # the word for one unit: "stamp", "point"
    goal: Mapped[int | None]
    full_card_reward_id: Mapped[str | None] = mapped_column(Id)
    timezone: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(server_default="0")
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]


class ProgrammeVersion(Model):
    """Earning rules from a moment on. The first version has no beginning. Never changed: a transaction is always
    reversed by the rules that earned it."""

    __tablename__ = "programme_version"

    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[datetime | None]
    rules: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Promotion(Model):
    """A time-bound extra earning rule."""

    __tablename__ = "promotion"
    __table_args__ = (Index("ix_promotion_merchant_id", "merchant_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"))
    name: Mapped[str] = mapped_column(Text)
    rule: Mapped[dict[str, Any]]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]


class Reward(Model):
    """Something in the catalogue, with a cost in its programme's unit and a value that a till can apply."""

    __tablename__ = "reward"
    __table_args__ = (
        CheckConstraint("kind IN ('item', 'amount_off', 'percent_off')", name="kind"),
        CheckConstraint("cost > 0", name="cost_positive"),
        CheckConstraint("stock IS NULL OR stock >= 0", name="stock_not_negative"),
        CheckConstraint("percent IS NULL OR percent BETWEEN 1 AND 100", name="percent"),
        CheckConstraint(
            "(kind = 'item' AND percent IS NULL) OR (kind = 'amount_off' AND amount_minor > 0 AND percent IS NULL)"
            " OR (kind = 'percent_off' AND percent IS NOT NULL AND amount_minor IS NULL)",
            name="value",
        ),
        Index("ix_reward_merchant_id", "merchant_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"))
    name: Mapped[str] = mapped_column(Text)
    texts: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    kind: Mapped[str] = mapped_column(Text)
    cost: Mapped[int]
    amount_minor: Mapped[int | None]  # amount_off: what comes off; item: what it is worth
    percent: Mapped[int | None]
    is_flexible: Mapped[bool] = mapped_column(
        server_default=false()
    )  # amount_off per cost; the member chooses how often
    stock: Mapped[int | None]
    per_member_limit: Mapped[int | None]
    tier: Mapped[str | None] = mapped_column(Text)
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    voucher_days: Mapped[int | None]  # how long an issued voucher lives; none: for good
    position: Mapped[int] = mapped_column(server_default="0")
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]


class Voucher(Model):
    """A reward issued to a member: ``issued`` → ``redeemed``, ``expired`` or ``cancelled``. A hold binds an issued one
    to one location's devices until it runs out."""

    __tablename__ = "voucher"
    __table_args__ = (
        ForeignKeyConstraint(["member_id"], ["member.id"]),
        CheckConstraint("status IN ('issued', 'redeemed', 'expired', 'cancelled')", name="status"),
        CheckConstraint("(status = 'redeemed') = (redeemed_at IS NOT NULL)", name="redeemed_at"),
        CheckConstraint("cost >= 0 AND quantity > 0", name="cost"),
        Index("ix_voucher_member_reward", "member_id", "reward_id"),
        Index(
            "ix_voucher_expires_at",
            "expires_at",
            postgresql_where=text("status = 'issued'"),
            sqlite_where=text("status = 'issued'"),
        ),
        Index(
            "ix_voucher_hold_until",
            "hold_until",
            postgresql_where=text("hold_until IS NOT NULL AND status = 'issued'"),
            sqlite_where=text("hold_until IS NOT NULL AND status = 'issued'"),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    reward_id: Mapped[str] = mapped_column(Id)
    merchant_id: Mapped[str] = mapped_column(Id)
    programme_id: Mapped[str] = mapped_column(Id)
    status: Mapped[str] = mapped_column(Text, server_default="issued")
    cost: Mapped[int]
    quantity: Mapped[int] = mapped_column(server_default="1")  # of a flexible reward: how often it was taken
    value: Mapped[dict[str, Any]]  # what a till applies, as promised when it was issued
    source: Mapped[str] = mapped_column(Text)  # full_card, counter, member, hold, gift
    issue_transaction_id: Mapped[str | None] = mapped_column(Id)
    redeem_transaction_id: Mapped[str | None] = mapped_column(Id)
    hold_location_id: Mapped[str | None] = mapped_column(Id)
    hold_device_id: Mapped[str | None] = mapped_column(Id)
    hold_until: Mapped[datetime | None]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    redeemed_at: Mapped[datetime | None]
    redeemed_location_id: Mapped[str | None] = mapped_column(Id)
    ended_at: Mapped[datetime | None]


class VoucherCode(Model):
    """From a voucher's code to its member."""

    __tablename__ = "voucher_code"
    __table_args__ = (UniqueConstraint("voucher_id"),)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id)
    voucher_id: Mapped[str] = mapped_column(Id)


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
    __table_args__ = (CheckConstraint("status IN ('rejected', 'review', 'approved', 'refused')", name="status"),)

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


class ImportedVisit(Model):
    """A row of another system's history that is here already, per source: a second import skips it."""

    __tablename__ = "imported_visit"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id)
    visit_id: Mapped[str] = mapped_column(Id)


class ImportRun(Model):
    """How far an import of one source's file got, so that a killed one goes on where it stopped."""

    __tablename__ = "import_run"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    file_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int] = mapped_column(server_default="0")
    totals: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
