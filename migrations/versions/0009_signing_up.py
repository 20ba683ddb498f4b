"""Shops that sign up: approval, limits until then, profiles.

Revision: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("merchant", sa.Column("approved_at", UtcDateTime(), nullable=True))
    op.add_column("merchant", sa.Column("cards_printed", sa.BigInteger(), server_default="0", nullable=False))
    # Whoever is there was made by the operator.
    op.execute("UPDATE merchant SET approved_at = created_at")
    op.create_table(
        "sign_up",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shop", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_up")),
    )
    op.create_index("ix_sign_up_expires_at", "sign_up", ["expires_at"], unique=False)
    op.create_table(
        "trial_day",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("visits > 0", name=op.f("ck_trial_day_visits")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_trial_day_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("merchant_id", "day", name=op.f("pk_trial_day")),
    )


def downgrade() -> None:
    op.drop_table("trial_day")
    op.drop_index("ix_sign_up_expires_at", table_name="sign_up")
    op.drop_table("sign_up")
    op.drop_column("merchant", "cards_printed")
    op.drop_column("merchant", "approved_at")
