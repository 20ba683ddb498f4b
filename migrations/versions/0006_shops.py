"""Finding the shops that are near: a listing of public shops with the cells in which they lie, and a name for each
shop in its page's address. `zegel db upgrade` fills both for the shops that are there.

Revision: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INDEXES = {
    "ix_shop_listing_cell": ["cell", "x", "y", "z", "location_id"],
    "ix_shop_listing_category_cell": ["category", "cell", "x", "y", "z", "location_id"],
    "ix_shop_listing_name": ["name", "location_id"],
    "ix_shop_listing_town": ["town", "name", "location_id"],
    "ix_shop_listing_merchant_id": ["merchant_id"],
}


def upgrade() -> None:
    op.add_column("location", sa.Column("slug", sa.Text(), nullable=True))
    op.create_index("uq_location_merchant_id_slug", "location", ["merchant_id", "slug"], unique=True)
    op.create_table(
        "shop_listing",
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("name", _PLAIN, nullable=False),
        sa.Column("words", _PLAIN, nullable=False),
        sa.Column("town", _PLAIN, nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("open_hours", sa.Text(), nullable=False),
        sa.Column("cell", sa.BigInteger(), nullable=True),
        sa.Column("x", sa.Float(), nullable=True),
        sa.Column("y", sa.Float(), nullable=True),
        sa.Column("z", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "(cell IS NULL) = (x IS NULL) AND (x IS NULL) = (y IS NULL) AND (y IS NULL) = (z IS NULL)",
            name=op.f("ck_shop_listing_place"),
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_shop_listing_location_id_location")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_shop_listing_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("location_id", name=op.f("pk_shop_listing")),
    )
    for name, columns in _INDEXES.items():
        op.create_index(name, "shop_listing", columns, unique=False)


def downgrade() -> None:
    op.drop_table("shop_listing")
    op.drop_index("uq_location_merchant_id_slug", table_name="location")
    op.drop_column("location", "slug")
