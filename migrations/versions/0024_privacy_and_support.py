"""The privacy desk and the clock of retention; questions to support and their answers.

Revision: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "privacy_request",
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("member_id", Id(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("identity_check", sa.Text(), nullable=True),
        sa.Column("identified_at", UtcDateTime(), nullable=True),
        sa.Column("identified_by", Id(), nullable=True),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", Json, nullable=True),
        sa.Column("created_by", Id(), nullable=True),
        sa.Column("done_by", Id(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('access', 'erasure', 'correction', 'objection')", name=op.f("ck_privacy_request_kind")
        ),
        sa.CheckConstraint(
            "channel IN ('mail', 'phone', 'letter', 'counter', 'app', 'retention')",
            name=op.f("ck_privacy_request_channel"),
        ),
        sa.CheckConstraint("status IN ('open', 'waiting', 'done', 'refused')", name=op.f("ck_privacy_request_status")),
        sa.CheckConstraint(
            "identity_check IS NULL OR identity_check IN ('app', 'mail', 'card', 'document')",
            name=op.f("ck_privacy_request_identity_check"),
        ),
        sa.CheckConstraint(
            "(status IN ('done', 'refused')) = (done_at IS NOT NULL)", name=op.f("ck_privacy_request_done")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_request")),
    )
    op.create_index("ix_privacy_request_status_due_at", "privacy_request", ["status", "due_at"], unique=False)
    op.create_index("ix_privacy_request_member_id", "privacy_request", ["member_id"], unique=False)
    op.create_table(
        "privacy_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("request_id", Id(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["privacy_request.id"], name=op.f("fk_privacy_link_request_id_privacy_request")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_privacy_link")),
    )
    op.create_index("ix_privacy_link_request_id", "privacy_link", ["request_id"], unique=False)
    op.create_table(
        "retention_notice",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("erase_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("channel IN ('mail', 'inbox')", name=op.f("ck_retention_notice_channel")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_retention_notice_member_id_member")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_retention_notice")),
    )
    op.create_index("ix_retention_notice_erase_at", "retention_notice", ["erase_at"], unique=False)
    op.create_table(
        "retention_setting",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("grace_days", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_retention_setting_one")),
        sa.CheckConstraint("months BETWEEN 12 AND 60", name=op.f("ck_retention_setting_months")),
        sa.CheckConstraint("grace_days BETWEEN 14 AND 90", name=op.f("ck_retention_setting_grace_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_setting")),
    )
    op.create_table(
        "support_counter",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_support_counter_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_counter")),
    )
    op.create_table(
        "support_question",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("member_id", Id(), nullable=True),
        sa.Column("merchant_id", Id(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("blind", sa.LargeBinary(), nullable=True),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("assigned_to", Id(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("origin IN ('mail', 'office')", name=op.f("ck_support_question_origin")),
        sa.CheckConstraint("status IN ('open', 'answered', 'closed')", name=op.f("ck_support_question_status")),
        sa.CheckConstraint("(status = 'open') = (due_at IS NOT NULL)", name=op.f("ck_support_question_due")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_question")),
        sa.UniqueConstraint("number", name=op.f("uq_support_question_number")),
    )
    for name, columns in {
        "ix_support_question_status_due_at": ["status", "due_at"],
        "ix_support_question_member_id": ["member_id"],
        "ix_support_question_merchant_id": ["merchant_id"],
        "ix_support_question_blind": ["blind"],
    }.items():
        op.create_index(name, "support_question", columns, unique=False)
    op.create_table(
        "support_message",
        sa.Column("id", Id(), nullable=False),
        sa.Column("question_id", Id(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("reference", sa.LargeBinary(), nullable=True),
        sa.Column("mail_id", Id(), nullable=True),
        sa.Column("author_id", Id(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("direction IN ('in', 'out', 'note')", name=op.f("ck_support_message_direction")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["support_question.id"], name=op.f("fk_support_message_question_id_support_question")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_message")),
        sa.UniqueConstraint("reference", name=op.f("uq_support_message_reference")),
    )
    op.create_index("ix_support_message_question_id", "support_message", ["question_id", "id"], unique=False)
    op.create_index("ix_support_message_mail_id", "support_message", ["mail_id"], unique=False)
    op.create_table(
        "support_template",
        sa.Column("id", Id(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_template")),
        sa.UniqueConstraint("key", "locale", name=op.f("uq_support_template_key_locale")),
    )


def downgrade() -> None:
    for table in (
        "support_template",
        "support_message",
        "support_question",
        "support_counter",
        "retention_setting",
        "retention_notice",
        "privacy_link",
        "privacy_request",
    ):
        op.drop_table(table)
