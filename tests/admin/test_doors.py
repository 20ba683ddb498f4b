"""Nobody, somebody without the second step, and operators with each single right on every page under /admin."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask

from app.admin.doors import COOKIE, DOORS, Door
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.service.operators import RIGHTS
from tests.admin.desk import Desk, sit_down
from tests.admin.table import TABLE
from tests.clocks import FixedClock

STRANGERS = ("stranger", "halfway", "shopkeeper")


@dataclass
class House:
    desks: dict[str, Desk]


@pytest.fixture
def house(flask_app: Flask, scope: Scope) -> House:
    desks = {right: sit_down(flask_app, scope, {right}) for right in RIGHTS}
    halfway = flask_app.test_client()
    opened = merchants.open_operator_session(scope, desks["administrator"].operator_id)
    halfway.set_cookie(COOKIE, opened.token, path="/admin")
    desks["halfway"] = Desk(halfway, desks["administrator"].operator_id)
    desks["stranger"] = Desk(flask_app.test_client(), "")
    # The back office's session is worth nothing here, whatever its name.
    shopkeeper = flask_app.test_client()
    shopkeeper.set_cookie(COOKIE, "not a session of an operator", path="/admin")
    desks["shopkeeper"] = Desk(shopkeeper, "")
    return House(desks)


def test_every_route_under_admin_has_a_door(flask_app: Flask) -> None:
    routes = {rule.endpoint for rule in flask_app.url_map.iter_rules() if rule.rule.startswith("/admin")}
    assert routes == set(DOORS)


def test_the_table_names_every_door_and_no_other(flask_app: Flask) -> None:
    assert {name: door.right for name, door in DOORS.items()} == TABLE


NOBODY = "00000000-0000-7000-8000-000000000000"


def filled(rule: str) -> str:
    """An address of a rule: ids that exist nowhere, since who may not pass must not learn whether they do."""
    address = rule
    while "<" in address:
        start, end = address.index("<"), address.index(">")
        kind = address[start + 1 : end]
        address = address[:start] + ("1" if kind.startswith("int:") else NOBODY) + address[end + 1 :]
    return address


def in_order() -> list[tuple[str, Door]]:
    """Every door; the one that leads out comes last."""
    return sorted(DOORS.items(), key=lambda one: (one[0] == "admin_account.sign_out", one[0]))


def outcome(status: int, location: str) -> str:
    if location.startswith(("/admin/sign-in?next=", "/admin/second-step?next=")):
        return "sign in"
    return {403: "refused", 400: "no token"}.get(status, "in" if status < 500 else "failed")


def expected(who: str, right: str) -> str:
    if right == "anybody":
        return "in"
    if who in STRANGERS:
        return "sign in"
    return "in" if right == "operator" or who in (*right.split(", "), "administrator") else "refused"


@pytest.mark.parametrize("who", [*RIGHTS, *STRANGERS])
def test_everybody_passes_where_the_table_says(house: House, who: str) -> None:
    desk, wrong = house.desks[who], []
    token = {"csrf_token": desk.token()}
    for name, door in in_order():
        for method in sorted(door.methods - {"HEAD", "OPTIONS"}):
            answer = desk.client.open(filled(door.rule), method=method, data=token if method != "GET" else None)
            got = outcome(answer.status_code, answer.headers.get("Location", ""))
            if got != expected(who, TABLE[name]):
                wrong.append((who, method, door.rule, answer.status_code, answer.headers.get("Location")))
    assert wrong == []


def test_what_is_no_id_is_not_there(house: House) -> None:
    desk = house.desks["administrator"]
    token = {"csrf_token": desk.token()}
    wrong = []
    for name, door in in_order():
        if "_id>" in door.rule:
            address = filled(door.rule).replace(NOBODY, "0" * 36)
            method = "GET" if "GET" in door.methods else "POST"
            answer = desk.client.open(address, method=method, data=token if method == "POST" else None)
            if answer.status_code != 404:
                wrong.append((name, answer.status_code))
    assert wrong == []


def test_a_form_without_its_token_changes_nothing(house: House) -> None:
    desk, wrong = house.desks["administrator"], []
    for name, door in in_order():
        for method in sorted(door.methods - {"GET", "HEAD", "OPTIONS"}):
            answer = desk.client.open(filled(door.rule), method=method)
            if answer.status_code != 400:
                wrong.append((name, answer.status_code))
    assert wrong == []
    assert desk.get("/me").status_code == 200, "signing out by another site's form must not work either"


def test_what_cant_be_taken_back_asks_for_a_new_code(house: House, clock: FixedClock) -> None:
    desk, wrong = house.desks["administrator"], []
    token = {"csrf_token": desk.token()}
    clock.advance(minutes=16)
    for name, door in in_order():
        if not door.is_fresh:
            continue
        for method in sorted(door.methods - {"HEAD", "OPTIONS"}):
            answer = desk.client.open(filled(door.rule), method=method, data=token if method != "GET" else None)
            if not answer.headers.get("Location", "").startswith("/admin/confirm"):
                wrong.append((name, method, answer.status_code))
    assert wrong == []
