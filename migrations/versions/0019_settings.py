"""The town's settings: its brand, terms and their acceptance, announcements, reports about content.

Revision: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

APPEND_ONLY = ("platform_brand", "terms_version", "terms_acceptance")
ROLE = "zegel_app"


def upgrade() -> None:
    op.create_table(
        "platform_brand",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hue", sa.BigInteger(), nullable=False),
        sa.Column("logo_svg", sa.Text(), nullable=True),
        sa.Column("logo_picture", sa.LargeBinary(), nullable=True),
        sa.Column("sender_name", sa.Text(), nullable=True),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.Column("support_address", sa.Text(), nullable=True),
        sa.Column("former_hosts", Json, server_default="[]", nullable=False),
        sa.Column("created_by", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("hue >= 0 AND hue < 360", name=op.f("ck_platform_brand_hue")),
        sa.CheckConstraint("logo_svg IS NULL OR logo_picture IS NULL", name=op.f("ck_platform_brand_one_logo")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_platform_brand")),
    )
    op.create_table(
        "terms_version",
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("texts", Json, nullable=False),
        sa.Column("effective_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('terms', 'dpa', 'privacy')", name=op.f("ck_terms_version_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_version")),
        sa.UniqueConstraint("kind", "number", name=op.f("uq_terms_version_kind_number")),
    )
    op.create_table(
        "terms_acceptance",
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("version_id", Id(), nullable=False),
        sa.Column("staff_id", Id(), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_terms_acceptance_merchant_id_merchant")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["terms_version.id"], name=op.f("fk_terms_acceptance_version_id_terms_version")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_terms_acceptance_staff_id_staff")),
        sa.PrimaryKeyConstraint("merchant_id", "version_id", name=op.f("pk_terms_acceptance")),
    )
    op.create_table(
        "announcement",
        sa.Column("id", Id(), nullable=False),
        sa.Column("titles", Json, nullable=False),
        sa.Column("texts", Json, nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="planned", nullable=False),
        sa.Column("goes_out_at", UtcDateTime(), nullable=False),
        sa.Column("mails", sa.BigInteger(), nullable=True),
        sa.Column("created_by", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("status IN ('planned', 'sent', 'cancelled')", name=op.f("ck_announcement_status")),
        sa.CheckConstraint("(status = 'planned') = (ended_at IS NULL)", name=op.f("ck_announcement_ended_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_table(
        "announcement_dismissal",
        sa.Column("staff_id", Id(), nullable=False),
        sa.Column("announcement_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("dismissed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_announcement_dismissal_staff_id_staff")),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announcement_dismissal_announcement_id_announcement"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_announcement_dismissal_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("staff_id", "announcement_id", name=op.f("pk_announcement_dismissal")),
    )
    op.create_table(
        "content_report",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reward_id", Id(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("shown", Json, nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("kept", Json, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", Id(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("what IN ('logo', 'story', 'reward', 'picture')", name=op.f("ck_content_report_what")),
        sa.CheckConstraint(
            "(reward_id IS NULL) = (what IN ('logo', 'story'))", name=op.f("ck_content_report_reward_id")
        ),
        sa.CheckConstraint(
            "reason IN ('illegal', 'offensive', 'misleading', 'rights', 'other')", name=op.f("ck_content_report_reason")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'taken_down', 'dismissed', 'restored')", name=op.f("ck_content_report_status")
        ),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_content_report_merchant_id_merchant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_report")),
    )
    op.create_index(
        "ix_content_report_open",
        "content_report",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_content_report_merchant_id", "content_report", ["merchant_id"], unique=False)
    _refuse_changes()


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        f"DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}') THEN"
        f" REVOKE UPDATE, DELETE ON {', '.join(APPEND_ONLY)} FROM {ROLE}; END IF; END $$"
    )


def downgrade() -> None:
    op.drop_table("content_report")
    op.drop_table("announcement_dismissal")
    op.drop_table("announcement")
    op.drop_table("terms_acceptance")
    op.drop_table("terms_version")
    op.drop_table("platform_brand")
