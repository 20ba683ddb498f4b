"""Staff who sign in: one login for all the businesses that a person works at, and the browsers that are signed in.

Revision: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_login",
        sa.Column("id", Id(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_login")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_login_email")),
    )
    op.create_table(
        "staff_login_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("login_id", Id(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("proved_at", UtcDateTime(), nullable=True),
        sa.Column("waits_for_second", sa.Boolean(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["login_id"], ["staff_login.id"], name=op.f("fk_staff_login_session_login_id_staff_login")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_login_session")),
    )
    op.create_index("ix_staff_login_session_login_id", "staff_login_session", ["login_id"], unique=False)
    # In words that both databases understand: SQLite takes a new column's constraint only in the column itself.
    kind = Id().compile(dialect=op.get_bind().dialect)
    op.execute(
        sa.text(
            f"ALTER TABLE staff ADD COLUMN login_id {kind} CONSTRAINT fk_staff_login_id_staff_login REFERENCES staff_login (id)"
        )
    )
    op.create_index("ix_staff_login_id", "staff", ["login_id"], unique=False)
    # Whoever could set a password until now keeps it; of several at several shops the first one.
    op.execute(
        """INSERT INTO staff_login (id, email, password_hash, created_at)
        SELECT id, email, password_hash, created_at FROM staff AS one
        WHERE email IS NOT NULL AND id = (
            SELECT id FROM staff AS other WHERE other.email = one.email
            ORDER BY password_hash IS NULL, id LIMIT 1)"""
    )
    op.execute(
        "UPDATE staff SET login_id = (SELECT staff_login.id FROM staff_login WHERE staff_login.email = staff.email)"
    )
    op.drop_column("staff", "password_hash")


def downgrade() -> None:
    op.add_column("staff", sa.Column("password_hash", sa.Text(), nullable=True))
    op.execute(
        "UPDATE staff SET password_hash = (SELECT staff_login.password_hash FROM staff_login WHERE staff_login.id = staff.login_id)"
    )
    op.drop_index("ix_staff_login_id", table_name="staff")
    op.drop_column("staff", "login_id")  # its constraint stands in the column itself
    op.drop_table("staff_login_session")
    op.drop_table("staff_login")
