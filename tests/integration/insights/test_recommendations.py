"""In a small town of which everything is known: who is recommended what, why, and what never is."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.common.scope import Scope
from app.insights import service as insights
from app.insights.models import ProductPair, RecommendationChoice, RewardNeighbour, ShopNeighbour
from app.insights.recommending import Mention, Suggestion, for_message, recommend, wants_recommendations
from app.insights.service.choosing import choose_recommendations
from app.insights.service.crossing import agree
from app.insights.service.recommendations import fit_recommendations
from app.members.service.merging import merge
from app.merchants.service import add_location, change_counter_settings, change_merchant, create_key, create_merchant
from app.privacy.erasing import erase_member
from app.privacy.record import whole_record
from app.rewards.evaluator.facts import Item
from app.rewards.models import Visit
from app.rewards.rules import points_document
from app.rewards.service import create_programme
from app.scanning.importing import Mapped, import_visits
from app.scanning.importing.places import Place
from app.scanning.importing.records import COLUMNS
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, redeem, visit

HERE = (51.05, 3.72)


def open_shop(scope: Scope, name: str, category: str) -> Shop:
    merchant_id = create_merchant(scope, name=name, category=category)
    location_id = add_location(scope, merchant_id, lat=HERE[0], lon=HERE[1])
    device = create_key(scope, location_id, name="Till", scopes=["approve"])
    programme_id = create_programme(scope, merchant_id, name="Card", kind="points", rules=points_document("1"))
    return Shop(scope, merchant_id, location_id, programme_id, device.device_id, device.token)


def bring(scope: Scope, folder: Path, name: str, goes: Iterable[tuple[str, Shop, datetime]]) -> None:
    """Visits of one town's people, each known by one name in every shop."""
    rows = sorted(((at, who, shop) for who, shop, at in goes), key=lambda row: (row[0], row[1], row[2].location_id))
    file = folder / f"{name}.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for count, (at, who, shop) in enumerate(rows):
            writer.writerow((f"{name}-{count}", who, shop.location_id, at.isoformat(), "1.00", "EUR"))
    places = {shop.location_id: Place(shop.location_id, shop.merchant_id) for _, _, shop in rows}
    assert import_visits(scope, file, Mapped(places), source="town").imported == len(rows)


class Town:
    """Twelve go to the bakery and the cheese shop, nine to the bakery and the bookshop, eleven to the bakery and the
    other bakery; twelve more only to the bakery."""

    def __init__(self, scope: Scope, folder: Path) -> None:
        self.scope, self.folder = scope, folder
        self.bakery = open_shop(scope, "Bakery", "bakery")
        self.cheese = open_shop(scope, "Cheese", "food")
        self.books = open_shop(scope, "Books", "books")
        self.rival = open_shop(scope, "Rival", "bakery")
        goes = [*self.both("cheese", 12, self.cheese), *self.both("books", 9, self.books)]
        goes += [*self.both("rival", 11, self.rival), *self.both("only", 12)]
        bring(scope, folder, "town", goes)

    def both(self, name: str, count: int, *others: Shop) -> list[tuple[str, Shop, datetime]]:
        at = self.scope.now - timedelta(days=40)
        return [
            (f"{name}{number}", shop, at + timedelta(days=place, hours=number / 9))
            for number in range(count)
            for place, shop in enumerate((self.bakery, *others))
        ]

    def fit(self) -> int:
        return fit_recommendations(self.scope, is_anew=True)

    def newcomer(self) -> Holder:
        """Somebody who came to the bakery once."""
        holder = make_holder(self.scope)
        assert visit(self.bakery.counter(), holder, amount_minor=1_00).ok
        return holder


@pytest.fixture
def town(scope: Scope, tmp_path: Path) -> Town:
    return Town(scope, tmp_path)


def told(scope: Scope, holder: Holder) -> list[Suggestion]:
    return recommend(own(scope, holder), near=HERE)


def own(scope: Scope, holder: Holder) -> Scope:
    return replace(scope, actor_kind="member", member_id=holder.member_id)


def personal(found: Sequence[Suggestion]) -> list[tuple[str, str, str | None]]:
    return [
        (one.reason, one.shop.merchant_name, one.because)
        for one in found
        if one.reason in ("similar", "again", "goes_with")
    ]


def count(scope: Scope, table: Any) -> int:
    with scope.reading() as tx:
        return tx.session.scalar(select(func.count()).select_from(table)) or 0


def test_who_goes_to_the_bakery_hears_where_others_of_it_go_and_why(scope: Scope, town: Town) -> None:
    """Cheese (twelve in common) and the other bakery (eleven), the nearer first; never the bookshop (nine)."""
    her = town.newcomer()
    assert personal(told(scope, her)) == [], "nothing was learnt yet"
    insights.refresh(scope)
    expected = [("similar", "Cheese", "Bakery"), ("similar", "Rival", "Bakery")]
    assert personal(told(scope, her)) == expected
    assert told(scope, her) == told(scope, her)
    assert len({one.shop.merchant_id for one in told(scope, her)}) == len(told(scope, her)), "each merchant once"
    with scope.reading() as tx:
        pairs = {
            (one, other) for one, other in tx.session.execute(select(ShopNeighbour.merchant_id, ShopNeighbour.other_id))
        }
    shops = {one.merchant_id for one in (town.bakery, town.cheese, town.rival)}
    assert {one for pair in pairs for one in pair} == shops, "nine in common are no pair"
    assert town.fit() == 0, "a repeat writes nothing"
    bring(scope, town.folder, "tenth", town.both("tenth", 1, town.books))
    town.fit()
    assert ("similar", "Books", "Bakery") in personal(told(scope, her)), "ten in common are one"


def test_an_off_switch_holds_at_once_and_leaves_the_pairs_with_the_next_fit(scope: Scope, town: Town) -> None:
    her = town.newcomer()
    town.fit()
    assert wants_recommendations(own(scope, her))
    choose_recommendations(own(scope, her), is_on=False)
    assert not wants_recommendations(own(scope, her))
    assert personal(told(scope, her)) == []
    choose_recommendations(own(scope, her), is_on=True)
    assert personal(told(scope, her)) != []
    with scope.reading() as tx:
        found = select(Visit.member_id).where(Visit.merchant_id == town.cheese.merchant_id).distinct()
        members = list(tx.session.scalars(found.order_by(Visit.member_id)))
    for member_id in members[:3]:
        choose_recommendations(replace(scope, actor_kind="member", member_id=member_id), is_on=False)
    town.fit()
    assert [name for _, name, _ in personal(told(scope, her))] == ["Rival"], "nine of the twelve are left"


def test_no_shop_can_buy_a_place(scope: Scope, town: Town) -> None:
    """Whatever the less near shop sets, adds or is, it stays behind."""
    her = town.newcomer()
    town.fit()
    before = personal(told(scope, her))
    change_merchant(scope, town.rival.merchant_id, name="AAA first", hue=1, story={"en": "The best of the town"})
    change_counter_settings(scope, town.rival.merchant_id, sign_in=True, kiosk_wait=1)
    town.rival.add_reward(name="Gold", cost=1)
    agree(replace(scope, actor_kind="staff", merchant_id=town.rival.merchant_id, staff_role="owner"))
    town.fit()
    after = personal(told(scope, her))
    assert [one for one, *_ in after] == [one for one, *_ in before]
    assert [name for _, name, _ in after] == ["Cheese", "AAA first"]


def test_no_pair_tells_of_anybodys_health(scope: Scope, town: Town) -> None:
    her = town.newcomer()
    change_merchant(scope, town.cheese.merchant_id, category="pharmacy")
    town.fit()
    assert [name for _, name, _ in personal(told(scope, her))] == ["Rival"]
    change_merchant(scope, town.bakery.merchant_id, category="optician")
    town.fit()
    assert count(scope, ShopNeighbour) == 0


def test_few_of_one_trade_and_never_more_than_before(scope: Scope, town: Town, tmp_path: Path) -> None:
    more = [open_shop(scope, f"Baker {number}", "bakery") for number in range(3)]
    goes = [one for shop in more for one in town.both(shop.merchant_id, 15, shop)]
    bring(scope, tmp_path, "more", goes)
    her = town.newcomer()
    town.fit()
    found = [one for one in told(scope, her) if one.reason == "similar"]
    assert [one.shop.category for one in found].count("bakery") == 2
    assert any(one.shop.merchant_name == "Cheese" for one in found)
    kinds = [one.reason for one in told(scope, her)]
    assert kinds.count("similar") + kinds.count("popular_near") <= 6


def test_the_usual_day_is_told_on_it_and_the_day_before(scope: Scope, town: Town, clock: FixedClock) -> None:
    her = make_holder(scope)
    begin = clock()
    for _ in range(5):
        assert visit(town.bakery.counter(), her, amount_minor=1_00).ok
        clock.now += timedelta(days=7)
    seen = {}
    for after in range(-1, 3):
        clock.set(begin + timedelta(days=35 + after))
        seen[after] = [one.weekday for one in told(scope, her) if one.reason == "again"]
    assert seen == {-1: [begin.weekday()], 0: [begin.weekday()], 1: [], 2: []}
    clock.set(begin + timedelta(days=35))
    assert visit(town.bakery.counter(), her, amount_minor=1_00).ok
    assert personal(told(scope, her)) == [], "she has been today"


def test_products_and_rewards_by_what_ten_do(scope: Scope, town: Town) -> None:
    """Coffee and a croissant in one visit; the tart by those who had the cake."""
    cake, tart, stock = (town.bakery.add_reward(name=name, cost=1) for name in ("Cake", "Tart", "Stock"))
    both = (Item(name="Coffee"), Item(name="Croissant"))
    for number in range(10):
        holder = make_holder(scope)
        assert visit(town.bakery.counter(), holder, amount_minor=50_00, items=both).ok
        for reward_id in (cake, tart) if number < 9 else (cake,):
            assert redeem(town.bakery.counter(), holder, reward_id).ok
        if number == 8:
            town.fit()
            assert (count(scope, ProductPair), count(scope, RewardNeighbour)) == (0, 0), "nine are too few"
    assert redeem(town.bakery.counter(), holder, tart).ok
    her = make_holder(scope)
    assert visit(town.bakery.counter(), her, amount_minor=20_00, items=(Item(name="Coffee"),)).ok
    assert redeem(town.bakery.counter(), her, cake).ok
    town.fit()
    assert (count(scope, ProductPair), count(scope, RewardNeighbour)) == (1, 2)
    [ready] = [one for one in told(scope, her) if one.reason == "ready"]
    assert (ready.reward and ready.reward.name, ready.fit) == ("Cake", "had")
    with scope.reading() as tx:
        mention = for_message(tx, town.bakery.merchant_id, her.member_id, now=scope.now)
    assert mention is not None
    assert (mention.kind, mention.reward and mention.reward.name, mention.because) == ("reward", "Tart", "Cake")
    # Without anything that waits, what goes with her coffee is told.
    other = make_holder(scope)
    assert visit(town.bakery.counter(), other, items=(Item(name="Coffee"),)).ok
    [goes] = [one for one in told(scope, other) if one.reason == "goes_with"]
    assert (goes.product, goes.because) == ("Croissant", "Coffee")
    choose_recommendations(own(scope, other), is_on=False)
    assert personal(told(scope, other)) == []
    assert stock


def test_a_shops_message_never_names_one_of_its_trade_nor_one_that_did_not_agree(scope: Scope, town: Town) -> None:
    her = town.newcomer()
    town.fit()

    def mention() -> Mention | None:
        with scope.reading() as tx:
            return for_message(tx, town.bakery.merchant_id, her.member_id, now=scope.now)

    def agrees(shop: Shop) -> None:
        agree(replace(scope, actor_kind="staff", merchant_id=shop.merchant_id, staff_role="owner", staff_id=None))

    assert mention() is None
    agrees(town.bakery)
    agrees(town.rival)
    assert mention() is None, "the other bakery agreed, and is a competitor"
    agrees(town.cheese)
    assert mention() == Mention("shop", merchant_id=town.cheese.merchant_id, name="Cheese")
    change_merchant(scope, town.cheese.merchant_id, category="general")
    assert mention() is None, "a trade nobody knows may be a competitor's"
    change_merchant(scope, town.cheese.merchant_id, category="bakery")
    assert mention() is None
    change_merchant(scope, town.cheese.merchant_id, category="food")
    assert mention() is not None
    choose_recommendations(own(scope, her), is_on=False)
    assert mention() is None


def test_a_word_against_it_outlives_a_merge_and_leaves_with_the_person(scope: Scope, town: Town) -> None:
    her, card = town.newcomer(), town.newcomer()
    town.fit()
    choose_recommendations(own(scope, card), is_on=False)
    with scope.transaction() as tx:
        merge(tx, scope, survivor_id=her.member_id, merged_id=card.member_id)
    assert not wants_recommendations(own(scope, her))
    assert personal(told(scope, her)) == []
    with scope.reading() as tx:
        assert [one["is_on"] for one in whole_record(tx, scope, her.member_id)["recommendations"]] == [False]
    choose_recommendations(own(scope, her), is_on=True)
    assert wants_recommendations(own(scope, her))
    with scope.transaction() as tx:
        erase_member(tx, scope, her.member_id)
    assert count(scope, RecommendationChoice) == 0
