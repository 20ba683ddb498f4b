"""Risk: limits in versions, cases, how far the bookings were looked at, limits that are tried out; and of counted tries
what kind they are of, so that those who guess can be found.

Revision: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_IS_OPEN = sa.text("status IN ('open', 'asked')")


def upgrade() -> None:
    op.add_column("attempt", sa.Column("name", sa.Text(), nullable=True))
    op.create_index("ix_attempt_name", "attempt", ["name"], unique=False)
    op.create_table(
        "risk_limit",
        sa.Column("id", Id(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("soft", sa.BigInteger(), nullable=True),
        sa.Column("hard", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("made_by", Id(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("soft IS NULL OR soft > 0", name=op.f("ck_risk_limit_soft")),
        sa.CheckConstraint("hard IS NULL OR hard > 0", name=op.f("ck_risk_limit_hard")),
        sa.CheckConstraint("version > 0", name=op.f("ck_risk_limit_version")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_risk_limit_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_limit")),
        sa.UniqueConstraint("rule", "place", "version", name=op.f("uq_risk_limit_rule_place_version")),
    )
    op.create_index("ix_risk_limit_merchant_id", "risk_limit", ["merchant_id"], unique=False)
    op.create_table(
        "risk_case",
        sa.Column("id", Id(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=True),
        sa.Column("location_id", Id(), nullable=True),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("soft", sa.BigInteger(), nullable=False),
        sa.Column("at_stake", sa.BigInteger(), nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", Id(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("act", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('open', 'asked', 'confirmed', 'dismissed')", name=op.f("ck_risk_case_status")),
        sa.CheckConstraint(
            "subject_kind IN ('card', 'staff', 'device', 'source')", name=op.f("ck_risk_case_subject_kind")
        ),
        sa.CheckConstraint(
            "(status IN ('confirmed', 'dismissed')) = (decided_at IS NOT NULL)", name=op.f("ck_risk_case_decided")
        ),
        sa.CheckConstraint("score > 0 AND at_stake >= 0", name=op.f("ck_risk_case_figures")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_risk_case_location_id_location")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_risk_case_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_case")),
    )
    op.create_index(
        "uq_risk_case_open",
        "risk_case",
        ["rule", "subject_kind", "subject_id"],
        unique=True,
        postgresql_where=_IS_OPEN,
        sqlite_where=_IS_OPEN,
    )
    op.create_index(
        "ix_risk_case_waiting",
        "risk_case",
        ["opened_at"],
        unique=False,
        postgresql_where=_IS_OPEN,
        sqlite_where=_IS_OPEN,
    )
    op.create_index("ix_risk_case_decided_at", "risk_case", ["decided_at"], unique=False)
    op.create_index("ix_risk_case_merchant_id", "risk_case", ["merchant_id"], unique=False)
    op.create_table(
        "risk_progress",
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("upto", Id(), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_risk_progress_location_id_location")),
        sa.PrimaryKeyConstraint("location_id", name=op.f("pk_risk_progress")),
    )
    op.create_table(
        "risk_try",
        sa.Column("id", Id(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("soft", sa.BigInteger(), nullable=False),
        sa.Column("hard", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("done_steps", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("all_steps", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("result", Json, nullable=True),
        sa.Column("created_by", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("beaten_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'done', 'failed', 'ended')", name=op.f("ck_risk_try_status")
        ),
        sa.CheckConstraint("done_steps >= 0 AND all_steps >= 0", name=op.f("ck_risk_try_steps")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_try")),
    )
    op.create_index("ix_risk_try_rule", "risk_try", ["rule", "created_at"], unique=False)


def downgrade() -> None:
    op.drop_table("risk_try")
    op.drop_table("risk_progress")
    op.drop_table("risk_case")
    op.drop_table("risk_limit")
    op.drop_index("ix_attempt_name", table_name="attempt")
    op.drop_column("attempt", "name")
