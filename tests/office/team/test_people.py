"""Colleagues: asked in, changed, stopped, and what a manager of one place sees of them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.errors import LastOwnerError
from app.merchants.models import Staff, StaffLogin
from tests.concurrency.racing import at_once
from tests.factories import Shop, make_shop
from tests.office.desk import Desk, sit_down
from tests.office.mailbox import link_in, mails_to
from tests.office.team.colleagues import login_of, row

PASSWORD = "correct horse battery"


def staff_named(scope: Scope, name: str) -> str:
    with scope.reading() as tx:
        return tx.session.scalars(select(Staff.id).where(Staff.name == name)).one()


def test_a_colleague_is_asked_in_and_comes(owner: Desk, flask_app: Flask, scope: Scope) -> None:
    answer = owner.post(
        "/team/people/new",
        {"name": "Bob", "role": "manager", "email": "Bob@shop.example", "location": "", "pin": "4071"},
    )
    assert answer.status_code == 303
    bob = staff_named(scope, "Bob")
    [mail] = mails_to(scope, "bob@shop.example")
    assert "/setup/zg_set_" in mail.text
    assert "zg_set_" not in answer.get_data(as_text=True), "only the mailbox gets the link"
    login_id = login_of(scope, bob)
    assert merchants.list_places(scope, login_id) == [], "nothing is open before the mail is read"
    guest = flask_app.test_client()
    path = link_in(mail)
    assert guest.post(path, data={"password": PASSWORD, "again": PASSWORD}).status_code == 200
    assert [place.role for place in merchants.list_places(scope, login_id)] == ["manager"]


def test_somebody_with_a_password_accepts_when_signed_in(owner: Desk, flask_app: Flask, scope: Scope) -> None:
    elsewhere = sit_down(flask_app, scope, make_shop(scope, name="Elsewhere").merchant_id)
    email = row(scope, elsewhere.staff_id).email or ""
    with scope.transaction() as tx:
        tx.session.execute(update(StaffLogin).where(StaffLogin.email == email).values(password_hash="x"))
    owner.post("/team/people/new", {"name": "Eve", "role": "cashier", "email": email, "location": ""})
    [mail] = mails_to(scope, email)
    assert "/setup/" not in mail.text
    page = elsewhere.get("/account").get_data(as_text=True)
    [path] = set(re.findall(r'action="(/account/invitations/[0-9a-f-]+)"', page))
    assert "Bakery" not in [place.name for place in merchants.list_places(scope, login_of(scope, elsewhere.staff_id))]
    third = sit_down(flask_app, scope, make_shop(scope, name="Third").merchant_id)
    assert third.post(path, {"answer": "yes"}).status_code == 404, "nobody accepts for somebody else"
    assert elsewhere.post(path, {"answer": "yes"}).status_code == 303
    assert "Bakery" in elsewhere.get("/account").get_data(as_text=True)
    assert elsewhere.get(f"/office/{owner.slug}").status_code == 200
    before = len(merchants.list_places(scope, login_of(scope, elsewhere.staff_id)))
    elsewhere.post(path, {"answer": "no"})
    assert len(merchants.list_places(scope, login_of(scope, elsewhere.staff_id))) == before, "it was answered"


def test_whoever_is_stopped_is_out_at_once(owner: Desk, flask_app: Flask, scope: Scope, shop: Shop) -> None:
    manager = sit_down(flask_app, scope, shop.merchant_id, "manager")
    assert manager.get().status_code == 200
    assert owner.post(f"/team/people/{manager.staff_id}/stop").status_code == 303
    assert manager.get().status_code == 404
    assert "ended" in mails_to(scope, row(scope, manager.staff_id).email or "")[-1].subject
    assert owner.post(f"/team/people/{manager.staff_id}/restart").status_code == 303
    assert manager.get().status_code == 404, "not before accepting again"


def test_the_last_owner_stays(owner: Desk, scope: Scope) -> None:
    assert owner.post(f"/team/people/{owner.staff_id}/stop").status_code == 303
    assert row(scope, owner.staff_id).is_active
    revision = row(scope, owner.staff_id).revision
    less = owner.post(
        f"/team/people/{owner.staff_id}", {"name": "I", "role": "cashier", "location": "", "revision": revision}
    )
    assert less.status_code == 422
    assert row(scope, owner.staff_id).role == "owner"


def test_two_owners_do_not_end_each_other(flask_app: Flask, scope: Scope, shop: Shop, owner: Desk) -> None:
    second = merchants.add_staff(scope, shop.merchant_id, name="Two", role="owner", email="two@shop.example")
    ended = at_once(
        [
            lambda staff_id=staff_id: merchants.stop_staff(replace(scope), staff_id)
            for staff_id in (owner.staff_id, second)
        ]
    )
    assert [type(one) for one in ended].count(LastOwnerError) == 1
    assert [row(scope, one).is_active for one in (owner.staff_id, second)].count(True) == 1


def test_the_second_of_two_who_save_is_told(owner: Desk, flask_app: Flask, scope: Scope, shop: Shop) -> None:
    bob = merchants.add_staff(scope, shop.merchant_id, name="Bob", role="cashier")
    first = {"name": "Bob", "role": "manager", "location": "", "revision": 1}
    assert owner.post(f"/team/people/{bob}", first).status_code == 303
    late = owner.post(f"/team/people/{bob}", {"name": "Bobby", "role": "owner", "location": "", "revision": 1})
    assert late.status_code == 409
    told = late.get_data(as_text=True)
    assert "The owner" in told, "who"
    assert "<del>Cashier</del>" in told, "what it was"
    assert "<ins>Manager</ins>" in told, "what it is"
    assert row(scope, bob).role == "manager", "nothing was overwritten"
    assert 'value="2"' in told
    assert owner.post(f"/team/people/{bob}", {**first, "role": "owner", "revision": 2}).status_code == 303


def test_a_manager_of_one_place_sees_that_place(flask_app: Flask, scope: Scope, shop: Shop) -> None:
    other = shop.another_location()
    there = merchants.pair_device(scope, merchants.create_pairing_code(scope, other.location_id).code, "Far tablet")
    here = merchants.pair_device(scope, merchants.create_pairing_code(scope, shop.location_id).code, "Near tablet")
    manager = sit_down(flask_app, scope, shop.merchant_id, "manager", location_id=shop.location_id)
    page = manager.get("/team").get_data(as_text=True)
    assert "Near tablet" in page
    assert "Far tablet" not in page
    assert manager.get(f"/team/devices/{there.device_id}").status_code == 404
    assert manager.post(f"/team/devices/{there.device_id}/revoke").status_code == 404
    assert manager.post(f"/team/devices/{here.device_id}/revoke").status_code == 303


@pytest.mark.parametrize(
    "extra", [{"merchant_id": "x"}, {"is_active": "1"}, {"login_id": "x"}, {"email": "new@x.example"}]
)
def test_what_no_form_names_is_not_taken(owner: Desk, scope: Scope, shop: Shop, extra: dict[str, str]) -> None:
    bob = merchants.add_staff(scope, shop.merchant_id, name="Bob", role="cashier")
    merchants.stop_staff(scope, bob)
    before = row(scope, bob)
    owner.post(f"/team/people/{bob}", {"name": "Bob", "role": "manager", "location": "", "revision": 2, **extra})
    after = row(scope, bob)
    assert after.role == "manager"
    unchanged = ("merchant_id", "is_active", "login_id", "email")
    assert [getattr(before, name) for name in unchanged] == [getattr(after, name) for name in unchanged]


def test_what_is_typed_is_shown_as_text(owner: Desk, scope: Scope, shop: Shop) -> None:
    evil = "<script>alert(1)</script>\"'>"
    owner.post("/team/people/new", {"name": evil, "role": "cashier", "location": ""})
    device = merchants.create_pairing_code(scope, shop.location_id)
    paired = merchants.pair_device(scope, device.code, "Tablet")
    owner.post(f"/team/devices/{paired.device_id}", {"was": "Tablet", "name": evil})
    for path in ("/team", "/team/audit", f"/team/devices/{paired.device_id}"):
        page = owner.get(path).get_data(as_text=True)
        assert "<script>alert" not in page
    assert "&lt;script&gt;" in owner.get("/team").get_data(as_text=True)
