"""Finding contacts that are under way, and those of a campaign.

Revision: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_open = sa.text("status IN ('queued', 'sending')")
    op.create_index("ix_contact_open", "contact", ["at"], postgresql_where=is_open, sqlite_where=is_open)
    of_campaign = sa.text("campaign_id IS NOT NULL")
    op.create_index(
        "ix_contact_campaign_id",
        "contact",
        ["campaign_id", "way", "status"],
        postgresql_where=of_campaign,
        sqlite_where=of_campaign,
    )


def downgrade() -> None:
    op.drop_index("ix_contact_campaign_id", table_name="contact")
    op.drop_index("ix_contact_open", table_name="contact")
