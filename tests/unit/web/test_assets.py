"""Files in the smaller form that the build left beside them."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web.assets import AssetBlueprint

SCRIPT = b"let words = 'said again and again';\n" * 50


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    static = tmp_path / "static"
    static.mkdir()
    (static / "tablet.js").write_bytes(SCRIPT)
    (static / "tablet.js.gz").write_bytes(gzip.compress(SCRIPT, mtime=0))
    (static / "tablet.js.br").write_bytes(b"as brotli")
    (static / "seal.png").write_bytes(b"a picture")
    (static / "page.css").write_bytes(SCRIPT)
    (static / "page.css.gz").write_bytes(gzip.compress(SCRIPT, mtime=0))
    (tmp_path / "secret.js").write_bytes(b"outside")
    (tmp_path / "secret.js.gz").write_bytes(b"outside")
    flask_app = Flask("shop", static_folder=None)
    flask_app.register_blueprint(AssetBlueprint("web", "shop", static_folder=str(static), static_url_path="/assets"))
    return flask_app.test_client()


@dataclass(frozen=True)
class Sent:
    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(client: FlaskClient, path: str, **headers: str) -> Sent:
    """Asks and reads to the end, so that no file stays open. Underscores in header names stand for dashes."""
    with client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()}) as answer:
        return Sent(answer.status_code, dict(answer.headers), answer.data)


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br, zstd", "br", b"as brotli"),
        ("gzip, deflate", "gzip", gzip.compress(SCRIPT, mtime=0)),
        ("br;q=0, gzip", "gzip", gzip.compress(SCRIPT, mtime=0)),
        ("identity", None, SCRIPT),
        ("", None, SCRIPT),
        (None, None, SCRIPT),
    ],
)
def test_a_browser_gets_the_smallest_it_takes(
    client: FlaskClient, accepted: str | None, coding: str | None, body: bytes
) -> None:
    answer = fetch(client, "/assets/tablet.js", **({} if accepted is None else {"Accept_Encoding": accepted}))
    assert answer.status == 200
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert len(answer.body) == len(body)
    if coding != "gzip":  # its header holds the time
        assert answer.body == body


def test_what_has_one_copy_is_sent_in_it_and_what_has_none_as_it_is(client: FlaskClient) -> None:
    assert fetch(client, "/assets/page.css", Accept_Encoding="gzip, br").headers["Content-Encoding"] == "gzip"
    picture = fetch(client, "/assets/seal.png", Accept_Encoding="gzip, br")
    assert picture.body == b"a picture"
    assert "Content-Encoding" not in picture.headers
    assert "Vary" not in picture.headers


def test_each_form_has_a_tag_of_its_own_and_is_not_sent_twice(client: FlaskClient) -> None:
    tags = set()
    for accepted in ("br", "gzip", "identity"):
        tag = fetch(client, "/assets/tablet.js", Accept_Encoding=accepted).headers["ETag"]
        again = fetch(client, "/assets/tablet.js", Accept_Encoding=accepted, If_None_Match=tag)
        assert (again.status, again.body) == (304, b"")
        tags.add(tag)
    assert len(tags) == 3


@pytest.mark.parametrize("path", ["/assets/nothing.js", "/assets/../secret.js", "/assets/%2e%2e/secret.js"])
def test_nothing_else_is_sent(client: FlaskClient, path: str) -> None:
    assert fetch(client, path, Accept_Encoding="gzip").status == 404
