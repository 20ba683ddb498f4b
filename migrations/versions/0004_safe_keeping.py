"""How a session began, passkeys, moves to another phone, and a member's brakes.

Revision: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("ask_above_minor", sa.BigInteger(), nullable=True))
    op.add_column("member", sa.Column("daily_cap_minor", sa.BigInteger(), nullable=True))
    op.add_column("member", sa.Column("brakes_currency", sa.Text(), nullable=True))
    op.add_column("member", sa.Column("waits_until", UtcDateTime(), nullable=True))
    op.add_column("installation", sa.Column("session_id", Id(), nullable=True))
    op.add_column("installation", sa.Column("waits_until", UtcDateTime(), nullable=True))
    op.create_table(
        "member_session",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("began", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=False),
        sa.Column("waits_until", UtcDateTime(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "began IN ('anonymous', 'code', 'passkey', 'recovery', 'transfer')",
            name=op.f("ck_member_session_began"),
        ),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_member_session")),
    )
    # Sessions that are there already are nobody's but their members': the wait begins with this version.
    op.execute(
        "INSERT INTO member_session (member_id, id, began, created_at, last_used_at, settled_at)"
        " SELECT r.member_id, r.family_id,"
        " CASE WHEN EXISTS (SELECT 1 FROM login l WHERE l.member_id = r.member_id) THEN 'code' ELSE 'anonymous' END,"
        " min(r.created_at), max(r.created_at), min(r.created_at)"
        " FROM refresh_token r WHERE r.ended_at IS NULL GROUP BY r.member_id, r.family_id"
    )
    op.create_table(
        "move_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("session_id", Id(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_move_code")),
    )
    op.create_index("ix_move_code_member_id", "move_code", ["member_id"], unique=False)
    op.create_table(
        "passkey",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_passkey_member_id_member")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_passkey")),
    )
    op.create_table(
        "passkey_credential",
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("passkey_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_passkey_credential")),
    )
    op.create_index("ix_passkey_credential_member_id", "passkey_credential", ["member_id"], unique=False)
    op.create_table(
        "passkey_challenge",
        sa.Column("id", Id(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", Id(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey_challenge")),
    )
    op.create_table(
        "spending_request",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("reward_id", Id(), nullable=False),
        sa.Column("voucher_id", Id(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("worth_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="asked", nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('asked', 'approved', 'refused', 'used')", name=op.f("ck_spending_request_status")
        ),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_spending_request")),
    )


def downgrade() -> None:
    for table in (
        "spending_request",
        "passkey_challenge",
        "passkey_credential",
        "passkey",
        "move_code",
        "member_session",
    ):
        op.drop_table(table)
    for column in ("waits_until", "session_id"):
        op.drop_column("installation", column)
    for column in ("waits_until", "brakes_currency", "daily_cap_minor", "ask_above_minor"):
        op.drop_column("member", column)
