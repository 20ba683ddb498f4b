"""Every page of the back office, at one shop: from the doors, with ids that are there."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from app.backoffice.doors import COOKIE, DOORS
from app.backoffice.queries.members import SORTS
from app.backoffice.views.reports.topics import TOPICS
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import service as merchants
from app.tables import metadata
from benchmarks.office.building import BigShop

# An answer that does not end, and pages that ask Stripe before they answer: the shop's size is nothing to it.
LEFT_OUT = frozenset({"reports.live", "subscription.change", "subscription.come_back"})
# Pages that answer only when they are asked something.
_ALWAYS = {"members.save_segment": "away=1"}
_MARK = re.compile(r"<(?:\w+:)?(\w+)>")
_ONE = {
    "programme_id": "SELECT id FROM programme WHERE merchant_id = :merchant_id ORDER BY id LIMIT 1",
    "reward_id": "SELECT id FROM reward WHERE merchant_id = :merchant_id ORDER BY id LIMIT 1",
    "promotion_id": "SELECT id FROM promotion WHERE merchant_id = :merchant_id ORDER BY id LIMIT 1",
    "location_id": "SELECT id FROM location WHERE merchant_id = :merchant_id ORDER BY id LIMIT 1",
    "device_id": "SELECT id FROM device WHERE merchant_id = :merchant_id ORDER BY id LIMIT 1",
    "staff_id": "SELECT id FROM staff WHERE merchant_id = :merchant_id ORDER BY id DESC LIMIT 1",
    "event_id": "SELECT id FROM club_event WHERE merchant_id = :merchant_id ORDER BY id LIMIT 1",
    "recall_id": "SELECT id FROM recall WHERE merchant_id = :merchant_id ORDER BY id LIMIT 1",
    "number": "SELECT min(number) FROM persona WHERE merchant_id = :merchant_id HAVING min(number) IS NOT NULL",
    "campaign_id": "SELECT id FROM campaign WHERE merchant_id = :merchant_id AND trigger IS NULL ORDER BY id LIMIT 1",
    "segment_id": "SELECT id FROM segment WHERE merchant_id = :merchant_id ORDER BY id LIMIT 1",
    "simulation_id": "SELECT id FROM simulation WHERE merchant_id = :merchant_id ORDER BY id LIMIT 1",
    "endpoint_id": "SELECT id FROM webhook_endpoint WHERE merchant_id = :merchant_id ORDER BY id LIMIT 1",
    "key": """SELECT p.code_hash FROM pairing_code p JOIN location l ON l.id = p.location_id
        WHERE l.merchant_id = :merchant_id ORDER BY p.expires_at DESC LIMIT 1""",
    "import_id": "SELECT id FROM member_import WHERE merchant_id = :merchant_id ORDER BY id LIMIT 1",
    "invoice_id": "SELECT id FROM billing_invoice WHERE merchant_id = :merchant_id ORDER BY id LIMIT 1",
    "plan_id": "SELECT id FROM billing_plan WHERE :merchant_id <> '' ORDER BY id LIMIT 1",
    "delivery_id": """SELECT d.id FROM webhook_delivery d JOIN webhook_endpoint e ON e.id = d.endpoint_id
        WHERE e.merchant_id = :merchant_id ORDER BY d.id LIMIT 1""",
    # The best customer has the longest history.
    "member_id": """SELECT a.member_id FROM account a JOIN programme p ON p.id = a.programme_id
        WHERE p.merchant_id = :merchant_id ORDER BY a.visits DESC, a.member_id LIMIT 1""",
    "transaction_id": """SELECT v.transaction_id FROM visit v JOIN (
            SELECT a.member_id FROM account a JOIN programme p ON p.id = a.programme_id
            WHERE p.merchant_id = :merchant_id ORDER BY a.visits DESC, a.member_id LIMIT 1
        ) best ON best.member_id = v.member_id
        WHERE v.merchant_id = :merchant_id ORDER BY v.occurred_at DESC LIMIT 1""",
}
# What else can stand in an address, all of it.
_MANY = {"topic": tuple(TOPICS), "side": ("gain", "lose"), "trigger": ("come_back", "thanks", "expiring")}
# Pages that read something else when they are asked otherwise.
_ASKED: dict[str, tuple[str, ...]] = {
    "members.list_members": (
        *(f"sort={sort}&dir={way}" for sort in SORTS for way in ("up", "down")),
        *("away=1", "full=1", "birthday=1", "app=yes", "visits=20", "silent=60", "spend=100.00"),
        *("visits=5&silent=30&sort=spend", "list={segment_id}", "q=4821", "q=peeters", "at={location_id}"),
    ),
    "reports.show_report": ("period=12m", "period=7d&location={location_id}"),
    "reports.show_reports": ("period=12m",),
    "reports.today": ("location={location_id}",),
    "team.show_audit": ("what=reward", "who={staff_id}"),
    "team.show_webhook": ("status=failed",),
    "team.list_feedback": ("show=waiting",),
}


def addresses(scope: Scope, shop: BigShop) -> tuple[dict[str, str], list[str]]:
    """From each page (its endpoint, and what else is asked of it) to its address at the shop, and the endpoints for
    which the shop has nothing to show."""
    known: dict[str, str] = {"slug": shop.slug, "month": f"{scope.now - timedelta(days=31):%Y-%m}"}
    with scope.reading() as tx:
        for name, text in _ONE.items():
            rows = tx.rows(Statement(text), {"merchant_id": shop.merchant_id})
            if rows:
                one = rows[0][0]
                known[name] = bytes(one).hex() if isinstance(one, bytes | memoryview) else str(one)
    found: dict[str, str] = {}
    bare: list[str] = []
    for endpoint, door in sorted(DOORS.items()):
        if "GET" not in door.methods or not door.rule.startswith("/office/") or endpoint in LEFT_OUT:
            continue
        marks = _MARK.findall(door.rule)
        if not all(mark in known or mark in _MANY for mark in marks):
            bare.append(endpoint)
            continue
        for values in product(*(_MANY.get(mark, (known.get(mark, ""),)) for mark in marks)):
            told = dict(zip(marks, values, strict=True))
            path = _MARK.sub(lambda mark, told=told: told[mark[1]], door.rule)  # type: ignore[misc]
            which = " ".join([endpoint, *(told[mark] for mark in marks if mark in _MANY)])
            found[which] = f"{path}?{_ALWAYS[endpoint]}" if endpoint in _ALWAYS else path
            for asked in _ASKED.get(endpoint, ()):
                found[f"{which} {asked}"] = f"{path}?{asked.format(**known)}"
    return found, bare


def sit_down(flask_app: Flask, scope: Scope, shop: BigShop) -> FlaskClient:
    """The shop's owner, newly signed in at a browser."""
    # Keys and webhooks ask for a second step first.
    passkey = {
        "id": new_id(),
        "login_id": shop.login_id,
        "credential_id": new_id().encode(),
        "public_key": b"none",
        "sign_count": 0,
        "name": "Phone",
        "created_at": scope.now,
    }
    with scope.transaction() as tx:
        tx.session.connection().execute(insert(metadata.tables["staff_passkey"]), [passkey])
    client = flask_app.test_client()
    client.set_cookie(COOKIE, merchants.open_session(scope, shop.login_id, is_second_proved=True).token)
    return client
