"""What reports are read from, closing days, and who wants the month's report by mail.

Revision: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closing_period",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=True),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_by", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_closing_period_in_order")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_closing_period_location_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_closing_period_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing_period")),
    )
    op.create_table(
        "programme_balance",
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("least", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_programme_balance_merchant_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_programme_balance_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "least", name=op.f("pk_programme_balance")),
    )
    op.create_table(
        "programme_day",
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("outstanding", sa.BigInteger(), nullable=True),
        sa.Column("expired", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_programme_day_merchant_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_programme_day_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "day", name=op.f("pk_programme_day")),
    )
    op.create_table(
        "programme_standing",
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("outstanding", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column("holders", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_programme_standing_merchant_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_programme_standing_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", name=op.f("pk_programme_standing")),
    )
    op.create_table(
        "promotion_day",
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("promotion_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_visits", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_promotion_day_location_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_promotion_day_merchant_id")),
        sa.PrimaryKeyConstraint("location_id", "day", "promotion_id", name=op.f("pk_promotion_day")),
    )
    op.create_table(
        "reward_day",
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("reward_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("redemptions", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("worth_minor", sa.BigInteger(), nullable=False),
        sa.Column("unpriced", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_reward_day_location_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_reward_day_merchant_id")),
        sa.PrimaryKeyConstraint("location_id", "day", "reward_id", name=op.f("pk_reward_day")),
    )
    op.create_table(
        "rollup_progress",
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("upto", Id(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rolled_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_rollup_progress_location_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_rollup_progress_merchant_id")),
        sa.PrimaryKeyConstraint("location_id", name=op.f("pk_rollup_progress")),
    )
    op.create_table(
        "visit_hour",
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.Column("new_visits", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_visits", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("redemptions", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_units", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_minor", sa.BigInteger(), nullable=False),
        sa.Column("unpriced", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_visit_hour_hour")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_visit_hour_location_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_visit_hour_merchant_id")),
        sa.PrimaryKeyConstraint("location_id", "day", "hour", name=op.f("pk_visit_hour")),
    )
    op.create_table(
        "month_report_wish",
        sa.Column("staff_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("wanted_at", UtcDateTime(), nullable=False),
        sa.Column("sent_month", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_month_report_wish_merchant_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_month_report_wish_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_month_report_wish")),
    )
    op.create_table(
        "set_aside",
        sa.Column("staff_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_set_aside_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "kind", name=op.f("pk_set_aside")),
    )
    op.create_index(
        "ix_closing_period_merchant_id_last_day", "closing_period", ["merchant_id", "last_day"], unique=False
    )
    op.create_index("ix_visit_hour_merchant_id_day", "visit_hour", ["merchant_id", "day"], unique=False)
    op.create_index("ix_promotion_day_merchant_id_day", "promotion_day", ["merchant_id", "day"], unique=False)
    op.create_index("ix_reward_day_merchant_id_day", "reward_day", ["merchant_id", "day"], unique=False)
    op.create_index("ix_programme_standing_merchant_id", "programme_standing", ["merchant_id"], unique=False)
    op.create_index("ix_month_report_wish_merchant_id", "month_report_wish", ["merchant_id"], unique=False)
    op.create_index("ix_visit_location_occurred", "visit", ["location_id", "occurred_at"], unique=False)
    op.create_index(
        "ix_voucher_redeemed",
        "voucher",
        ["redeemed_location_id", "redeemed_at"],
        unique=False,
        postgresql_where=sa.text("status = 'redeemed'"),
        sqlite_where=sa.text("status = 'redeemed'"),
    )
    op.create_index(
        "ix_transfer_expired",
        "transfer",
        ["programme_id", "transaction_id"],
        unique=False,
        postgresql_where=sa.text("credit = 'expired'"),
        sqlite_where=sa.text("credit = 'expired'"),
    )


def downgrade() -> None:
    op.drop_index("ix_transfer_expired", table_name="transfer")
    op.drop_index("ix_voucher_redeemed", table_name="voucher")
    op.drop_index("ix_visit_location_occurred", table_name="visit")
    for table in (
        "set_aside",
        "month_report_wish",
        "programme_day",
        "programme_balance",
        "programme_standing",
        "rollup_progress",
        "reward_day",
        "promotion_day",
        "visit_hour",
        "closing_period",
    ):
        op.drop_table(table)
