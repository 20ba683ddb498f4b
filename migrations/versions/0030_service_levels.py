"""At which level each relationship group is served, and how far the automations have looked.

Revision: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_level",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("relationship", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("staff_id", Id(), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.CheckConstraint(
            "relationship IN ('stranger', 'butterfly', 'barnacle', 'friend')",
            name=op.f("ck_service_level_relationship"),
        ),
        sa.CheckConstraint(
            "level IN ('basic', 'reactive', 'accountable', 'proactive', 'partnership')",
            name=op.f("ck_service_level_level"),
        ),
        sa.CheckConstraint("staff_id IS NULL OR level = 'partnership'", name=op.f("ck_service_level_person")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_service_level_merchant_id")),
        sa.PrimaryKeyConstraint("merchant_id", "relationship", name=op.f("pk_service_level")),
    )
    op.create_table(
        "automation_progress",
        sa.Column("campaign_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("tomorrow", sa.BigInteger(), nullable=True),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_automation_progress_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_automation_progress")),
    )


def downgrade() -> None:
    op.drop_table("automation_progress")
    op.drop_table("service_level")
