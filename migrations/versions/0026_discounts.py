"""What one shop pays less than its plan costs.

Revision: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("billing_account", sa.Column("discount_basis_points", sa.BigInteger(), nullable=True))
    op.add_column("billing_account", sa.Column("discount_minor", sa.BigInteger(), nullable=True))
    op.add_column("billing_account", sa.Column("discount_ends_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("billing_account", "discount_ends_at")
    op.drop_column("billing_account", "discount_minor")
    op.drop_column("billing_account", "discount_basis_points")
