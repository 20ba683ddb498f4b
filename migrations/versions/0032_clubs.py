"""Clubs, their events and places, and tickets.

Revision: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reward", sa.Column("is_ticket", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "club",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("is_on", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("interests", Json, nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_club_merchant_id")),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_club")),
    )
    op.create_table(
        "club_member",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("interests", Json, nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_club_member_member_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_club_member_merchant_id")),
        sa.PrimaryKeyConstraint("member_id", "merchant_id", name=op.f("pk_club_member")),
    )
    op.create_index(op.f("ix_club_member_merchant_id"), "club_member", ["merchant_id", "joined_at"])
    op.create_table(
        "club_event",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("text", Json, nullable=False),
        sa.Column("location_id", Id(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("price", sa.Text(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=True),
        sa.Column("closes_at", UtcDateTime(), nullable=True),
        sa.Column("places", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=True),
        sa.Column("reward_id", Id(), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", Id(), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("attended", sa.BigInteger(), nullable=True),
        sa.Column("missed", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'open', 'cancelled')", name=op.f("ck_club_event_status")),
        sa.CheckConstraint("audience IN ('members', 'club', 'interest', 'group')", name=op.f("ck_club_event_audience")),
        sa.CheckConstraint(
            "(audience IN ('interest', 'group')) = (wanted IS NOT NULL)", name=op.f("ck_club_event_wanted")
        ),
        sa.CheckConstraint("places > 0 AND taken >= 0 AND taken <= places", name=op.f("ck_club_event_places")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_club_event_span")),
        sa.CheckConstraint("status <> 'open' OR reward_id IS NOT NULL", name=op.f("ck_club_event_tickets")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_club_event_merchant_id")),
        sa.ForeignKeyConstraint(["reward_id"], ["reward.id"], name=op.f("fk_club_event_reward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_club_event")),
    )
    op.create_index(op.f("ix_club_event_merchant_id"), "club_event", ["merchant_id", "starts_at"])
    op.create_index(
        "ix_club_event_unsettled",
        "club_event",
        ["starts_at"],
        postgresql_where=sa.text("status <> 'draft' AND settled_at IS NULL"),
        sqlite_where=sa.text("status <> 'draft' AND settled_at IS NULL"),
    )
    op.create_table(
        "event_place",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("event_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("queue_id", Id(), nullable=False),
        sa.Column("voucher_id", Id(), nullable=True),
        sa.Column("is_passed_on", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("offered_until", UtcDateTime(), nullable=True),
        sa.Column("pass_hash", sa.Text(), nullable=True),
        sa.Column("pass_until", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'offered', 'held', 'gone', 'cancelled')", name=op.f("ck_event_place_status")
        ),
        sa.CheckConstraint("(status = 'offered') = (offered_until IS NOT NULL)", name=op.f("ck_event_place_offered")),
        sa.CheckConstraint("status <> 'held' OR voucher_id IS NOT NULL", name=op.f("ck_event_place_held")),
        sa.CheckConstraint("(pass_hash IS NULL) = (pass_until IS NULL)", name=op.f("ck_event_place_passing")),
        sa.ForeignKeyConstraint(["event_id"], ["club_event.id"], name=op.f("fk_event_place_event_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_event_place_member_id")),
        sa.PrimaryKeyConstraint("member_id", "event_id", name=op.f("pk_event_place")),
    )
    op.create_index(op.f("ix_event_place_event_id"), "event_place", ["event_id", "status", "queue_id"])
    op.create_index(
        "uq_event_place_pass_hash",
        "event_place",
        ["pass_hash"],
        unique=True,
        postgresql_where=sa.text("pass_hash IS NOT NULL"),
        sqlite_where=sa.text("pass_hash IS NOT NULL"),
    )


def downgrade() -> None:
    for table in ("event_place", "club_event", "club_member", "club"):
        op.drop_table(table)
    op.drop_column("reward", "is_ticket")
