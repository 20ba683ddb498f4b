"""Tables of rewards, the vouchers they become, and what a member is asked about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


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
        CheckConstraint("NOT has_codes OR stock IS NOT NULL", name="codes_counted"),
        Index("ix_reward_merchant_id", "merchant_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"))
    name: Mapped[str] = mapped_column(Text)
    names: Mapped[dict[str, Any]] = mapped_column(server_default="{}")  # by locale, where it is not ``name``
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
    picture_id: Mapped[str | None] = mapped_column(Id, ForeignKey("picture.id"))
    location_ids: Mapped[list[Any] | None]  # where it can be had; none: at every location
    segment_id: Mapped[str | None] = mapped_column(Id)  # only for members of it, see MemberSegment
    revision: Mapped[int] = mapped_column(server_default="1")  # of what a form showed; each change makes the next
    # Its vouchers are shown a code of the webshop's; ``stock`` is how many more members can be promised one
    has_codes: Mapped[bool] = mapped_column(server_default=false())
    is_ticket: Mapped[bool] = mapped_column(server_default=false())  # of an event: never offered in a catalogue


class Picture(Model):
    """A picture of a reward, made anew from what was uploaded, as WebP in two sizes. Never changed: another picture is
    another row, so that whoever has it may keep it."""

    __tablename__ = "picture"
    __table_args__ = (Index("ix_picture_merchant_id", "merchant_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    small: Mapped[bytes] = mapped_column(LargeBinary)
    large: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]  # of the large one
    height: Mapped[int]
    created_at: Mapped[datetime]


class RewardCode(Model):
    """A code of the shop's own webshop, handed out once: to the voucher whose member asked to see it."""

    __tablename__ = "reward_code"
    __table_args__ = (
        UniqueConstraint("reward_id", "code", name="uq_reward_code_reward_id"),
        UniqueConstraint("voucher_id", name="uq_reward_code_voucher_id"),
        CheckConstraint("(voucher_id IS NULL) = (given_at IS NULL)", name="given"),
        Index(
            "ix_reward_code_free",
            "reward_id",
            "id",
            postgresql_where=text("voucher_id IS NULL"),
            sqlite_where=text("voucher_id IS NULL"),
        ),
    )

    reward_id: Mapped[str] = mapped_column(Id, ForeignKey("reward.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id)
    code: Mapped[str] = mapped_column(Text)
    voucher_id: Mapped[str | None] = mapped_column(Id)
    given_at: Mapped[datetime | None]
    added_at: Mapped[datetime]


class RewardCount(Model):
    """How often a reward was taken and redeemed, up to the voucher ``counted_to``; what came since is counted when
    somebody looks (:mod:`app.rewards.counting`)."""

    __tablename__ = "reward_count"

    reward_id: Mapped[str] = mapped_column(Id, ForeignKey("reward.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id)
    taken: Mapped[int]
    redeemed: Mapped[int]
    counted_to: Mapped[str] = mapped_column(Id)
    counted_at: Mapped[datetime]


class MemberSegment(Model):
    """That a member belongs to a shop's saved segment, as it was worked out last."""

    __tablename__ = "member_segment"
    __table_args__ = (
        ForeignKeyConstraint(["member_id"], ["member.id"]),
        Index("ix_member_segment_segment_id", "segment_id"),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    segment_id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id)


class Voucher(Model):
    """A reward issued to a member: ``issued`` → ``redeemed``, ``expired`` or ``cancelled``. A till's hold binds an
    issued one to its location until it runs out, a phone's reservation to one tablet until that tablet lets go."""

    __tablename__ = "voucher"
    __table_args__ = (
        ForeignKeyConstraint(["member_id"], ["member.id"]),
        CheckConstraint("status IN ('issued', 'redeemed', 'expired', 'cancelled')", name="status"),
        CheckConstraint("(status = 'redeemed') = (redeemed_at IS NOT NULL)", name="redeemed_at"),
        CheckConstraint("cost >= 0 AND quantity > 0", name="cost"),
        Index("ix_voucher_member_reward", "member_id", "reward_id"),
        Index("ix_voucher_reward_id", "reward_id", "id"),
        Index(
            "ix_voucher_open",
            "member_id",
            "id",
            postgresql_where=text("status = 'issued'"),
            sqlite_where=text("status = 'issued'"),
        ),
        Index(
            "ix_voucher_expires_at",
            "expires_at",
            postgresql_where=text("status = 'issued'"),
            sqlite_where=text("status = 'issued'"),
        ),
        Index(
            "ix_voucher_redeemed",
            "redeemed_location_id",
            "redeemed_at",
            postgresql_where=text("status = 'redeemed'"),
            sqlite_where=text("status = 'redeemed'"),
        ),
        Index(
            "ix_voucher_hold_until",
            "hold_until",
            postgresql_where=text("hold_until IS NOT NULL AND status = 'issued'"),
            sqlite_where=text("hold_until IS NOT NULL AND status = 'issued'"),
        ),
        Index(
            "ix_voucher_hold_device_id",
            "hold_device_id",
            postgresql_where=text("hold_id IS NOT NULL"),
            sqlite_where=text("hold_id IS NOT NULL"),
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
    # A reservation for one tablet, which may redeem it without a network: ended by that tablet alone, never by a clock
    hold_id: Mapped[str | None] = mapped_column(Id)
    hold_release_at: Mapped[datetime | None]  # when its end was asked for
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    redeemed_at: Mapped[datetime | None]
    redeemed_location_id: Mapped[str | None] = mapped_column(Id)
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)  # why somebody of the shop gave it by hand
    given_by: Mapped[str | None] = mapped_column(Id)  # staff


class VoucherCode(Model):
    """From a voucher's code to its member."""

    __tablename__ = "voucher_code"
    __table_args__ = (UniqueConstraint("voucher_id"),)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id)
    voucher_id: Mapped[str] = mapped_column(Id)


class SpendingRequest(Model):
    """A redemption at a counter that its member is asked about first; approved, it is good for that redemption once."""

    __tablename__ = "spending_request"
    __table_args__ = (CheckConstraint("status IN ('asked', 'approved', 'refused', 'used')", name="status"),)

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id)
    location_id: Mapped[str] = mapped_column(Id)
    reward_id: Mapped[str] = mapped_column(Id)
    voucher_id: Mapped[str | None] = mapped_column(Id)
    quantity: Mapped[int]
    worth_minor: Mapped[int | None]  # none: the shop never said what it is worth
    currency: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="asked")
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
