"""Operators: several rights for one person, sessions with a second step always, recovery codes.

Revision: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("operator", sa.Column("totp_offered", sa.LargeBinary(), nullable=True))
    op.add_column("operator", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.create_table(
        "operator_right",
        sa.Column("operator_id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "name IN ('support', 'finance', 'risk', 'administrator')", name=op.f("ck_operator_right_name")
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_operator_right_operator_id_operator")),
        sa.PrimaryKeyConstraint("operator_id", "name", name=op.f("pk_operator_right")),
    )
    op.execute("INSERT INTO operator_right (operator_id, name) SELECT id, 'administrator' FROM operator")
    op.drop_column("operator", "role")
    op.create_table(
        "operator_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("operator_id", Id(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("proved_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_operator_session_operator_id_operator")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_operator_session")),
    )
    op.create_index("ix_operator_session_operator_id", "operator_session", ["operator_id"], unique=False)
    op.create_table(
        "operator_recovery_code",
        sa.Column("operator_id", Id(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_operator_recovery_code_operator_id_operator")
        ),
        sa.PrimaryKeyConstraint("operator_id", "code_hash", name=op.f("pk_operator_recovery_code")),
    )
    op.create_index("ix_audit_event_actor", "audit_event", ["actor_kind", "actor_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_event_actor", table_name="audit_event")
    op.drop_table("operator_recovery_code")
    op.drop_index("ix_operator_session_operator_id", table_name="operator_session")
    op.drop_table("operator_session")
    op.add_column("operator", sa.Column("role", sa.Text(), server_default="administrator", nullable=False))
    op.drop_table("operator_right")
    op.drop_column("operator", "totp_step")
    op.drop_column("operator", "totp_offered")
