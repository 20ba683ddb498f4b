"""What a counter refused a card; how often was guessed, for trying limits on the past.

Revision: 0034
Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_refusal",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("voucher_id", Id(), nullable=True),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("device_id", Id(), nullable=True),
        sa.Column("staff_id", Id(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("told", Json, nullable=False),
        sa.Column("refused_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("act IN ('scan', 'visit', 'redemption', 'opening')", name=op.f("ck_card_refusal_act")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_card_refusal")),
    )
    op.create_index("ix_card_refusal_refused_at", "card_refusal", ["refused_at"])
    op.create_table(
        "guess_peak",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "started_at", name=op.f("pk_guess_peak")),
    )
    op.create_index("ix_guess_peak_started_at", "guess_peak", ["started_at"])


def downgrade() -> None:
    op.drop_table("guess_peak")
    op.drop_table("card_refusal")
