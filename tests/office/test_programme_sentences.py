"""Every rule that a programme may have: it has its fields in the designer, and its sentence in every language."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from app.backoffice import sentences
from app.common.scope import Scope
from app.rewards.rules import parse_programme
from tests.factories import make_shop
from tests.office.designing import at, draft_of, versions_of
from tests.office.desk import sit_down

DOCUMENTS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "points",
        {
            "earn": [
                {"per": "visit", "units": "5"},
                {"per": "unit", "units": "1"},
                {"per": "amount", "units": "1", "step": "10"},
                {"per": "amount", "units": "1", "step": "5", "category": "books"},
                {"per": "item", "units": "2.5", "category": "coffee"},
                {"per": "item", "units": "10", "sku": "4711"},
            ],
            "exclude": {"categories": ["tobacco", "medicines"], "skus": ["giftcard"]},
            "minimum": "5.00",
            "rounding": "carry",
            "caps": {"visit": {"units": 100}, "day": {"visits": 3, "units": 200}, "card": {"units": 10_000}},
            "expiry": {"kind": "months", "months": 24},
            "tiers": {
                "months": 12,
                "by": "spend",
                "table": [
                    {"key": "silver", "name": "Silver", "from": "250.00", "multiplier": "1.25"},
                    {"key": "gold", "name": "Gold", "from": "1000.00", "multiplier": "1.5"},
                ],
            },
        },
    ),
    ("stamps", {"goal": 10, "earn": [{"per": "visit", "units": "1"}], "expiry": {"kind": "yearly", "on": "02-29"}}),
    (
        "points",
        {
            "earn": [{"per": "amount", "units": "1"}],
            "rounding": "ceil",
            "expiry": {
                "kind": "periods",
                "periods": [
                    {
                        "collect_from": "2026-09-01",
                        "collect_to": "2026-11-30",
                        "redeem_from": "2026-10-01",
                        "redeem_to": "2026-12-31",
                    }
                ],
            },
            "tiers": {
                "months": 6,
                "by": "visits",
                "table": [{"key": "vip", "name": "VIP", "from": 0, "multiplier": "2"}],
            },
        },
    ),
)


@pytest.mark.parametrize(("kind", "document"), DOCUMENTS)
def test_the_fields_hold_every_rule_and_give_it_back(
    flask_app: Flask, scope: Scope, kind: str, document: dict[str, Any]
) -> None:
    shop = make_shop(scope, stamps=document.get("goal"), rules=document)
    desk = sit_down(flask_app, scope, shop.merchant_id, "manager")
    page = desk.get(at(shop)).get_data(as_text=True)
    form = page[page.index('id="rules"') : page.index("</form>", page.index('id="rules"'))]
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        fields[name] = chosen[1] if chosen else ""
    fields |= {"minimum": "7.00", "csrf_token": desk.token()}
    assert desk.client.post(desk.address(at(shop)), data=fields).status_code == 303
    draft = draft_of(shop)
    assert draft is not None
    held = dict(versions_of(shop)[0].rules)
    assert draft.rules == {**held, "minimum": "7.00"}


def test_every_rule_has_its_sentence_in_every_language(flask_app: Flask) -> None:
    for language in ("nl", "fr", "en", "de"):
        for kind, document in DOCUMENTS:
            rules = parse_programme(document, kind=kind, currency="EUR", timezone="Europe/Brussels")
            with flask_app.test_request_context(f"/?lang={language}"):
                told = sentences.describe(rules)
            asked = len(document["earn"]) + len(document.get("tiers", {}).get("table", ()))
            asked += sum(len(cap) for cap in document.get("caps", {}).values())
            asked += len(document.get("exclude", {})) + ("minimum" in document) + ("goal" in document) + 1
            asked += document.get("rounding") is not None
            assert len(told) == asked, (language, document)
            assert all(one.text and "%(" not in one.text for one in told)
