"""The least that recording a visit over HTTP must do: a bare Flask view that verifies the same token, loads and dumps
the same schemas, and runs one hand-written statement which makes the same rows. No rules, no seals, no refusals. And
the least for the nearest shops (:mod:`benchmarks.nearest_floor`).

Loaded by the server in each of its processes; ``BENCH_FLOOR`` names a file with what it knows beforehand.
"""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, Response, request

from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.ids import new_id
from app.merchants.tokens import token_hash
from benchmarks.nearest_floor import Nearest
from mobile_api.v1.schemas.counter import VisitBody
from mobile_api.v1.schemas.counter_answers import VisitAnswer

POSTGRESQL = """
WITH c AS (SELECT member_id, number FROM card WHERE number = %(number)s AND status = 'active'),
a AS (UPDATE account SET balance = balance + %(units)s, visits = visits + 1, units_earned = units_earned + %(units)s,
        last_visit_at = %(now)s, seq = seq + 1, chain = %(seal)s, seal = %(seal)s, updated_at = %(now)s
    FROM c WHERE account.member_id = c.member_id AND programme_id = %(programme)s
    RETURNING account.member_id, account.id, account.seq, account.balance, c.number),
t AS (INSERT INTO ledger_transaction (member_id, id, kind, merchant_id, location_id, device_id, visit_id, occurred_at,
        recorded_at, seal, seal_key)
    SELECT member_id, %(booking)s, 'earn', %(merchant)s, %(location)s, %(device)s, %(visit)s, %(now)s, %(now)s,
        %(seal)s, 'k1' FROM a),
l AS (INSERT INTO lot (member_id, id, account_id, origin_id, amount, remaining, earned_at)
    SELECT member_id, %(lot)s, id, %(booking)s, %(units)s, %(units)s, %(now)s FROM a),
r AS (INSERT INTO transfer (member_id, account_id, seq, transaction_id, programme_id, debit, credit, amount, lot_id,
        seal)
    SELECT member_id, id, seq, %(booking)s, %(programme)s, 'issued', 'balance', %(units)s, %(lot)s, %(seal)s
    FROM a),
p AS (INSERT INTO location_transaction (location_id, transaction_id, member_id, kind, recorded_at)
    SELECT %(location)s, %(booking)s, member_id, 'earn', %(now)s FROM a),
v AS (INSERT INTO visit (member_id, id, transaction_id, merchant_id, location_id, device_id, number, amount_minor,
        currency, earned, source, occurred_at, recorded_at)
    SELECT member_id, %(visit)s, %(booking)s, %(merchant)s, %(location)s, %(device)s, number, %(amount)s, 'EUR',
        %(earned)s, 'counter', %(now)s, %(now)s FROM a),
i AS (INSERT INTO idempotency_key (location_id, key, fingerprint, status, body, member_id, answer_to, created_at)
    SELECT %(location)s, %(key)s, %(seal)s, 201, %(body)s, member_id, %(visit)s, %(now)s FROM a)
SELECT balance FROM a
"""
NAMES = [
    *("number", "programme", "merchant", "location", "device", "visit", "booking", "lot", "units", "amount", "earned"),
    *("body", "key", "seal", "now"),
]
SQLITE = f"INSERT INTO floor_visit ({', '.join(NAMES)}) VALUES ({', '.join(':' + name for name in NAMES)})"
SQLITE_OBJECTS = (
    f"CREATE VIEW floor_visit AS SELECT {', '.join(f'NULL AS {name}' for name in NAMES)}",
    """
    CREATE TRIGGER floor_visit_insert INSTEAD OF INSERT ON floor_visit BEGIN
    UPDATE account SET balance = balance + NEW.units, visits = visits + 1, units_earned = units_earned + NEW.units,
        last_visit_at = NEW.now, seq = seq + 1, chain = NEW.seal, seal = NEW.seal, updated_at = NEW.now
    WHERE member_id = (SELECT member_id FROM card WHERE number = NEW.number AND status = 'active')
        AND programme_id = NEW.programme;
    INSERT INTO ledger_transaction (member_id, id, kind, merchant_id, location_id, device_id, visit_id, occurred_at,
        recorded_at, seal, seal_key)
    SELECT member_id, NEW.booking, 'earn', NEW.merchant, NEW.location, NEW.device, NEW.visit, NEW.now, NEW.now,
        NEW.seal, 'k1' FROM card WHERE number = NEW.number;
    INSERT INTO lot (member_id, id, account_id, origin_id, amount, remaining, earned_at)
    SELECT a.member_id, NEW.lot, a.id, NEW.booking, NEW.units, NEW.units, NEW.now
    FROM card c JOIN account a ON a.member_id = c.member_id AND a.programme_id = NEW.programme
    WHERE c.number = NEW.number;
    INSERT INTO transfer (member_id, account_id, seq, transaction_id, programme_id, debit, credit, amount, lot_id, seal)
    SELECT a.member_id, a.id, a.seq, NEW.booking, NEW.programme, 'issued', 'balance', NEW.units, NEW.lot, NEW.seal
    FROM card c JOIN account a ON a.member_id = c.member_id AND a.programme_id = NEW.programme
    WHERE c.number = NEW.number;
    INSERT INTO location_transaction (location_id, transaction_id, member_id, kind, recorded_at)
    SELECT NEW.location, NEW.booking, member_id, 'earn', NEW.now FROM card WHERE number = NEW.number;
    INSERT INTO visit (member_id, id, transaction_id, merchant_id, location_id, device_id, number, amount_minor,
        currency, earned, source, occurred_at, recorded_at)
    SELECT member_id, NEW.visit, NEW.booking, NEW.merchant, NEW.location, NEW.device, NEW.number, NEW.amount,
        'EUR', NEW.earned, 'counter', NEW.now, NEW.now FROM card WHERE number = NEW.number;
    INSERT INTO idempotency_key (location_id, key, fingerprint, status, body, member_id, answer_to, created_at)
    SELECT NEW.location, NEW.key, NEW.seal, 201, NEW.body, member_id, NEW.visit, NEW.now
    FROM card WHERE number = NEW.number;
    END
    """,
)


def make_app() -> Flask:
    """The floor's application, for the shops in ``BENCH_FLOOR``."""
    facts: dict[str, Any] = json.loads(Path(os.environ["BENCH_FLOOR"]).read_text())
    shops = {token_hash(shop["token"]): shop for shop in facts["shops"]}
    engine = open_engine(os.environ["DATABASE_URL"])
    is_sqlite = engine.dialect.name == "sqlite"
    statement = SQLITE if is_sqlite else POSTGRESQL
    local = threading.local()
    load, dump = VisitBody().load, VisitAnswer().dump
    seal = bytes(32)
    flask_app = Flask("floor", static_folder=None)

    def connection() -> Any:
        if not hasattr(local, "connection"):
            local.connection = engine.raw_connection().driver_connection
            if not is_sqlite:
                local.connection.autocommit = True
            local.cursor = local.connection.cursor()
        return local.cursor

    @flask_app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @flask_app.get("/api/v1/shops")
    def nearest() -> Response:
        if not hasattr(local, "nearest"):
            local.nearest = Nearest(Database(engine))
        lat, lon = (float(part) for part in request.args["near"].split(","))
        box = float(request.args["north"]), float(request.args["east"])
        items = local.nearest.items((lat, lon), box, int(request.args["limit"]))
        return Response(orjson.dumps({"items": items, "next": None}), content_type="application/json")

    @flask_app.post("/api/v1/pos/visits")
    def visits() -> Response:
        shop = shops.get(token_hash(request.headers["Authorization"].removeprefix("Bearer ")))
        if shop is None:
            return Response(status=401)
        body = load(orjson.loads(request.get_data()))
        visit, booking = new_id(), new_id()
        amount = int(body["amount"].replace(".", ""))
        units = amount // 100
        programme = shop["programme_id"]
        answer = orjson.dumps(
            dump(
                {
                    "visit_id": visit,
                    "transaction_id": booking,
                    "earned": [
                        {
                            "programme_id": programme,
                            "units": units,
                            "reason": "amount",
                            "parts": [{"rule": "amount", "units": units, "amount": amount}],
                            "limited": [],
                        }
                    ],
                    "accounts": [{"programme_id": programme, "balance": units, "owed": 0}],
                    "unlocked": [],
                }
            )
        )
        connection().execute(
            statement,
            {
                "number": body["code"],
                "programme": programme,
                "merchant": shop["merchant_id"],
                "location": shop["location_id"],
                "device": shop["device_id"],
                "visit": visit,
                "booking": booking,
                "lot": new_id(),
                "units": units,
                "amount": amount,
                "earned": f'[{{"programme_id":"{programme}","version":1,"units":{units},'
                f'"parts":[["amount",{units},{{"amount":{amount}}}]]}}]',
                "body": answer.decode(),
                "key": request.headers["Idempotency-Key"],
                "seal": seal,
                "now": datetime.now(UTC),
            },
        )
        return Response(answer, 201, content_type="application/json")

    return flask_app


app = make_app() if os.environ.get("BENCH_FLOOR") else None
