"""Complaints with a clock, notices to buyers, and ideas.

Revision: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback_setting",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("answer_hours", sa.BigInteger(), server_default="48", nullable=False),
        sa.Column("takes_ideas", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.CheckConstraint("answer_hours BETWEEN 4 AND 336", name=op.f("ck_feedback_setting_hours")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_feedback_setting_merchant_id")),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_feedback_setting")),
    )
    op.create_table(
        "complaint",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("half_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("reward_id", Id(), nullable=True),
        sa.Column("voucher_id", Id(), nullable=True),
        sa.Column("is_solved", sa.Boolean(), nullable=True),
        sa.Column("judged_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", Id(), nullable=True),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "ending IS NULL OR ending IN ('put_right', 'explained', 'made_good', 'no_agreement', 'not_about_us')",
            name=op.f("ck_complaint_ending"),
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (ending IS NULL)", name=op.f("ck_complaint_closed")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_complaint_member_id")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_complaint")),
    )
    op.create_index(
        "ix_complaint_open",
        "complaint",
        ["merchant_id", "due_at"],
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_complaint_waiting",
        "complaint",
        ["due_at"],
        postgresql_where=sa.text("answered_at IS NULL AND closed_at IS NULL AND ended_at IS NULL"),
        sqlite_where=sa.text("answered_at IS NULL AND closed_at IS NULL AND ended_at IS NULL"),
    )
    op.create_table(
        "recall",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=True),
        sa.Column("items", Json, nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("text", Json, nullable=False),
        sa.Column("is_urgent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("meant", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("told", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("passed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", Id(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'sending', 'sent')", name=op.f("ck_recall_status")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_recall_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
    )
    op.create_index(op.f("ix_recall_merchant_id"), "recall", ["merchant_id", "id"])
    op.create_table(
        "idea",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("member_id", Id(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="proposed", nullable=False),
        sa.Column("merged_into", Id(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", Id(), nullable=True),
        sa.CheckConstraint(
            "status IN ('proposed', 'open', 'planned', 'done', 'declined', 'merged', 'refused')",
            name=op.f("ck_idea_status"),
        ),
        sa.CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name=op.f("ck_idea_merged")),
        sa.ForeignKeyConstraint(["merged_into"], ["idea.id"], name=op.f("fk_idea_merged_into")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_idea_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea")),
    )
    op.create_index(op.f("ix_idea_member_id"), "idea", ["member_id"])
    op.create_index(op.f("ix_idea_merchant_id"), "idea", ["merchant_id", "status"])
    op.create_table(
        "idea_vote",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("idea_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("voted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_idea_vote_idea_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_idea_vote_member_id")),
        sa.PrimaryKeyConstraint("member_id", "idea_id", name=op.f("pk_idea_vote")),
    )
    op.create_index(op.f("ix_idea_vote_idea_id"), "idea_vote", ["idea_id"])


def downgrade() -> None:
    for table in ("idea_vote", "idea", "recall", "complaint", "feedback_setting"):
        op.drop_table(table)
