"""A shop's members: figures per member, notes, segments, imports that can be undone.

Revision: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TABLES = (
    "shop_member",
    "shop_place",
    "shop_member_word",
    "member_feed",
    "member_note",
    "segment",
    "member_import",
    "member_import_row",
)


def upgrade() -> None:
    op.create_table(
        "shop_member",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("place_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.Column("spend_minor", sa.BigInteger(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("gap_days", sa.BigInteger(), nullable=True),
        sa.Column("overdue_at", UtcDateTime(), nullable=True),
        sa.Column("recent", Json, nullable=False),
        sa.Column("programme_id", Id(), nullable=True),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("fill", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("has_app", sa.Boolean(), nullable=False),
        sa.Column("birth_month", sa.BigInteger(), nullable=True),
        sa.Column("card_tail", sa.Text(), nullable=True),
        sa.Column("refreshed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "birth_month IS NULL OR birth_month BETWEEN 1 AND 12", name=op.f("ck_shop_member_birth_month")
        ),
        sa.CheckConstraint("visits >= 0 AND spend_minor >= 0 AND fill >= 0", name=op.f("ck_shop_member_figures")),
        sa.PrimaryKeyConstraint("member_id", "place_id", name=op.f("pk_shop_member")),
    )
    op.create_index(
        "ix_shop_member_app",
        "shop_member",
        ["place_id", "has_app", "seen_at", "member_id"],
        unique=False,
        postgresql_where=sa.text("has_app IS true"),
        sqlite_where=sa.text("has_app IS 1"),
    )
    op.create_index(
        "ix_shop_member_birth_month",
        "shop_member",
        ["place_id", "birth_month", "seen_at", "member_id"],
        unique=False,
        postgresql_where=sa.text("birth_month IS NOT NULL"),
        sqlite_where=sa.text("birth_month IS NOT NULL"),
    )
    op.create_index("ix_shop_member_card", "shop_member", ["place_id", "card_tail"], unique=False)
    op.create_index("ix_shop_member_fill", "shop_member", ["place_id", "fill", "member_id"], unique=False)
    op.create_index("ix_shop_member_first", "shop_member", ["place_id", "first_at", "member_id"], unique=False)
    op.create_index("ix_shop_member_overdue", "shop_member", ["place_id", "overdue_at", "member_id"], unique=False)
    op.create_index("ix_shop_member_seen", "shop_member", ["place_id", "seen_at", "member_id"], unique=False)
    op.create_index("ix_shop_member_spend", "shop_member", ["place_id", "spend_minor", "member_id"], unique=False)
    op.create_index(
        "ix_shop_member_tier",
        "shop_member",
        ["place_id", "tier", "seen_at", "member_id"],
        unique=False,
        postgresql_where=sa.text("tier IS NOT NULL"),
        sqlite_where=sa.text("tier IS NOT NULL"),
    )
    op.create_index("ix_shop_member_visits", "shop_member", ["place_id", "visits", "member_id"], unique=False)
    op.create_table(
        "shop_place",
        sa.Column("place_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("members", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_shop_place_merchant_id")),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_shop_place")),
    )
    op.create_table(
        "shop_member_word",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "token", "member_id", name=op.f("pk_shop_member_word")),
    )
    op.create_index("ix_shop_member_word_member", "shop_member_word", ["member_id", "merchant_id"], unique=False)
    op.create_table(
        "member_feed",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("transaction_id", Id(), nullable=False),
        sa.Column("followed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_member_feed")),
    )
    op.create_table(
        "member_note",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", Id(), nullable=True),
        sa.Column("import_id", Id(), nullable=True),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('note', 'name')", name=op.f("ck_member_note_kind")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_note_member_id")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_member_note")),
    )
    op.create_index("ix_member_note_import_id", "member_note", ["import_id"], unique=False)
    op.create_index("ix_member_note_merchant", "member_note", ["member_id", "merchant_id"], unique=False)
    op.create_table(
        "segment",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("wanted", Json, nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("members", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("filled_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.CheckConstraint("members >= 0", name=op.f("ck_segment_members")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_segment_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("merchant_id", "name", name=op.f("uq_segment_merchant_id_name")),
    )
    op.create_table(
        "member_import",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="uploaded", nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("totals", Json, nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("staff_id", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('members', 'visits')", name=op.f("ck_member_import_kind")),
        sa.CheckConstraint(
            "status IN ('uploaded', 'tried', 'running', 'done', 'undoing', 'undone')",
            name=op.f("ck_member_import_status"),
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_member_import_location_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_member_import_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_import")),
    )
    op.create_index("ix_member_import_merchant_id", "member_import", ["merchant_id", "id"], unique=False)
    op.create_table(
        "member_import_row",
        sa.Column("import_id", Id(), nullable=False),
        sa.Column("line", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("member_id", Id(), nullable=True),
        sa.Column("transaction_id", Id(), nullable=True),
        sa.Column("visit_id", Id(), nullable=True),
        sa.Column("made_reference", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('new', 'known', 'skipped', 'rejected')", name=op.f("ck_member_import_row_outcome")
        ),
        sa.ForeignKeyConstraint(["import_id"], ["member_import.id"], name=op.f("fk_member_import_row_import_id")),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_member_import_row")),
    )
    op.create_index("ix_member_import_row_member_id", "member_import_row", ["member_id"], unique=False)
    op.create_index(
        "ix_member_import_row_problems",
        "member_import_row",
        ["import_id", "line"],
        unique=False,
        postgresql_where=sa.text("reason IS NOT NULL"),
        sqlite_where=sa.text("reason IS NOT NULL"),
    )


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
