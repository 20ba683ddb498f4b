"""The town's own brand: versions, what shows it, and printed cards of former hosts that stay valid."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.common.branding import Brand, brand_of
from app.common.errors import InvalidError
from app.common.mail import Mail
from app.common.scope import Scope
from app.jobs.mailing import compose
from app.merchants.errors import BrandChangedError, LogoRefusedError
from app.merchants.logos import draw_logo
from app.merchants.service.branding import Logo, publish_brand
from app.rewards.pictures import make_picture
from config import Settings
from tests.clocks import FixedClock
from tests.factories import make_holder, make_shop

MECHELEN = Brand(
    name="Opsinjoor",
    hue=260,
    sender_name="Opsinjoor Mechelen",
    reply_to="help@mechelen.example",
    support_address="help@mechelen.example",
    former_hosts=("old.example", "older.example:8443"),
)


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (300, 200), "navy").save(made, "PNG")
    return make_picture(made.getvalue()).small


def test_a_version_follows_the_one_that_was_looked_at(scope: Scope) -> None:
    assert brand_of(scope.database) == Brand()
    assert publish_brand(scope, MECHELEN, looked_at=0) == 1
    assert brand_of(scope.database).name == "Opsinjoor"
    assert publish_brand(scope, MECHELEN, looked_at=1) == 1
    with pytest.raises(BrandChangedError):
        publish_brand(scope, Brand(name="Maneblusser"), looked_at=0)
    assert publish_brand(scope, Brand(name="Maneblusser"), looked_at=1) == 2


@pytest.mark.parametrize("change", ["UPDATE platform_brand SET name = 'x'", "DELETE FROM platform_brand"])
def test_no_version_is_changed_afterwards(scope: Scope, change: str) -> None:
    publish_brand(scope, MECHELEN, looked_at=0)
    refused: Any = DBAPIError
    with pytest.raises(refused, match=r"append-only|permission denied"), scope.transaction() as tx:
        tx.session.execute(text(change))


def test_what_can_be_no_brand_is_refused_at_its_field(scope: Scope) -> None:
    wrong = Brand(name=" ", hue=400, reply_to="nobody", former_hosts=("https://old.example/",))
    with pytest.raises(InvalidError) as refused:
        publish_brand(scope, wrong, looked_at=0)
    assert set(refused.value.params["errors"]) == {"name", "hue", "reply_to", "former_hosts"}
    with pytest.raises(LogoRefusedError):
        publish_brand(scope, MECHELEN, looked_at=0, logo=Logo(svg="<svg onload='x'/>"))


def test_pages_and_the_app_carry_the_name_and_the_colour(client: FlaskClient, scope: Scope) -> None:
    assert ">Zegel</a>" in client.get("/welcome").get_data(as_text=True)
    publish_brand(scope, MECHELEN, looked_at=0)
    page = client.get("/welcome").get_data(as_text=True)
    assert ">Opsinjoor</a>" in page
    assert "/brand/logo?v=1" in page
    assert 'data-town="Opsinjoor" data-hue="260"' in client.get("/").get_data(as_text=True)
    assert client.get("/member.webmanifest").get_json()["name"] == "Opsinjoor"
    told = client.get("/api/v1/app").get_json()
    assert told["brand"] == {
        "name": "Opsinjoor",
        "hue": 260,
        "logo_url": "/brand/logo?v=1",
        "support_address": "help@mechelen.example",
    }
    assert client.get("/brand/colour.css?v=1").mimetype == "text/css"
    seal = client.get("/brand/logo?v=1")
    assert seal.mimetype == "image/svg+xml"
    assert "b4232a" not in seal.get_data(as_text=True)


def test_a_logo_is_a_checked_drawing_or_a_picture_made_anew(client: FlaskClient, scope: Scope) -> None:
    drawn = draw_logo("bakery", 260)
    publish_brand(scope, MECHELEN, looked_at=0, logo=Logo(svg=drawn))
    shown = client.get("/brand/logo?v=1")
    assert shown.get_data(as_text=True) == drawn
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert "immutable" in shown.headers["Cache-Control"]
    publish_brand(scope, Brand(name="Opsinjoor"), looked_at=1)
    assert client.get("/brand/logo?v=2").get_data(as_text=True) == drawn, "who changes the name keeps the logo"
    publish_brand(scope, Brand(name="Opsinjoor"), looked_at=2, logo=Logo(picture=picture()))
    shown = client.get("/brand/logo?v=3")
    assert shown.mimetype == "image/webp"
    assert Image.open(io.BytesIO(shown.get_data())).size == (300, 200)
    assert client.get("/brand/logo?v=1").headers["Cache-Control"] == "no-cache"


def test_a_card_of_a_former_host_is_one_of_ours_from_then_on(
    flask_app: Flask, client: FlaskClient, scope: Scope
) -> None:
    shop, card = make_shop(scope, points="1"), make_holder(scope)
    platform = flask_app.extensions["zegel"]

    def scan(host: str) -> int:
        answer = client.post(
            "/api/v1/pos/scans",
            json={"code": f"HTTPS://{host.upper()}/C/{card.number}"},
            headers={"Authorization": f"Bearer {shop.token}"},
        )
        return answer.status_code

    worker = client.get("/tablet.sw.js").get_data(as_text=True)
    assert scan("card.example") == 200
    assert scan("old.example") != 200
    publish_brand(scope, MECHELEN, looked_at=0)
    assert scan("old.example") == 200
    assert scan("older.example:8443") == 200
    assert scan("foreign.example") != 200
    assert platform.hosts == ("card.example", "old.example", "older.example:8443")
    # The tablet reads codes without a network: its page names the hosts, and another page is another worker.
    assert 'data-hosts="card.example old.example older.example:8443"' in client.get("/tablet").get_data(as_text=True)
    assert client.get("/tablet.sw.js").get_data(as_text=True)[:60] != worker[:60]
    assert client.get("/api/v1/app").get_json()["hosts"] == list(platform.hosts)


def test_mails_come_in_the_name_of_the_town(settings: Settings, clock: FixedClock) -> None:
    mail = Mail(to="ann@zegel.example", subject="Hello", text="Hello")
    plain = compose(settings, mail, message_id="1", at=clock.now, brand=Brand())
    assert plain["From"] == "zegel@card.example"
    assert plain["Reply-To"] is None
    named = compose(settings, mail, message_id="1", at=clock.now, brand=MECHELEN)
    assert named["From"] == "Opsinjoor Mechelen <zegel@card.example>"
    assert named["Reply-To"] == "help@mechelen.example"


def test_the_name_takes_the_place_of_the_platforms_own() -> None:
    brand = Brand(name="Opsinjoor")
    assert brand.named("Zegelkaart: één kaart") == "Opsinjoor: één kaart"
    assert brand.named("Carte Zegel") == "Carte Opsinjoor"
    assert brand.named("3 zegels, Zegels") == "3 zegels, Zegels"
    assert Brand().named("Zegelkaart") == "Zegelkaart"
