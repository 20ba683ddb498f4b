"""Subscriptions: plans, customers, events of Stripe, invoices; and leaving.

Revision: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_FORMER = [
    "reward_unlocked",
    "units_expiring",
    "new_sign_in",
    "card_blocked",
    "card_replaced",
    "spent",
    "email_changed",
    "passkey_added",
    "passkey_removed",
    "spending_asked",
    "feedback_answered",
    "invitation_rewarded",
    "shop_news",
]
_STATES = "'none', 'incomplete', 'trialing', 'active', 'past_due', 'unpaid', 'paused', 'canceled'"


def upgrade() -> None:
    _say([*_FORMER, "shop_notice"])
    # From then on nothing is earned: unpaid, or about to leave. The counter reads both with the row it reads anyway.
    op.add_column("merchant", sa.Column("paused_from", UtcDateTime(), nullable=True))
    op.add_column("merchant", sa.Column("frozen_from", UtcDateTime(), nullable=True))
    op.create_table(
        "billing_plan",
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", Json, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("most_members", sa.BigInteger(), nullable=True),
        sa.Column("trial_days", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("stripe_price", sa.Text(), nullable=True),
        sa.Column("is_offered", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_billing_plan_amount_not_negative")),
        sa.CheckConstraint("trial_days >= 0 AND trial_days <= 365", name=op.f("ck_billing_plan_trial")),
        sa.CheckConstraint("most_members IS NULL OR most_members > 0", name=op.f("ck_billing_plan_most_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_plan")),
        sa.UniqueConstraint("code", name=op.f("uq_billing_plan_code")),
        sa.UniqueConstraint("stripe_price", name=op.f("uq_billing_plan_stripe_price")),
    )
    op.create_table(
        "billing_account",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("subscription", sa.Text(), nullable=True),
        sa.Column("plan_id", Id(), nullable=True),
        sa.Column("status", sa.Text(), server_default="none", nullable=False),
        sa.Column("trial_ends_at", UtcDateTime(), nullable=True),
        sa.Column("period_ends_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("unpaid_since", UtcDateTime(), nullable=True),
        sa.Column("had_trial", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sponsor", sa.Text(), nullable=True),
        sa.Column("sponsored_until", UtcDateTime(), nullable=True),
        sa.Column("active_members", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=True),
        sa.Column("over_since", UtcDateTime(), nullable=True),
        sa.Column("legal_name", sa.Text(), nullable=True),
        sa.Column("vat_number", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("synced_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(f"status IN ({_STATES})", name=op.f("ck_billing_account_status")),
        sa.CheckConstraint("active_members >= 0", name=op.f("ck_billing_account_active_members")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_billing_account_merchant_id_merchant")),
        sa.ForeignKeyConstraint(["plan_id"], ["billing_plan.id"], name=op.f("fk_billing_account_plan_id_billing_plan")),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_billing_account")),
        sa.UniqueConstraint("customer", name=op.f("uq_billing_account_customer")),
    )
    op.create_table(
        "billing_event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("processed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_event")),
    )
    op.create_index("ix_billing_event_received_at", "billing_event", ["received_at"], unique=False)
    op.create_table(
        "billing_invoice",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("due_minor", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.Column("page_url", sa.Text(), nullable=True),
        sa.Column("pdf_url", sa.Text(), nullable=True),
        sa.Column("lines", Json, nullable=False),
        sa.Column("buyer", Json, nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_billing_invoice_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_invoice")),
    )
    op.create_index("ix_billing_invoice_merchant_issued", "billing_invoice", ["merchant_id", "issued_at"], unique=False)
    op.create_table(
        "billing_notice",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_billing_notice_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("merchant_id", "kind", "about", name=op.f("pk_billing_notice")),
    )
    op.create_table(
        "departure",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("announced_at", UtcDateTime(), nullable=False),
        sa.Column("announced_by", Id(), nullable=True),
        sa.Column("frozen_from", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("word", Json, nullable=False),
        sa.Column("liability_minor", sa.BigInteger(), nullable=True),
        sa.Column("told_stage", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("called_off_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "closes_at > frozen_from AND frozen_from > announced_at", name=op.f("ck_departure_in_order")
        ),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_departure_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departure")),
    )
    op.create_index(
        "uq_departure_merchant_id",
        "departure",
        ["merchant_id"],
        unique=True,
        postgresql_where=sa.text("called_off_at IS NULL"),
        sqlite_where=sa.text("called_off_at IS NULL"),
    )


def downgrade() -> None:
    for table in (
        *("departure", "billing_notice", "billing_invoice", "billing_event", "billing_account", "billing_plan"),
    ):
        op.drop_table(table)
    op.drop_column("merchant", "frozen_from")
    op.drop_column("merchant", "paused_from")
    op.execute("DELETE FROM message_setting WHERE kind = 'shop_notice'")
    op.execute("DELETE FROM member_message WHERE kind = 'shop_notice'")
    _say(_FORMER)


def _say(kinds: list[str]) -> None:
    """Let these kinds of messages be kept, and no other. Neither table has a trigger that a batch would drop."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    for table in ("member_message", "message_setting"):
        if op.get_bind().dialect.name == "postgresql":
            op.drop_constraint(op.f(f"ck_{table}_kind"), table, type_="check")
            op.create_check_constraint(op.f(f"ck_{table}_kind"), table, f"kind IN ({listed})")
            continue
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_kind"), type_="check")
            batch.create_check_constraint(op.f(f"ck_{table}_kind"), f"kind IN ({listed})")
