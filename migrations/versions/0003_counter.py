"""The counter with and without a network: what a tablet tells about its queue, gaps in it, reservations that only their
tablet ends, old paper cards, visits to be claimed, and whose foreign cards a merchant takes.

Revision: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("device", sa.Column("app_version", sa.Text(), nullable=True))
    op.add_column("device", sa.Column("queue_length", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("is_storage_kept", sa.Boolean(), nullable=True))
    op.add_column("device", sa.Column("written_off_at", UtcDateTime(), nullable=True))
    op.create_table(
        "device_gap",
        sa.Column("device_id", Id(), nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("noticed_at", UtcDateTime(), nullable=False),
        sa.Column("alarmed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("first > 0 AND last >= first", name=op.f("ck_device_gap_range")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_gap_device_id_device")),
        sa.PrimaryKeyConstraint("device_id", "first", name=op.f("pk_device_gap")),
    )
    op.add_column("card_reference", sa.Column("retired_at", UtcDateTime(), nullable=True))
    op.create_index("ix_card_reference_number", "card_reference", ["number"], unique=False)
    op.create_table(
        "card_source",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_card_source_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("merchant_id", "source", name=op.f("pk_card_source")),
    )
    op.add_column("voucher", sa.Column("hold_id", Id(), nullable=True))
    op.add_column("voucher", sa.Column("hold_release_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_voucher_hold_device_id",
        "voucher",
        ["hold_device_id"],
        unique=False,
        postgresql_where=sa.text("hold_id IS NOT NULL"),
        sqlite_where=sa.text("hold_id IS NOT NULL"),
    )
    op.add_column("offline_event", sa.Column("transaction_id", Id(), nullable=True))
    op.add_column("offline_event", sa.Column("voucher_code", sa.Text(), nullable=True))
    op.create_index("ix_offline_event_inbox", "offline_event", ["location_id", "status", "received_at"], unique=False)
    op.create_table(
        "opening_balance",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("device_id", Id(), nullable=True),
        sa.Column("staff_id", Id(), nullable=True),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_opening_balance_units_positive")),
        sa.PrimaryKeyConstraint("member_id", "programme_id", name=op.f("pk_opening_balance")),
    )
    op.create_table(
        "visit_claim",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("visit_id", Id(), nullable=False),
        sa.Column("transaction_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_visit_claim")),
    )
    op.create_index(
        "ix_visit_claim_expires_at",
        "visit_claim",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("visit_claim")
    op.drop_table("opening_balance")
    op.drop_index("ix_offline_event_inbox", table_name="offline_event")
    op.drop_column("offline_event", "voucher_code")
    op.drop_column("offline_event", "transaction_id")
    op.drop_index("ix_voucher_hold_device_id", table_name="voucher")
    op.drop_column("voucher", "hold_release_at")
    op.drop_column("voucher", "hold_id")
    op.drop_table("card_source")
    op.drop_index("ix_card_reference_number", table_name="card_reference")
    op.drop_column("card_reference", "retired_at")
    op.drop_table("device_gap")
    for column in ("written_off_at", "is_storage_kept", "queue_length", "app_version"):
        op.drop_column("device", column)
