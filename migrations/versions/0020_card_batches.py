"""Batches of printed cards that are ordered, made, printed and disabled; the audit trail of one card.

Revision: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_COLUMNS = ("ordered", "note", "locale", "ordered_by", "status", "reason", "error", "made_at", "codes_until")


def upgrade() -> None:
    op.add_column("card_batch", sa.Column("ordered", sa.BigInteger(), nullable=True))
    op.add_column("card_batch", sa.Column("note", sa.Text(), nullable=True))
    op.add_column("card_batch", sa.Column("locale", sa.Text(), server_default="nl", nullable=False))
    op.add_column("card_batch", sa.Column("ordered_by", Id(), nullable=True))
    op.add_column("card_batch", sa.Column("status", sa.Text(), server_default="made", nullable=False))
    op.add_column("card_batch", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("card_batch", sa.Column("error", sa.Text(), nullable=True))
    op.add_column("card_batch", sa.Column("made_at", UtcDateTime(), nullable=True))
    op.add_column("card_batch", sa.Column("codes_until", UtcDateTime(), nullable=True))
    op.execute("UPDATE card_batch SET status = 'disabled' WHERE disabled_at IS NOT NULL")
    op.create_table(
        "card_batch_codes",
        sa.Column("batch_id", Id(), nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["card_batch.id"], name=op.f("fk_card_batch_codes_batch_id_card_batch")),
        sa.PrimaryKeyConstraint("batch_id", "first", name=op.f("pk_card_batch_codes")),
    )
    op.create_index("ix_audit_event_subject", "audit_event", ["subject_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_event_subject", table_name="audit_event")
    op.drop_table("card_batch_codes")
    for column in _COLUMNS:
        op.drop_column("card_batch", column)
