"""Every form of the back office with what nobody should send: scripts in every field that takes words, and fields that
the form does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import String, Text, select
from werkzeug.test import TestResponse

import config
import mobile_api
from app.backoffice.doors import DOORS
from app.common.scope import Scope
from app.factory import create_app
from app.merchants import service as merchants
from app.merchants.models import Staff
from app.tables import metadata
from benchmarks.office.building import BigShop, build
from benchmarks.office.furnishing import furnish
from benchmarks.office.pages import addresses, sit_down
from tests.conftest import ENVIRONMENT
from tests.databases import SqliteTemplate
from tests.office.crawling import Form, read

SCRIPT = "\"'><script>kwaad(1)</script>"
# What ends the shop, the session, or what the other forms are about.
LEFT_ALONE = {
    *("account.sign_out", "account.end_sessions", "account.change_password", "account.change_address"),
    *("programme.close_programme", "setting_up.close_location", "subscription.announce", "subscription.cancel"),
    *(
        "members.drop_segment",
        "team.stop_person",
        "team.revoke_device",
        "team.write_off",
        "catalogue.stop_promotion",
        "team.hand_over",
    ),
}
# Which columns must hold the script at the end, or nothing was proved: one of each area.
STORED = {
    *(("location", "name"), ("programme", "name"), ("reward", "name"), ("promotion", "name"), ("segment", "name")),
    *(("staff", "name"), ("device", "name"), ("merchant", "name"), ("ledger_transaction", "reason")),
}


@dataclass
class Place:
    flask_app: Flask
    scope: Scope
    shop: BigShop
    other: BigShop


@pytest.fixture(scope="module")
def place(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder: Path = tmp_path_factory.mktemp("forms")
    with sqlite_template.copy(folder) as url:
        settings = config.load({**ENVIRONMENT, "ZEGEL_VAR": str(folder / "var"), "DATABASE_URL": url})
        flask_app = create_app(settings, mobile_api.init_app)
        flask_app.testing = True
        platform = flask_app.extensions["zegel"]
        shops = [
            build(platform.scope(), folder, name=name, visits=120, members=12, seed=seed)
            for seed, name in enumerate(("Ours", "Theirs"))
        ]
        for shop in shops:
            furnish(platform.scope(), shop)
        yield Place(flask_app, platform.scope(), *shops)
        platform.database.close()


def endpoint_of(place: Place, path: str) -> str | None:
    """Which door a form's address leads to."""
    adapter = place.flask_app.url_map.bind("card.example")
    try:
        found: str = adapter.match(path.split("?")[0], method="POST")[0]
    except Exception:
        return None
    return found if found in DOORS else None


def forms_of(place: Place, client: FlaskClient, pages: dict[str, str]) -> Iterator[tuple[str, str, Form]]:
    """Each form once, with the door it leads to and the page that it stands on. It is read anew each time: what was
    sent before may have changed it."""
    seen = set()
    for path in pages.values():
        page = client.get(path)
        if page.mimetype != "text/html":
            continue
        for form in read(page.get_data(as_text=True), path)[0]:
            endpoint = endpoint_of(place, form.action)
            if endpoint is None or endpoint in LEFT_ALONE or (key := (endpoint, form.action, *form.fields)) in seen:
                continue
            seen.add(key)
            yield endpoint, path, form


def send(client: FlaskClient, form: Form, **changes: str) -> TestResponse:
    return client.post(form.action, data=form.filled(**changes), content_type="multipart/form-data")


def is_taken(answer: TestResponse) -> bool:
    return answer.status_code in (200, 204, 302, 303)


def holding(scope: Scope, words: str) -> set[tuple[str, str]]:
    """The columns that hold these words somewhere."""
    found = set()
    with scope.database.reading() as tx:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, String | Text) and any(
                    isinstance(value, str) and words in value for value in tx.session.scalars(select(column))
                ):
                    found.add((table.name, column.name))
    return found


def test_a_script_in_every_field_is_shown_as_the_text_it_is(place: Place) -> None:
    client = sit_down(place.flask_app, place.scope, place.shop)
    pages, _ = addresses(place.scope, place.shop)
    wrong: list[tuple[str, object]] = []
    refused: set[tuple[str, str]] = set()
    sent: set[tuple[str, str]] = set()

    def look(answer: TestResponse, where: str) -> None:
        if answer.status_code >= 500:
            wrong.append((where, answer.status_code))
        if answer.mimetype == "text/html" and "<script>kwaad" in answer.get_data(as_text=True):
            wrong.append((where, "runs"))

    for endpoint, path, form in forms_of(place, client, pages):
        if not form.words:
            continue
        answer = send(client, form, **dict.fromkeys(form.words, SCRIPT))
        look(answer, endpoint)
        if is_taken(answer):
            sent |= {(endpoint, name) for name in form.words}
            continue
        for name in form.words:  # one of them was no name of anything: each by itself
            again = next(
                (one for one in read(client.get(path).get_data(as_text=True), path)[0] if one.action == form.action),
                form,
            )
            answer = send(client, again, **{name: SCRIPT})
            look(answer, f"{endpoint} {name}")
            (sent if is_taken(answer) else refused).add((endpoint, name))
    pages, _ = addresses(place.scope, place.shop)
    shown = 0
    for which, path in pages.items():
        answer = client.get(path)
        look(answer, which)
        shown += answer.get_data(as_text=True).count("kwaad(1)") if answer.mimetype == "text/html" else 0
    assert wrong == []
    assert holding(place.scope, "<script>kwaad") >= STORED, (sent, refused)
    assert shown > 40, "the pages show what was stored"


# Columns that say whose a row is, what somebody may do, and what only the operator, Stripe or the ledger decides.
GUARDED = {
    "merchant": ("id", "status", "sandbox_of", "approved_at", "slug", "created_at", "paused_from", "frozen_from"),
    "staff": ("id", "merchant_id", "login_id", "role", "is_active", "created_at"),
    "location": ("id", "merchant_id", "created_at"),
    "device": ("id", "merchant_id", "location_id", "token_hash", "scopes", "is_sandbox"),
    "programme": ("id", "merchant_id", "kind", "created_at"),
    "reward": ("id", "merchant_id", "programme_id", "created_at"),
    "promotion": ("id", "merchant_id", "programme_id", "created_at"),
    "segment": ("id", "merchant_id"),
    "billing_account": ("merchant_id", "status", "plan_id", "customer", "subscription"),
    "account": ("id", "member_id", "programme_id"),
    "staff_login": ("id", "email", "password_hash", "totp_secret"),
}


def guarded(scope: Scope) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """What no form may change, by row."""
    found = {}
    with scope.database.reading() as tx:
        for name, columns in GUARDED.items():
            table = metadata.tables[name]
            for row in tx.session.execute(select(table)).mappings():
                key = (name, *(str(row[column.name]) for column in table.primary_key))
                found[key] = tuple(str(row[column]) for column in columns)
    return found


def rows_of(scope: Scope, shop: BigShop) -> dict[str, list[str]]:
    """All rows of a shop."""
    with scope.database.reading() as tx:
        return {
            table.name: [
                str(row) for row in tx.session.execute(select(table).where(table.c.merchant_id == shop.merchant_id))
            ]
            for table in metadata.sorted_tables
            if "merchant_id" in table.columns
        }


def manager_at(place: Place) -> FlaskClient:
    """Somebody who may not decide who works here."""
    email = "manager@zegel.example"
    merchants.add_staff(place.scope, place.shop.merchant_id, name="Mo", role="manager", email=email)
    with place.scope.reading() as tx:
        login_id = tx.session.scalars(select(Staff.login_id).where(Staff.email == email)).one()
    assert login_id is not None
    return sit_down(place.flask_app, place.scope, replace(place.shop, login_id=login_id))


@pytest.mark.parametrize("who", ["manager", "owner"])
def test_fields_that_a_form_does_not_have_change_nothing(place: Place, who: str) -> None:
    client = manager_at(place) if who == "manager" else sit_down(place.flask_app, place.scope, place.shop)
    pages, _ = addresses(place.scope, place.shop)
    extra = {
        "id": place.other.merchant_id,
        "merchant_id": place.other.merchant_id,
        "merchant": place.other.merchant_id,
        "status": "active",
        "approved_at": "2026-01-01T00:00:00+00:00",
        "sandbox_of": place.other.merchant_id,
        "slug": "taken-over",
        "staff_id": "00000000-0000-7000-8000-000000000000",
        "login_id": "00000000-0000-7000-8000-000000000000",
        "token_hash": "x",
        "plan": "free",
        "customer": "cus_mine",
        "balance": "9999",
        "created_at": "2020-01-01T00:00:00+00:00",
        "password_hash": "x",
    }
    before, theirs = guarded(place.scope), rows_of(place.scope, place.other)
    taken = set()
    wrong: list[tuple[object, ...]] = []
    for endpoint, _, form in forms_of(place, client, pages):
        more = {name: value for name, value in extra.items() if name not in form.fields}
        more |= {} if "role" in form.fields else {"role": "owner"}
        answer = send(client, form, **more)
        if answer.status_code >= 500:
            wrong.append((endpoint, answer.status_code))
        if is_taken(answer):
            taken.add(endpoint)
        after = guarded(place.scope)
        wrong += [
            (
                endpoint,
                *key,
                *(pair for pair in zip(before[key], after.get(key, ()), strict=False) if pair[0] != pair[1]),
            )
            for key in before
            if before[key] != after.get(key)
        ]
        before = after
    assert wrong == []
    assert rows_of(place.scope, place.other) == theirs
    assert len(taken) > 15, sorted(taken)
