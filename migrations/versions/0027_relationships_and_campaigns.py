"""What members are worth to a shop and how they relate to it; campaigns, whom they reach and who is left out by lot.

Revision: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trade_model",
        sa.Column("trade", sa.Text(), nullable=False),
        sa.Column("merchants", sa.BigInteger(), nullable=False),
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("r", sa.Float(), nullable=False),
        sa.Column("alpha", sa.Float(), nullable=False),
        sa.Column("a", sa.Float(), nullable=False),
        sa.Column("b", sa.Float(), nullable=False),
        sa.Column("p", sa.Float(), nullable=True),
        sa.Column("q", sa.Float(), nullable=True),
        sa.Column("v", sa.Float(), nullable=True),
        sa.Column("fitted_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("trade", name=op.f("pk_trade_model")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("wanted", Json, nullable=False),
        sa.Column("settings", Json, nullable=False),
        sa.Column("ways", Json, nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("text", Json, nullable=False),
        sa.Column("reward_id", Id(), nullable=True),
        sa.Column("offer_days", sa.BigInteger(), nullable=True),
        sa.Column("order_by", sa.Text(), server_default="uplift", nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=True),
        sa.Column("control_percent", sa.BigInteger(), server_default="20", nullable=False),
        sa.Column("measure_days", sa.BigInteger(), server_default="28", nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("send_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("measured_at", UtcDateTime(), nullable=True),
        sa.Column("result", Json, nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", Id(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'scheduled', 'sending', 'sent', 'measured', 'stopped', 'on')",
            name=op.f("ck_campaign_status"),
        ),
        sa.CheckConstraint(
            "trigger IN ('welcome', 'thanks', 'come_back', 'birthday', 'expiring', 'nearly_full', 'anniversary', 'tip')",
            name=op.f("ck_campaign_trigger"),
        ),
        sa.CheckConstraint("control_percent BETWEEN 0 AND 50", name=op.f("ck_campaign_control")),
        sa.CheckConstraint("measure_days BETWEEN 1 AND 180", name=op.f("ck_campaign_measure_days")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_campaign_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index(
        "ix_campaign_due",
        "campaign",
        ["send_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('scheduled', 'sending')"),
        sqlite_where=sa.text("status IN ('scheduled', 'sending')"),
    )
    op.create_index("ix_campaign_merchant_id", "campaign", ["merchant_id", "id"], unique=False)
    op.create_index(
        "uq_campaign_trigger",
        "campaign",
        ["merchant_id", "trigger"],
        unique=True,
        postgresql_where=sa.text("trigger IS NOT NULL"),
        sqlite_where=sa.text("trigger IS NOT NULL"),
    )
    op.create_table(
        "contact",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("campaign_id", Id(), nullable=True),
        sa.Column("message_id", Id(), nullable=True),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("is_marketing", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'sending', 'sent', 'failed', 'dropped')", name=op.f("ck_contact_status")
        ),
        sa.CheckConstraint("way IN ('inbox', 'push', 'email', 'wallet')", name=op.f("ck_contact_way")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_contact_member_id")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_contact")),
        sa.UniqueConstraint("member_id", "source", "way", name=op.f("uq_contact_member_id_source_way")),
    )
    op.create_index("ix_contact_member_id_merchant_id_at", "contact", ["member_id", "merchant_id", "at"], unique=False)
    op.create_table(
        "contact_setting",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("week_most", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("month_most", sa.BigInteger(), server_default="3", nullable=False),
        sa.Column("quiet_from", sa.BigInteger(), server_default="1260", nullable=False),
        sa.Column("quiet_until", sa.BigInteger(), server_default="540", nullable=False),
        sa.Column("mail_cost_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.CheckConstraint(
            "quiet_from BETWEEN 0 AND 1439 AND quiet_until BETWEEN 0 AND 1439", name=op.f("ck_contact_setting_quiet")
        ),
        sa.CheckConstraint(
            "week_most BETWEEN 0 AND 7 AND month_most BETWEEN 0 AND 30", name=op.f("ck_contact_setting_caps")
        ),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_contact_setting_merchant_id")),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_contact_setting")),
    )
    op.create_table(
        "member_value",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("x", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=False),
        sa.Column("mean_minor", sa.BigInteger(), nullable=True),
        sa.Column("visits_year", sa.BigInteger(), nullable=False),
        sa.Column("spend_year_minor", sa.BigInteger(), nullable=False),
        sa.Column("unpriced_year", sa.BigInteger(), nullable=False),
        sa.Column("cost_year_minor", sa.BigInteger(), nullable=False),
        sa.Column("profit_year_minor", sa.BigInteger(), nullable=False),
        sa.Column("alive", sa.Float(), nullable=True),
        sa.Column("expected_visits", sa.Float(), nullable=True),
        sa.Column("expected_basket_minor", sa.BigInteger(), nullable=True),
        sa.Column("to_come", sa.Float(), nullable=True),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("relationship", sa.Text(), nullable=True),
        sa.Column("since_day", sa.Text(), nullable=True),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("rung_since_day", sa.Text(), nullable=False),
        sa.Column("rung_was", sa.Text(), nullable=True),
        sa.Column("persona", sa.BigInteger(), nullable=True),
        sa.Column("computed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "relationship IN ('stranger', 'butterfly', 'friend', 'barnacle')", name=op.f("ck_member_value_relationship")
        ),
        sa.CheckConstraint(
            "rung IN ('customer', 'client', 'supporter', 'advocate', 'partner')", name=op.f("ck_member_value_rung")
        ),
        sa.CheckConstraint("was IN ('stranger', 'butterfly', 'friend', 'barnacle')", name=op.f("ck_member_value_was")),
        sa.CheckConstraint(
            "rung_was IN ('customer', 'client', 'supporter', 'advocate', 'partner')",
            name=op.f("ck_member_value_rung_was"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_value_member_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_member_value_merchant_id")),
        sa.PrimaryKeyConstraint("member_id", "merchant_id", name=op.f("pk_member_value")),
    )
    op.create_index(
        "ix_member_value_merchant_id_relationship",
        "member_value",
        ["merchant_id", "relationship", "member_id"],
        unique=False,
    )
    op.create_index(
        "ix_member_value_moved",
        "member_value",
        ["merchant_id", "rung_since_day", "member_id"],
        unique=False,
        postgresql_where=sa.text("rung_was <> rung"),
        sqlite_where=sa.text("rung_was <> rung"),
    )
    op.create_table(
        "merchant_model",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.Column("repeaters", sa.BigInteger(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.Column("r", sa.Float(), nullable=True),
        sa.Column("alpha", sa.Float(), nullable=True),
        sa.Column("a", sa.Float(), nullable=True),
        sa.Column("b", sa.Float(), nullable=True),
        sa.Column("log_likelihood", sa.Float(), nullable=True),
        sa.Column("p", sa.Float(), nullable=True),
        sa.Column("q", sa.Float(), nullable=True),
        sa.Column("v", sa.Float(), nullable=True),
        sa.Column("equity_minor", sa.BigInteger(), nullable=True),
        sa.Column("basket_minor", sa.BigInteger(), nullable=False),
        sa.Column("margin_percent", sa.BigInteger(), nullable=False),
        sa.Column("visit_cost_minor", sa.Float(), nullable=False),
        sa.Column("year_cost_minor", sa.Float(), nullable=False),
        sa.Column("visits_line", sa.Float(), nullable=False),
        sa.Column("profit_line_minor", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("prospects_opened", sa.BigInteger(), nullable=False),
        sa.Column("prospects_invited", sa.BigInteger(), nullable=False),
        sa.Column("drawn", Json, nullable=True),
        sa.Column("is_estimated", sa.Boolean(), nullable=False),
        sa.Column("upto", Id(), nullable=True),
        sa.Column("fitted_at", UtcDateTime(), nullable=False),
        sa.Column("refreshed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("basis IN ('own', 'shrunk', 'trade', 'none')", name=op.f("ck_merchant_model_basis")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_merchant_model_merchant_id")),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_merchant_model")),
    )
    op.create_table(
        "persona",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_persona_merchant_id")),
        sa.PrimaryKeyConstraint("merchant_id", "number", name=op.f("pk_persona")),
    )
    op.create_table(
        "relationship_month",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("relationship", sa.Text(), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("profit_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_relationship_month_merchant_id")),
        sa.PrimaryKeyConstraint("merchant_id", "month", "was", "relationship", name=op.f("pk_relationship_month")),
    )
    op.create_table(
        "relationship_setting",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("margin_percent", sa.BigInteger(), nullable=True),
        sa.Column("visits_line", sa.Float(), nullable=True),
        sa.Column("profit_line_minor", sa.BigInteger(), nullable=True),
        sa.Column("names", Json, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.CheckConstraint("margin_percent BETWEEN 1 AND 100", name=op.f("ck_relationship_setting_margin")),
        sa.CheckConstraint("visits_line > 0", name=op.f("ck_relationship_setting_line")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_relationship_setting_merchant_id")),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_relationship_setting")),
    )
    op.create_table(
        "rung_month",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_rung_month_merchant_id")),
        sa.PrimaryKeyConstraint("merchant_id", "month", "was", "rung", name=op.f("pk_rung_month")),
    )
    op.create_table(
        "campaign_member",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("campaign_id", Id(), nullable=False),
        sa.Column("occasion", sa.Text(), server_default="", nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("stratum", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("facts", Json, nullable=True),
        sa.Column("message_id", Id(), nullable=True),
        sa.Column("voucher_id", Id(), nullable=True),
        sa.Column("assigned_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("arm IN ('treated', 'control')", name=op.f("ck_campaign_member_arm")),
        sa.CheckConstraint("status IN ('waiting', 'sent', 'held', 'skipped')", name=op.f("ck_campaign_member_status")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_member_campaign_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_campaign_member_member_id")),
        sa.PrimaryKeyConstraint("member_id", "campaign_id", "occasion", name=op.f("pk_campaign_member")),
    )
    op.create_index(
        "ix_campaign_member_campaign_id", "campaign_member", ["campaign_id", "arm", "member_id"], unique=False
    )
    op.create_index(
        "ix_campaign_member_due",
        "campaign_member",
        ["campaign_id", "due_at", "member_id"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
        sqlite_where=sa.text("status = 'waiting'"),
    )
    op.add_column("shop_member", sa.Column("relationship", sa.Text(), nullable=True))
    op.add_column("shop_member", sa.Column("rung", sa.Text(), nullable=True))
    op.add_column("shop_member", sa.Column("alive", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_shop_member_relationship",
        "shop_member",
        ["place_id", "relationship", "seen_at", "member_id"],
        unique=False,
        postgresql_where=sa.text("relationship IS NOT NULL"),
        sqlite_where=sa.text("relationship IS NOT NULL"),
    )
    op.create_index(
        "ix_shop_member_rung",
        "shop_member",
        ["place_id", "rung", "seen_at", "member_id"],
        unique=False,
        postgresql_where=sa.text("rung IS NOT NULL"),
        sqlite_where=sa.text("rung IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_shop_member_rung",
        table_name="shop_member",
        postgresql_where=sa.text("rung IS NOT NULL"),
        sqlite_where=sa.text("rung IS NOT NULL"),
    )
    op.drop_index(
        "ix_shop_member_relationship",
        table_name="shop_member",
        postgresql_where=sa.text("relationship IS NOT NULL"),
        sqlite_where=sa.text("relationship IS NOT NULL"),
    )
    op.drop_column("shop_member", "alive")
    op.drop_column("shop_member", "rung")
    op.drop_column("shop_member", "relationship")
    op.drop_index(
        "ix_campaign_member_due",
        table_name="campaign_member",
        postgresql_where=sa.text("status = 'waiting'"),
        sqlite_where=sa.text("status = 'waiting'"),
    )
    op.drop_index("ix_campaign_member_campaign_id", table_name="campaign_member")
    op.drop_table("campaign_member")
    op.drop_table("rung_month")
    op.drop_table("relationship_setting")
    op.drop_table("relationship_month")
    op.drop_table("persona")
    op.drop_table("merchant_model")
    op.drop_index(
        "ix_member_value_moved",
        table_name="member_value",
        postgresql_where=sa.text("rung_was <> rung"),
        sqlite_where=sa.text("rung_was <> rung"),
    )
    op.drop_index("ix_member_value_merchant_id_relationship", table_name="member_value")
    op.drop_table("member_value")
    op.drop_table("contact_setting")
    op.drop_index("ix_contact_member_id_merchant_id_at", table_name="contact")
    op.drop_table("contact")
    op.drop_index(
        "uq_campaign_trigger",
        table_name="campaign",
        postgresql_where=sa.text("trigger IS NOT NULL"),
        sqlite_where=sa.text("trigger IS NOT NULL"),
    )
    op.drop_index("ix_campaign_merchant_id", table_name="campaign")
    op.drop_index(
        "ix_campaign_due",
        table_name="campaign",
        postgresql_where=sa.text("status IN ('scheduled', 'sending')"),
        sqlite_where=sa.text("status IN ('scheduled', 'sending')"),
    )
    op.drop_table("campaign")
    op.drop_table("trade_model")
