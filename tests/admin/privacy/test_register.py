"""The register of processing names every table that holds personal data, once, in four languages."""

from __future__ import annotations

import pytest

from app.admin.register import read_register
from app.admin.register.reading import LOCALES
from app.tables import metadata

# Of a person without naming a member: who works at a shop or here, and what goes through on its way.
OF_PEOPLE = {
    *("member", "operator", "operator_session", "operator_recovery_code", "operator_right"),
    *("staff", "staff_login", "staff_login_session", "staff_login_link", "staff_passkey", "staff_recovery_code"),
    *("staff_passkey_challenge", "sign_up", "auth_code", "pass_device", "wallet_pass", "outbox", "audit_event"),
    *("support_message", "billing_account", "billing_invoice", "risk_case", "offline_event"),
}


def named() -> list[str]:
    return [table for one in read_register("en").activities for table in one.tables]


def test_every_table_with_personal_data_is_named() -> None:
    of_members = {name for name, table in metadata.tables.items() if "member_id" in table.columns}
    assert (of_members | OF_PEOPLE) - set(named()) == set()


def test_no_table_is_named_twice_or_gone() -> None:
    assert sorted(named()) == sorted(set(named()))
    assert set(named()) <= set(metadata.tables)


@pytest.mark.parametrize("locale", LOCALES)
def test_it_is_whole_in_every_language(locale: str) -> None:
    told = read_register(locale)
    assert len(told.activities) == len(read_register("en").activities) >= 8
    for one in told.activities:
        assert all((one.name, one.purpose, one.basis, one.subjects, one.data, one.recipients, one.retention))
    assert len(told.measures) >= 5
    assert locale == "en" or [one.name for one in told.activities] != [
        one.name for one in read_register("en").activities
    ]
