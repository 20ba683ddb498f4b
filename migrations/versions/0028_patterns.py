"""Retention and patterns by month; what shops that agreed to it have in common.

Revision: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_TABLES = (
    "crossing_total",
    "crossing_quarter",
    "crossing_consent",
    "rhythm_bar",
    "retention_month",
    "acquisition_month",
    "pattern_month",
    "cohort_month",
    "pattern_progress",
)


def _count(name: str, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=default, nullable=False)


def _of_merchant(table: str, *rest: sa.schema.SchemaItem, key: tuple[str, ...] = ()) -> None:
    op.create_table(
        table,
        sa.Column("merchant_id", Id(), nullable=False),
        *(sa.Column(name, sa.BigInteger() if name == "least" else sa.Text(), nullable=False) for name in key),
        *rest,
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f(f"fk_{table}_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("merchant_id", *key, name=op.f(f"pk_{table}")),
    )


def upgrade() -> None:
    _of_merchant(
        "pattern_progress",
        sa.Column("upto", Id(), nullable=False),
        _count("members", "0"),
        _count("gone", "0"),
        sa.Column("usual_gap", sa.BigInteger(), nullable=True),
        _count("broken", "0"),
        _count("revision", "0"),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
    )
    _of_merchant("cohort_month", _count("members"), _count("visits"), key=("cohort", "month"))
    _of_merchant(
        "pattern_month",
        *(_count(name) for name in ("members", "visits", "amount_minor", "amount_visits")),
        sa.CheckConstraint("kind IN ('new', 'kept', 'back')", name=op.f("ck_pattern_month_kind")),
        key=("month", "kind"),
    )
    _of_merchant(
        "acquisition_month",
        _count("members"),
        sa.CheckConstraint(
            "source IN ('invitation', 'list', 'cards', 'app', 'counter')", name=op.f("ck_acquisition_month_source")
        ),
        key=("month", "source"),
    )
    _of_merchant("retention_month", _count("members"), _count("gone"), key=("month",))
    _of_merchant("rhythm_bar", _count("members"), _count("broken"), key=("least",))
    _of_merchant(
        "crossing_consent",
        sa.Column("agreed_at", UtcDateTime(), nullable=False),
        sa.Column("agreed_by", Id(), nullable=True),
    )
    op.create_table(
        "crossing_quarter",
        sa.Column("quarter", sa.Text(), nullable=False),
        _count("shops"),
        _count("totals"),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("quarter", name=op.f("pk_crossing_quarter")),
    )
    op.create_table(
        "crossing_total",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("other_id", Id(), nullable=False),
        sa.Column("other_name", sa.Text(), nullable=False),
        _count("members"),
        sa.Column("weekday", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("members >= 10 AND members % 10 = 0", name=op.f("ck_crossing_total_members")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_crossing_total_weekday")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_crossing_total_merchant_id_merchant")),
        sa.ForeignKeyConstraint(["other_id"], ["merchant.id"], name=op.f("fk_crossing_total_other_id_merchant")),
        sa.PrimaryKeyConstraint("merchant_id", "quarter", "other_id", name=op.f("pk_crossing_total")),
    )
    op.create_index("ix_crossing_total_other_id", "crossing_total", ["other_id"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
