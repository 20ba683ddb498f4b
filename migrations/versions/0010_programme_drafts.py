"""Programmes in the making: drafts, and runs of the simulator.

Revision: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "programme_draft",
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("rules", Json, nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("revision > 0", name=op.f("ck_programme_draft_revision")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_programme_draft_merchant_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_programme_draft_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", name=op.f("pk_programme_draft")),
    )
    op.create_index("ix_programme_draft_merchant_id", "programme_draft", ["merchant_id"], unique=False)
    op.create_table(
        "simulation",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("rules", Json, nullable=False),
        sa.Column("draft_revision", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("done_steps", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("all_steps", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("result", Json, nullable=True),
        sa.Column("created_by", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("beaten_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'ended')",
            name=op.f("ck_simulation_status"),
        ),
        sa.CheckConstraint("done_steps >= 0 AND all_steps >= 0", name=op.f("ck_simulation_steps")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_simulation_merchant_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_simulation_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulation")),
    )
    op.create_index(
        "ix_simulation_programme", "simulation", ["merchant_id", "programme_id", "created_at"], unique=False
    )
    op.create_index(
        "ix_simulation_open",
        "simulation",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('waiting', 'running')"),
        sqlite_where=sa.text("status IN ('waiting', 'running')"),
    )
    op.create_index(
        "ix_ledger_transaction_other",
        "ledger_transaction",
        ["member_id", "occurred_at"],
        unique=False,
        postgresql_where=sa.text("kind <> 'earn'"),
        sqlite_where=sa.text("kind <> 'earn'"),
    )


def downgrade() -> None:
    op.drop_index("ix_ledger_transaction_other", table_name="ledger_transaction")
    op.drop_table("simulation")
    op.drop_table("programme_draft")
