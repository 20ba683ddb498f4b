"""Another system's card before a tablet."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.common.scope import Scope
from app.scanning.importing import one_merchant
from mobile_api import misses
from tests.integration.importing.history import bring, row, write
from tests.mobile_api.calling import Caller
from tests.shops import Shop

OLD_CARD = "KL-20394857"


@pytest.fixture
def brought(scope: Scope, shop: Shop, tmp_path: Path) -> str:
    file = write(tmp_path / "old.csv", [row(1, card=OLD_CARD)])
    bring(scope, file, one_merchant(scope, shop.merchant_id), source="old till")
    return OLD_CARD


def test_a_scan_says_what_it_is_by_the_number_on_it(tablet: Caller, brought: str) -> None:
    scanned = tablet.post("/scans", {"code": f" {brought}\n"}, key=None)
    assert scanned.status == 200, scanned.text
    assert scanned.body["card"] == {"number_masked": "•••• 4857", "status": "active", "kind": "foreign"}
    assert scanned.body["proof"] == "static"
    assert {tuple(reward["needs"]) for reward in scanned.body["rewards"]} == {("staff_approval",)}
    assert tablet.post("/visits", {"scan_id": scanned.body["scan_id"]}).status == 201
    assert tablet.post("/visits", {"code": brought}).status == 201


def test_it_waits_in_a_queue_like_any_other(tablet: Caller, brought: str) -> None:
    event = {"id": "e", "sequence": 1, "type": "visit", "occurred_at": "2026-03-04T11:00:00Z", "code": brought}
    sent = tablet.post("/sync", {"sent_at": "2026-03-04T12:00:00Z", "events": [event]}, key=None)
    assert sent.body["results"][0]["status"] == "applied"


@pytest.mark.parametrize("path", ["/scans", "/visits"])
def test_walking_through_another_systems_numbers_is_limited(tablet: Caller, brought: str, path: str) -> None:
    most = misses.LIMITS[0].most
    answers = [tablet.post(path, {"code": f"KL-{number}"}) for number in range(most + 1)]
    assert [answer.status for answer in answers] == [422] * most + [429]
    assert tablet.post(path, {"code": brought}).status == 429


def test_a_slip_of_the_finger_is_no_look_up_where_no_such_cards_are_taken(
    client: FlaskClient, other_shop: Shop, brought: str
) -> None:
    there = Caller(client, other_shop.tablet)
    answers = {there.post("/scans", {"code": f"KL-{number}"}, key=None).status for number in range(70)}
    assert answers == {422}
