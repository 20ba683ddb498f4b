"""What a member's app and a tablet ask, with 10 and with 10,000 visits behind a card: it must cost the same."""

from __future__ import annotations

from statistics import median
from typing import Any

from app.cards.queries import get_card
from app.wallet.service.sessions import open_session
from benchmarks import serving
from benchmarks.counter import Effort
from benchmarks.databases import Ground
from benchmarks.load import burst
from benchmarks.town import make_cards, make_shop, visit

FEW, MANY = 10, 10_000


def few_against_many(ground: Ground, effort: Effort) -> dict[str, Any]:
    """The median time of ``GET /me/accounts`` and of a scan, one request at a time, for both cards in turn."""
    place = ground.migrated()
    with place.scope() as scope:
        shop = make_shop(scope, "Shop")
        numbers = make_cards(scope, 2)
        visit(scope, ground.folder, [(numbers[0], shop)] * FEW + [(numbers[1], shop)] * MANY, name="past")
        tokens = [
            open_session(scope, member_id=get_card(scope, number=number).member_id).access_token for number in numbers
        ]
    told: dict[str, Any] = {}
    asked: dict[str, list[dict[str, Any]]] = {
        "accounts": [{"method": "GET", "path": "/api/v1/me/accounts", "token": token} for token in tokens],
        "scan": [
            {"method": "POST", "path": "/api/v1/pos/scans", "token": shop.token, "body": {"code": number}}
            for number in numbers
        ],
    }
    with serving.service(place, workers=1) as port:
        for name, (few, many) in asked.items():
            told[name] = _compare(port, few, many, effort)
    return told


def _compare(port: int, few: dict[str, Any], many: dict[str, Any], effort: Effort) -> dict[str, Any]:
    seconds = effort.seconds / 4
    for call in (few, many):
        burst(port, seconds, [call], status=200, connections=1)
    times: dict[str, list[float]] = {"few": [], "many": []}
    for _ in range(effort.rounds):
        for name, call in (("few", few), ("many", many)):
            times[name].append(burst(port, seconds, [call], status=200, connections=1).percentile(0.5))
    ratios = [many / few for few, many in zip(times["few"], times["many"], strict=True)]
    return {
        f"ms_with_{FEW}_visits": round(median(times["few"]), 2),
        f"ms_with_{MANY}_visits": round(median(times["many"]), 2),
        "ratio": round(median(ratios), 3),
    }
