"""A member's page: everything that happened, nobody's name, and acts that leave a trace."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.campaigns.models import MemberMessage
from app.campaigns.wording import say
from app.cards import queries
from app.cards.errors import CardReplacedError, CardWithdrawnError
from app.cards.models import Card
from app.cards.service import disable_batch, issue_printed_cards, order_batch, replace_card, unblock_card
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.members.service import merge
from app.privacy.erasing import erase
from app.rewards.models import CardRefusal, Voucher
from app.scanning.errors import CodeUsedError, ProofNeededError
from app.scanning.service import scan
from tests.admin.cards.people import CLEAR, EMAIL, MASKED, NAME, audited, inbox, named, sit_again, text_of
from tests.admin.desk import Desk, sit_down
from tests.clocks import FixedClock
from tests.factories import (
    Holder,
    Shop,
    make_holder,
    make_shop,
    redeem,
    redeem_voucher,
    reverse,
    rotating_code,
    start_phone,
    visit,
)


@pytest.fixture
def desk(flask_app: Flask, scope: Scope) -> Desk:
    return sit_down(flask_app, scope, {"support"})


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, stamps=2, name="Bakkerij Noord")


@pytest.fixture
def sofie(scope: Scope) -> Holder:
    return named(scope)


def test_a_name_or_an_address_stands_on_no_page(desk: Desk, scope: Scope, shop: Shop, sofie: Holder) -> None:
    other = make_holder(scope)
    visit(shop.counter(), sofie)
    pages = [
        desk.get(f"/members/{sofie.member_id}"),
        desk.get(f"/cards/{sofie.card_id}"),
        desk.get(f"/members/{other.member_id}/merge?with={sofie.number}"),
        desk.post(f"/members/{other.member_id}/merge", {"with": EMAIL}),
        desk.post("/cards", {"q": EMAIL}, follow_redirects=True),
        desk.get(f"/find?q={sofie.number}"),
        desk.post("/find", {"q": EMAIL}),
    ]
    for page in pages:
        assert page.status_code == 200
        shown = page.get_data(as_text=True)
        assert not [clear for clear in CLEAR if clear.lower() in shown.lower()]
    assert MASKED in pages[0].get_data(as_text=True)


def test_showing_it_in_clear_takes_a_reason_and_leaves_a_trace(desk: Desk, scope: Scope, sofie: Holder) -> None:
    refused = desk.post(f"/members/{sofie.member_id}/unmask", {"reason": ""})
    assert refused.status_code == 303
    assert audited(scope, "member.unmasked") == []
    shown = desk.post(f"/members/{sofie.member_id}/unmask", {"reason": "letter came back"})
    assert EMAIL in shown.get_data(as_text=True)
    assert NAME in shown.get_data(as_text=True)
    assert shown.headers["Cache-Control"] == "no-store"
    (event,) = audited(scope, "member.unmasked")
    assert (event.actor_kind, event.actor_id, event.subject_id) == ("operator", desk.operator_id, sofie.member_id)
    assert event.before == {"is_masked": True}
    assert event.after == {"is_masked": False, "fields": ["name", "email", "phone"], "reason": "letter came back"}
    page = desk.get(f"/members/{sofie.member_id}")
    assert "letter came back" in text_of(page)
    assert EMAIL not in page.get_data(as_text=True)


def test_the_timeline_tells_everything_newest_first(
    desk: Desk, scope: Scope, clock: FixedClock, shop: Shop, sofie: Holder
) -> None:
    clock.advance(hours=1)
    start_phone(scope, sofie)
    clock.advance(hours=1)
    counter = shop.counter()
    visit(counter, sofie, amount_minor=1250)
    clock.advance(hours=1)
    visit(counter, sofie)
    with scope.reading() as tx:
        voucher = tx.session.scalars(select(Voucher.code).where(Voucher.member_id == sofie.member_id)).one()
    clock.advance(hours=1)
    assert redeem_voucher(counter, voucher).ok
    clock.advance(hours=1)
    undone = visit(counter, sofie)
    reverse(counter, undone.transaction_id)
    clock.advance(hours=1)
    sit_again(desk, scope).post(f"/cards/{sofie.card_id}/block", {"reason": "lost in the tram"})
    inbox(scope, sofie.member_id)
    page = text_of(desk.get(f"/members/{sofie.member_id}"))
    told = [
        "Message: card blocked",
        "Blocked",
        "Booking undone",
        "Voucher redeemed",
        "Phone began",
        "Digital card made",
    ]
    places = [page.index(words) for words in told]
    assert "lost in the tram" in page
    assert "12.50 EUR" in page
    assert places[1:] == sorted(places[1:])
    for kind, words in (("visits", "Visit"), ("redeemed", "Voucher redeemed"), ("reversed", "Booking undone")):
        part = desk.get(f"/members/{sofie.member_id}?kind={kind}", headers={"HX-Request": "true"})
        assert words in text_of(part)
        assert "Digital card made" not in text_of(part)
        assert "<html" not in part.get_data(as_text=True)


def test_what_a_counter_refused_is_in_the_timeline_once(
    desk: Desk, scope: Scope, clock: FixedClock, sofie: Holder
) -> None:
    shop = make_shop(scope, stamps=10)
    counter, secret = shop.counter(), start_phone(scope, sofie)
    seen = rotating_code(scope, sofie, secret)
    scan(counter, seen)
    for _ in range(3):  # a camera that goes on looking
        with pytest.raises(CodeUsedError):
            scan(counter, seen)
    clock.advance(minutes=2)
    visit(counter, sofie)
    assert not redeem(counter, rotating_code(scope, sofie, secret), shop.reward_ids[0], key="r").ok
    with pytest.raises(ProofNeededError):  # a question, no refusal
        redeem(shop.counter(scopes=frozenset()), sofie, shop.reward_ids[0])
    sit_again(desk, scope).post(f"/cards/{sofie.card_id}/block", {"reason": "lost"})
    first = visit(counter, sofie, key="v")
    assert (first.code, visit(counter, sofie, key="v").code) == ("card_blocked", "card_blocked")
    part = text_of(desk.get(f"/cards/{sofie.card_id}?kind=refused", headers={"HX-Request": "true"}))
    assert part.count("Card refused at the counter") == 1
    assert part.count("Reward refused") == 1
    assert part.count("Visit refused") == 1
    assert "This code was used already" in part
    assert "blocked" in part
    with scope.reading() as tx:
        noted = tx.session.scalars(select(CardRefusal).order_by(CardRefusal.id)).all()
    assert [one.code for one in noted] == ["code_used", "not_enough", "card_blocked"]
    assert {(one.merchant_id, one.location_id) for one in noted} == {(shop.merchant_id, shop.location_id)}


def test_a_long_timeline_goes_on_where_it_stopped(desk: Desk, scope: Scope, clock: FixedClock, sofie: Holder) -> None:
    shop = make_shop(scope, points="1")
    counter = shop.counter()
    for number in range(1, 51):
        clock.advance(minutes=0 if number % 7 else 3)  # many at the same moment
        visit(counter, sofie, amount_minor=number * 100)
    first = desk.get(f"/members/{sofie.member_id}?kind=visits").get_data(as_text=True)

    going_on = re.search(r'href="([^"]*before=[^"]*)"', first)
    assert going_on is not None
    second = desk.get(going_on[1].replace("&amp;", "&")).get_data(as_text=True)
    seen = [re.findall(r"([0-9]+)\.00 EUR", page) for page in (first, second)]
    assert len(seen[0]) == 40
    assert sorted(int(amount) for page in seen for amount in page) == list(range(1, 51))
    assert desk.get(f"/members/{sofie.member_id}?before=nonsense").status_code == 200


def test_blocking_is_audited_told_and_holds_at_the_counter(desk: Desk, scope: Scope, shop: Shop, sofie: Holder) -> None:
    assert desk.post(f"/cards/{sofie.card_id}/block", {}).status_code == 303
    assert queries.get_card(scope, card_id=sofie.card_id).is_usable
    desk.post(f"/cards/{sofie.card_id}/block", {"reason": "lost"})
    desk.post(f"/cards/{sofie.card_id}/block", {"reason": "once more"})
    (event,) = audited(scope, "card.blocked")
    assert (event.actor_id, event.before) == (desk.operator_id, {"status": "active"})
    assert event.after == {"status": "blocked", "reason": "lost"}
    assert inbox(scope, sofie.member_id) == ["card_blocked"]
    assert visit(shop.counter(), sofie).code == "card_blocked"


def test_a_card_blocked_by_mistake_is_put_back_audited_and_told(
    desk: Desk, scope: Scope, shop: Shop, sofie: Holder
) -> None:
    desk.post(f"/cards/{sofie.card_id}/block", {"reason": "lost"})
    desk.post(f"/cards/{sofie.card_id}/unblock", {})
    assert not queries.get_card(scope, card_id=sofie.card_id).is_usable
    page = desk.post(f"/cards/{sofie.card_id}/unblock", {"reason": "wrong card"}, follow_redirects=True)
    assert "can be used again" in text_of(page)
    desk.post(f"/cards/{sofie.card_id}/unblock", {"reason": "once more"})
    (event,) = audited(scope, "card.unblocked")
    assert (event.actor_id, event.before) == (desk.operator_id, {"status": "blocked"})
    assert event.after == {"status": "active", "reason": "wrong card"}
    assert inbox(scope, sofie.member_id) == ["card_blocked", "card_blocked"]
    assert visit(shop.counter(), sofie).ok
    with scope.reading() as tx:
        newest = tx.session.scalars(select(MemberMessage).order_by(MemberMessage.id.desc())).first()
    assert newest is not None
    assert say(newest.kind, newest.params, merchant=None, locale="en").title == "A card of yours works again"


def test_what_was_replaced_withdrawn_or_erased_is_not_put_back(scope: Scope) -> None:
    batch_id = new_id()
    order_batch(scope, batch_id=batch_id, count=2, name="Spring")
    with scope.reading() as tx:
        of_batch, other = tx.session.scalars(select(Card.id).where(Card.batch_id == batch_id)).all()
    replaced = replace_card(scope, card_id=other)
    disable_batch(scope, batch_id=batch_id, reason="stolen")
    with pytest.raises(CardReplacedError):
        unblock_card(scope, card_id=other, reason="r")
    with pytest.raises(CardWithdrawnError):
        unblock_card(scope, card_id=of_batch, reason="r")
    gone = queries.get_card(scope, card_id=replaced.card_id).member_id
    scope.run(lambda tx: erase(tx, scope, gone))
    with pytest.raises(NotFoundError):
        unblock_card(scope, card_id=replaced.card_id, reason="r")


def test_a_lost_printed_card_gives_way_to_a_new_one(desk: Desk, scope: Scope, shop: Shop) -> None:
    old, new, used = issue_printed_cards(scope, 3)
    visit(shop.counter(), old.number)
    visit(shop.counter(), used.number)
    desk.post(f"/cards/{old.card_id}/replace", {"number": used.number, "reason": "lost"})
    assert queries.get_card(scope, card_id=old.card_id).is_usable
    assert audited(scope, "card.swap_ordered") == []
    desk.post(f"/cards/{old.card_id}/replace", {"number": new.number, "reason": "lost"})
    assert queries.get_card(scope, number=old.number).replaced_by == new.number
    assert queries.get_card(scope, number=new.number).member_id == old.member_id
    (event,) = audited(scope, "card.swap_ordered")
    assert event.after == {"status": "replaced", "reason": "lost"}
    # The units of before count: the second stamp fills the card.
    assert visit(shop.counter(), new.number).ok
    page = text_of(desk.get(f"/cards/{new.card_id}"))
    assert "Full card" in page
    # Without a number it would be a digital one, which nobody has an app to see.
    refused = desk.post(f"/cards/{new.card_id}/replace", {"reason": "lost"}, follow_redirects=True)
    assert "Nobody has this card in the app" in text_of(refused)
    assert queries.get_card(scope, card_id=new.card_id).is_usable


def test_who_has_the_app_gets_a_digital_card(desk: Desk, scope: Scope, sofie: Holder) -> None:
    desk.post(f"/cards/{sofie.card_id}/replace", {"number": "", "reason": "stolen phone"})
    kinds = [(card.kind, card.status) for card in queries.list_cards(scope, member_id=sofie.member_id)]
    assert sorted(kinds) == [("digital", "active"), ("digital", "replaced")]
    (event,) = audited(scope, "card.replaced")
    assert event.before == {"status": "active"}
    assert event.after is not None
    assert event.after["reason"] == "stolen phone"
    assert inbox(scope, sofie.member_id) == ["card_replaced"]


def test_an_alias_leads_to_who_survived_and_nobody_is_nobody(desk: Desk, scope: Scope, sofie: Holder) -> None:

    other = make_holder(scope)
    scope.run(lambda tx: merge(tx, scope, survivor_id=sofie.member_id, merged_id=other.member_id))
    page = desk.get(f"/members/{other.member_id}")
    assert "joined with this one" in text_of(page)
    assert MASKED in text_of(page)
    for missing in ("0" * 36, "x", "01890000-0000-7000-8000-000000000000"):
        assert desk.get(f"/members/{missing}").status_code == 404
        assert desk.get(f"/cards/{missing}").status_code == 404
