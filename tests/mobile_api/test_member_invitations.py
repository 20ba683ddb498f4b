"""Invitations: both get what the shop set, once, after a real first visit, and nobody gets it by a trick."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.campaigns.models import AcceptedInvitation, Invitation, InvitationCode
from app.campaigns.service import settle, settle_waiting
from app.common.models import OutboxMessage
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.ledger import verifying
from app.members.service import merge
from app.merchants import service as merchants
from app.rewards.models import Visit
from app.wallet.service import change_me, erase_me
from config import Settings
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import App, balances, nobody, sign_up, wake
from tests.shops import Shop

GIFT = {"inviter": 2, "invited": 1}


@pytest.fixture
def context(settings: Settings, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


@pytest.fixture
def giving(scope: Scope, shop: Shop) -> Shop:
    """The shop, which gives two stamps to whoever invites and one to whoever comes."""
    merchants.set_invitation_gifts(scope, shop.merchant_id, **GIFT)
    return shop


@pytest.fixture
def customer(client: FlaskClient, till: Caller, giving: Shop) -> App:
    """A member who has been at the shop."""
    app = sign_up(client)
    assert till.post("/visits", {"code": app.number}).status == 201
    return app


def code_of(app: App) -> str:
    [mine] = app.call.get("/me/invitations").body["items"]
    return str(mine["url"].rpartition("/")[2])


def accept(app: App, code: str) -> Answer:
    return app.call.post("/me/invitations", {"code": code}, key=None)


def counts(app: App) -> tuple[int, int]:
    [mine] = app.call.get("/me/invitations").body["items"]
    return mine["invited"], mine["rewarded"]


def kinds(app: App) -> list[str]:
    return [message["kind"] for message in app.call.get("/me/messages").body["items"]]


def sound(scope: Scope) -> None:
    assert verifying.verify(scope).mismatches == []


def test_the_link_tells_who_invites_and_what_for(
    client: FlaskClient, scope: Scope, shop: Shop, giving: Shop, customer: App, other_shop: Shop
) -> None:
    [mine] = customer.call.get("/me/invitations").body["items"]
    code = code_of(customer)
    assert mine["url"] == f"https://card.example/I/{code}"
    assert mine["merchant"]["name"] == "Bakery"
    assert mine["gives"] == {**GIFT, "unit": "stamp", "kind": "stamps"}
    assert (mine["invited"], mine["rewarded"]) == (0, 0)
    assert code_of(customer) == code, "the link stays"
    told = nobody(client).get(f"/invitations/{code.lower()}").body
    assert told["merchant"]["name"] == "Bakery"
    assert told["inviter_name"] is None, "she shows her name to nobody"
    change_me(replace(scope, member_id=customer.member_id), changes={"name": "An De Smet", "shows_name": True})
    assert nobody(client).get(f"/invitations/{code}").body["inviter_name"] == "An"
    for other in ("0000000000ZZ", "%00", code[:-1], code + "0", "é", "x" * 500, "%F0%9F%98%80"):
        assert nobody(client).get(f"/invitations/{other}").status == 404
    assert nobody(client).get(f"/invitations/{code[:6]}-{code[6:].lower()}").status == 200
    assert sign_up(client).call.get("/me/invitations").body["items"] == [], "who was nowhere invites nowhere"
    merchants.set_invitation_gifts(scope, shop.merchant_id, inviter=0, invited=0)
    assert customer.call.get("/me/invitations").body["items"] == []
    assert nobody(client).get(f"/invitations/{code}").status == 404


def test_both_get_their_gift_after_the_first_visit_and_only_once(
    client: FlaskClient, scope: Scope, giving: Shop, till: Caller, customer: App, context: JobContext
) -> None:
    guest = sign_up(client)
    accepted = accept(guest, code_of(customer))
    assert (accepted.status, accepted.body["status"]) == (201, "waiting")
    assert accept(guest, code_of(customer)).status == 201, "a repeat changes nothing"
    assert counts(customer) == (1, 0)
    drain(context)
    assert balances(guest.call) == {}, "the visit is what counts"
    assert till.post("/visits", {"code": guest.number}).status == 201
    assert balances(guest.call)[giving.stamps_id] == 1, "a scan waits for nothing"
    drain(context)
    assert balances(guest.call)[giving.stamps_id] == 2
    # One from her visit and two for inviting fill the card of three: a voucher, and an empty card.
    assert balances(customer.call)[giving.stamps_id] == 0
    assert [one["name"] for one in customer.call.get("/me/vouchers").body["items"]] == ["Free bread"]
    assert counts(customer) == (1, 1)
    assert sorted(kinds(customer)) == ["invitation_rewarded", "reward_unlocked"]
    assert kinds(guest) == ["invitation_rewarded"]
    assert accept(guest, code_of(customer)).body["status"] == "rewarded"
    assert till.post("/visits", {"code": guest.number}).status == 201
    with scope.transaction() as tx:
        tx.session.execute(update(OutboxMessage).where(OutboxMessage.topic == "member.news").values(done_at=None))
    drain(context)
    assert settle_waiting(context.scope()) == 0
    assert counts(customer) == (1, 1)
    assert balances(guest.call)[giving.stamps_id] == 0  # one, one for coming, one: full
    sound(scope)


def test_the_activity_says_why(
    client: FlaskClient, giving: Shop, till: Caller, customer: App, context: JobContext
) -> None:
    guest = sign_up(client)
    accept(guest, code_of(customer))
    till.post("/visits", {"code": guest.number})
    drain(context)

    def why(app: App) -> list[tuple[str, str, int]]:
        return [
            (booking["kind"], part["rule"], part["units"])
            for booking in app.call.get("/me/activity").body["items"]
            for entry in booking["entries"]
            for part in entry["why"]
        ]

    assert ("adjust", "invitation_invited", 1) in why(guest)
    assert ("adjust", "invitation_inviter", 2) in why(customer)


def test_nobody_invites_herself_nor_an_old_customer(
    client: FlaskClient, giving: Shop, till: Caller, customer: App, scope: Scope
) -> None:
    own = accept(customer, code_of(customer))
    assert (own.status, own.problem()) == (409, "invitation_own")
    old = sign_up(client)
    till.post("/visits", {"code": old.number})
    refused = accept(old, code_of(customer))
    assert (refused.status, refused.problem()) == (409, "invitation_customer")
    assert counts(customer) == (0, 0)
    assert accept(sign_up(client), "0000000000ZZ").status == 404


def test_a_second_invitation_to_one_shop_does_not_count(
    client: FlaskClient, giving: Shop, till: Caller, customer: App
) -> None:
    other = sign_up(client)
    till.post("/visits", {"code": other.number})
    guest = sign_up(client)
    assert accept(guest, code_of(customer)).status == 201
    refused = accept(guest, code_of(other))
    assert (refused.status, refused.problem()) == (409, "invitation_taken")


def test_who_was_merged_into_the_inviter_brings_her_nothing(
    client: FlaskClient, scope: Scope, giving: Shop, till: Caller, customer: App, context: JobContext
) -> None:
    """An own second card accepts, is claimed into the first, and is scanned."""
    second = sign_up(client)
    assert accept(second, code_of(customer)).status == 201
    scope.run(lambda tx: merge(tx, scope, survivor_id=customer.member_id, merged_id=second.member_id))
    assert till.post("/visits", {"code": second.number}).status == 201
    drain(context)
    settle_waiting(context.scope())
    with scope.reading() as tx:
        accepted = tx.session.scalars(select(AcceptedInvitation)).one()
    assert (accepted.status, accepted.reason) == ("refused", "own")
    assert counts(customer)[1] == 0
    sound(scope)


def test_a_visit_that_was_undone_or_imported_or_of_a_kiosk_does_not_count(
    client: FlaskClient, scope: Scope, giving: Shop, till: Caller, tablet: Caller, customer: App, context: JobContext
) -> None:
    guest = sign_up(client)
    accept(guest, code_of(customer))
    booked = till.post("/visits", {"code": guest.number})
    assert till.post(f"/transactions/{booked.body['transaction_id']}/reverse", {"reason": "wrong"}).status == 201
    drain(context)
    assert counts(customer) == (1, 0)
    with scope.transaction() as tx:
        tx.session.execute(
            update(Visit).where(Visit.member_id == guest.member_id).values(reversed_at=None, source="kiosk")
        )
    assert settle(context.scope(), member_id=guest.member_id, merchant_id=giving.merchant_id) == "waiting"
    with scope.transaction() as tx:
        tx.session.execute(update(Visit).where(Visit.member_id == guest.member_id).values(source="import"))
    assert settle(context.scope(), member_id=guest.member_id, merchant_id=giving.merchant_id) == "waiting"
    assert till.post("/visits", {"code": guest.number}).status == 201
    assert settle_waiting(context.scope()) == 1, "what no event told, the round finds"
    assert counts(customer) == (1, 1)
    sound(scope)


def test_a_visit_from_before_the_invitation_makes_an_old_customer(
    client: FlaskClient, scope: Scope, giving: Shop, till: Caller, customer: App, clock: FixedClock
) -> None:
    """A tablet without a network knew of it first."""
    guest = sign_up(client)
    accept(guest, code_of(customer))
    till.post("/visits", {"code": guest.number})
    with scope.transaction() as tx:
        before = clock() - timedelta(minutes=1)
        tx.session.execute(update(Visit).where(Visit.member_id == guest.member_id).values(occurred_at=before))
    assert settle(scope, member_id=guest.member_id, merchant_id=giving.merchant_id) == "refused"
    assert balances(guest.call)[giving.stamps_id] == 1
    assert counts(customer) == (1, 0)
    assert accept(guest, code_of(customer)).body["status"] == "refused"


def test_an_invitation_that_led_nowhere_ends_after_half_a_year(
    client: FlaskClient, scope: Scope, giving: Shop, customer: App, clock: FixedClock
) -> None:
    accept(sign_up(client), code_of(customer))
    clock.advance(days=179)
    assert settle_waiting(scope) == 0
    clock.advance(days=2)
    assert settle_waiting(scope) == 1
    assert settle_waiting(scope) == 0


def test_the_inviter_gets_no_more_than_the_shop_set_for_a_year(
    client: FlaskClient, scope: Scope, giving: Shop, till: Caller, customer: App, context: JobContext, clock: FixedClock
) -> None:
    merchants.set_invitation_gifts(scope, giving.merchant_id, inviter=1, invited=1, most=1)
    code = code_of(customer)
    guests = [sign_up(client) for _ in range(2)]
    for guest in guests:
        accept(guest, code)
        till.post("/visits", {"code": guest.number})
        drain(context)
    assert [balances(guest.call)[giving.stamps_id] for guest in guests] == [2, 2], "who came gets hers"
    assert balances(customer.call)[giving.stamps_id] == 2
    assert counts(customer) == (2, 1)
    clock.advance(days=366)
    customer = wake(client, scope, customer)
    late = sign_up(client)
    accept(late, code)
    till.post("/visits", {"code": late.number})
    drain(context)
    assert counts(customer) == (3, 2)
    sound(scope)


def test_who_has_left_gets_nothing_and_her_guest_does(
    client: FlaskClient, scope: Scope, giving: Shop, till: Caller, customer: App, context: JobContext
) -> None:
    guest = sign_up(client)
    code = code_of(customer)
    accept(guest, code)
    erase_me(replace(scope, member_id=customer.member_id))
    assert nobody(client).get(f"/invitations/{code}").status == 404
    till.post("/visits", {"code": guest.number})
    drain(context)
    assert balances(guest.call)[giving.stamps_id] == 2
    with scope.reading() as tx:
        for model in (Invitation, InvitationCode):
            assert tx.session.scalar(select(func.count()).select_from(model)) == 0
    sound(scope)


def settled(scope: Scope, member_id: str, merchant_id: str) -> Callable[[], str]:
    own = replace(scope)
    return lambda: settle(own, member_id=member_id, merchant_id=merchant_id)


def test_of_many_that_settle_at_once_one_books(
    client: FlaskClient, scope: Scope, giving: Shop, till: Caller, customer: App
) -> None:
    guest = sign_up(client)
    accept(guest, code_of(customer))
    till.post("/visits", {"code": guest.number})
    works = [settled(scope, guest.member_id, giving.merchant_id) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = [future.result() for future in [pool.submit(work) for work in works]]
    assert sorted(outcomes) == ["none"] * 7 + ["rewarded"]
    assert balances(guest.call)[giving.stamps_id] == 2
    assert counts(customer) == (1, 1)
    sound(scope)


def test_without_the_note_of_its_decision_each_would_book(
    client: FlaskClient, scope: Scope, giving: Shop, till: Caller, customer: App
) -> None:
    """The twin of the race: what keeps the others from booking is that the first one noted its decision."""
    guest = sign_up(client)
    accept(guest, code_of(customer))
    till.post("/visits", {"code": guest.number})
    for _ in range(2):
        assert settle(scope, member_id=guest.member_id, merchant_id=giving.merchant_id) == "rewarded"
        with scope.transaction() as tx:
            tx.session.execute(update(AcceptedInvitation).values(status="waiting"))
    # One for her visit, and one for coming, twice: a full card.
    assert [one["name"] for one in guest.call.get("/me/vouchers").body["items"]] == ["Free bread"]


def test_links_go_along_with_a_merge(
    client: FlaskClient, scope: Scope, giving: Shop, till: Caller, customer: App, context: JobContext
) -> None:
    code = code_of(customer)
    other = sign_up(client)
    till.post("/visits", {"code": other.number})
    others = code_of(other)
    guest, late = sign_up(client), sign_up(client)
    accept(guest, code)
    scope.run(lambda tx: merge(tx, scope, survivor_id=other.member_id, merged_id=customer.member_id))
    assert accept(late, code).status == 201, "a link that was sent goes on working"
    assert code_of(other) == others
    for one in (guest, late):
        till.post("/visits", {"code": one.number})
    drain(context)
    assert counts(other) == (2, 2)
    sound(scope)
