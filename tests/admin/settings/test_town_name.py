"""Where the town has a name of its own, no mail and no page calls the card by the platform's."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.backoffice import sign_up_mails
from app.common.branding import NAME, Brand
from app.common.database import Transaction
from app.common.mail import Mail, open_mail, queue_mail
from app.common.models import OutboxMessage
from app.common.scope import Scope
from app.merchants.mails import TEXTS, mail
from app.merchants.service.branding import publish_brand
from tests.factories import make_shop
from tests.office.desk import sit_down

ROOT = Path(__file__).resolve().parents[3]
NAMED = re.compile(rf"\b{NAME}(?:kaart|-Karte)?\b")
TRANSLATED = {"_", "_l", "_n", "gettext", "lazy_gettext", "ngettext", "_p"}
"""Where the platform's own name may stand in the code outside of what is translated, and why."""
MAY: dict[str, str] = {
    "app/common/branding.py": "the name itself",
    "app/merchants/mails/inviting.py": "marked by app/merchants/mails",
    "app/merchants/mails/people.py": "marked by app/merchants/mails",
    "app/merchants/mails/signing_in.py": "marked by app/merchants/mails",
    "app/backoffice/sign_up_mails.py": "marked there",
    "app/backoffice/month_report.py": "its foot is named there",
    "app/backoffice/queries/taking_along.py": "named there",
    "app/cards/passes/words.py": "named by the passes",
    "app/merchants/deliveries.py": "the software's User-Agent",
    "app/cards/print_sheet.py": "the program that made a PDF",
    "app/backoffice/printing/statement.py": "the program that made a PDF",
    "app/backoffice/printing/month_report.py": "the program that made a PDF",
    "app/backoffice/printing/poster.py": "the program that made a PDF",
    "app/web/templates/web/api_docs.html": "the software's interface",
    "app/web/templates/web/design.html": "the software's own page",
}
AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
TOWN = Brand(name="Opsinjoor")


def untranslated(source: str) -> Iterator[str]:
    """The texts in Python that no translation is asked for; what documents the code is none."""
    tree = ast.parse(source)
    passed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATED:
            passed |= {id(one) for argument in node.args for one in ast.walk(argument)}
        if isinstance(node, ast.Expr):
            passed.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node.value


def test_the_platforms_name_stands_only_where_the_towns_takes_its_place() -> None:
    found = set()
    for path in sorted((ROOT / "app").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        source = path.read_text()
        # The commands speak to who runs the software.
        if (
            NAME in source
            and not name.startswith("app/cli/")
            and any(NAMED.search(one) for one in untranslated(source))
        ):
            found.add(name)
    for path in sorted((ROOT / "app").rglob("*.html")):
        bare = re.sub(r'_\(\s*"[^"]*"', "", path.read_text())
        if NAMED.search(re.sub(r"\{#.*?#\}", "", bare, flags=re.DOTALL)):
            found.add(str(path.relative_to(ROOT)))
    assert found == set(MAY)


def every_mail() -> Iterator[Mail]:
    for kind, texts in TEXTS.items():
        for locale, (subject, text) in texts.items():
            facts = {one[1] for part in (subject, text) for one in string.Formatter().parse(part) if one[1]}
            yield mail(kind, "an@shop.example", locale, **dict.fromkeys(facts, "Bakkerij Zegel"))
    for locale in ("nl", "fr", "en", "de"):
        yield sign_up_mails.code_mail("an@shop.example", shop="Bakkerij Zegel", code="1", url="u", locale=locale)
        yield sign_up_mails.known_mail("an@shop.example", shop="Bakkerij Zegel", url="u", locale=locale)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_mail_calls_the_card_by_the_platforms_name(scope: Scope) -> None:
    written = list(every_mail())

    def work(tx: Transaction) -> list[str]:
        return [queue_mail(tx, scope.keys.data, one, now=AT) for one in written]

    ids = scope.run(work)
    with scope.reading() as tx:
        payloads = {row.id: row.payload for row in tx.session.query(OutboxMessage)}
    told = 0
    for key in ids:
        ours, _ = open_mail(scope.keys.data, payloads[key])
        town, _ = open_mail(scope.keys.data, payloads[key], TOWN)
        for before, after in ((ours.subject, town.subject), (ours.text, town.text)):
            # A shop that is called so keeps its name.
            assert NAMED.search(after.replace("Bakkerij Zegel", "")) is None
            told += before != after
            assert before.count("Bakkerij Zegel") == after.count("Bakkerij Zegel")
    assert told > 60


def test_no_page_of_members_and_shops_calls_the_card_by_it(flask_app: Flask, client: FlaskClient, scope: Scope) -> None:
    owner = sit_down(flask_app, scope, make_shop(scope, stamps=10).merchant_id)
    publish_brand(scope, TOWN, looked_at=0)
    for language in ("nl", "en"):
        for path in ("/", "/welcome", "/shops", "/tablet", "/office"):
            page = client.get(f"{path}?lang={language}", follow_redirects=True).get_data(as_text=True)
            assert NAMED.search(page) is None, path
        team = owner.get(f"/team?lang={language}").get_data(as_text=True)
        assert "Opsinjoor" in team
        assert NAMED.search(team) is None
    assert 'ZEGEL_TOWN="Opsinjoor"' in client.get("/tablet.sw.js").get_data(as_text=True)
    assert 'data-town="Opsinjoor"' in client.get("/tablet").get_data(as_text=True)
