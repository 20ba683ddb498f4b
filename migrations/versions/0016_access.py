"""People and access: mailed links, second steps, passkeys, invitations, handing a business over, the audit list.

Revision: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff_login", sa.Column("totp_offered", sa.LargeBinary(), nullable=True))
    op.add_column("staff", sa.Column("invited_at", UtcDateTime(), nullable=True))
    op.add_column("staff", sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("webhook_delivery", sa.Column("last_answer", sa.Text(), nullable=True))
    op.create_table(
        "staff_login_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("login_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('password', 'address')", name=op.f("ck_staff_login_link_kind")),
        sa.CheckConstraint("(kind = 'address') = (address IS NOT NULL)", name=op.f("ck_staff_login_link_address")),
        sa.ForeignKeyConstraint(
            ["login_id"], ["staff_login.id"], name=op.f("fk_staff_login_link_login_id_staff_login")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_login_link")),
    )
    op.create_index("ix_staff_login_link_login_id", "staff_login_link", ["login_id"], unique=False)
    op.create_table(
        "staff_recovery_code",
        sa.Column("login_id", Id(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["login_id"], ["staff_login.id"], name=op.f("fk_staff_recovery_code_login_id_staff_login")
        ),
        sa.PrimaryKeyConstraint("login_id", "code_hash", name=op.f("pk_staff_recovery_code")),
    )
    op.create_table(
        "staff_passkey",
        sa.Column("id", Id(), nullable=False),
        sa.Column("login_id", Id(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["login_id"], ["staff_login.id"], name=op.f("fk_staff_passkey_login_id_staff_login")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_staff_passkey_credential_id")),
    )
    op.create_index("ix_staff_passkey_login_id", "staff_passkey", ["login_id"], unique=False)
    op.create_table(
        "staff_passkey_challenge",
        sa.Column("id", Id(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("login_id", Id(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["login_id"], ["staff_login.id"], name=op.f("fk_staff_passkey_challenge_login_id_staff_login")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_passkey_challenge")),
    )
    op.create_table(
        "merchant_handover",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("offered_by", Id(), nullable=False),
        sa.Column("login_id", Id(), nullable=False),
        sa.Column("stays_as", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'accepted', 'declined', 'cancelled', 'expired')",
            name=op.f("ck_merchant_handover_status"),
        ),
        sa.CheckConstraint("stays_as IS NULL OR stays_as = 'manager'", name=op.f("ck_merchant_handover_stays_as")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_merchant_handover_merchant_id_merchant")
        ),
        sa.ForeignKeyConstraint(["offered_by"], ["staff.id"], name=op.f("fk_merchant_handover_offered_by_staff")),
        sa.ForeignKeyConstraint(
            ["login_id"], ["staff_login.id"], name=op.f("fk_merchant_handover_login_id_staff_login")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant_handover")),
    )
    op.create_index("ix_merchant_handover_login_id", "merchant_handover", ["login_id"], unique=False)
    op.create_index(
        "uq_merchant_handover_open",
        "merchant_handover",
        ["merchant_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_audit_event_merchant_id_actor_id_id", "audit_event", ["merchant_id", "actor_id", "id"], unique=False
    )
    op.create_index(
        "ix_audit_event_merchant_id_subject_kind_id", "audit_event", ["merchant_id", "subject_kind", "id"], unique=False
    )
    op.create_index("ix_webhook_delivery_endpoint", "webhook_delivery", ["endpoint_id", "id"], unique=False)
    op.create_index("ix_webhook_delivery_status", "webhook_delivery", ["endpoint_id", "status", "id"], unique=False)
    op.create_index(
        "ix_feedback_waiting",
        "feedback",
        ["location_id", "id"],
        unique=False,
        postgresql_where=sa.text("answered_at IS NULL AND words IS NOT NULL"),
        sqlite_where=sa.text("answered_at IS NULL AND words IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_feedback_waiting", table_name="feedback")
    op.drop_index("ix_webhook_delivery_status", table_name="webhook_delivery")
    op.drop_index("ix_webhook_delivery_endpoint", table_name="webhook_delivery")
    op.drop_index("ix_audit_event_merchant_id_subject_kind_id", table_name="audit_event")
    op.drop_index("ix_audit_event_merchant_id_actor_id_id", table_name="audit_event")
    op.drop_table("merchant_handover")
    op.drop_table("staff_passkey_challenge")
    op.drop_table("staff_passkey")
    op.drop_table("staff_recovery_code")
    op.drop_table("staff_login_link")
    op.drop_column("webhook_delivery", "last_answer")
    op.drop_column("staff", "revision")
    op.drop_column("staff", "invited_at")
    op.drop_column("staff_login", "totp_offered")
