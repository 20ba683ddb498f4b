"""Row-level security for the back office and reports: the role, and what its conditions stand on.

The walls themselves are not of one revision: each has to know the newest tables. So ``env.py`` raises them, as
``app.walls`` tells them, after whatever brings a database to the last revision, and lowers them before it.

Revision: 0015
Revises: 0014
"""

from __future__ import annotations

from alembic import op

from app.common.database.walls import make_roles, remove_walls

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        make_roles(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        remove_walls(op.get_bind())
