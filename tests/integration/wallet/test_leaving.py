"""Leaving, with the service as it is run: nothing of the person stays in the database's files, in the folder of mails,
or in the log, and every sum of the ledger stands as before."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.scope import Scope
from app.ledger.verifying import verify
from tests import shops
from tests.authenticators import Authenticator
from tests.concurrency.serving import ROOT, Server
from tests.mobile_api.test_member_me import found_in_tables, sums

NAME, BIRTHDAY = "Wilhelmina Æsop", "1987-11-23"
OLD, NEW = "wilhelmina.old@example.com", "wilhelmina.new@example.com"
PHONE = "Wilhelmina's telephone"
LOCALHOST = "http://localhost:8000"  # a host name, so that passkeys are offered


class Api:
    """The JSON face over a socket."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/api/v1"

    def __call__(self, method: str, path: str, body: Any = None, token: str | None = None, key: str = "") -> Any:
        headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.address + path, data, headers, method=method)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            told = answer.read()
        return json.loads(told) if told else None


@contextmanager
def worker(environment: dict[str, str], log: Path) -> Iterator[None]:
    """Who sends mails: a process of its own on PostgreSQL, the server itself on SQLite."""
    if environment["DATABASE_URL"].startswith("sqlite"):
        yield
        return
    asked = [sys.executable, "-m", "flask", "--app", "wsgi", "zegel", "worker"]
    with log.open("ab") as written:
        process = subprocess.Popen(asked, cwd=ROOT, env={**os.environ, **environment}, stdout=written, stderr=written)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def until(condition: Callable[[], Any], seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)
    return found


def mails_to(folder: Path, address: str) -> list[str]:
    """The texts of the mails to an address, the oldest first."""
    files = sorted(folder.glob("*.eml"), key=lambda path: path.name)
    return [told for told in (path.read_text() for path in files) if f"To: {address}" in told]


def sign_in(api: Api, mail_folder: Path, address: str, token: str | None) -> str:
    before = len(mails_to(mail_folder, address))
    api("POST", "/auth/code", {"email": address})
    text = until(lambda: mails_to(mail_folder, address)[before:])[-1]
    code = re.findall(r"^\s+(\d{6})\s*$", text, re.MULTILINE)[0]
    return str(api("POST", "/auth/token", {"email": address, "code": code}, token)["access_token"])


def add_passkey(api: Api, token: str) -> None:
    options = api("POST", "/me/passkeys/options", token=token)
    credential = Authenticator(origin=LOCALHOST).create(options["public_key"])
    api(
        "POST",
        "/me/passkeys",
        {"challenge_id": options["challenge_id"], "credential": credential, "name": PHONE},
        token,
    )


def remains(folder: Path, words: list[str]) -> list[str]:
    """Files under a folder in which one of the words stands, in whatever case and any of the usual forms."""
    forms = {form for word in words for form in (word, word.lower(), json.dumps(word)[1:-1])}
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        held = path.read_bytes().lower()
        found += [f"{path.relative_to(folder)}: {form}" for form in sorted(forms) if form.lower().encode() in held]
    return found


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "ZEGEL_ENV": "development", "LOG_FORMAT": "json", "PUBLIC_URL": LOCALHOST}


def test_nothing_of_the_person_is_left_anywhere(
    scope: Scope, environment: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    shop, printed = shops.open_shop(scope), shops.plastic_card(scope)
    scope.database.close()
    var, log = Path(environment["ZEGEL_VAR"]), tmp_path / "logs" / "server.log"
    log.parent.mkdir()
    mail_folder = var / "outbox"
    server = Server(environment, log)
    server.start()
    try:
        with worker(environment, log):
            api = Api(server.port)
            made = api("POST", "/auth/anonymous", {})
            number = made["card"]["number"]
            token = sign_in(api, mail_folder, OLD, made["access_token"])
            api("PATCH", "/me", {"name": NAME, "birthday": BIRTHDAY, "shows_name": True, "ask_above": "0"}, token)
            add_passkey(api, token)
            api("POST", f"/me/cards/{made['card']['card_id']}/installations", token=token)
            told = {"code": number, "amount": "31.00", "units": 4, "receipt_ref": "R-2026-77123"}
            api("POST", "/pos/visits", told, shop.key, "visit-1")
            api("POST", "/pos/visits", {"code": printed.number, "amount": "5.00"}, shop.key, "visit-2")
            api("POST", "/pos/scans", {"code": number}, shop.tablet)
            api("POST", "/me/cards", {"number": printed.number, "claim_code": printed.claim_code}, token)
            api("POST", "/me/vouchers", {"reward_id": shop.discount_id}, token)
            token = sign_in(api, mail_folder, NEW, token)
            until(lambda: mails_to(mail_folder, OLD))  # that the address has changed
            api("POST", "/auth/code", {"email": NEW})
            until(lambda: len(mails_to(mail_folder, NEW)) >= 2)
            assert remains(mail_folder, [OLD])
            before = told_sums(database_url, scope)

            api("DELETE", "/me", token=token)

            after = told_sums(database_url, scope)
    finally:
        server.stop()
    words = [NAME, "Wilhelmina", OLD, NEW, BIRTHDAY, PHONE, "R-2026-77123"]
    assert after == before
    assert remains(log.parent, words) == []
    assert remains(var, words) == []
    database = Database(open_engine(database_url))
    own = Scope(database, scope.keys)
    assert [found for word in words for found in found_in_tables(own, word)] == []
    assert verify(own).mismatches == []
    database.close()


def told_sums(database_url: str, scope: Scope) -> list[tuple[Any, ...]]:
    database = Database(open_engine(database_url))
    try:
        return sums(Scope(database, scope.keys))
    finally:
        database.close()


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(f'{{"to": {json.dumps(NAME)}}}')
    assert remains(tmp_path, [NAME]) != []
