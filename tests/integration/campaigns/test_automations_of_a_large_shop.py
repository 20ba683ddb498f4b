"""Finding who is due in a shop with 50,000 members takes seconds, and writes to those alone."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.campaigns.automations.catalogue import READY
from app.campaigns.models import SERVED
from app.campaigns.queries.automations import dry_run
from app.cards.models import ConsentEvent, Member
from app.common.ids import new_id
from app.common.scope import Scope
from app.rewards.models import ShopMember
from tests.clocks import FixedClock
from tests.integration.campaigns.regulars import DAY, at, open_street

MEMBERS = 50_000


@pytest.mark.prove
def test_a_shop_with_50_000_members_is_looked_through_in_seconds(scope: Scope, clock: FixedClock) -> None:
    street = open_street(scope, clock)
    clock.set(at("2027-03-03", 5))
    chance = random.Random(7)
    members, rows, words = [], [], []
    today = (clock.now.date() - at("1970-01-01").date()).days
    for _ in range(MEMBERS):
        member_id, gap, silent = new_id(), chance.randint(3, 40), min(int(chance.expovariate(1 / 60)), 700)
        recent = [today - silent - gap * back - chance.randint(0, 3) for back in range(chance.randint(1, 12))][::-1]
        seen_at = clock.now - silent * DAY - timedelta(hours=chance.randint(0, 9))
        members.append(
            {"id": member_id, "status": "claimed", "locale": "nl", "is_sandbox": False, "created_at": clock.now}
        )
        rows.append(
            {
                "member_id": member_id,
                "place_id": street.shop.merchant_id,
                "merchant_id": street.shop.merchant_id,
                "visits": len(recent),
                "spend_minor": 0,
                "first_at": seen_at - gap * len(recent) * DAY,
                "seen_at": seen_at,
                "gap_days": gap if len(recent) > 3 else None,
                "overdue_at": seen_at + 2 * gap * DAY if len(recent) > 3 else None,
                "recent": recent,
                "programme_id": street.shop.programme_id,
                "balance": 3,
                "fill": chance.randint(0, 999),
                "tier": None,
                "has_app": True,
                "birth_month": None,
                "card_tail": "ABCD",
                "relationship": chance.choice(SERVED),
                "alive": chance.randint(0, 1000),
                "refreshed_at": clock.now,
            }
        )
        if chance.random() < 0.6:
            words.append(
                {
                    "member_id": member_id,
                    "id": new_id(),
                    "merchant_id": street.shop.merchant_id,
                    "channel": "inbox",
                    "is_given": True,
                    "how": "app",
                    "wording": "words",
                    "occurred_at": clock.now,
                }
            )
    with scope.transaction() as tx:
        for model, told in ((Member, members), (ShopMember, rows), (ConsentEvent, words)):
            for start in range(0, len(told), 1_000):
                tx.session.execute(insert(model), told[start : start + 1_000])
    took: dict[str, tuple[float, int]] = {}
    for trigger in READY:
        street.start(trigger)
        begun = time.perf_counter()
        found = dry_run(replace(street.owner), trigger)
        took[trigger] = (round(time.perf_counter() - begun, 2), len(found.members))
    print(json.dumps(took))
    assert took["come_back"][1] > 100
    assert sum(seconds for seconds, _ in took.values()) < 15
