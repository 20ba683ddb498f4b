"""An operator looks through a shop's eyes, or acts for it with its consent; since when a shop is suspended.

Revision: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("merchant", sa.Column("suspended_at", UtcDateTime(), nullable=True))
    op.create_table(
        "shop_consent",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("given_by", Id(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("expires_at > given_at", name=op.f("ck_shop_consent_in_order")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_shop_consent_merchant_id_merchant")),
        sa.ForeignKeyConstraint(["given_by"], ["staff.id"], name=op.f("fk_shop_consent_given_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_consent")),
    )
    op.create_index("ix_shop_consent_merchant_id", "shop_consent", ["merchant_id", "expires_at"], unique=False)
    op.create_table(
        "shop_view",
        sa.Column("id", Id(), nullable=False),
        sa.Column("operator_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("consent_id", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("mode IN ('read', 'act')", name=op.f("ck_shop_view_mode")),
        sa.CheckConstraint("(mode = 'act') = (consent_id IS NOT NULL)", name=op.f("ck_shop_view_consent")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_shop_view_in_order")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_shop_view_operator_id_operator")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_shop_view_merchant_id_merchant")),
        sa.ForeignKeyConstraint(["consent_id"], ["shop_consent.id"], name=op.f("fk_shop_view_consent_id_shop_consent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_view")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_shop_view_token_hash")),
    )
    op.create_index("ix_shop_view_merchant_id", "shop_view", ["merchant_id", "id"], unique=False)
    op.create_index(
        "ix_shop_view_open",
        "shop_view",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_shop_view_open", table_name="shop_view")
    op.drop_index("ix_shop_view_merchant_id", table_name="shop_view")
    op.drop_table("shop_view")
    op.drop_index("ix_shop_consent_merchant_id", table_name="shop_consent")
    op.drop_table("shop_consent")
    op.drop_column("merchant", "suspended_at")
