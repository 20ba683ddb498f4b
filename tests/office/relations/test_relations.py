"""The page of relationships as a manager uses it without scripts, and where its words must never stand."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.backoffice.service import members as noting
from app.campaigns.models import Campaign, Contact, FeedbackQuestion
from app.cards.profiles import write_profile
from app.common.ids import new_id
from app.common.scope import Scope
from app.insights.models import MemberValue, Persona, RelationshipSetting
from app.rewards.models import ShopMember
from app.rewards.service.shop_members import rebuild
from app.scanning import service as scanning
from app.wallet.service import export_me
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, visit
from tests.office.desk import Desk, forms_in, sit_down
from tests.office.relations.filling import Dot, fill_map

# A member in each group, one of them known by name, and one more friend.
PLACES = ((12.0, 9000), (2.0, 8000), (15.0, 1000), (1.0, -300), (9.5, 5000))


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, stamps=10, name="Bakery")


@pytest.fixture
def desk(flask_app: Flask, scope: Scope, shop: Shop) -> Desk:
    return sit_down(flask_app, scope, shop.merchant_id, "manager")


@pytest.fixture
def people(scope: Scope, shop: Shop) -> list[Holder]:
    """Five members with figures; the first shows her name."""
    found = [make_holder(scope) for _ in PLACES]
    with scope.transaction() as tx:
        write_profile(tx, scope, found[0].member_id, {"name": "Greet Peeters", "shows_name": True})
    for one in found:
        assert visit(shop.counter(), one, amount_minor=1000).ok
    rebuild(scope)
    dots: list[Dot] = [(one.member_id, *where) for one, where in zip(found, PLACES, strict=True)]
    fill_map(scope, shop.merchant_id, dots)
    return found


def relationships(scope: Scope, shop: Shop) -> dict[str, str | None]:
    with scope.reading() as tx:
        return dict(
            tx.session.execute(
                select(ShopMember.member_id, ShopMember.relationship).where(ShopMember.place_id == shop.merchant_id)
            ).all()
        )


def shown(page: str, group: str) -> int:
    found = re.search(rf'data-count="{group}">([\d,.]+)<', page)
    assert found is not None
    return int(found[1])


def as_staff(scope: Scope, shop: Shop, desk: Desk) -> Scope:
    return replace(scope, actor_kind="staff", staff_id=desk.staff_id, merchant_id=shop.merchant_id)


def test_the_map_its_groups_and_a_form_stand_there_without_scripts(desk: Desk, people: list[Holder]) -> None:
    page = desk.get("/relations").get_data(as_text=True)
    assert [shown(page, one) for one in ("friend", "butterfly", "barnacle", "stranger")] == [2, 1, 1, 1]
    assert page.count('class="dot-of ') == 5
    assert page.count('class="dot-of friend"') == 2
    assert "True friends: 2 of 5 members bring 61% of the profit" in page
    assert 'name="visits"' in page
    assert 'value="6.0"' in page
    assert 'name="profit"' in page
    # Two went from strangers to friends since the end of October; the ladder, its prospects, and what all are worth.
    assert re.search(r'id="group-friend">.*?class="moved n">\+2<', page, re.DOTALL)
    assert re.search(r'id="group-stranger">.*?class="moved n">−2<', page, re.DOTALL)
    assert "November 2026: 2 climbed, 0 slid" in page
    assert "as a total only; 5 of them were invited" in page
    assert "Your customers are worth about €38,400 to you" in page
    assert "estimated" in page
    # No name stands on the map itself: who a dot is, is asked for. The ladder's lists are links to members' pages.
    assert "Greet Peeters" not in page.partition('id="ladder"')[0]


def test_lines_that_are_moved_sort_everybody_anew_and_can_go_back(
    scope: Scope, shop: Shop, desk: Desk, people: list[Holder]
) -> None:
    before = relationships(scope, shop)
    form = next(one for one in forms_in(desk.get("/relations").get_data(as_text=True)) if "visits" in one)
    sent = {"revision": form["revision"], "visits": "10", "profit": "−4,50"}
    assert desk.post("/relations/lines", sent).status_code == 303
    now = relationships(scope, shop)
    assert now[people[4].member_id] == "butterfly"
    assert now[people[2].member_id] == "friend"
    # The list is filtered by the group, and a campaign can mean it.
    listed = desk.get("/members?relationship=butterfly").get_data(as_text=True)
    assert listed.count('class="member-link"') == 3
    assert ">Butterflies <" in listed
    # Whoever saw the lines as they were is told, and nothing is overwritten.
    stale = desk.post("/relations/lines", sent, headers={"HX-Request": "true"})
    assert stale.status_code == 409
    assert b"Look at the map anew" in stale.data
    page = desk.get("/relations").get_data(as_text=True)
    form = next(one for one in forms_in(page) if "visits" in one)
    assert "Back to what the figures say" in page
    assert desk.post("/relations/lines", {"revision": form["revision"], "way": "data"}).status_code == 303
    assert relationships(scope, shop) == before
    assert "Back to what the figures say" not in desk.get("/relations").get_data(as_text=True)


def test_a_line_where_nobody_can_be_is_told_at_its_field(desk: Desk, people: list[Holder]) -> None:
    for wrong in ({"visits": "0"}, {"visits": "much"}, {"profit": "NaN"}, {"profit": ""}):
        answer = desk.post("/relations/lines", {"revision": "0", "visits": "6", "profit": "45", **wrong})
        assert answer.status_code == 422, wrong
        assert b'class="problem"' in answer.data


def test_a_dot_says_who_it_is_only_by_what_she_shows(
    flask_app: Flask, scope: Scope, shop: Shop, desk: Desk, people: list[Holder]
) -> None:
    told = desk.get("/relations/dots").get_json()
    raw = base64.b64decode(told["members"])
    ids = [str(UUID(bytes=raw[at : at + 16])) for at in range(0, len(raw), 16)]
    assert dict(zip(ids, zip(told["visits"], told["profits"], strict=True), strict=True)) == {
        one.member_id: (round(visits * 100), profit) for one, (visits, profit) in zip(people, PLACES, strict=True)
    }
    assert desk.get(f"/relations/members/{people[0].member_id}").get_json()["name"] == "Greet Peeters"
    other = desk.get(f"/relations/members/{people[1].member_id}").get_json()
    assert other == {"name": f"Card …{people[1].number[-4:]}", "told": "€80, 14 visits"}
    # Another shop finds nobody by these ids, on its map neither.
    strangers = make_shop(scope, name="Other")
    elsewhere = sit_down(flask_app, scope, strangers.merchant_id)
    assert elsewhere.get(f"/relations/members/{people[0].member_id}").status_code == 404
    assert elsewhere.get("/relations/dots").get_json()["visits"] == []


def test_who_works_at_one_shop_is_told_where_it_stands(
    flask_app: Flask, scope: Scope, shop: Shop, people: list[Holder]
) -> None:
    here = sit_down(flask_app, scope, shop.merchant_id, "manager", location_id=shop.location_id)
    page = here.get("/relations").get_data(as_text=True)
    assert "This is about all shops together" in page
    assert "True friends" not in page
    assert here.get("/relations/dots").status_code == 403
    assert here.post("/relations/lines", {"revision": "0", "visits": "3", "profit": "4"}).status_code == 403
    assert "What this member is to you" not in here.get(f"/members/{people[0].member_id}").get_data(as_text=True)


def test_the_groups_have_the_owners_words_in_the_back_office_alone(
    scope: Scope, shop: Shop, desk: Desk, people: list[Holder]
) -> None:
    names = {
        "friend": "Zilverbladen",
        "butterfly": "Zonnevlekken",
        "barnacle": "Klimop-klanten",
        "stranger": "Passanten",
    }
    twice = {**names, "stranger": "zilverbladen"}
    assert desk.post("/relations/names", {"revision": "0", **twice}).status_code == 422
    assert desk.post("/relations/names", {"revision": "0", **names}).status_code == 303
    member = people[0]
    for path in ("/relations", "/members?relationship=friend", f"/members/{member.member_id}"):
        assert "Zilverbladen" in desk.get(path).get_data(as_text=True), path
    # Neither on a tablet, nor in what a member takes along: not in these words, in ours, or as the code calls them.
    forbidden = {name.casefold() for name in names.values()} | {
        *("true friend", "butterfl", "barnacle", "stranger", "echte vriend", "vlinder", "plakker", "vreemdeling"),
        "relationship_setting",
    }
    counter = shop.counter()
    scanned = dataclasses.asdict(scanning.scan(counter, member.number))
    booked = visit(shop.counter(), member, amount_minor=1000).reply.body
    own = export_me(replace(scope, actor_kind="member", actor_id=member.member_id, member_id=member.member_id))
    for what in (scanned, booked, own):
        text = json.dumps(what, default=str, ensure_ascii=False).casefold()
        assert len(text) > 100
        assert [word for word in forbidden if word in text] == []


def test_one_history_tells_every_contact_but_what_must_stay_hidden(
    scope: Scope, shop: Shop, desk: Desk, people: list[Holder], clock: FixedClock
) -> None:
    member_id = people[0].member_id
    noting.write_note(as_staff(scope, shop, desk), member_id, words="Likes peonies", note_id=new_id())
    old, running = campaign(scope, shop, "Spring", 20), campaign(scope, shop, "Autumn", 20)
    with scope.transaction() as tx:
        tx.session.add_all((old, running))
        tx.session.flush()
        for which, days in ((old, 60), (running, 2)):
            for way in ("email", "inbox"):
                tx.session.add(contact(scope, shop, member_id, which, way, days))
        tx.session.add(
            FeedbackQuestion(
                member_id=member_id, location_id=shop.location_id, quarter=8107, visit_id=new_id(), asked_at=scope.now
            )
        )
    page = desk.get(f"/members/{member_id}").get_data(as_text=True)
    history = page.partition('id="history"')[2].partition("</section>")[0]
    assert "Message: Spring" in history
    assert "e-mail, inbox" in history
    # Who got it would tell who was left out by lot.
    assert "Autumn" not in history
    for told in ("Visit, €10", "Asked how the visit was", ">Note<"):
        assert told in history
    told = page.partition('id="worth"')[2].partition("</section>")[0]
    for word in ("True friends", "Regular customers", "€90", "about 12", "very likely (90%)", "about €180"):
        assert word in told


def test_too_little_to_say_is_said_in_plain_words(flask_app: Flask, scope: Scope, shop: Shop, desk: Desk) -> None:
    assert "The map is drawn tonight" in desk.get("/relations").get_data(as_text=True)
    holder = make_holder(scope)
    assert visit(shop.counter(), holder, amount_minor=1000).ok
    rebuild(scope)
    fill_map(scope, shop.merchant_id, [(holder.member_id, 0.0, 400)], basis="none")
    page = desk.get("/relations").get_data(as_text=True)
    assert "Too little to say yet" in page
    assert "There is too little to say yet." in page
    assert "38,400" not in page
    assert desk.get("/relations/dots").get_json()["visits"] == []
    assert "On the ladder" in desk.get(f"/members/{holder.member_id}").get_data(as_text=True)


def test_figures_that_lean_on_the_trade_say_so(scope: Scope, shop: Shop, desk: Desk) -> None:
    holder = make_holder(scope)
    assert visit(shop.counter(), holder, amount_minor=1000).ok
    rebuild(scope)
    fill_map(scope, shop.merchant_id, [(holder.member_id, 7.0, 5000)], basis="shrunk")
    assert "your trade" in desk.get("/relations").get_data(as_text=True).partition("data-map")[0]


def test_a_kind_of_customers_is_told_in_words_with_its_members(
    scope: Scope, shop: Shop, desk: Desk, people: list[Holder]
) -> None:
    facts: dict[str, Any] = {
        "weekend": 0.7,
        "hour": 9,
        "gap_days": 8,
        "basket_minor": 1432,
        "redeemed": 0.1,
        "months": 14,
        "weekdays": [0.05, 0.05, 0.05, 0.05, 0.1, 0.6, 0.1],
        "path": {"first_months": 4.2, "last_months": 7.1},
    }
    with scope.transaction() as tx:
        tx.session.add(Persona(merchant_id=shop.merchant_id, number=1, members=2, facts=facts))
        tx.session.add(Persona(merchant_id=shop.merchant_id, number=2, members=1, facts={}))
        for one in people[:2]:
            tx.session.get_one(MemberValue, (one.member_id, shop.merchant_id)).persona = 1
    page = desk.get("/relations").get_data(as_text=True)
    assert "About weekly, mostly on Saturday, before ten" in page
    assert "Every 8 days, about €14 a time, a reward every 10 visits, usually customers for 14 months." in page
    assert "they come more and more" in page
    assert "Mostly once so far." in page
    listed = desk.get("/relations/kinds/1").get_data(as_text=True)
    assert "Greet Peeters" in listed
    assert f"Card …{people[1].number[-4:]}" in listed
    assert desk.get("/relations/kinds/9").status_code == 404


def test_a_margin_is_kept_and_a_strange_one_is_not(scope: Scope, shop: Shop, desk: Desk, people: list[Holder]) -> None:
    assert desk.post("/relations/margin", {"revision": "0", "margin": "0"}).status_code == 422
    assert desk.post("/relations/margin", {"revision": "0", "margin": "35"}).status_code == 303
    assert "35%" in desk.get("/relations").get_data(as_text=True).partition('id="worth"')[2]
    assert desk.post("/relations/margin", {"revision": "0", "margin": "36"}).status_code == 422
    with scope.reading() as tx:
        assert tx.session.get_one(RelationshipSetting, shop.merchant_id).margin_percent == 35


def test_lists_tell_what_groups_they_are_made_of(scope: Scope, shop: Shop, desk: Desk, people: list[Holder]) -> None:
    assert desk.post("/members/lists/new", {"name": "All of them", "visits": "1"}).status_code == 303
    assert desk.post("/members/lists/new", {"name": "Dear", "relationship": "friend"}).status_code == 303
    page = desk.get("/relations").get_data(as_text=True).partition('id="lists"')[2]
    assert "True friends 2, Butterflies 1, Barnacles 1, Strangers 1" in page
    assert re.search(r">Dear</a> <span[^>]*>2<", page)
    assert 'class="part-of friend"' in page


def campaign(scope: Scope, shop: Shop, name: str, percent: int) -> Campaign:
    return Campaign(
        id=new_id(),
        merchant_id=shop.merchant_id,
        name=name,
        status="sent",
        wanted={},
        settings={},
        ways=["email"],
        title={},
        text={},
        control_percent=percent,
        measure_days=28,
        seed=1,
        created_at=scope.now,
        changed_at=scope.now,
    )


def contact(scope: Scope, shop: Shop, member_id: str, which: Campaign, way: str, days: int) -> Contact:
    return Contact(
        member_id=member_id,
        id=new_id(),
        merchant_id=shop.merchant_id,
        campaign_id=which.id,
        way=way,
        source=f"campaign:{which.id}",
        is_marketing=True,
        status="sent",
        at=scope.now - timedelta(days=days),
    )
