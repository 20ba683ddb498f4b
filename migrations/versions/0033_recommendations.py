"""What is recommended: shops and rewards near each other, what is taken together, and who does not want it.

Revision: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def _near(table: str, *key: str) -> None:
    """What lies near what, made of at least ten members who have both."""
    others = [sa.ForeignKeyConstraint(["other_id"], ["merchant.id"], name=op.f(f"fk_{table}_other_id_merchant"))]
    op.create_table(
        table,
        sa.Column("merchant_id", Id(), nullable=False),
        *(sa.Column(name, Id(), nullable=False) for name in key),
        sa.Column("nearness", sa.Float(), nullable=False),
        sa.CheckConstraint("nearness > 0 AND nearness <= 1", name=op.f(f"ck_{table}_nearness")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f(f"fk_{table}_merchant_id_merchant")),
        *(others if key == ("other_id",) else []),
        sa.PrimaryKeyConstraint("merchant_id", *key, name=op.f(f"pk_{table}")),
    )


def upgrade() -> None:
    op.create_table(
        "recommendation_choice",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_recommendation_choice_member_id_member")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_recommendation_choice")),
    )
    op.create_table(
        "recommendation_model",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("weights", Json, nullable=False),
        sa.Column("popularity", Json, nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.Column("fitted_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_recommendation_model_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation_model")),
    )
    _near("shop_neighbour", "other_id")
    op.create_index("ix_shop_neighbour_other_id", "shop_neighbour", ["other_id"])
    _near("reward_neighbour", "reward_id", "other_id")
    op.create_table(
        "product_pair",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("one", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_product_pair_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("merchant_id", "place", name=op.f("pk_product_pair")),
    )


def downgrade() -> None:
    for table in (
        "product_pair",
        "reward_neighbour",
        "shop_neighbour",
        "recommendation_model",
        "recommendation_choice",
    ):
        op.drop_table(table)
