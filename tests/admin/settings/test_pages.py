"""The town's settings as their pages: an administrator publishes and announces, support judges reports, an owner
accepts, a visitor reports."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.admin.queries.settings_todo import waiting
from app.common.branding import brand_of
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.queries.announcements import list_announcements
from app.merchants.queries.terms import list_versions
from app.merchants.service.announcing import send_announcement
from app.rewards.queries.content import list_reports
from tests.admin.desk import sit_down
from tests.admin.settings.town import LANGUAGES, TEXTS, TITLES
from tests.clocks import FixedClock
from tests.factories import Shop, make_shop
from tests.office import desk as office

TERMS = {f"text_{code}": text for code, text in TEXTS.items()}
NEWS = {**TERMS, **{f"title_{code}": title for code, title in TITLES.items()}, "delay": "10"}


@pytest.fixture
def shop(scope: Scope) -> Shop:
    made = make_shop(scope, points="1", reward={"name": "Coffee", "cost": 5})
    merchants.change_merchant(scope, made.merchant_id, story={"en": "Bread for a hundred years."})
    return made


def path_of(client: FlaskClient, shop: Shop) -> str:
    """The shop's own page."""
    url: str = client.get(f"/api/v1/shops/{shop.location_id}").get_json()["page_url"]
    return url.removeprefix("https://card.example")


def test_terms_are_published_accepted_by_the_owner_and_shown_to_everybody(
    flask_app: Flask, client: FlaskClient, scope: Scope, shop: Shop, clock: FixedClock
) -> None:
    desk = sit_down(flask_app, scope)
    owner = office.sit_down(flask_app, scope, shop.merchant_id)
    manager = office.sit_down(flask_app, scope, shop.merchant_id, "manager")
    assert client.get("/terms").status_code == 404
    assert desk.get("/settings/terms/terms/new").status_code == 200
    refused = desk.post("/settings/terms/terms/new", {**TERMS, "text_de": "", "effective_on": "2026-03-04"})
    assert refused.status_code == 422
    sent = desk.post("/settings/terms/terms/new", {**TERMS, "effective_on": "2026-03-04"})
    assert sent.status_code == 303, sent.get_data(as_text=True)
    early = desk.post("/settings/terms/terms/new", {**TERMS, "effective_on": "2026-03-18"})
    assert early.status_code == 422
    (version,) = list_versions(scope)
    shown = client.get("/terms?lang=fr").get_data(as_text=True)
    assert "The text in fr." in shown
    assert client.get("/api/v1/app").get_json()["terms_url"] == "https://card.example/terms"
    assert f"/office/{owner.slug}/terms" in owner.get("").get_data(as_text=True)
    assert "/terms" not in manager.get("").get_data(as_text=True)
    assert manager.get("/terms").status_code == 403
    page = owner.get("/terms").get_data(as_text=True)
    assert "The text in en." in page
    assert owner.post(f"/terms/{version.version_id}/accept").status_code == 303
    assert "Nothing to accept" in owner.get("/terms").get_data(as_text=True)
    assert "The owner" in desk.get(f"/settings/terms/{version.version_id}").get_data(as_text=True)
    assert re.search(r"1 of 1", desk.get("/settings/terms").get_data(as_text=True))
    assert "Terms or agreement accepted" in owner.get("/team/audit").get_data(as_text=True)
    signing = flask_app.test_client().get("/account/sign-up").get_data(as_text=True)
    assert 'href="/terms"' in signing


def test_an_announcement_is_written_cancelled_read_and_put_away(flask_app: Flask, scope: Scope, shop: Shop) -> None:
    desk = sit_down(flask_app, scope)
    cashier = office.sit_down(flask_app, scope, shop.merchant_id, "cashier")
    assert desk.post("/settings/news", {**NEWS, "text_nl": ""}).status_code == 422
    for _ in range(2):
        sent = desk.post("/settings/news", NEWS)
        assert sent.status_code == 303, sent.get_data(as_text=True)
    kept, cancelled = list_announcements(scope)
    assert desk.post(f"/settings/news/{cancelled.announcement_id}/cancel").status_code == 303
    assert "News in en" not in cashier.get("").get_data(as_text=True)
    send_announcement(scope, kept.announcement_id, public_url="https://card.example")
    send_announcement(scope, cancelled.announcement_id, public_url="https://card.example")
    assert cashier.get("").get_data(as_text=True).count("News in en") == 1
    assert cashier.post(f"/news/{kept.announcement_id}/away").status_code == 303
    assert "News in en" not in cashier.get("").get_data(as_text=True)
    page = desk.get("/settings/news").get_data(as_text=True)
    assert "cancelled" in page
    assert "sent" in page


def test_the_brand_is_changed_and_of_two_at_once_the_second_is_told(flask_app: Flask, scope: Scope) -> None:
    desk = sit_down(flask_app, scope)
    fields = {
        "version": "0",
        "name": "Opsinjoor",
        "hue": "0",
        "logo_now": "keep",
        "former_hosts": "old.example\nolder.example",
    }
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(picture, "PNG")
    sent = desk.post("/settings/brand", {**fields, "logo": (io.BytesIO(picture.getvalue()), "logo.png")})
    assert sent.status_code == 303, sent.get_data(as_text=True)
    brand = brand_of(scope.database)
    assert (brand.name, brand.hue, brand.logo) == ("Opsinjoor", 0, "picture")
    assert brand.former_hosts == ("old.example", "older.example")
    late = desk.post("/settings/brand", {**fields, "name": "Maneblusser"})
    assert late.status_code == 409
    assert brand_of(scope.database).name == "Opsinjoor"
    for wrong in (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", b"no picture", b"<?xml version='1.0'?><x/>"):
        refused = desk.post("/settings/brand", {**fields, "version": "1", "logo": (io.BytesIO(wrong), "logo.svg")})
        assert refused.status_code == 422
    assert desk.post("/settings/brand", {**fields, "version": "1", "former_hosts": "http://x/"}).status_code == 422
    assert desk.post("/settings/brand", {**fields, "version": "1", "logo_now": "seal"}).status_code == 303
    assert brand_of(scope.database).logo is None


def test_a_visitor_reports_and_support_takes_down_and_puts_back(
    flask_app: Flask, client: FlaskClient, scope: Scope, shop: Shop
) -> None:
    desk = sit_down(flask_app, scope, {"support"})
    path = path_of(client, shop)
    assert f'href="{path}/report"' in client.get(path).get_data(as_text=True)
    assert client.get(f"{path}/report").status_code == 200
    assert client.post(f"{path}/report", data={"what": "story"}).status_code == 422
    told = client.post(f"{path}/report", data={"what": "story", "reason": "misleading", "words": "<b>Old!</b>"})
    assert told.status_code == 200
    reward = client.post(
        f"/api/v1/shops/{shop.location_id}/report",
        json={"what": "reward", "reward_id": shop.reward_ids[0], "reason": "other"},
    )
    assert reward.status_code == 204, reward.get_data(as_text=True)
    assert client.post(f"/api/v1/shops/{shop.location_id}/report", json={"what": "shop"}).status_code == 422
    story, second = list_reports(scope)
    with flask_app.test_request_context("/"):
        assert [(one.kind, one.right) for one in waiting(scope)] == [("content", "support")] * 2
    listed = desk.get("/settings/content").get_data(as_text=True)
    assert "&lt;b&gt;Old!&lt;/b&gt;" in listed
    one = f"/settings/content/{story.report_id}"
    assert "Bread for a hundred years." in desk.get(one).get_data(as_text=True)
    assert desk.post(f"{one}/take-down", {"reason": " "}).status_code == 422
    assert desk.post(f"{one}/take-down", {"reason": "It is not true."}).status_code == 303
    assert "Bread for a hundred years." not in client.get(path).get_data(as_text=True)
    assert "It is not true." in desk.get(one).get_data(as_text=True)
    assert desk.post(f"{one}/restore").status_code == 303
    assert "Bread for a hundred years." in client.get(path).get_data(as_text=True)
    assert desk.post(f"/settings/content/{second.report_id}/dismiss").status_code == 303
    assert "Nothing waits" in desk.get("/settings/content").get_data(as_text=True)
    assert "shown again" in desk.get("/settings/content?show=decided").get_data(as_text=True)
    gone = client.post(f"{path}/report", data={"what": "logo", "reason": "other"})
    assert gone.status_code in (200, 409)


def test_the_first_page_leads_to_what_the_person_may_do(flask_app: Flask, scope: Scope) -> None:
    for rights, leads in (({"support"}, False), ({"administrator"}, True)):
        page = sit_down(flask_app, scope, rights).get("/settings").get_data(as_text=True)
        assert "/admin/settings/content" in page
        for link in ("/admin/settings/brand", "/admin/settings/terms", "/admin/settings/news", "/admin/operators"):
            assert (link in page) is leads
    assert set(LANGUAGES) == set(TEXTS)
