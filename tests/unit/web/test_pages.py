from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from app.common.errors import ForbiddenError, TooManyError
from app.web import front_end, pages

DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "frame-ancestors 'none'",
)


def application(*, is_strict: bool = False, tile_url: str | None = None) -> Flask:
    flask_app = Flask("app", static_folder=None)
    flask_app.config["CARD_HOSTS"] = ("card.example", "old.example")
    pages.mount(flask_app, is_strict=is_strict, tile_url=tile_url)

    @flask_app.get("/refuse/<what>")
    def refuse(what: str) -> str:
        if what == "forbidden":
            raise ForbiddenError
        if what == "wait":
            raise TooManyError(retry_after=30)
        if what == "broken":
            raise RuntimeError("a secret of the house")
        abort(int(what))

    @flask_app.get("/api/v1/anything")
    def anything() -> str:
        return "{}"

    return flask_app


@pytest.fixture
def client() -> FlaskClient:
    return application().test_client()


@pytest.mark.parametrize(
    "path", ["/", "/welcome", "/C/7K3M9QX2VB8T4HWQ", "/I/7K3M9QX2VB", "/nowhere", "/assets/seal.svg"]
)
def test_everything_carries_the_policy_and_no_page_has_anything_inline(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert all(directive in policy for directive in DIRECTIVES)
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    if answer.mimetype == "text/html":
        page = answer.get_data(as_text=True)
        assert "<style" not in page
        assert " style=" not in page
        assert "<script>" not in page
        assert "onclick" not in page
    answer.close()


def test_the_json_face_sets_its_own_headers(client: FlaskClient) -> None:
    assert "Content-Security-Policy" not in client.get("/api/v1/anything").headers


@pytest.mark.parametrize("is_strict", [True, False])
def test_only_production_asks_for_https_alone(is_strict: bool) -> None:
    headers = application(is_strict=is_strict).test_client().get("/").headers
    assert ("Strict-Transport-Security" in headers) is is_strict


@pytest.mark.parametrize(
    "path",
    [
        "/C/7K3M9QX2VB8T4HWQ",
        "/c/7k3m9qx2vb8t4hwq",
        "/C/7K3M9QX2VB8T4HWQ/12345678",
        "/c/0000000000000000/1",
        "/C/NONSENSE",
        "/I/7K3M9QX2VB",
    ],
)
def test_every_number_gets_the_same_page(client: FlaskClient, path: str) -> None:
    first = client.get("/C/ZZZZZZZZZZZZZZZZ")
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.data == first.data
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    number = path.split("/")[2].encode()
    assert number not in answer.data


@pytest.mark.parametrize("client_name", ["tablet", "member"])
def test_a_client_can_be_installed_in_the_readers_language(client: FlaskClient, client_name: str) -> None:
    manifest = client.get(f"/{client_name}.webmanifest", headers={"Accept-Language": "fr"})
    assert manifest.mimetype == "application/manifest+json"
    told = manifest.get_json()
    assert told["lang"] == "fr"
    assert told["short_name"] == "Zegel"
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    for icon in told["icons"]:
        with client.get(icon["src"]) as picture:
            assert picture.status_code == 200


def test_a_worker_is_another_one_when_its_page_is(client: FlaskClient) -> None:
    first, again, other = (
        client.get("/member.sw.js", headers={"Accept-Language": language}) for language in ("nl", "nl", "fr")
    )
    assert first.mimetype == "text/javascript"
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.data == again.data
    assert first.data != other.data


def test_a_new_source_of_map_tiles_is_a_new_version_of_the_app() -> None:
    plain, mapped = (
        application(tile_url=tiles).test_client().get("/member.sw.js")
        for tiles in (None, "https://{s}.tile.example/{z}/{x}/{y}.png")
    )
    assert plain.text != mapped.text
    page = application(tile_url="https://{s}.tile.example/{z}/{x}/{y}.png").test_client().get("/")
    assert "img-src 'self' https://*.tile.example" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("wishes", "language"),
    [("nl-BE,en;q=0.5", "nl"), ("fr", "fr"), ("de-AT", "de"), ("en-GB", "en"), ("pt,ja;q=0.5", "en"), ("", "en")],
)
def test_the_browser_says_which_language(client: FlaskClient, wishes: str, language: str) -> None:
    answer = client.get("/", headers={"Accept-Language": wishes})
    assert f'<html lang="{language}">' in answer.get_data(as_text=True)
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_chosen_language_is_kept_and_a_strange_one_is_not(client: FlaskClient) -> None:
    assert 'lang="de"' in client.get("/?lang=de").get_data(as_text=True)
    assert '<html lang="de">' in client.get("/", headers={"Accept-Language": "nl"}).get_data(as_text=True)
    answer = client.get("/?lang=../../etc")
    assert '<html lang="de">' in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("what", "status"), [("forbidden", 403), ("wait", 429), ("400", 400), ("405", 405), ("413", 413), ("418", 418)]
)
def test_a_refusal_is_a_page_with_its_status(client: FlaskClient, what: str, status: int) -> None:
    answer = client.get(f"/refuse/{what}")
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert "<h1>" in answer.get_data(as_text=True)


def test_a_page_that_is_not_there_and_a_method_that_is_not_taken(client: FlaskClient) -> None:
    assert client.get("/nowhere").status_code == 404
    answer = client.post("/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_what_was_not_foreseen_tells_nothing(client: FlaskClient) -> None:
    answer = client.get("/refuse/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.get_data(as_text=True)


def test_a_front_end_that_is_not_built_says_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(front_end, "DIST", tmp_path)
    answer = client.get("/tablet")
    assert answer.status_code == 503
    assert "make build" in answer.get_data(as_text=True).replace("&#39;", "'")
    assert client.get("/").status_code == 503
    # A page of words is still read.
    assert client.get("/welcome").status_code == 200


def test_the_counter_knows_the_hosts_of_our_cards(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(front_end, "DIST", tmp_path)
    (tmp_path / "manifest.json").write_text('{"tablet/main.ts": {"file": "assets/tablet-1.js"}}')
    page = client.get("/tablet").get_data(as_text=True)
    assert 'data-hosts="card.example old.example"' in page
    assert 'src="/assets/dist/assets/tablet-1.js"' in page


def test_files_named_after_their_content_are_kept_for_ever(client: FlaskClient) -> None:
    with client.get("/assets/seal.svg") as answer:
        assert "immutable" not in answer.headers.get("Cache-Control", "")
        assert answer.mimetype == "image/svg+xml"
    assert client.get("/assets/dist/assets/nothing-1.js").status_code == 404
