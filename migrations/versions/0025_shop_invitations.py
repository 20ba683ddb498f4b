"""Shops that operators ask to join, by a link that signs them up.

Revision: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shop_invitation",
        sa.Column("id", Id(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", Id(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("signed_up_at", UtcDateTime(), nullable=True),
        sa.Column("called_off_at", UtcDateTime(), nullable=True),
        sa.Column("merchant_id", Id(), nullable=True),
        sa.CheckConstraint("(signed_up_at IS NULL) = (merchant_id IS NULL)", name=op.f("ck_shop_invitation_signed_up")),
        sa.CheckConstraint("signed_up_at IS NULL OR called_off_at IS NULL", name=op.f("ck_shop_invitation_ended")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_shop_invitation_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_invitation")),
        sa.UniqueConstraint("email", name=op.f("uq_shop_invitation_email")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_shop_invitation_token_hash")),
    )
    op.create_index("ix_shop_invitation_merchant_id", "shop_invitation", ["merchant_id"], unique=False)
    op.create_index("ix_shop_invitation_sent_at", "shop_invitation", ["sent_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("shop_invitation")
