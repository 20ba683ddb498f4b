"""What the catalogue holds more: pictures, webshop codes, texts, segments, gifts by hand.

Revision: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ADDED = {
    "reward": ("names", "picture_id", "location_ids", "segment_id", "revision", "has_codes"),
    "promotion": ("names", "revision", "replaced_by"),
    "voucher": ("reason", "given_by"),
}


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.Column("large", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_picture_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
    )
    op.create_index("ix_picture_merchant_id", "picture", ["merchant_id"], unique=False)
    op.create_table(
        "reward_code",
        sa.Column("reward_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("voucher_id", Id(), nullable=True),
        sa.Column("given_at", UtcDateTime(), nullable=True),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(voucher_id IS NULL) = (given_at IS NULL)", name=op.f("ck_reward_code_given")),
        sa.ForeignKeyConstraint(["reward_id"], ["reward.id"], name=op.f("fk_reward_code_reward_id")),
        sa.PrimaryKeyConstraint("reward_id", "id", name=op.f("pk_reward_code")),
        sa.UniqueConstraint("reward_id", "code", name=op.f("uq_reward_code_reward_id")),
        sa.UniqueConstraint("voucher_id", name=op.f("uq_reward_code_voucher_id")),
    )
    op.create_index(
        "ix_reward_code_free",
        "reward_code",
        ["reward_id", "id"],
        unique=False,
        postgresql_where=sa.text("voucher_id IS NULL"),
        sqlite_where=sa.text("voucher_id IS NULL"),
    )
    op.create_table(
        "reward_count",
        sa.Column("reward_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("redeemed", sa.BigInteger(), nullable=False),
        sa.Column("counted_to", Id(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["reward_id"], ["reward.id"], name=op.f("fk_reward_count_reward_id")),
        sa.PrimaryKeyConstraint("reward_id", name=op.f("pk_reward_count")),
    )
    op.create_table(
        "member_segment",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("segment_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_segment_member_id")),
        sa.PrimaryKeyConstraint("member_id", "segment_id", name=op.f("pk_member_segment")),
    )
    op.create_index("ix_member_segment_segment_id", "member_segment", ["segment_id"], unique=False)
    op.create_index("ix_voucher_reward_id", "voucher", ["reward_id", "id"], unique=False)

    dialect = op.get_bind().dialect
    kind = Id().compile(dialect=dialect)
    no = "false" if dialect.name == "postgresql" else "0"
    op.add_column("reward", sa.Column("names", Json, server_default="{}", nullable=False))
    # In words that both databases understand: SQLite takes a new column's constraint only in the column itself.
    op.execute(
        sa.text(
            f"ALTER TABLE reward ADD COLUMN picture_id {kind} CONSTRAINT fk_reward_picture_id REFERENCES picture (id)"
        )
    )
    op.add_column("reward", sa.Column("location_ids", Json, nullable=True))
    op.add_column("reward", sa.Column("segment_id", Id(), nullable=True))
    op.add_column("reward", sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False))
    op.execute(
        sa.text(
            f"ALTER TABLE reward ADD COLUMN has_codes BOOLEAN DEFAULT {no} NOT NULL"
            " CONSTRAINT ck_reward_codes_counted CHECK (NOT has_codes OR stock IS NOT NULL)"
        )
    )
    op.add_column("promotion", sa.Column("names", Json, server_default="{}", nullable=False))
    op.add_column("promotion", sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("promotion", sa.Column("replaced_by", Id(), nullable=True))
    op.add_column("voucher", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("voucher", sa.Column("given_by", Id(), nullable=True))


def downgrade() -> None:
    op.drop_index("ix_voucher_reward_id", table_name="voucher")
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _ADDED.items():
            for column in columns:
                op.drop_column(table, column)
    else:
        with op.batch_alter_table("reward") as batch:
            batch.drop_constraint(op.f("ck_reward_codes_counted"), type_="check")
            for column in _ADDED["reward"]:
                batch.drop_column(column)
        for table in ("promotion", "voucher"):
            for column in _ADDED[table]:
                op.drop_column(table, column)
    op.drop_table("member_segment")
    op.drop_table("reward_count")
    op.drop_table("reward_code")
    op.drop_table("picture")
