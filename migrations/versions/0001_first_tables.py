"""The first tables.

Revision: 0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.common.types import Id, Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", Id(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("before", Json, nullable=True),
        sa.Column("after", Json, nullable=True),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_merchant_id_id", "audit_event", ["merchant_id", "id"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_attempt")),
    )
    op.create_table(
        "auth_code",
        sa.Column("blind", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("blind", name=op.f("pk_auth_code")),
    )
    op.create_table(
        "card_batch",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_batch")),
    )
    op.create_table(
        "card_reference",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("source", "reference", name=op.f("pk_card_reference")),
    )
    op.create_table(
        "code_use",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("installation_id", Id(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("device_id", Id(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "installation_id", "step", name=op.f("pk_code_use")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("member_id", Id(), nullable=True),
        sa.Column("answer_to", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("location_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "import_run",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("totals", Json, nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("source", "file_hash", name=op.f("pk_import_run")),
    )
    op.create_table(
        "imported_visit",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("visit_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("source", "reference", name=op.f("pk_imported_visit")),
    )
    op.create_table(
        "job_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("result", Json, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_run")),
    )
    op.create_table(
        "location_transaction",
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("transaction_id", Id(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("location_id", "transaction_id", name=op.f("pk_location_transaction")),
    )
    op.create_table(
        "login",
        sa.Column("blind", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("verified_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'phone')", name=op.f("ck_login_kind")),
        sa.PrimaryKeyConstraint("blind", name=op.f("pk_login")),
    )
    op.create_index("ix_login_member_id", "login", ["member_id"], unique=False)
    op.create_table(
        "member",
        sa.Column("id", Id(), nullable=False),
        sa.Column("status", sa.Text(), server_default="anonymous", nullable=False),
        sa.Column("merged_into", Id(), nullable=True),
        sa.Column("locale", sa.Text(), server_default="nl", nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_spending_locked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name=op.f("ck_member_alias")),
        sa.CheckConstraint("status IN ('anonymous', 'claimed', 'merged', 'erased')", name=op.f("ck_member_status")),
        sa.ForeignKeyConstraint(["merged_into"], ["member.id"], name=op.f("fk_member_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
    )
    op.create_index("ix_member_merged_into", "member", ["merged_into"], unique=False)
    op.create_table(
        "merchant",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), server_default="general", nullable=False),
        sa.Column("country", sa.Text(), server_default="BE", nullable=False),
        sa.Column("currency", sa.Text(), server_default="EUR", nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Europe/Brussels", nullable=False),
        sa.Column("story", Json, server_default="{}", nullable=False),
        sa.Column("hue", sa.BigInteger(), server_default="25", nullable=False),
        sa.Column("logo_svg", sa.Text(), nullable=True),
        sa.Column("settings", Json, server_default="{}", nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("is_listed", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("sandbox_of", Id(), nullable=True),
        sa.Column("config_version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'suspended', 'closed')", name=op.f("ck_merchant_status")),
        sa.CheckConstraint("hue >= 0 AND hue < 360", name=op.f("ck_merchant_hue")),
        sa.ForeignKeyConstraint(["sandbox_of"], ["merchant.id"], name=op.f("fk_merchant_sandbox_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant")),
        sa.UniqueConstraint("slug", name=op.f("uq_merchant_slug")),
    )
    op.create_index("uq_merchant_sandbox_of", "merchant", ["sandbox_of"], unique=True)
    op.create_table(
        "offline_event",
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("device_id", Id(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("event", Json, nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", Id(), nullable=True),
        sa.CheckConstraint(
            "status IN ('rejected', 'review', 'approved', 'refused')", name=op.f("ck_offline_event_status")
        ),
        sa.PrimaryKeyConstraint("location_id", "id", name=op.f("pk_offline_event")),
    )
    op.create_table(
        "operator",
        sa.Column("id", Id(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), server_default="administrator", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator")),
        sa.UniqueConstraint("email", name=op.f("uq_operator_email")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Id(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=True),
        sa.Column("payload", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("available_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["available_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "refresh_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("family_id", Id(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_token")),
    )
    op.create_index("ix_refresh_token_family_id", "refresh_token", ["family_id"], unique=False)
    op.create_index("ix_refresh_token_member_id", "refresh_token", ["member_id"], unique=False)
    op.create_table(
        "voucher_code",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("voucher_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_voucher_code")),
        sa.UniqueConstraint("voucher_id", name=op.f("uq_voucher_code_voucher_id")),
    )
    op.create_table(
        "account",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("balance", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("owed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("remainder", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("remainder_per", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("visits", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("units_earned", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_visit_at", UtcDateTime(), nullable=True),
        sa.Column("last_visit_at", UtcDateTime(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("next_expiry_at", UtcDateTime(), nullable=True),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("seal_key", sa.Text(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_account_balance_not_negative")),
        sa.CheckConstraint("owed >= 0", name=op.f("ck_account_owed_not_negative")),
        sa.CheckConstraint(
            "remainder >= 0 AND remainder_per > 0 AND remainder < remainder_per", name=op.f("ck_account_remainder")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_account_member_id")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_account")),
        sa.UniqueConstraint("member_id", "programme_id", name=op.f("uq_account_member_id_programme_id")),
    )
    op.create_index(
        "ix_account_next_expiry_at",
        "account",
        ["next_expiry_at"],
        unique=False,
        postgresql_where=sa.text("next_expiry_at IS NOT NULL"),
        sqlite_where=sa.text("next_expiry_at IS NOT NULL"),
    )
    op.create_index("ix_account_programme_id", "account", ["programme_id"], unique=False)
    op.create_table(
        "card",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.Column("batch_id", Id(), nullable=True),
        sa.Column("claim_code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("claim_tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=True),
        sa.Column("pin_tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("claim_approved_until", UtcDateTime(), nullable=True),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.Column("blocked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('printed', 'digital')", name=op.f("ck_card_kind")),
        sa.CheckConstraint("status IN ('active', 'blocked', 'replaced')", name=op.f("ck_card_status")),
        sa.ForeignKeyConstraint(["batch_id"], ["card_batch.id"], name=op.f("fk_card_batch_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_card")),
        sa.UniqueConstraint("id", name=op.f("uq_card_id")),
    )
    op.create_index("ix_card_batch_id", "card", ["batch_id"], unique=False)
    op.create_index("ix_card_member_id", "card", ["member_id"], unique=False)
    op.create_table(
        "consent_event",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('email', 'push', 'wallet', 'inbox', 'profile', 'lookup')",
            name=op.f("ck_consent_event_channel"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_consent_event_member_id")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_consent_event")),
    )
    op.create_index(
        "ix_consent_event_member_merchant", "consent_event", ["member_id", "merchant_id", "channel", "id"], unique=False
    )
    op.create_table(
        "ledger_transaction",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=True),
        sa.Column("location_id", Id(), nullable=True),
        sa.Column("device_id", Id(), nullable=True),
        sa.Column("staff_id", Id(), nullable=True),
        sa.Column("visit_id", Id(), nullable=True),
        sa.Column("voucher_id", Id(), nullable=True),
        sa.Column("reverses_member_id", Id(), nullable=True),
        sa.Column("reverses_id", Id(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("seal_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'reverse') = (reverses_id IS NOT NULL)", name=op.f("ck_ledger_transaction_reverse_names_what")
        ),
        sa.CheckConstraint(
            "kind IN ('earn', 'redeem', 'expire', 'adjust', 'move', 'reverse')", name=op.f("ck_ledger_transaction_kind")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_ledger_transaction_member_id")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_ledger_transaction")),
    )
    op.create_index(
        "ix_ledger_transaction_reverses",
        "ledger_transaction",
        ["reverses_member_id", "reverses_id"],
        unique=False,
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
        sqlite_where=sa.text("reverses_id IS NOT NULL"),
    )
    op.create_index("ix_ledger_transaction_visit", "ledger_transaction", ["member_id", "visit_id"], unique=False)
    op.create_table(
        "location",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("opening_hours", Json, server_default="{}", nullable=False),
        sa.Column("is_listed", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("lat IS NULL OR lat BETWEEN -90 AND 90", name=op.f("ck_location_lat")),
        sa.CheckConstraint("lon IS NULL OR lon BETWEEN -180 AND 180", name=op.f("ck_location_lon")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_location_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
    )
    op.create_index("ix_location_merchant_id", "location", ["merchant_id"], unique=False)
    op.create_table(
        "member_key",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_key_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_member_key")),
    )
    op.create_table(
        "member_profile",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("birthday", sa.LargeBinary(), nullable=True),
        sa.Column("shows_name", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_profile_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_member_profile")),
    )
    op.create_table(
        "merge",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("merged_member_id", Id(), nullable=False),
        sa.Column("cards", Json, nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.Column("merged_at", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_merge_member_id")),
        sa.ForeignKeyConstraint(["merged_member_id"], ["member.id"], name=op.f("fk_merge_merged_member_id")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_merge")),
    )
    op.create_index("ix_merge_merged_member_id", "merge", ["merged_member_id"], unique=False)
    op.create_table(
        "programme",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("goal", sa.BigInteger(), nullable=True),
        sa.Column("full_card_reward_id", Id(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(kind = 'stamps') = (goal IS NOT NULL)", name=op.f("ck_programme_stamps_have_goal")),
        sa.CheckConstraint("kind IN ('stamps', 'points')", name=op.f("ck_programme_kind")),
        sa.CheckConstraint("goal IS NULL OR goal > 0", name=op.f("ck_programme_goal")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_programme_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_index("ix_programme_merchant_id", "programme", ["merchant_id"], unique=False)
    op.create_table(
        "voucher",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reward_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("status", sa.Text(), server_default="issued", nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("issue_transaction_id", Id(), nullable=True),
        sa.Column("redeem_transaction_id", Id(), nullable=True),
        sa.Column("hold_location_id", Id(), nullable=True),
        sa.Column("hold_device_id", Id(), nullable=True),
        sa.Column("hold_until", UtcDateTime(), nullable=True),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("redeemed_at", UtcDateTime(), nullable=True),
        sa.Column("redeemed_location_id", Id(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(status = 'redeemed') = (redeemed_at IS NOT NULL)", name=op.f("ck_voucher_redeemed_at")),
        sa.CheckConstraint("status IN ('issued', 'redeemed', 'expired', 'cancelled')", name=op.f("ck_voucher_status")),
        sa.CheckConstraint("cost >= 0 AND quantity > 0", name=op.f("ck_voucher_cost")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_voucher_member_id")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_voucher")),
    )
    op.create_index(
        "ix_voucher_expires_at",
        "voucher",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'issued'"),
        sqlite_where=sa.text("status = 'issued'"),
    )
    op.create_index(
        "ix_voucher_hold_until",
        "voucher",
        ["hold_until"],
        unique=False,
        postgresql_where=sa.text("hold_until IS NOT NULL AND status = 'issued'"),
        sqlite_where=sa.text("hold_until IS NOT NULL AND status = 'issued'"),
    )
    op.create_index("ix_voucher_member_reward", "voucher", ["member_id", "reward_id"], unique=False)
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("events", Json, nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_webhook_endpoint_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )
    op.create_index("ix_webhook_endpoint_merchant_id", "webhook_endpoint", ["merchant_id"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", Json, server_default="[]", nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=True),
        sa.Column("synced_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("pin_tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pin_blocked_until", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('tablet', 'key')", name=op.f("ck_device_kind")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_device_location_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_device_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_token_hash")),
    )
    op.create_index("ix_device_location_id", "device", ["location_id"], unique=False)
    op.create_table(
        "installation",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="app", nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('app', 'google')", name=op.f("ck_installation_kind")),
        sa.ForeignKeyConstraint(["number"], ["card.number"], name=op.f("fk_installation_number")),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_installation")),
    )
    op.create_index("ix_installation_number", "installation", ["number"], unique=False)
    op.create_table(
        "lot",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("origin_id", Id(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("earned_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_lot_amount_positive")),
        sa.CheckConstraint("remaining >= 0 AND remaining <= amount", name=op.f("ck_lot_remaining")),
        sa.ForeignKeyConstraint(
            ["member_id", "account_id"], ["account.member_id", "account.id"], name=op.f("fk_lot_member_id_account_id")
        ),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_lot")),
    )
    op.create_index(
        "ix_lot_open",
        "lot",
        ["member_id", "account_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("remaining > 0"),
        sqlite_where=sa.text("remaining > 0"),
    )
    op.create_table(
        "programme_version",
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=True),
        sa.Column("rules", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_programme_version_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "version", name=op.f("pk_programme_version")),
    )
    op.create_table(
        "promotion",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rule", Json, nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_promotion_merchant_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_promotion_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion")),
    )
    op.create_index("ix_promotion_merchant_id", "promotion", ["merchant_id"], unique=False)
    op.create_table(
        "reward",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("texts", Json, server_default="{}", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("percent", sa.BigInteger(), nullable=True),
        sa.Column("is_flexible", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("per_member_limit", sa.BigInteger(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("valid_from", UtcDateTime(), nullable=True),
        sa.Column("valid_until", UtcDateTime(), nullable=True),
        sa.Column("voucher_days", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'item' AND percent IS NULL) OR (kind = 'amount_off' AND amount_minor > 0 AND percent IS NULL) OR (kind = 'percent_off' AND percent IS NOT NULL AND amount_minor IS NULL)",
            name=op.f("ck_reward_value"),
        ),
        sa.CheckConstraint("kind IN ('item', 'amount_off', 'percent_off')", name=op.f("ck_reward_kind")),
        sa.CheckConstraint("cost > 0", name=op.f("ck_reward_cost_positive")),
        sa.CheckConstraint("percent IS NULL OR percent BETWEEN 1 AND 100", name=op.f("ck_reward_percent")),
        sa.CheckConstraint("stock IS NULL OR stock >= 0", name=op.f("ck_reward_stock_not_negative")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_reward_merchant_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_reward_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward")),
    )
    op.create_index("ix_reward_merchant_id", "reward", ["merchant_id"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'manager', 'cashier')", name=op.f("ck_staff_role")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_staff_location_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_staff_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("merchant_id", "email", name=op.f("uq_staff_merchant_id_email")),
    )
    op.create_table(
        "tier_month",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("month", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("gathered", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id", "account_id"],
            ["account.member_id", "account.id"],
            name=op.f("fk_tier_month_member_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("member_id", "account_id", "month", name=op.f("pk_tier_month")),
    )
    op.create_table(
        "transfer",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_id", Id(), nullable=False),
        sa.Column("programme_id", Id(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", Id(), nullable=True),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(debit = 'balance' OR credit = 'balance') = (lot_id IS NOT NULL)",
            name=op.f("ck_transfer_balance_names_lot"),
        ),
        sa.CheckConstraint(
            "credit IN ('balance', 'owed', 'issued', 'redeemed', 'expired', 'adjusted', 'moved')",
            name=op.f("ck_transfer_credit"),
        ),
        sa.CheckConstraint(
            "debit IN ('balance', 'owed') OR credit IN ('balance', 'owed')", name=op.f("ck_transfer_touches_member")
        ),
        sa.CheckConstraint(
            "debit IN ('balance', 'owed', 'issued', 'redeemed', 'expired', 'adjusted', 'moved')",
            name=op.f("ck_transfer_debit"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfer_amount_positive")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_transfer_two_accounts")),
        sa.ForeignKeyConstraint(
            ["member_id", "account_id"],
            ["account.member_id", "account.id"],
            name=op.f("fk_transfer_member_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id", "transaction_id"],
            ["ledger_transaction.member_id", "ledger_transaction.id"],
            name=op.f("fk_transfer_member_id_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("member_id", "account_id", "seq", name=op.f("pk_transfer")),
    )
    op.create_index("ix_transfer_transaction", "transfer", ["member_id", "transaction_id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("transaction_id", Id(), nullable=False),
        sa.Column("merchant_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("device_id", Id(), nullable=True),
        sa.Column("staff_id", Id(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=True),
        sa.Column("items", Json, nullable=True),
        sa.Column("receipt_ref", sa.Text(), nullable=True),
        sa.Column("earned", Json, nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reversed_at", UtcDateTime(), nullable=True),
        sa.Column("source", sa.Text(), server_default="counter", nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount_minor IS NULL OR amount_minor >= 0", name=op.f("ck_visit_amount_not_negative")),
        sa.CheckConstraint(
            "refunded_minor >= 0 AND refunded_minor <= coalesce(amount_minor, 0)", name=op.f("ck_visit_refunded_within")
        ),
        sa.ForeignKeyConstraint(
            ["member_id", "transaction_id"],
            ["ledger_transaction.member_id", "ledger_transaction.id"],
            name=op.f("fk_visit_member_id_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_visit")),
    )
    op.create_index(
        "ix_visit_member_merchant_occurred", "visit", ["member_id", "merchant_id", "occurred_at"], unique=False
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", Id(), nullable=False),
        sa.Column("endpoint_id", Id(), nullable=False),
        sa.Column("event_id", Id(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("last_status", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("status IN ('pending', 'delivered', 'failed')", name=op.f("ck_webhook_delivery_status")),
        sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoint.id"], name=op.f("fk_webhook_delivery_endpoint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("endpoint_id", "event_id", name=op.f("uq_webhook_delivery_endpoint_id_event_id")),
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
        sqlite_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "location_reference",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_location_reference_location_id")),
        sa.PrimaryKeyConstraint("source", "reference", name=op.f("pk_location_reference")),
    )
    op.create_table(
        "pairing_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("device_id", Id(), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_pairing_code_device_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_pairing_code_location_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_pairing_code")),
    )
    op.create_table(
        "setup_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", Id(), nullable=True),
        sa.Column("operator_id", Id(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(staff_id IS NULL) <> (operator_id IS NULL)", name=op.f("ck_setup_link_one_person")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_setup_link_operator_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_setup_link_staff_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_setup_link")),
    )


def downgrade() -> None:
    op.drop_table("setup_link")
    op.drop_table("pairing_code")
    op.drop_table("location_reference")
    op.drop_index(
        "ix_webhook_delivery_due",
        table_name="webhook_delivery",
        postgresql_where=sa.text("status = 'pending'"),
        sqlite_where=sa.text("status = 'pending'"),
    )
    op.drop_table("webhook_delivery")
    op.drop_index("ix_visit_member_merchant_occurred", table_name="visit")
    op.drop_table("visit")
    op.drop_index("ix_transfer_transaction", table_name="transfer")
    op.drop_table("transfer")
    op.drop_table("tier_month")
    op.drop_table("staff")
    op.drop_index("ix_reward_merchant_id", table_name="reward")
    op.drop_table("reward")
    op.drop_index("ix_promotion_merchant_id", table_name="promotion")
    op.drop_table("promotion")
    op.drop_table("programme_version")
    op.drop_index(
        "ix_lot_open",
        table_name="lot",
        postgresql_where=sa.text("remaining > 0"),
        sqlite_where=sa.text("remaining > 0"),
    )
    op.drop_table("lot")
    op.drop_index("ix_installation_number", table_name="installation")
    op.drop_table("installation")
    op.drop_index("ix_device_location_id", table_name="device")
    op.drop_table("device")
    op.drop_index("ix_webhook_endpoint_merchant_id", table_name="webhook_endpoint")
    op.drop_table("webhook_endpoint")
    op.drop_index("ix_voucher_member_reward", table_name="voucher")
    op.drop_index(
        "ix_voucher_hold_until",
        table_name="voucher",
        postgresql_where=sa.text("hold_until IS NOT NULL AND status = 'issued'"),
        sqlite_where=sa.text("hold_until IS NOT NULL AND status = 'issued'"),
    )
    op.drop_index(
        "ix_voucher_expires_at",
        table_name="voucher",
        postgresql_where=sa.text("status = 'issued'"),
        sqlite_where=sa.text("status = 'issued'"),
    )
    op.drop_table("voucher")
    op.drop_index("ix_programme_merchant_id", table_name="programme")
    op.drop_table("programme")
    op.drop_index("ix_merge_merged_member_id", table_name="merge")
    op.drop_table("merge")
    op.drop_table("member_profile")
    op.drop_table("member_key")
    op.drop_index("ix_location_merchant_id", table_name="location")
    op.drop_table("location")
    op.drop_index("ix_ledger_transaction_visit", table_name="ledger_transaction")
    op.drop_index(
        "ix_ledger_transaction_reverses",
        table_name="ledger_transaction",
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
        sqlite_where=sa.text("reverses_id IS NOT NULL"),
    )
    op.drop_table("ledger_transaction")
    op.drop_index("ix_consent_event_member_merchant", table_name="consent_event")
    op.drop_table("consent_event")
    op.drop_index("ix_card_member_id", table_name="card")
    op.drop_index("ix_card_batch_id", table_name="card")
    op.drop_table("card")
    op.drop_index("ix_account_programme_id", table_name="account")
    op.drop_index(
        "ix_account_next_expiry_at",
        table_name="account",
        postgresql_where=sa.text("next_expiry_at IS NOT NULL"),
        sqlite_where=sa.text("next_expiry_at IS NOT NULL"),
    )
    op.drop_table("account")
    op.drop_table("voucher_code")
    op.drop_index("ix_refresh_token_member_id", table_name="refresh_token")
    op.drop_index("ix_refresh_token_family_id", table_name="refresh_token")
    op.drop_table("refresh_token")
    op.drop_table("recovery_code")
    op.drop_index(
        "ix_outbox_due",
        table_name="outbox",
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.drop_table("outbox")
    op.drop_table("operator")
    op.drop_table("offline_event")
    op.drop_index("uq_merchant_sandbox_of", table_name="merchant")
    op.drop_table("merchant")
    op.drop_index("ix_member_merged_into", table_name="member")
    op.drop_table("member")
    op.drop_index("ix_login_member_id", table_name="login")
    op.drop_table("login")
    op.drop_table("location_transaction")
    op.drop_table("job_run")
    op.drop_table("imported_visit")
    op.drop_table("import_run")
    op.drop_table("idempotency_key")
    op.drop_table("code_use")
    op.drop_table("card_reference")
    op.drop_table("card_batch")
    op.drop_table("auth_code")
    op.drop_table("attempt")
    op.drop_index("ix_audit_event_merchant_id_id", table_name="audit_event")
    op.drop_table("audit_event")
