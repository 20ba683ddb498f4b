"""Wallet passes that are brought up to date: which cards are in a phone's wallet, and which devices wait for changes.

Revision: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wallet_pass",
        sa.Column("card_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('apple', 'google')", name=op.f("ck_wallet_pass_kind")),
        sa.PrimaryKeyConstraint("card_id", "kind", name=op.f("pk_wallet_pass")),
    )
    op.create_table(
        "pass_device",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("card_id", Id(), nullable=False),
        sa.Column("push_token", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "card_id", name=op.f("pk_pass_device")),
    )
    op.create_index("ix_pass_device_card_id", "pass_device", ["card_id"], unique=False)


def downgrade() -> None:
    op.drop_table("pass_device")
    op.drop_table("wallet_pass")
