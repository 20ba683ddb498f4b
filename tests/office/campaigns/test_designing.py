"""Campaigns in the office: begun from an idea, counted while they are written, tried on oneself, planned and stopped,
and what they brought, in words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from app.campaigns.models import Campaign
from app.cards.models import ConsentEvent
from app.cards.service import issue_anonymous_member
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.models import Merchant
from app.rewards.models import ShopMember
from tests import shops
from tests.office.campaigns.results import result
from tests.office.desk import Desk, sit_down
from tests.office.mailbox import mails
from tests.shops import Shop

WORDS = {
    "name": "Autumn",
    "ways": ["inbox"],
    "title_en": "We miss you",
    "text_en": "Do drop in again.",
    "control_percent": "20",
    "measure_days": "28",
    "when": "now",
}


@pytest.fixture
def shop(scope: Scope) -> Shop:
    made = shops.open_shop(scope)
    with scope.transaction() as tx:
        tx.session.execute(update(Merchant).where(Merchant.id == made.merchant_id).values(approved_at=scope.now))
    return made


@pytest.fixture
def desk(flask_app: Flask, scope: Scope, shop: Shop) -> Desk:
    return sit_down(flask_app, scope, shop.merchant_id)


def join(scope: Scope, shop: Shop, count: int, *, willing: int) -> None:
    """So many members of the shop, of whom some allow it to write to them in the app."""
    now = scope.now
    members = [issue_anonymous_member(scope).member_id for _ in range(count)]
    today = (now.date() - type(now.date())(1970, 1, 1)).days
    figures = {
        "merchant_id": shop.merchant_id,
        "place_id": shop.merchant_id,
        "visits": 6,
        "spend_minor": 9000,
        "first_at": now - timedelta(days=100),
        "seen_at": now - timedelta(days=9),
        "recent": [today - 9 * step for step in range(1, 7)],
        "balance": 0,
        "fill": 0,
        "has_app": False,
        "refreshed_at": now,
    }
    said = {"merchant_id": shop.merchant_id, "channel": "inbox", "is_given": True, "how": "app", "wording": ""}
    with scope.transaction() as tx:
        tx.session.execute(insert(ShopMember), [figures | {"member_id": one} for one in members])
        rows = [said | {"member_id": one, "id": new_id(), "occurred_at": now} for one in members[:willing]]
        tx.session.execute(insert(ConsentEvent), rows)


def campaign_of(scope: Scope) -> Campaign:
    with scope.reading() as tx:
        return tx.session.scalars(select(Campaign)).one()


def test_three_ideas_where_nothing_was_written_yet(desk: Desk) -> None:
    page = desk.get("/campaigns").get_data(as_text=True)
    for idea in ("missed", "friends", "second"):
        assert f"/campaigns/new?idea={idea}" in page
    begun = desk.get("/campaigns/new?idea=missed").get_data(as_text=True)
    assert "We missen je" in begun
    assert re.search(r'name="away" value="1"\s+checked', begun)


def test_it_is_counted_while_it_is_written(desk: Desk, scope: Scope, shop: Shop) -> None:
    join(scope, shop, 26, willing=24)
    told = desk.post("/campaigns/audience", WORDS).get_data(as_text=True)
    assert re.search(r'may be written to by these ways</dt><dd class="n">24<', told)
    assert re.search(r'get nothing, chosen by lot</dt><dd class="n">5<', told)
    assert "With 24 people too few are left out to compare with" in told
    more = desk.post("/campaigns/audience", WORDS | {"control_percent": "50"}).get_data(as_text=True)
    assert "With 24 people you would only notice if" in more
    none = desk.post("/campaigns/audience", WORDS | {"control_percent": "0"}).get_data(as_text=True)
    assert "nobody can tell what it brings" in none
    birthday = desk.post("/campaigns/audience", WORDS | {"birthday": "1"}).get_data(as_text=True)
    assert "A birthday is a promise" in birthday


def test_from_a_draft_to_planned_and_stopped(desk: Desk, scope: Scope) -> None:
    kept = desk.post("/campaigns/new", WORDS | {"away": "1"})
    campaign = campaign_of(scope)
    assert kept.headers["Location"].endswith(campaign.id)
    assert (campaign.status, campaign.wanted, campaign.ways) == ("draft", {"is_away": True}, ["inbox"])
    stale = campaign.revision
    changed = desk.post(
        f"/campaigns/{campaign.id}/change",
        WORDS | {"name": "Winter", "revision": str(stale), "plan": "1", "when": "later", "day": "2026-03-10"},
    )
    assert changed.status_code == 303
    campaign = campaign_of(scope)
    assert (campaign.status, campaign.name) == ("scheduled", "Winter")
    assert campaign.send_at is not None
    assert campaign.send_at.isoformat() == "2026-03-10T08:30:00+00:00", "half past nine at the shop"
    clash = desk.post(f"/campaigns/{campaign.id}/change", WORDS | {"name": "Spring", "revision": str(stale)})
    assert clash.status_code == 409
    assert campaign_of(scope).name == "Winter"
    desk.post(f"/campaigns/{campaign.id}/back", {"revision": str(campaign.revision)})
    assert campaign_of(scope).status == "draft"
    desk.post(f"/campaigns/{campaign.id}/plan", {"revision": str(campaign.revision + 1)})
    desk.post(f"/campaigns/{campaign.id}/stop")
    assert campaign_of(scope).status == "stopped"
    assert "stopped" in desk.get(f"/campaigns/{campaign.id}").get_data(as_text=True)


def test_half_a_language_and_no_way_are_told_beside_their_fields(desk: Desk, scope: Scope) -> None:
    page = desk.post("/campaigns/new", WORDS | {"ways": [], "title_nl": "Dag"})
    assert page.status_code == 422
    told = page.get_data(as_text=True)
    assert "Choose at least one way." in told
    assert "In this language half of it is missing." in told
    with scope.reading() as tx:
        assert tx.session.scalars(select(Campaign.id)).all() == []


def test_it_is_tried_on_oneself_alone(desk: Desk, scope: Scope) -> None:
    shown = desk.post("/campaigns/mail", WORDS | {"tongue": "en", "title_en": "<b>Bold</b>"})
    assert shown.mimetype == "text/html"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert "&lt;b&gt;Bold" in shown.get_data(as_text=True)
    told = desk.post("/campaigns/try", WORDS | {"tongue": "en"}).get_data(as_text=True)
    assert f"owner-{desk.merchant_id[-12:]}" in told
    [mail] = mails(scope)
    assert mail.to.startswith("owner-")
    assert mail.subject == "Trial: We miss you"
    assert mail.headers == {}


def test_somebody_of_one_location_only_looks(flask_app: Flask, scope: Scope, shop: Shop) -> None:
    local = sit_down(flask_app, scope, shop.merchant_id, "manager", location_id=shop.location_id)
    assert "You can look at them." in local.get("/campaigns").get_data(as_text=True)
    assert local.get("/campaigns/new").status_code == 403
    assert local.post("/campaigns/new", WORDS).status_code == 403


def measured(desk: Desk, scope: Scope, told: dict[str, Any]) -> str:
    desk.post("/campaigns/new", WORDS | {"ways": ["email"]})
    campaign = campaign_of(scope)
    with scope.transaction() as tx:
        at = scope.now - timedelta(days=31)
        values = {"result": told, "status": "measured", "send_at": at, "measured_at": scope.now}
        tx.session.execute(update(Campaign).values(**values))
    page: str = desk.get(f"/campaigns/{campaign.id}").get_data(as_text=True)
    return page


def test_what_it_brought_in_words_a_florist_understands(desk: Desk, scope: Scope) -> None:
    page = measured(desk, scope, result())
    assert "Your mail probably brought 31 extra visits, between 9 and 53." in page
    assert "That is about €352 profit for €94 cost. It almost surely paid: 98 chances in 100." in page
    assert page.count('class="cam-dot"') == 20
    assert "no effect" in page
    assert "from 9 visits" in page
    assert "160 were to get it" in page
    assert "152 were reached" in page
    assert "3 unsubscribed." in page
    assert "After 8 weeks nothing is to be seen any more." in page
    assert "Next list: 0 members" in page
    assert "weeks=8" in page
    assert 'class="off"' in page


def test_it_says_so_where_nothing_can_be_told(desk: Desk, scope: Scope) -> None:
    told = result()
    told["total"] |= {"mean": 3.0, "low": -12.0, "high": 19.0, "dots": [-12 + 31 * at / 19 for at in range(20)]}
    told["money"] |= {"chance_paid": 0.55}
    page = measured(desk, scope, told)
    assert "We can’t tell: between 12 fewer and 19 more visits." in page
    assert "probably brought" not in page
    assert "Whether it paid is a toss-up" in page


def test_what_runs_is_marked_and_a_shop_too_small_is_told_so(desk: Desk, scope: Scope) -> None:
    none = {"visits": None, "spend": None, "redemptions": None}
    page = measured(desk, scope, result(total=None, effects=none, parts=[], is_final=False))
    assert "This is how it stands so far." in page
    assert "Too few people to tell whether it helped." in page
    assert "One of the groups is too small to compare." in page
