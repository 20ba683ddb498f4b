"""The pages of automations: what is on and what it did, each with its words, a trial, a dry run; and service levels."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.campaigns.models import Campaign, ServiceLevel
from app.common.scope import Scope
from app.merchants import service as merchants
from tests.clocks import FixedClock
from tests.integration.campaigns.regulars import DAY, Street, at, every, open_street
from tests.office.desk import Desk, forms_in, sit_down
from tests.office.mailbox import mails

LEVELS = {
    "level_stranger": "basic",
    "level_butterfly": "reactive",
    "level_barnacle": "accountable",
    "level_friend": "proactive",
}


@pytest.fixture
def street(scope: Scope, clock: FixedClock) -> Street:
    return open_street(scope, clock)


@pytest.fixture
def desk(flask_app: Flask, street: Street) -> Desk:
    return sit_down(flask_app, street.scope, street.shop.merchant_id)


def read(desk: Desk, path: str = "/automations") -> str:
    answer = desk.get(f"{path}?lang=en")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def form_of(desk: Desk, trigger: str, **changes: Any) -> dict[str, Any]:
    """The form of an automation as a browser would send it."""
    page = desk.get(f"/automations/{trigger}?lang=en").get_data(as_text=True)
    [kept] = [one for one in forms_in(page) if "title_en" in one]
    texts = dict(re.findall(r'<textarea[^>]*name="(text_\w\w)"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL))
    ticked = re.findall(r'<input checked[^>]*name="(\w+)"[^>]*value="(\w+)"', page)
    fields: dict[str, Any] = {**kept, **{name: html.unescape(text) for name, text in texts.items()}}
    for name in ("groups", "ways"):
        fields[name] = [value for field, value in ticked if field == name]
    if 'name="hour"' in page:
        fields["hour"] = "own"
    return fields | changes


def kept(street: Street, trigger: str) -> Campaign:
    with street.scope.reading() as tx:
        return street.row(trigger, tx)


def test_the_list_offers_all_and_tells_what_each_did(flask_app: Flask, desk: Desk, street: Street) -> None:
    page = read(desk)
    assert "Nothing is written by itself yet" in page
    assert page.count("Turn it on") == 8
    came = every("2026-03-04", (9, 9, 9, 9))
    holder = street.member()
    for day in came[1:]:
        street.come(holder, at(day))
    street.count()
    street.clock.set(at(came[-1] + 15 * DAY))
    desk = sit_down(flask_app, street.scope, street.shop.merchant_id)
    desk.post("/automations/come_back/start")
    with street.scope.transaction() as tx:
        street.row("come_back", tx).control_percent = 0
    assert "It looks through your members within ten minutes." in read(desk)
    street.run()
    page = read(desk)
    assert "1 automation writes for you" in page
    assert "Tomorrow it would write to 1 member." in page
    assert "Today it would write to nobody" in read(desk, "/automations/come_back/dry-run")
    street.clock.advance(days=1)
    told = read(desk, "/automations/come_back/dry-run")
    assert "Today it would write to 1 member" in told
    assert "Card …" in told, "who shows no name is told by her card"
    assert street.run(street.clock.now).sent == 1
    street.come(holder, street.clock.now + 2 * DAY)
    street.count()
    page = read(desk)
    assert "1 sent in 30 days" in page.replace("sent in 30 days 1", "1 sent in 30 days")
    assert "0 of 1" in page
    assert "Tomorrow it would write to nobody." in page
    desk.post("/automations/come_back/stop")
    assert kept(street, "come_back").status == "stopped"


def test_words_are_changed_previewed_and_tried(desk: Desk, street: Street) -> None:
    fields = form_of(desk, "nearly_full", title_en="Only {left} to go", text_en="Then {reward} is yours", days="5")
    shown = desk.post("/automations/nearly_full/preview?lang=en", {**fields, "preview_language": "en"})
    assert "Only 2 stamps to go" in shown.get_data(as_text=True)
    assert "Then Full card is yours" in shown.get_data(as_text=True)
    answer = desk.post("/automations/nearly_full", {**fields, "groups": ["friend"], "ways": ["inbox", "email"]})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    row = kept(street, "nearly_full")
    assert (row.status, row.title["en"], row.ways) == ("draft", "Only {left} to go", ["inbox", "email"])
    assert (row.settings["groups"], row.settings["days"], row.settings["hour"]) == (["friend"], 5, None)
    assert row.title["nl"] == "Je kaart is bijna vol", "the ready words where none were written"
    desk.post("/automations/nearly_full/try?lang=en")
    [mail] = mails(street.scope)
    assert mail.subject == "[Trial] Only 2 stamps to go"
    assert "Then Full card is yours" in mail.text
    assert "List-Unsubscribe" not in mail.headers


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(desk: Desk, street: Street) -> None:
    fields = form_of(desk, "come_back", days="999", title_en="Dear {name}", groups=[])
    answer = desk.post("/automations/come_back?lang=en", fields)
    assert answer.status_code == 422
    assert "A whole number from 0 to 120." in answer.get_data(as_text=True)
    answer = desk.post("/automations/come_back?lang=en", {**fields, "days": "30"})
    told = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Something in braces is not known here" in told
    assert "Choose at least one group." in told
    with street.scope.reading() as tx:
        assert tx.session.scalars(select(Campaign)).all() == []
    assert desk.get("/automations/pigeon").status_code == 404


def test_who_comes_second_is_told(desk: Desk, street: Street) -> None:
    first = form_of(desk, "birthday", hour="10")
    assert desk.post("/automations/birthday", {**first, "title_en": "Hooray"}).status_code == 303
    assert desk.post("/automations/birthday", {**first, "title_en": "Congratulations"}).status_code == 409
    assert kept(street, "birthday").title["en"] == "Hooray"


def test_levels_are_shown_before_they_do_anything(desk: Desk, street: Street) -> None:
    page = read(desk, "/automations/levels")
    assert "A proposal" in page
    assert "True friends" in page
    sent = {"revision": "0", **LEVELS, **{f"person_{one[6:]}": "" for one in LEVELS}}
    seen = desk.post("/automations/levels?lang=en", sent).get_data(as_text=True)
    assert "8 automations change" in seen
    with street.scope.reading() as tx:
        assert tx.session.scalars(select(Campaign)).all() == []
        assert tx.session.scalars(select(ServiceLevel)).all() == []
    do = {f"do_{one}": "1" for one in ("welcome", "expiring", "come_back")}
    assert desk.post("/automations/levels", {**sent, "sure": "1", **do}).status_code == 303
    with street.scope.reading() as tx:
        on = set(tx.session.scalars(select(Campaign.trigger).where(Campaign.status == "on")))
    assert on == {"welcome", "expiring", "come_back"}
    assert desk.post("/automations/levels", {**sent, "sure": "1"}).status_code == 422, "somebody was faster"


def test_partnership_names_a_person_and_lists_whom_to_look_after(flask_app: Flask, street: Street) -> None:
    came = every("2026-03-04", (9, 9, 9, 9))
    quiet = street.member(birthday="--07-01")
    for day in came[1:]:
        street.come(quiet, at(day))
    lately = street.member()
    street.count()
    for one in (quiet, lately):
        street.group(one, "friend")
    desk = sit_down(flask_app, street.scope, street.shop.merchant_id)
    assert "Nobody is looked after by name yet" in read(desk, "/automations/people")
    with street.scope.reading() as tx:
        revision = sum(tx.session.scalars(select(ServiceLevel.revision)))
    sent = {
        "revision": str(revision),
        **LEVELS,
        "level_friend": "partnership",
        "person_friend": desk.staff_id,
        "sure": "1",
    }
    assert desk.post("/automations/levels", sent).status_code == 303
    assert "Everybody was here lately" in read(desk, "/automations/people")
    street.clock.set(at(came[-1] + 24 * DAY))
    desk = sit_down(flask_app, street.scope, street.shop.merchant_id)
    told = read(desk, "/automations/people")
    assert "1 person would be glad to hear from you" in told
    assert "Quiet for 24 days , usually here every 9 days." in told or "Quiet for 24 days, usually" in told
    assert "The owner" in told


def test_somebody_of_one_location_looks_and_changes_nothing(flask_app: Flask, street: Street) -> None:
    manager = sit_down(flask_app, street.scope, street.shop.merchant_id, "manager", location_id=street.shop.location_id)
    assert "Turn it on" not in read(manager)
    assert manager.post("/automations/welcome/start").status_code == 403
    assert manager.post("/automations/levels", {"revision": "0", **LEVELS, "sure": "1"}).status_code == 403


def test_a_shop_knows_nothing_of_another_ones(flask_app: Flask, desk: Desk, street: Street) -> None:
    other = merchants.create_merchant(street.scope, name="Other")
    elsewhere = sit_down(flask_app, street.scope, other)
    desk.post("/automations/welcome/start")
    assert "Nothing is written by itself yet" in read(elsewhere)
    elsewhere.post("/automations/welcome/stop")
    with street.scope.reading() as tx:
        rows = tx.session.scalars(select(Campaign).where(Campaign.merchant_id == street.shop.merchant_id)).all()
    assert [row.status for row in rows] == ["on"]
