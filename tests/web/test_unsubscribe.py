"""The page behind a mail's link: it says what it does, in the reader's language, and lets maps have their tiles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

import config
import mobile_api
from app.campaigns.unsubscribing import token
from app.cards.service import issue_anonymous_member
from app.common.scope import Scope
from app.factory import create_app


@pytest.fixture
def link(scope: Scope) -> Callable[[str], str]:
    member_id = issue_anonymous_member(scope).member_id
    return lambda kind: f"/unsubscribe/{token(scope.keys.secret, member_id, kind)}"


@pytest.mark.parametrize(
    ("language", "asks", "says"),
    [
        ("en", "No more of these mails?", "These mails are off"),
        ("nl", "Geen mails meer hierover?", "Deze mails staan uit"),
        ("fr", "Plus d’e-mails de ce genre ?", "Ces e-mails sont désactivés"),
        ("de", "Keine Mails mehr dieser Art?", "Diese Mails sind abgestellt"),
    ],
)
def test_it_asks_first_and_says_what_it_did(
    client: FlaskClient, link: Callable[[str], str], language: str, asks: str, says: str
) -> None:
    headers = {"Accept-Language": language}
    asked = client.get(link("reward_unlocked"), headers=headers)
    assert asks in asked.text
    assert (asked.headers["Cache-Control"], asked.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "noindex" in asked.headers["X-Robots-Tag"]
    done = client.post(link("reward_unlocked"), headers=headers)
    assert says in done.text
    assert done.status_code == 200


def test_a_link_for_what_is_always_mailed_is_none(client: FlaskClient, link: Callable[[str], str]) -> None:
    assert client.get(link("new_sign_in")).status_code == 404
    assert client.post(link("new_sign_in")).status_code == 404


def test_pages_may_load_tiles_from_where_they_come(settings: config.Settings, environment: dict[str, str]) -> None:
    def policy(**more: str) -> str:
        flask_app: Flask = create_app(config.load({**environment, **more}), mobile_api.init_app)
        found = flask_app.test_client().get("/unsubscribe/x").headers["Content-Security-Policy"]
        flask_app.extensions["zegel"].database.close()
        return found

    assert "img-src 'self' data: blob:" in policy()
    tiles = "https://{s}.tile.example.org/{z}/{x}/{y}.png"
    assert "img-src 'self' https://*.tile.example.org data: blob:" in policy(TILE_URL=tiles)
    plain = "http://127.0.0.1:9999/{z}/{x}/{y}.png"
    assert "img-src 'self' http://127.0.0.1:9999 data: blob:" in policy(TILE_URL=plain)
