"""First PINs and swaps: a card without a smartphone is a full citizen, and a lost one loses nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from app.cards import service as cards
from app.cards.models import Card, CardReference, CardSource, Member
from app.cards.numbers import mask_number
from app.cards.service import issue_printed_cards
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.service import change_merchant
from tests import shops
from tests.books import assert_books_balance, count, standing
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import app_of, balances, sign_up
from tests.shops import STAFF_PIN, AppCard, PlasticCard, Shop

PIN = "7319"
SOURCE = "old tills"


def scan_of(caller: Caller, code: str) -> str:
    seen = caller.post("/scans", {"code": code})
    assert seen.status == 200, seen.text
    return str(seen.body["scan_id"])


def set_pin(caller: Caller, code: str, pin: str = PIN, **more: str) -> Answer:
    return caller.post("/cards/pin", {"scan_id": scan_of(caller, code), "pin": pin, **more})


def swap(caller: Caller, old: str, new: str, **proof: str) -> Answer:
    return caller.post("/cards/swap", {"code": old, "new_code": new, **proof})


def row(scope: Scope, number: str) -> Any:
    with scope.reading() as tx:
        return tx.session.execute(
            select(
                Card.member_id,
                Card.status,
                Card.replaced_by,
                Card.claimed_at,
                Card.claim_approved_until,
                Card.pin_hash,
            ).where(Card.number == number)
        ).one()


def audited(scope: Scope, action: str) -> list[dict[str, Any]]:
    with scope.reading() as tx:
        found = tx.session.scalars(select(AuditEvent.after).where(AuditEvent.action == action).order_by(AuditEvent.id))
        return [dict(after or {}) for after in found]


@pytest.fixture
def worn(till: Caller, shop: Shop, plastic_card: PlasticCard) -> PlasticCard:
    """A printed card that has earned two stamps and 50 points, and has a PIN."""
    assert till.post("/visits", {"code": plastic_card.number, "units": 2, "amount": "5"}).status == 201
    assert set_pin(till, plastic_card.number).status == 200
    return plastic_card


@pytest.fixture
def fresh(scope: Scope) -> PlasticCard:
    return shops.plastic_card(scope)


@pytest.fixture
def foreign(scope: Scope, shop: Shop, till: Caller) -> str:
    """Another system's card that the shop takes, with two stamps and 50 points."""
    made = cards.issue_anonymous_member(scope)
    with scope.transaction() as tx:
        tx.session.execute(insert(CardSource).values(merchant_id=shop.merchant_id, source=SOURCE))
        tx.session.execute(
            insert(CardReference).values(
                source=SOURCE, reference="OLD 4711", number=made.number, member_id=made.member_id
            )
        )
        tx.session.execute(update(Card).where(Card.number == made.number).values(claimed_at=None))
    assert till.post("/visits", {"code": "OLD 4711", "units": 2, "amount": "5"}).status == 201
    return made.number


# --- first PINs ----------------------------------------------------------------------------------------------------


def test_a_pin_that_is_typed_at_the_counter_redeems_there(
    tablet: Caller, client: FlaskClient, shop: Shop, scope: Scope, plastic_card: PlasticCard
) -> None:
    assert set_pin(tablet, plastic_card.number).problem() == "proof_needed"
    done = set_pin(tablet, plastic_card.number, staff_pin=STAFF_PIN)
    assert (done.status, done.body) == (200, {"has_pin": True})
    assert [event["staff_id"] for event in audited(scope, "card.pin_set")] == [shop.staff_id]
    plain = Caller(client, shop.plain_key)
    plain.post("/visits", {"code": plastic_card.number, "units": 2})
    asked = {"code": plastic_card.number, "reward_id": shop.coffee_id}
    assert plain.post("/redemptions", {**asked, "member_pin": "7318"}).problem() == "pin_wrong"
    assert plain.post("/redemptions", {**asked, "member_pin": PIN}).status == 201


def test_a_pin_is_set_once_and_a_repeat_changes_nothing(till: Caller, scope: Scope, plastic_card: PlasticCard) -> None:
    assert set_pin(till, plastic_card.number).status == 200
    before = row(scope, plastic_card.number)
    assert set_pin(till, plastic_card.number).status == 200
    taken = set_pin(till, plastic_card.number, "8642")
    assert (taken.status, taken.problem()) == (409, "pin_already_set")
    assert row(scope, plastic_card.number) == before
    for _ in range(4):
        set_pin(till, plastic_card.number, "8642")
    assert set_pin(till, plastic_card.number, PIN).status == 429  # it is no way to try PINs


def test_only_a_printed_card_has_a_pin_and_not_any(till: Caller, plastic_card: PlasticCard, app_card: AppCard) -> None:
    assert set_pin(till, app_card.number).problem() == "card_not_printed"
    assert set_pin(till, plastic_card.number, "1234").problem() == "pin_too_simple"
    assert set_pin(till, plastic_card.number, "12a4").problem() == "pin_invalid"


# --- swaps of our own cards ----------------------------------------------------------------------------------------


def test_a_lost_card_is_swapped_by_its_pin_and_nothing_is_lost(
    tablet: Caller, client: FlaskClient, shop: Shop, scope: Scope, worn: PlasticCard, fresh: PlasticCard
) -> None:
    answer = swap(tablet, worn.number, f"HTTPS://CARD.EXAMPLE/C/{fresh.number}", pin=PIN)
    assert answer.status == 200, answer.text
    assert answer.body["number_masked"] == mask_number(fresh.number)
    assert {one["programme_id"]: one["balance"] for one in answer.body["accounts"]} == {
        shop.stamps_id: 2,
        shop.points_id: 50,
    }
    assert standing(scope, worn.member_id, shop.stamps_id).balance == 2
    old, new = row(scope, worn.number), row(scope, fresh.number)
    assert (old.status, old.replaced_by) == ("replaced", fresh.number)
    assert (new.status, new.member_id) == ("active", worn.member_id)
    with scope.reading() as tx:
        alias = tx.session.get_one(Member, fresh.member_id)
        assert (alias.status, alias.merged_into) == ("merged", worn.member_id)
    assert tablet.post("/visits", {"code": worn.number}).problem() == "card_blocked"
    # The new card keeps the PIN, and goes on where the old one stopped.
    plain = Caller(client, shop.plain_key)
    asked = {"code": fresh.number, "reward_id": shop.coffee_id, "member_pin": PIN}
    assert plain.post("/redemptions", asked).status == 201
    assert plain.post("/visits", {"code": fresh.number, "units": 3}).body["unlocked"] != []
    assert_books_balance(scope)


def test_a_swap_is_audited_and_a_repeat_changes_nothing(
    till: Caller, scope: Scope, worn: PlasticCard, fresh: PlasticCard
) -> None:
    first = swap(till, worn.number, fresh.number, pin=PIN)
    again = swap(till, worn.number, fresh.number, pin=PIN)
    assert (first.status, again.status) == (200, 200)
    assert again.body == first.body
    [event] = audited(scope, "card.swapped")
    assert event["replaced_by"] == fresh.card_id


def test_a_swap_takes_the_right_pin_and_few_tries(
    till: Caller, scope: Scope, worn: PlasticCard, fresh: PlasticCard
) -> None:
    assert swap(till, worn.number, fresh.number).problem() == "proof_needed"
    assert swap(till, worn.number, fresh.number, staff_pin=STAFF_PIN).problem() == "proof_needed"
    for _ in range(5):
        assert swap(till, worn.number, fresh.number, pin="8642").problem() == "pin_wrong"
    assert swap(till, worn.number, fresh.number, pin=PIN).status == 429
    assert row(scope, fresh.number).member_id == fresh.member_id


def test_a_card_without_a_pin_is_not_swapped(
    till: Caller, plastic_card: PlasticCard, app_card: AppCard, fresh: PlasticCard
) -> None:
    for number in (plastic_card.number, app_card.number):
        answer = swap(till, number, fresh.number, pin=PIN)
        assert (answer.status, answer.problem()) == (409, "pin_not_set")


def test_a_blocked_card_is_swapped_too(till: Caller, scope: Scope, worn: PlasticCard, fresh: PlasticCard) -> None:
    cards.block_card(scope, card_id=worn.card_id)
    assert swap(till, worn.number, fresh.number, pin=PIN).status == 200
    assert row(scope, fresh.number).status == "active"


def test_the_new_card_must_never_have_been_anybodys(
    till: Caller,
    client: FlaskClient,
    scope: Scope,
    shop: Shop,
    worn: PlasticCard,
    app_card: AppCard,
) -> None:
    used, claimed, blocked, spare = issue_printed_cards(scope, 4)
    till.post("/visits", {"code": used.number, "units": 1})
    claimer = sign_up(client)
    assert claimer.call.post("/me/cards", {"number": claimed.number}).status == 201
    cards.block_card(scope, card_id=blocked.card_id)
    [unreal] = issue_printed_cards(scope, 1, is_sandbox=True)
    refusals = {
        used.number: (409, "new_card_used"),
        claimed.number: (409, "new_card_used"),
        blocked.number: (409, "new_card_used"),
        app_card.number: (409, "card_not_printed"),
        worn.number: (422, "same_card"),
        unreal.number: (404, "card_unknown"),
        "0000000000000000": (404, "card_unknown"),
    }
    for number, (status, code) in refusals.items():
        answer = swap(till, worn.number, number, pin=PIN)
        assert (answer.status, answer.problem()) == (status, code), number
    assert standing(scope, worn.member_id, shop.stamps_id).balance == 2
    assert row(scope, worn.number).status == "active"
    assert swap(till, worn.number, spare.number, pin=PIN).status == 200
    # It took somebody's place: it takes nobody else's.
    other = shops.plastic_card(scope)
    set_pin(till, other.number)
    assert swap(till, other.number, spare.number, pin=PIN).problem() == "new_card_used"
    # And what was replaced is not replaced again.
    assert swap(till, worn.number, shops.plastic_card(scope).number, pin=PIN).problem() == "card_replaced"


def test_a_pin_that_somebody_set_on_the_new_card_opens_nothing(
    till: Caller, client: FlaskClient, shop: Shop, scope: Scope, worn: PlasticCard, fresh: PlasticCard
) -> None:
    """Else whoever got at the pile of new cards would know the PIN of one that is handed out later."""
    set_pin(till, fresh.number, "8642")
    assert swap(till, worn.number, fresh.number, pin=PIN).status == 200
    asked = {"code": fresh.number, "reward_id": shop.coffee_id}
    plain = Caller(client, shop.plain_key)
    assert plain.post("/redemptions", {**asked, "member_pin": "8642"}).problem() == "pin_wrong"
    assert plain.post("/redemptions", {**asked, "member_pin": PIN}).status == 201


def test_a_claimed_members_new_card_is_as_claimed_as_the_old_one(
    till: Caller, client: FlaskClient, scope: Scope, shop: Shop, worn: PlasticCard, fresh: PlasticCard
) -> None:
    app = sign_up(client)
    assert app.call.post("/me/cards", {"number": worn.number, "pin": PIN}).status == 201
    assert swap(till, worn.number, fresh.number, pin=PIN).status == 200
    assert balances(app.call)[shop.stamps_id] == 2
    thief = sign_up(client)
    taken = thief.call.post("/me/cards", {"number": fresh.number, "claim_code": fresh.claim_code})
    assert taken.problem() == "claim_refused"
    assert fresh.number in [
        card["number"] for card in app_of(client, scope, app.member_id).get("/me/cards").body["items"]
    ]


# --- swaps of foreign cards ----------------------------------------------------------------------------------------


def test_a_foreign_card_is_swapped_by_staff_and_earns_no_more(
    tablet: Caller, scope: Scope, shop: Shop, foreign: str, fresh: PlasticCard
) -> None:
    assert swap(tablet, "OLD 4711", fresh.number).problem() == "proof_needed"
    assert swap(tablet, "OLD 4711", fresh.number, pin=PIN).problem() == "proof_needed"
    done = swap(tablet, "OLD 4711", fresh.number, staff_pin=STAFF_PIN)
    assert done.status == 200, done.text
    assert {one["balance"] for one in done.body["accounts"]} == {2, 50}
    assert tablet.post("/visits", {"code": "OLD 4711"}).problem() == "card_swapped"
    assert tablet.post("/visits", {"code": fresh.number}).status == 201
    assert row(scope, foreign).replaced_by == fresh.number
    assert row(scope, fresh.number).claimed_at is None
    assert [event["staff_id"] for event in audited(scope, "card.swapped")] == [shop.staff_id]
    assert count(scope, "card_reference", "retired_at IS NOT NULL") == 1
    again = swap(tablet, "OLD 4711", fresh.number, staff_pin=STAFF_PIN)
    assert (again.status, again.body["number_masked"]) == (200, done.body["number_masked"])
    another = shops.plastic_card(scope)
    assert swap(tablet, "OLD 4711", another.number, staff_pin=STAFF_PIN).problem() == "card_swapped"
    assert row(scope, another.number).member_id == another.member_id
    assert_books_balance(scope)


def test_what_a_swapped_foreign_card_held_is_claimed_with_the_new_one(
    till: Caller, client: FlaskClient, shop: Shop, foreign: str, fresh: PlasticCard
) -> None:
    assert swap(till, "OLD 4711", fresh.number).status == 200
    app = sign_up(client)
    assert app.call.post("/me/cards", {"number": fresh.number}).problem() == "claim_refused"
    assert app.call.post("/me/cards", {"number": fresh.number, "claim_code": fresh.claim_code}).status == 201
    assert balances(app.call)[shop.points_id] == 50


def test_another_shops_foreign_card_is_not_there(
    client: FlaskClient, other_shop: Shop, foreign: str, fresh: PlasticCard
) -> None:
    answer = swap(Caller(client, other_shop.key), "OLD 4711", fresh.number)
    assert answer.problem() == "code_unreadable"


# --- who may -------------------------------------------------------------------------------------------------------


def test_where_the_shop_wants_a_name_nothing_is_done_without_one(
    tablet: Caller, scope: Scope, shop: Shop, worn: PlasticCard, fresh: PlasticCard
) -> None:
    scan_id = scan_of(tablet, fresh.number)
    change_merchant(scope, shop.merchant_id, settings={"counter": {"sign_in": True}})
    asked: list[tuple[str, dict[str, Any]]] = [
        ("/cards/pin", {"scan_id": scan_id, "pin": PIN}),
        ("/cards/swap", {"code": worn.number, "new_code": fresh.number, "pin": PIN}),
        ("/opening-balances", {"scan_id": scan_id, "programme_id": shop.stamps_id, "units": 1}),
        ("/visit-claims", {"units": 1}),
    ]
    token = tablet.post("/staff-session", {"staff_pin": STAFF_PIN}, key=None).body["staff_token"]
    for path, body in asked:
        refused = tablet.post(path, body)
        assert (refused.status, refused.problem()) == (403, "staff_needed"), path
    for path, body in [asked[0], asked[2], asked[3]]:
        done = tablet.post(path, body, headers={"X-Staff-Token": token})
        assert done.status in (200, 201), done.text


def test_a_card_that_has_earned_gets_its_pin_only_by_what_would_redeem(
    tablet: Caller, scope: Scope, shop: Shop, plastic_card: PlasticCard, fresh: PlasticCard
) -> None:
    tablet.post("/visits", {"code": plastic_card.number, "units": 1})
    change_merchant(scope, shop.merchant_id, settings={"counter": {"approves": ["rotating_code", "member_pin"]}})
    assert set_pin(tablet, plastic_card.number, staff_pin=STAFF_PIN).status in (403, 409)
    assert row(scope, plastic_card.number).pin_hash is None
    assert set_pin(tablet, fresh.number, staff_pin=STAFF_PIN).status == 200
