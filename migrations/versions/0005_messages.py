"""Messages to members, what they want to hear, push subscriptions, invitations and feedback.

Revision: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_message",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=True),
        sa.Column("params", Json, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('reward_unlocked', 'units_expiring', 'new_sign_in', 'card_blocked', 'card_replaced', 'spent', 'email_changed', 'passkey_added', 'passkey_removed', 'spending_asked', 'feedback_answered', 'invitation_rewarded', 'shop_news')",
            name=op.f("ck_member_message_kind"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_message_member_id")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_member_message")),
        sa.UniqueConstraint("member_id", "source", name=op.f("uq_member_message_member_id_source")),
    )
    op.create_index(
        "ix_member_message_unread",
        "member_message",
        ["member_id", "id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
        sqlite_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "message_setting",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("channel IN ('push', 'email')", name=op.f("ck_message_setting_channel")),
        sa.CheckConstraint(
            "kind IN ('reward_unlocked', 'units_expiring', 'new_sign_in', 'card_blocked', 'card_replaced', 'spent', 'email_changed', 'passkey_added', 'passkey_removed', 'spending_asked', 'feedback_answered', 'invitation_rewarded', 'shop_news')",
            name=op.f("ck_message_setting_kind"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_message_setting_member_id")),
        sa.PrimaryKeyConstraint("member_id", "kind", "channel", name=op.f("pk_message_setting")),
    )
    op.create_table(
        "push_subscription",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_push_subscription_member_id")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_push_subscription")),
    )
    op.create_table(
        "push_endpoint",
        sa.Column("blind", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("subscription_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("blind", name=op.f("pk_push_endpoint")),
    )
    op.create_table(
        "expiry_notice",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_expiry_notice_member_id")),
        sa.PrimaryKeyConstraint("member_id", "account_id", "expires_at", name=op.f("pk_expiry_notice")),
    )
    op.create_table(
        "invitation",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("invited", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rewarded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("capped_year", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("capped_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("invited >= 0 AND rewarded >= 0 AND capped_count >= 0", name=op.f("ck_invitation_counts")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_invitation_member_id")),
        sa.PrimaryKeyConstraint("member_id", "merchant_id", name=op.f("pk_invitation")),
    )
    op.create_table(
        "invitation_code",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_invitation_code")),
    )
    op.create_table(
        "accepted_invitation",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("inviter_id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("visit_id", Id(), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'rewarded', 'refused')", name=op.f("ck_accepted_invitation_status")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_accepted_invitation_member_id")),
        sa.PrimaryKeyConstraint("member_id", "merchant_id", name=op.f("pk_accepted_invitation")),
    )
    op.create_table(
        "feedback_question",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("quarter", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("visit_id", Id(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_feedback_question_member_id")),
        sa.PrimaryKeyConstraint("member_id", "location_id", "quarter", name=op.f("pk_feedback_question")),
    )
    op.create_table(
        "feedback",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("visit_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", Id(), nullable=True),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("ck_feedback_score")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_feedback_member_id")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("member_id", "visit_id", name=op.f("uq_feedback_member_id_visit_id")),
    )
    op.create_table(
        "location_feedback",
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("feedback_id", Id(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("location_id", "feedback_id", name=op.f("pk_location_feedback")),
    )
    op.create_index(
        "ix_voucher_open",
        "voucher",
        ["member_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'issued'"),
        sqlite_where=sa.text("status = 'issued'"),
    )


def downgrade() -> None:
    op.drop_index("ix_voucher_open", table_name="voucher")
    op.drop_table("location_feedback")
    op.drop_table("feedback")
    op.drop_table("feedback_question")
    op.drop_table("accepted_invitation")
    op.drop_table("invitation_code")
    op.drop_table("invitation")
    op.drop_table("expiry_notice")
    op.drop_table("push_endpoint")
    op.drop_table("push_subscription")
    op.drop_table("message_setting")
    op.drop_table("member_message")
