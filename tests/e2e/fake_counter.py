"""A stand-in for the counter's API, for tests of the tablet alone: no database, no rules worth the name.

It serves the real pages (`app.web.pages`), and answers `/api/v1/pos` as the public contract says. Run it by hand with
`python -m tests.e2e.fake_counter PORT`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask, Response, jsonify, request

from app.cards import numbers
from app.web import pages

PAIRING_CODE = "KORST-4711"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><path fill="#733000" d="M4 30.5C4 18.5 12.5 10.5 24 '
    '10.5s20 8 20 20c0 4.5-3 7-7.5 7h-25C7 37.5 4 35 4 30.5z"/><path fill="none" stroke="#ffd6c0" stroke-width="2.6" '
    'stroke-linecap="round" d="M15 18.5c2.4 2.4 3.6 5.6 3.6 9.8M24 16.5c2.4 3 3.6 6.8 3.6 11.8M33 18.5c2 2.5 3 5.7 3 '
    '9.8"/></svg>'
)


def number(body: str) -> str:
    """A card number from fifteen characters."""
    return body + numbers.check_character(body)


LOTTE = number("7K3M9QX2VB8T4HW")  # stamps: 6 of 10
FULL = number("7K3M9QX2VB8T4HX")  # stamps: 9 of 10
KARIM = number("2222222222222ZZ")  # points: 412
NEWCOMER = number("0A0A0A0A0A0A0A0")  # stamps: none, no name
BLOCKED = number("BBBBBBBBBBBBBBB")
STALE = number("SSSSSSSSSSSSSSS")
PIN = "2580"


def make(hosts: tuple[str, ...]) -> Flask:
    """The application; `hosts` are what card addresses may name."""
    flask_app = Flask("app", static_folder=None)
    flask_app.config["CARD_HOSTS"] = hosts
    pages.mount(flask_app)
    counter = FakeCounter()
    for rule, view in (
        ("/devices/pair", counter.pair),
        ("/scans", counter.scan),
        ("/visits/preview", counter.preview),
        ("/visits", counter.visit),
        ("/redemptions", counter.redeem),
        ("/transactions/<transaction_id>/reverse", counter.reverse),
    ):
        flask_app.add_url_rule(f"/api/v1/pos{rule}", rule, view, methods=["POST"])
    flask_app.add_url_rule("/api/v1/openapi.json", "openapi", lambda: jsonify(OPENAPI))
    flask_app.add_url_rule("/_fake", "fake", counter.configure, methods=["POST"])
    return flask_app


def problem(status: int, code: str, detail: str) -> tuple[Response, int]:
    response = jsonify(type=f"/problems/{code}", title=code, status=status, detail=detail)
    response.mimetype = "application/problem+json"
    return response, status


class FakeCounter:
    """One shop of which the balances live in memory."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Everybody's balance as at the start."""
        self.ids = count(1)
        self.visits: dict[str, tuple[Any, int]] = {}
        self.booked = 0
        self.look: dict[str, Any] = {}
        self.fail_next = ""
        self.members: dict[str, dict[str, Any]] = {
            LOTTE: {"name": "Lotte", "kind": "stamps", "balance": 6, "tier": "Stamgast"},
            FULL: {"name": "Lotte", "kind": "stamps", "balance": 9, "tier": None},
            KARIM: {"name": "Karim", "kind": "points", "balance": 412, "tier": None},
            NEWCOMER: {"name": None, "kind": "stamps", "balance": 0, "tier": None},
        }

    def configure(self) -> Any:
        """What a test wants: `begin` anew; `fail_next` call `after` it was booked, or `before`."""
        body = request.get_json()
        if body.get("begin"):
            self.begin()
        self.fail_next = body.get("fail_next", "")
        self.look = body.get("merchant", self.look)
        return jsonify(booked=self.booked)

    def pair(self) -> Any:
        body = request.get_json()
        if body["pairing_code"].upper() != PAIRING_CODE:
            return problem(404, "pairing_code_unknown", "No such pairing code. Ask for a new one in the back office.")
        merchant = {"merchant_id": "m1", "name": "Bakkerij Korst", "currency": "EUR", "hue": 52, "logo_svg": SVG}
        return jsonify(
            device_id="d1",
            device_token="zg_dev_test",
            location={"location_id": "l1", "name": "Molenstraat"},
            merchant={**merchant, **self.look},
        ), 201

    def scan(self) -> Any:
        if refused := self._refused():
            return refused
        code = request.get_json()["code"].upper().replace(" ", "")
        card = code.split("/C/")[-1].split("/")[0]
        if card == BLOCKED:
            return problem(409, "card_blocked", "This card is blocked. Ask for a new one in the app.")
        if card == STALE:
            return problem(409, "code_too_old", "This code is too old. Open the app itself and show the card again.")
        if card not in self.members:
            return problem(404, "card_unknown", "No card has this number. Compare it with the card.")
        member = self.members[card]
        reward = (
            {"name": "Een brood naar keuze", "kind": "item", "cost": 10, "value": {"item": "bread"}}
            if member["kind"] == "stamps"
            else {"name": "Bon van € 5", "kind": "amount_off", "cost": 500, "value": {"amount": "5.00"}}
        )
        rewards = [{"reward_id": "r1", "programme_id": "p1", "redeemable": False, "needs": [], **reward}]
        if member["kind"] == "points":
            rewards.append(
                {"reward_id": "r2", "programme_id": "p1", "redeemable": True, "needs": ["member_pin", "staff_approval"],
                 "name": "Bladwijzer", "kind": "item", "cost": 100, "value": {}}
            )  # fmt: skip
        vouchers = []
        if card == LOTTE:
            vouchers.append({"voucher_id": "v0", "voucher_code": "V0", "reward_id": "r9", "name": "1 koffiekoek",
                             "expires_at": "2026-12-31T22:59:00+00:00"})  # fmt: skip
        return jsonify(
            scan_id=f"s.{card}",
            expires_at=(datetime.now(UTC) + timedelta(minutes=10)).isoformat(),
            card={"number_masked": f"•••• •••• •••• {card[-4:]}", "status": "active"},
            member={"display_name": member["name"], "is_new": member["name"] is None, "greeting": None},
            accounts=[self._account(member)],
            rewards=rewards,
            vouchers=vouchers,
            promotions=[],
        )

    def _account(self, member: dict[str, Any]) -> dict[str, Any]:
        goal = 10 if member["kind"] == "stamps" else None
        return {
            "programme_id": "p1",
            "name": "Spaarkaart",
            "kind": member["kind"],
            "unit": member["kind"],
            "balance": member["balance"],
            "owed": 0,
            "goal": goal,
            "to_next_reward": (goal or 500) - member["balance"],
            "tier": member["tier"],
        }

    def _reckon(self, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        member = self.members[body["scan_id"].removeprefix("s.")]
        if member["kind"] == "stamps":
            units = int(body.get("units", 1))
            if member["tier"]:
                units *= 2
            reason = "Dinsdag telt dubbel." if member["tier"] else "per_visit"
        else:
            units = int(float(body.get("amount", "0")) * 3)
            reason = "3 punten per euro."
        balance = member["balance"] + units
        unlocked = []
        if member["kind"] == "stamps" and balance >= 10:
            balance -= 10
            unlocked = [{"voucher_id": "v1", "voucher_code": "V1", "reward_id": "r1", "name": "Een brood naar keuze"}]
        return member, {
            "earned": [{"programme_id": "p1", "units": units, "reason": reason}],
            "accounts": [{"programme_id": "p1", "balance": balance}],
            "unlocked": unlocked,
        }

    def preview(self) -> Any:
        return jsonify(self._reckon(request.get_json())[1])

    def _once(self, do: Callable[[], tuple[Any, int]]) -> Any:
        key = request.headers.get("Idempotency-Key")
        if not key:
            return problem(400, "key_missing", "This books something, so it needs an Idempotency-Key header.")
        if refused := self._refused("before"):
            return refused
        if key not in self.visits:
            self.visits[key] = do()
            self.booked += 1
        if refused := self._refused("after"):
            return refused
        answer, status = self.visits[key]
        return jsonify(answer), status

    def _refused(self, when: str = "before") -> Any:
        if request.headers.get("Authorization") != "Bearer zg_dev_test":
            return problem(401, "unauthenticated", "This device was unpaired. Pair it again with a new code.")
        if self.fail_next == when:
            self.fail_next = ""
            return Response("gone", status=502)
        return None

    def visit(self) -> Any:
        body = request.get_json()

        def do() -> tuple[Any, int]:
            member, answer = self._reckon(body)
            member["balance"] = answer["accounts"][0]["balance"]
            return {"visit_id": f"w{next(self.ids)}", "transaction_id": f"t{next(self.ids)}", **answer}, 201

        return self._once(do)

    def redeem(self) -> Any:
        body = request.get_json()
        if "voucher_code" not in body and body.get("member_pin", body.get("staff_pin")) != PIN:
            return problem(403, "pin_wrong", "The PIN is not right. Try again, or approve it with a staff PIN.")

        def do() -> tuple[Any, int]:
            name = {"V0": "1 koffiekoek", "V1": "Een brood naar keuze"}.get(body.get("voucher_code", ""), "Bladwijzer")
            accounts = []
            if "scan_id" in body:
                member = self.members[body["scan_id"].removeprefix("s.")]
                member["balance"] -= 100
                accounts = [{"programme_id": "p1", "balance": member["balance"]}]
            return {
                "redemption_id": f"r{next(self.ids)}",
                "transaction_id": f"t{next(self.ids)}",
                "reward": {"reward_id": "r1", "name": name, "kind": "item", "value": {}},
                "accounts": accounts,
            }, 201

        return self._once(do)

    def reverse(self, transaction_id: str) -> Any:
        def do() -> tuple[Any, int]:
            return {"transaction_id": f"t{next(self.ids)}", "reverses": transaction_id, "accounts": []}, 201

        return self._once(do)


OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Zegel", "version": "1", "description": "A stand-in document."},
    "tags": [{"name": "pos", "description": "The counter"}],
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/api/v1/pos/scans": {
            "post": {
                "tags": ["pos"],
                "summary": "Who a card belongs to",
                "security": [{"bearer": []}],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"type": "object", "properties": {"code": {"type": "string"}}}}
                    }
                },
                "responses": {"200": {"description": "Whose it is"}},
            }
        }
    },
}

if __name__ == "__main__":
    port = int(sys.argv[1])
    make((f"127.0.0.1:{port}", "localhost")).run(port=port, threaded=True)
