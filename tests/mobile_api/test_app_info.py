"""What the app is told before anybody signs in, and the settings behind it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import config
from app.campaigns import vapid
from tests.clocks import FixedClock
from tests.conftest import ENVIRONMENT
from tests.mobile_api.calling import POS, Caller
from tests.signers import Signers

TILES = "https://{s}.tile.example.org/{z}/{x}/{y}.png"


def told(client: FlaskClient, **changes: Any) -> dict[str, Any]:
    platform = client.application.extensions["zegel"]
    settings = dataclasses.replace(platform.settings, **changes)
    client.application.extensions["zegel"] = dataclasses.replace(platform, settings=settings)
    answer = Caller(client, None, POS.removesuffix("/pos")).get("/app")
    assert answer.status == 200, answer.text
    body: dict[str, Any] = answer.body
    return body


def test_it_tells_what_there_is(client: FlaskClient, clock: FixedClock, settings: config.Settings) -> None:
    body = told(client)
    found = vapid.read(settings.vapid)
    assert found is not None
    assert body == {
        "hosts": ["card.example"],
        "tile_url": None,
        "tile_attribution": None,
        "push_public_key": found.public_key,
        "passkeys": True,
        "passes": {"apple": False, "google": False},
        "now": "2026-03-04T12:00:00Z",
        "terms_url": None,
        "privacy_url": None,
        "brand": {"name": "Zegel", "hue": 25, "logo_url": "/assets/seal.svg", "support_address": None},
    }


def test_it_tells_what_was_set(client: FlaskClient, signers_made: Signers) -> None:
    named = config.load(
        {**ENVIRONMENT, **signers_made.environment, "TILE_URL": TILES, "TERMS_URL": "https://a.example/t"}
    )
    changes = {name: getattr(named, name) for name in ("tile_url", "terms_url", "apple_pass", "google_wallet")}
    body = told(client, **changes, tile_attribution="© Us", vapid={}, public_url="http://127.0.0.1:8000")
    assert (body["tile_url"], body["tile_attribution"], body["terms_url"]) == (TILES, "© Us", "https://a.example/t")
    assert body["passes"] == {"apple": True, "google": True}
    assert body["push_public_key"] is None
    assert body["passkeys"] is False, "browsers make passkeys for names alone"


def test_a_key_for_pushes_is_made_once_and_kept_outside_production(tmp_path: Path) -> None:
    environment = {**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path)}
    first, second = config.load(environment), config.load(environment)
    assert first.vapid == second.vapid
    assert (tmp_path / "keys" / "vapid").stat().st_mode & 0o777 == 0o600
    produced = config.load({**environment, "ZEGEL_ENV": "production"})
    assert produced.vapid == {}, "in production nothing is pushed without a key of one's own"
    assert first.vapid["private_key"] not in repr(first)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"VAPID_PRIVATE_KEY": "nonsense", "VAPID_SUBJECT": "mailto:a@b.example"}, "VAPID_PRIVATE_KEY"),
        ({"VAPID_SUBJECT": "mailto:a@b.example"}, "VAPID_PRIVATE_KEY"),
        ({"VAPID_PRIVATE_KEY": vapid.new_private_key()}, "VAPID_SUBJECT"),
        ({"TILE_URL": "https://tile.example.org/tiles.png"}, "TILE_URL"),
        ({"TILE_URL": "ftp://tile.example.org/{z}/{x}/{y}.png"}, "TILE_URL"),
        ({"TERMS_URL": "terms.html"}, "TERMS_URL"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(changes: dict[str, str], named: str, tmp_path: Path) -> None:
    with pytest.raises(config.SettingsError, match=named) as stopped:
        config.load({**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path), **changes})
    assert "\n" not in str(stopped.value)


def test_who_made_the_map_is_named_where_it_is_known(tmp_path: Path) -> None:
    for url in ("https://tile.openstreetmap.org/{z}/{x}/{y}.png", "https://{s}.tile.openstreetmap.org/{z}/{x}/{y}.png"):
        settings = config.load({**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path), "TILE_URL": url})
        assert settings.tile_attribution == "© OpenStreetMap contributors"
    other = config.load({**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path), "TILE_URL": TILES, "TILE_ATTRIBUTION": "© Us"})
    assert other.tile_attribution == "© Us"
