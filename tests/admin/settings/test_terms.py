"""Terms and the data-processing agreement: published in versions, asked of owners, accepted once, never changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.backoffice.service import signing_up
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.models import Staff, TermsAcceptance
from app.merchants.queries.terms import asked_of, count_accepted, in_force, who_accepted
from app.merchants.service.terms import accept_terms, publish_terms
from tests.admin.settings.town import TEXTS, mails_of, owner_of
from tests.clocks import FixedClock
from tests.factories import make_shop

URL = "https://card.example"


def publish(scope: Scope, kind: str = "terms", *, days: float = 0) -> str:
    return publish_terms(scope, kind, TEXTS, effective_at=scope.now + timedelta(days=days), public_url=URL)


def test_an_owner_is_asked_for_what_holds_and_what_is_planned_and_accepts_each_once(
    scope: Scope, clock: FixedClock
) -> None:
    shop = make_shop(scope)
    owner = owner_of(scope, shop.merchant_id)
    first, agreement = publish(scope), publish(scope, "dpa")
    publish(scope, "privacy")
    assert [(one.version.kind, one.accepted_number) for one in asked_of(owner)] == [("terms", None), ("dpa", None)]
    assert accept_terms(owner, first) is True
    assert accept_terms(owner, first) is False
    assert accept_terms(owner, agreement) is True
    assert asked_of(owner) == []
    second = publish(scope, days=15)
    (asked,) = asked_of(owner)
    assert (asked.version.version_id, asked.version.state, asked.accepted_number) == (second, "planned", 1)
    holding = in_force(scope, "terms")
    assert holding is not None
    assert holding.version_id == first
    clock.advance(days=15)
    holding = in_force(scope, "terms")
    assert holding is not None
    assert holding.version_id == second
    accept_terms(owner, second)
    with pytest.raises(NotFoundError):
        accept_terms(owner_of(scope, make_shop(scope, name="Other").merchant_id), first)
    with scope.reading() as tx:
        assert len(tx.session.scalars(select(TermsAcceptance)).all()) == 3
        acts = tx.session.scalars(select(AuditEvent).where(AuditEvent.action == "terms.accepted")).all()
    assert {one.merchant_id for one in acts} == {shop.merchant_id}
    assert len(acts) == 3


@pytest.mark.parametrize("role", ["manager", "cashier"])
def test_nobody_but_an_owner_accepts(scope: Scope, role: str) -> None:
    shop = make_shop(scope)
    version = publish(scope)
    with pytest.raises(ForbiddenError):
        accept_terms(replace(owner_of(scope, shop.merchant_id), staff_role=role), version)


def test_a_change_gives_fifteen_days_notice_and_overtakes_no_other(scope: Scope) -> None:
    publish(scope)
    with pytest.raises(InvalidError):
        publish(scope, days=14.9)
    publish(scope, days=40)
    with pytest.raises(InvalidError):
        publish(scope, days=20)
    publish(scope, "dpa")
    with pytest.raises(InvalidError) as refused:
        publish_terms(scope, "terms", {**TEXTS, "fr": " "}, effective_at=scope.now + timedelta(days=60), public_url=URL)
    assert set(refused.value.params["errors"]) == {"text_fr"}


def test_every_owner_is_told_by_one_mail_in_her_language(scope: Scope) -> None:
    for name in ("Bakery", "Butcher"):
        shop = make_shop(scope, name=name)
        merchants.add_staff(scope, shop.merchant_id, name="Ann", role="owner", email="ann@zegel.example")
    other = make_shop(scope, name="Florist")
    merchants.add_staff(scope, other.merchant_id, name="Bob", role="owner", email="bob@zegel.example")
    merchants.add_staff(scope, other.merchant_id, name="Cas", role="manager", email="cas@zegel.example")
    publish(scope)
    publish(scope, "privacy")
    sent = mails_of(scope)
    assert sorted(one.to for one in sent) == ["ann@zegel.example", "bob@zegel.example"]
    assert all("/office/" in one.text and "/terms" in one.text for one in sent)


def test_who_accepted_is_listed_by_version(scope: Scope) -> None:
    ours, theirs = make_shop(scope, name="Bakery"), make_shop(scope, name="Alfa")
    version = publish(scope)
    accept_terms(owner_of(scope, ours.merchant_id), version)
    listed = who_accepted(scope, version)
    assert [(one.name, one.accepted_at is not None) for one in listed] == [("Alfa", False), ("Bakery", True)]
    assert listed[1].by is not None
    assert listed[0].merchant_id == theirs.merchant_id
    count = count_accepted(scope)[version]
    assert (count.accepted, count.shops) == (1, 2)


def test_signing_up_accepts_what_holds(scope: Scope) -> None:
    holding, planned = publish(scope), publish(scope, days=15)
    shop = signing_up.NewShop(name="Novum", trade="bakery")
    with scope.transaction() as tx:
        from app.merchants.models import StaffLogin

        tx.session.add(StaffLogin(id=scope_id(), email="new@zegel.example", created_at=scope.now))
    with scope.reading() as tx:
        login_id = tx.session.execute(text("SELECT id FROM staff_login WHERE email = 'new@zegel.example'")).scalar_one()
    signing_up.add_business(scope, shop, login_id=str(login_id))
    with scope.reading() as tx:
        accepted = tx.session.execute(select(TermsAcceptance.version_id, TermsAcceptance.staff_id)).all()
        owner = tx.session.scalars(select(Staff.id).where(Staff.email == "new@zegel.example")).one()
    assert [tuple(one) for one in accepted] == [(holding, owner)]
    assert planned != holding


def scope_id() -> str:
    from app.common.ids import new_id

    return new_id()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE terms_acceptance SET accepted_at = accepted_at",
        "DELETE FROM terms_acceptance",
        "UPDATE terms_version SET number = number",
        "DELETE FROM terms_version",
    ],
)
def test_the_database_refuses_to_change_what_was_agreed(scope: Scope, change: str) -> None:
    shop = make_shop(scope)
    accept_terms(owner_of(scope, shop.merchant_id), publish(scope))
    refused: Any = DBAPIError
    with pytest.raises(refused, match=r"append-only|permission denied"), scope.transaction() as tx:
        tx.session.execute(text(change))
