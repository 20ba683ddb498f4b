"""What a shop gathers besides its visits, in numbers that grow with them: what it did, what was said of it, what it
sent to other systems, and what its members have at it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert, select

from app.campaigns.service.campaigning import Words, create_campaign
from app.common.ids import new_id
from app.common.scope import Scope
from app.insights import rolling, standing
from app.insights.service import refresh
from app.merchants import service as merchants
from app.rewards.segments import MemberFilter
from app.rewards.service import counting, create_promotion, drafts, segments, shop_members, simulations
from app.tables import metadata
from benchmarks.office.building import BigShop
from benchmarks.office.multiplying import look_through

_AT_ONCE = 2_000
_LINE = {"text": "A month", "quantity": 1, "net_minor": 1_900, "tax_minor": 399}
_BUYER = {
    "name": "Bench",
    "vat_number": "BE0403019261",
    "street": "Veldstraat 1",
    "postcode": "9000",
    "city": "Gent",
    "country": "BE",
}
SELLER = {f"SELLER_{name.upper()}": value for name, value in _BUYER.items() if name != "country"}
"""Who sends the invoices, as the environment names it."""
_RULES = {"effect": {"bonus": 1}, "conditions": {"weekdays": ["wed"]}}


def furnish(scope: Scope, shop: BigShop) -> None:
    """Fill a shop that was just built, and do what the jobs would have done by now. A repeat adds as much again."""
    one = Scope(scope.database, scope.keys, clock=scope.clock, merchant_id=shop.merchant_id)
    create_promotion(one, shop.programme_id, name="Double Wednesday", rule=_RULES)
    merchants.add_staff(one, shop.merchant_id, name="Bo", role="cashier", location_id=shop.location_ids[0])
    merchants.create_pairing_code(one, shop.location_ids[0])
    segments.save_segment(one, name="Regulars", wanted=MemberFilter(visits_least=5))
    said = {"en": "The new season is ready."}
    create_campaign(one, Words("Season", MemberFilter(visits_least=5), ("inbox", "email"), title=said, text=said))
    _put(scope, _gathered(scope, shop))
    shop_members.rebuild(one, shop.merchant_id)
    rolling.rebuild(scope, merchant_id=shop.merchant_id)
    segments.fill_segments(one)
    with one.reading() as tx:
        rules = tx.session.execute(_newest_rules(shop.programme_id)).scalar_one()
    rules = json.loads(rules) if isinstance(rules, str) else rules
    simulations.ask_simulation(one, shop.programme_id, rules)
    drafts.save_draft(one, shop.programme_id, rules, revision=0)


def settle(scope: Scope) -> None:
    """Do what the jobs do for all shops together. A repeat changes nothing."""
    rolling.roll_up(scope)
    standing.count_by_night(scope)
    refresh(scope)
    # Vouchers of this hour are not counted yet, and these were all made in it.
    later = scope.now + 2 * counting.SETTLED
    counting.count_rewards(Scope(scope.database, scope.keys, clock=lambda: later))
    look_through(scope)


def _newest_rules(programme_id: str) -> Any:
    version = metadata.tables["programme_version"]
    return (
        select(version.c.rules)
        .where(version.c.programme_id == programme_id)
        .order_by(version.c.version.desc())
        .limit(1)
    )


def _gathered(scope: Scope, shop: BigShop) -> Iterator[tuple[str, dict[str, Any]]]:
    now, hour = scope.now, timedelta(hours=1)
    for number in range(max(shop.visits // 50, 5)):
        yield (
            "audit_event",
            {
                "id": new_id(),
                "merchant_id": shop.merchant_id,
                "actor_kind": "staff",
                "action": ("reward.changed", "device.renamed", "staff.created")[number % 3],
                "subject_kind": ("reward", "device", "staff")[number % 3],
                "subject_id": shop.programme_id,
                "before": {"cost": 3},
                "after": {"cost": 4},
                "occurred_at": now - hour * number,
            },
        )
    yield (
        "member_import",
        {
            "id": new_id(),
            "merchant_id": shop.merchant_id,
            "location_id": shop.location_ids[0],
            "file_name": "customers.csv",
            "kind": "members",
            "status": "done",
            "options": {},
            "rows": shop.members,
            "position": shop.members,
            "totals": {"new": shop.members},
            "created_at": now,
            "updated_at": now,
            "finished_at": now,
        },
    )
    yield (
        "club_event",
        {
            "id": new_id(),
            "merchant_id": shop.merchant_id,
            "title": {"en": "Tasting"},
            "text": {"en": "Eight wines."},
            "starts_at": now + 200 * hour,
            "ends_at": now + 202 * hour,
            "places": 20,
            "audience": "members",
            "created_at": now,
        },
    )
    yield (
        "recall",
        {
            "id": new_id(),
            "merchant_id": shop.merchant_id,
            "items": [],
            "first_day": f"{now - 240 * hour:%Y-%m-%d}",
            "last_day": f"{now:%Y-%m-%d}",
            "since": now - 240 * hour,
            "until": now,
            "title": {"en": "Bring it back"},
            "text": {"en": "A screw is loose."},
            "created_at": now,
        },
    )
    yield (
        "billing_invoice",
        {
            "id": f"in_{shop.slug}",
            "merchant_id": shop.merchant_id,
            "number": f"Z-{shop.slug}",
            "status": "paid",
            "currency": "EUR",
            "subtotal_minor": 1_900,
            "tax_minor": 399,
            "total_minor": 2_299,
            "due_minor": 0,
            "issued_at": now,
            "lines": [_LINE],
            "buyer": _BUYER,
        },
    )
    endpoint = new_id()
    yield (
        "webhook_endpoint",
        {
            "id": endpoint,
            "merchant_id": shop.merchant_id,
            "url": "https://till.bench.example/hook",
            "secret": b"sealed",
            "events": ["visit.recorded"],
            "is_active": False,
            "created_at": now,
        },
    )
    for number in range(max(shop.visits // 25, 5)):
        yield (
            "webhook_delivery",
            {
                "id": new_id(),
                "endpoint_id": endpoint,
                "event_id": new_id(),
                "event_type": "visit.recorded",
                "body": "{}",
                "status": "delivered" if number % 9 else "failed",
                "tries": 1,
                "next_at": now,
                "last_status": 200 if number % 9 else 500,
                "created_at": now - hour * number,
            },
        )
    with scope.reading() as tx:
        said = tx.session.execute(_some_visits(shop, max(shop.visits // 50, 5))).all()
    for member_id, visit_id, location_id, occurred_at in said:
        told = {"member_id": member_id, "id": new_id(), "location_id": location_id}
        yield (
            "feedback",
            {
                **told,
                "visit_id": visit_id,
                "merchant_id": shop.merchant_id,
                "score": 9,
                "occurred_at": occurred_at,
                "created_at": now,
            },
        )
        yield "location_feedback", {"location_id": location_id, "feedback_id": told["id"], "member_id": member_id}


def _some_visits(shop: BigShop, count: int) -> Any:
    visit = metadata.tables["visit"]
    return (
        select(visit.c.member_id, visit.c.id, visit.c.location_id, visit.c.occurred_at)
        .where(visit.c.merchant_id == shop.merchant_id)
        .limit(count)
    )


def _put(scope: Scope, rows: Iterator[tuple[str, dict[str, Any]]]) -> None:
    while chunk := list(islice(rows, _AT_ONCE)):
        with scope.transaction() as tx:
            connection: Connection = tx.session.connection()
            for table in dict.fromkeys(table for table, _ in chunk):
                connection.execute(insert(metadata.tables[table]), [row for name, row in chunk if name == table])
