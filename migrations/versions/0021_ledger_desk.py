"""The operator's ledger: counted totals, the results of verifying, adjustments with a second person.

Revision: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_BY_HAND = "debit IN ('moved', 'adjusted') OR credit IN ('moved', 'adjusted')"


def upgrade() -> None:
    op.create_table(
        "ledger_total",
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        *[
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("rows", "issued", "redeemed", "expired", "adjusted", "moved", "outstanding", "owed")
        ],
        sa.Column("worth_minor", sa.BigInteger(), nullable=True),
        sa.Column("is_estimated", sa.Boolean(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_ledger_total_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_ledger_total_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("programme_id", name=op.f("pk_ledger_total")),
    )
    op.create_index("ix_ledger_total_merchant_id", "ledger_total", ["merchant_id"], unique=False)
    op.create_table(
        "ledger_day",
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("first_id", Id(), nullable=False),
        sa.Column("last_id", Id(), nullable=False),
        sa.CheckConstraint(
            "counter IN ('issued', 'redeemed', 'expired', 'adjusted', 'moved')", name=op.f("ck_ledger_day_counter")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_ledger_day_programme_id_programme")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_ledger_day_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("programme_id", "day", "counter", name=op.f("pk_ledger_day")),
    )
    op.create_table(
        "ledger_check",
        sa.Column("id", Id(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=False),
        sa.Column("transactions", sa.BigInteger(), nullable=False),
        sa.Column("accounts", sa.BigInteger(), nullable=False),
        sa.Column("mismatches", sa.BigInteger(), nullable=False),
        sa.Column("found", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_check")),
    )
    op.create_table(
        "ledger_adjustment",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("reverses_member_id", Id(), nullable=True),
        sa.Column("reverses_id", Id(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("asked_by", Id(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", Id(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("transaction_id", Id(), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'approved', 'declined', 'withdrawn', 'expired')",
            name=op.f("ck_ledger_adjustment_status"),
        ),
        sa.CheckConstraint("units <> 0 OR reverses_id IS NOT NULL", name=op.f("ck_ledger_adjustment_units")),
        sa.CheckConstraint(
            "(reverses_id IS NULL) = (reverses_member_id IS NULL)", name=op.f("ck_ledger_adjustment_reverses")
        ),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_ledger_adjustment_second_person")),
        sa.CheckConstraint(
            "NOT (needs_second AND status IN ('approved', 'declined')) OR decided_by IS NOT NULL",
            name=op.f("ck_ledger_adjustment_decided"),
        ),
        sa.CheckConstraint(
            "(status = 'approved') = (transaction_id IS NOT NULL)", name=op.f("ck_ledger_adjustment_booked")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_ledger_adjustment_member_id_member")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_ledger_adjustment_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_ledger_adjustment_merchant_id_merchant")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["operator.id"], name=op.f("fk_ledger_adjustment_asked_by_operator")),
        sa.ForeignKeyConstraint(["decided_by"], ["operator.id"], name=op.f("fk_ledger_adjustment_decided_by_operator")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_ledger_adjustment")),
        sa.UniqueConstraint("member_id", "transaction_id", name=op.f("uq_ledger_adjustment_member_id_transaction_id")),
    )
    op.create_index(
        "ix_ledger_adjustment_open",
        "ledger_adjustment",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_ledger_adjustment_asked_by", "ledger_adjustment", ["asked_by", "created_at"], unique=False)
    op.create_table(
        "adjustment_limit",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("most_in_all", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", Id(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('stamps', 'points')", name=op.f("ck_adjustment_limit_kind")),
        sa.CheckConstraint("most >= 0 AND most_in_all >= most", name=op.f("ck_adjustment_limit_most")),
        sa.ForeignKeyConstraint(["changed_by"], ["operator.id"], name=op.f("fk_adjustment_limit_changed_by_operator")),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_adjustment_limit")),
    )
    op.create_index(
        "ix_ledger_transaction_merchant_other",
        "ledger_transaction",
        ["merchant_id", "id"],
        unique=False,
        postgresql_where=sa.text("kind <> 'earn'"),
        sqlite_where=sa.text("kind <> 'earn'"),
    )
    op.create_index(
        "ix_transfer_by_hand",
        "transfer",
        ["programme_id", "transaction_id"],
        unique=False,
        postgresql_where=sa.text(_BY_HAND),
        sqlite_where=sa.text(_BY_HAND),
    )


def downgrade() -> None:
    op.drop_index("ix_transfer_by_hand", table_name="transfer")
    op.drop_index("ix_ledger_transaction_merchant_other", table_name="ledger_transaction")
    op.drop_table("adjustment_limit")
    op.drop_table("ledger_adjustment")
    op.drop_table("ledger_check")
    op.drop_table("ledger_day")
    op.drop_table("ledger_total")
