"""Tables of the ledger. Rows of ``ledger_transaction`` and ``transfer`` are written once: the database itself refuses
to change or delete them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

KINDS = ("earn", "redeem", "expire", "adjust", "move", "reverse")
COUNTERS = ("issued", "redeemed", "expired", "adjusted", "moved")
_BY_HAND = "debit IN ('moved', 'adjusted') OR credit IN ('moved', 'adjusted')"
_ROLES = "('balance', 'owed', " + ", ".join(f"'{name}'" for name in COUNTERS) + ")"


class Account(Model):
    """A member's balance in one programme. ``owed`` is what a reversal could not take back; later earns pay it first.
    ``remainder / remainder_per`` is the exact fraction of a unit carried to the next visit. ``seq`` and ``chain`` are
    the head of the account's chain of seals; ``seal`` covers the head and the balances."""

    __tablename__ = "account"
    __table_args__ = (
        ForeignKeyConstraint(["member_id"], ["member.id"]),
        UniqueConstraint("member_id", "programme_id"),
        CheckConstraint("balance >= 0", name="balance_not_negative"),
        CheckConstraint("owed >= 0", name="owed_not_negative"),
        CheckConstraint("remainder >= 0 AND remainder_per > 0 AND remainder < remainder_per", name="remainder"),
        Index("ix_account_programme_id", "programme_id"),
        Index(
            "ix_account_next_expiry_at",
            "next_expiry_at",
            postgresql_where=text("next_expiry_at IS NOT NULL"),
            sqlite_where=text("next_expiry_at IS NOT NULL"),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    programme_id: Mapped[str] = mapped_column(Id)
    balance: Mapped[int] = mapped_column(server_default="0")
    owed: Mapped[int] = mapped_column(server_default="0")
    remainder: Mapped[int] = mapped_column(server_default="0")
    remainder_per: Mapped[int] = mapped_column(server_default="1")
    visits: Mapped[int] = mapped_column(server_default="0")
    units_earned: Mapped[int] = mapped_column(server_default="0")  # in all, less what was reversed: for a cap per card
    first_visit_at: Mapped[datetime | None]
    last_visit_at: Mapped[datetime | None]
    tier: Mapped[str | None] = mapped_column(Text)
    next_expiry_at: Mapped[datetime | None]  # the earliest expiry among lots with something left
    seq: Mapped[int] = mapped_column(server_default="0")
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    seal_key: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class LedgerTransaction(Model):
    """One booking: why units moved, where, by whom. Its transfers say how many."""

    __tablename__ = "ledger_transaction"
    __table_args__ = (
        ForeignKeyConstraint(["member_id"], ["member.id"]),
        CheckConstraint("kind IN (" + ", ".join(f"'{kind}'" for kind in KINDS) + ")", name="kind"),
        CheckConstraint("(kind = 'reverse') = (reverses_id IS NOT NULL)", name="reverse_names_what"),
        Index(
            "ix_ledger_transaction_reverses",
            "reverses_member_id",
            "reverses_id",
            postgresql_where=text("reverses_id IS NOT NULL"),
            sqlite_where=text("reverses_id IS NOT NULL"),
        ),
        Index("ix_ledger_transaction_visit", "member_id", "visit_id"),
        # What is not a visit is rare, and looked for by its time; a visit's booking pays nothing for it.
        Index(
            "ix_ledger_transaction_other",
            "member_id",
            "occurred_at",
            postgresql_where=text("kind <> 'earn'"),
            sqlite_where=text("kind <> 'earn'"),
        ),
        # The same, by the merchant: from a total to the bookings that make it.
        Index(
            "ix_ledger_transaction_merchant_other",
            "merchant_id",
            "id",
            postgresql_where=text("kind <> 'earn'"),
            sqlite_where=text("kind <> 'earn'"),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    merchant_id: Mapped[str | None] = mapped_column(Id)
    location_id: Mapped[str | None] = mapped_column(Id)
    device_id: Mapped[str | None] = mapped_column(Id)
    staff_id: Mapped[str | None] = mapped_column(Id)
    visit_id: Mapped[str | None] = mapped_column(Id)
    voucher_id: Mapped[str | None] = mapped_column(Id)
    reverses_member_id: Mapped[str | None] = mapped_column(Id)
    reverses_id: Mapped[str | None] = mapped_column(Id)
    reason: Mapped[str | None] = mapped_column(Text)
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    seal_key: Mapped[str] = mapped_column(Text)


class Transfer(Model):
    """``amount`` units from one account to another. ``debit`` and ``credit`` name the member's own two accounts in
    this programme (``balance``, ``owed``) or one of the programme's counter-accounts, which have no row of their own.
    A transfer that touches ``balance`` names the lot it fills or draws on."""

    __tablename__ = "transfer"
    __table_args__ = (
        ForeignKeyConstraint(["member_id", "account_id"], ["account.member_id", "account.id"]),
        ForeignKeyConstraint(
            ["member_id", "transaction_id"], ["ledger_transaction.member_id", "ledger_transaction.id"]
        ),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        CheckConstraint(f"debit IN {_ROLES}", name="debit"),
        CheckConstraint(f"credit IN {_ROLES}", name="credit"),
        CheckConstraint("debit IN ('balance', 'owed') OR credit IN ('balance', 'owed')", name="touches_member"),
        CheckConstraint("(debit = 'balance' OR credit = 'balance') = (lot_id IS NOT NULL)", name="balance_names_lot"),
        Index("ix_transfer_transaction", "member_id", "transaction_id"),
        Index(
            "ix_transfer_expired",
            "programme_id",
            "transaction_id",
            postgresql_where=text("credit = 'expired'"),
            sqlite_where=text("credit = 'expired'"),
        ),
        # Moved and adjusted: rare too.
        Index(
            "ix_transfer_by_hand",
            "programme_id",
            "transaction_id",
            postgresql_where=text(_BY_HAND),
            sqlite_where=text(_BY_HAND),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    transaction_id: Mapped[str] = mapped_column(Id)
    programme_id: Mapped[str] = mapped_column(Id)
    debit: Mapped[str] = mapped_column(Text)
    credit: Mapped[str] = mapped_column(Text)
    amount: Mapped[int]
    lot_id: Mapped[str | None] = mapped_column(Id)
    seal: Mapped[bytes] = mapped_column(LargeBinary)


class Lot(Model):
    """What one earn left unspent. ``origin_id`` is the transaction that first earned it, also after a move."""

    __tablename__ = "lot"
    __table_args__ = (
        ForeignKeyConstraint(["member_id", "account_id"], ["account.member_id", "account.id"]),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("remaining >= 0 AND remaining <= amount", name="remaining"),
        Index(
            "ix_lot_open",
            "member_id",
            "account_id",
            "expires_at",
            postgresql_where=text("remaining > 0"),
            sqlite_where=text("remaining > 0"),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    account_id: Mapped[str] = mapped_column(Id)
    origin_id: Mapped[str] = mapped_column(Id)
    amount: Mapped[int]
    remaining: Mapped[int]
    earned_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class LocationTransaction(Model):
    """From a location's transaction id to its member; also the location's list of latest transactions."""

    __tablename__ = "location_transaction"

    location_id: Mapped[str] = mapped_column(Id, primary_key=True)
    transaction_id: Mapped[str] = mapped_column(Id, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


class LedgerCheck(Model):
    """One verification of the whole ledger: what was looked at and how much of it differed. ``found`` holds the first
    of the differences."""

    __tablename__ = "ledger_check"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    transactions: Mapped[int]
    accounts: Mapped[int]
    mismatches: Mapped[int]
    found: Mapped[list[Any]]
