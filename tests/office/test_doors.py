"""Cashier, manager, owner, another shop's owner and a stranger on every page of the back office."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask

from app.backoffice.doors import DOORS, RANKS, Door
from app.common.scope import Scope
from tests.factories import Shop, make_shop
from tests.office.desk import Desk, sit_down
from tests.office.table import TABLE

WHO = ("stranger", "other", "cashier", "manager", "owner")


@dataclass
class House:
    shop: Shop
    desks: dict[str, Desk]


@pytest.fixture
def house(flask_app: Flask, scope: Scope) -> House:
    shop, other = make_shop(scope, name="Bakery"), make_shop(scope, name="Other bakery")
    desks = {role: sit_down(flask_app, scope, shop.merchant_id, role) for role in RANKS}
    elsewhere = sit_down(flask_app, scope, other.merchant_id, "owner")
    slug = desks["owner"].slug
    desks["other"] = Desk(elsewhere.client, slug, shop.merchant_id, elsewhere.staff_id)
    desks["stranger"] = Desk(flask_app.test_client(), slug, shop.merchant_id, "")
    return House(shop, desks)


def test_every_route_of_the_back_office_has_a_door(flask_app: Flask) -> None:
    routes = {
        rule.endpoint
        for rule in flask_app.url_map.iter_rules()
        if rule.rule.startswith(("/office", "/account", "/compare")) and rule.endpoint not in OPEN
    }
    assert routes == {name for name, door in DOORS.items() if door.rule.startswith(("/office", "/account", "/compare"))}


# Nobody signs in to these: each is proved in a test of its own.
OPEN: frozenset[str] = frozenset()


def test_the_table_names_every_door_and_no_other(flask_app: Flask) -> None:
    assert {name: door.least for name, door in DOORS.items()} == TABLE


def filled(rule: str, slug: str) -> str:
    """An address of a rule: ids that exist nowhere, since who may not pass must not learn whether they do."""
    address = rule.replace("<slug>", slug)
    while "<" in address:
        start, end = address.index("<"), address.index(">")
        kind = address[start + 1 : end]
        address = address[:start] + ("1" if kind.startswith("int:") else "0" * 36) + address[end + 1 :]
    return address


def in_order() -> list[tuple[str, Door]]:
    """Every door; the one that leads out comes last."""
    return sorted(DOORS.items(), key=lambda one: (one[0] == "account.sign_out", one[0]))


@pytest.mark.parametrize("who", WHO)
def test_everybody_passes_where_the_table_says(house: House, who: str) -> None:
    desk = house.desks[who]
    token = {} if who == "stranger" else {"csrf_token": desk.token()}
    wrong = []
    for name, door in in_order():
        address = filled(door.rule, desk.slug)
        for method in sorted(door.methods - {"HEAD", "OPTIONS"}):
            send = desk.get(address) if method == "GET" else desk.post(address, token, token=False)
            allowed = passes(who, TABLE[name])
            if outcome(send.status_code, send.headers.get("Location", "")) not in EXPECTED[allowed]:
                wrong.append((who, method, address, send.status_code, send.headers.get("Location")))
    assert wrong == []


EXPECTED = {
    "in": {"answered", "not there", "asked again"},
    "sign in": {"sign in", "no token"},
    "not there": {"not there"},
    "refused": {"refused"},
}


def passes(who: str, least: str) -> str:
    if least == "anybody":
        return "in" if who != "stranger" else "in or no token"
    if who == "stranger":
        return "sign in"
    if least == "login":
        return "in"
    if who == "other":
        return "not there"
    return "in" if RANKS[who] >= RANKS[least] else "refused"


EXPECTED["in or no token"] = EXPECTED["in"] | {"no token"}


def outcome(status: int, location: str) -> str:
    if location.startswith("/account/sign-in?next="):
        return "sign in"
    if location.startswith("/account/confirm"):
        return "asked again"
    return {403: "refused", 404: "not there", 400: "no token"}.get(status, "answered" if status < 500 else "failed")


def test_a_form_without_its_token_changes_nothing(house: House) -> None:
    desk = house.desks["owner"]
    wrong = []
    for name, door in in_order():
        if door.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            answer = desk.post(filled(door.rule, desk.slug), token=False)
            if answer.status_code != 400:
                wrong.append((name, answer.status_code))
    assert wrong == []
    assert desk.get("").status_code == 200, "signing out by another site's form must not work either"
