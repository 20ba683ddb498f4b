"""What the operator's overview and health pages read: the platform's days, refused mails, backups, sizes, the plan of
jobs.

Revision: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "platform_day",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("visits", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("redemptions", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("new_members", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shops_seen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bounced", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("mails", sa.BigInteger(), nullable=True),
        sa.Column("shops", sa.BigInteger(), nullable=True),
        sa.Column("tablets", sa.BigInteger(), nullable=True),
        sa.Column("offline", sa.BigInteger(), nullable=True),
        sa.Column("offline_most", sa.BigInteger(), nullable=True),
        sa.Column("liability_minor", sa.BigInteger(), nullable=True),
        sa.Column("paying", sa.BigInteger(), nullable=True),
        sa.Column("monthly_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("counted_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_platform_day")),
    )
    op.create_table(
        "mail_bounce",
        sa.Column("id", Id(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("bounced_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("how IN ('refused', 'returned')", name=op.f("ck_mail_bounce_how")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_bounce")),
    )
    op.create_index("ix_mail_bounce_bounced_at", "mail_bounce", ["bounced_at"], unique=False)
    op.create_table(
        "job_plan",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("expected_seconds", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_plan")),
    )
    op.create_table(
        "backup_run",
        sa.Column("id", Id(), nullable=False),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("lane", sa.Text(), nullable=True),
        sa.Column("asked_by", Id(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("facts", Json, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'done', 'failed', 'removed')", name=op.f("ck_backup_run_status")
        ),
        sa.CheckConstraint("(status IN ('waiting', 'running')) = (lane IS NOT NULL)", name=op.f("ck_backup_run_lane")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_run")),
        sa.UniqueConstraint("lane", name=op.f("uq_backup_run_lane")),
    )
    op.create_table(
        "database_day",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("tables", Json, nullable=False),
        sa.Column("measured_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_database_day")),
    )
    op.create_index("ix_visit_hour_day", "visit_hour", ["day"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_visit_hour_day", table_name="visit_hour")
    op.drop_table("database_day")
    op.drop_table("backup_run")
    op.drop_table("job_plan")
    op.drop_index("ix_mail_bounce_bounced_at", table_name="mail_bounce")
    op.drop_table("mail_bounce")
    op.drop_table("platform_day")
