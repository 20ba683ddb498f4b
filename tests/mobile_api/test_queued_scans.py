"""A scan that was made with a network, and whose visit waited without one."""

from __future__ import annotations

from flask.testing import FlaskClient

from app.common.scope import Scope
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.shops import AppCard, Shop


def test_a_scan_that_waited_in_the_queue_is_judged_by_when_it_was_made(
    tablet: Caller, scope: Scope, app_card: AppCard, clock: FixedClock, client: FlaskClient, other_shop: Shop
) -> None:
    scanned = tablet.post("/scans", {"code": app_card.code(clock())}, key=None).body["scan_id"]
    clock.advance(hours=5)
    base = {"type": "visit", "scan_id": scanned}

    def told(caller: Caller, at: str) -> tuple[str, str]:
        event = {**base, "id": at, "sequence": 1, "occurred_at": at}
        sent = caller.post("/sync", {"sent_at": "2026-03-04T17:00:00Z", "events": [event]}, key=None)
        [result] = sent.body["results"]
        return result["status"], result.get("problem", {}).get("type", "").removeprefix("/problems/")

    assert told(tablet, "2026-03-04T12:09:59Z") == ("applied", "")
    assert told(tablet, "2026-03-04T12:10:00Z")[1] == "scan_over"
    assert told(Caller(client, other_shop.tablet), "2026-03-04T12:09:59Z")[1] == "scan_over"
    online = tablet.post("/visits", {"scan_id": scanned, "occurred_at": "2026-03-04T12:01:00Z"})
    assert (online.status, online.problem()) == (409, "scan_over")
