"""The operator's word on a shop: what it does, what stands in the shop's audit list, and what the owners read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from app.admin.queries.shops_todo import waiting
from app.admin.service.shops import close_shop
from app.admin.todo import ToDo
from app.common.errors import DomainError, InvalidError
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.errors import DepartureAnnouncedError, DepartureTooSoonError, MerchantStateError
from app.merchants.models import Merchant
from app.scanning.service.places import get_place
from app.wallet.queries.accounts import list_accounts
from tests.admin.desk import Desk, sit_down
from tests.admin.shops.eyes import events, of_operator
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, redeem, rotating_code, start_phone, visit
from tests.office.desk import sit_down as sit_down_at_the_shop
from tests.office.mailbox import mails

URL = "https://card.example"
REASON = "The shop's address does not exist."


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, name="Bakery", points="1", reward={"name": "Coffee", "cost": 5})


@pytest.fixture
def desk(flask_app: Flask, scope: Scope, shop: Shop) -> Desk:
    sit_down_at_the_shop(flask_app, scope, shop.merchant_id)
    return sit_down(flask_app, scope, {"administrator"}, name="Eva")


def new_shop(flask_app: Flask, scope: Scope, name: str = "Korst") -> str:
    """A shop on trial, with an owner."""
    merchant_id = merchants.create_merchant(scope, name=name, is_approved=False)
    merchants.add_location(scope, merchant_id, name=name, city="Gent")
    sit_down_at_the_shop(flask_app, scope, merchant_id)
    return merchant_id


def status(scope: Scope, merchant_id: str) -> str:
    with scope.reading() as tx:
        return str(tx.session.get_one(Merchant, merchant_id).status)


def test_a_suspended_shop_earns_nothing_and_takes_nothing(
    desk: Desk, shop: Shop, scope: Scope, clock: FixedClock
) -> None:
    holder = make_holder(scope)
    phone = start_phone(scope, holder)
    assert visit(shop.counter(), holder, amount_minor=3000).ok
    answer = desk.post(f"/shops/{shop.merchant_id}/suspend", {"reason": REASON})
    assert answer.status_code == 303
    assert "The shop is paused" in desk.get(f"/shops/{shop.merchant_id}").get_data(as_text=True)
    # At the counter: a clear sentence, and the tablet knows it without a network too.
    refused = visit(shop.counter(), holder, amount_minor=1000)
    assert refused.code == "merchant_inactive"
    assert get_place(shop.counter()).earns_until == clock.now
    # The member keeps the balance, sees that the shop is paused, and redeems.
    (account,) = list_accounts(replace(scope, member_id=holder.member_id), limit=9)
    assert (account.balance, account.earns_until, account.redeems_until) == (30, clock.now, None)
    clock.advance(seconds=30)
    given = redeem(shop.counter(), rotating_code(scope, holder, phone), shop.reward_ids[0])
    assert given.ok
    # Told, with before and after.
    (event,) = events(scope, shop.merchant_id, "merchant.suspended")
    assert (event.actor_kind, event.actor_id) == ("operator", desk.operator_id)
    assert (event.before, event.after) == ({"status": "active"}, {"status": "suspended", "reason": REASON})
    assert [REASON in mail.text for mail in mails(scope) if "Bakery" in mail.subject] == [True]
    # And it goes on.
    assert desk.post(f"/shops/{shop.merchant_id}/resume", {"reason": "The address is right now."}).status_code == 303
    assert visit(shop.counter(), holder, amount_minor=1000).ok
    assert get_place(shop.counter()).earns_until is None
    (account,) = list_accounts(replace(scope, member_id=holder.member_id), limit=9)
    assert account.earns_until is None
    (event,) = events(scope, shop.merchant_id, "merchant.resumed")
    assert (event.before, event.after) == (
        {"status": "suspended"},
        {"status": "active", "reason": "The address is right now."},
    )


def test_a_repeat_says_that_the_shop_stands_otherwise(desk: Desk, shop: Shop, scope: Scope) -> None:
    path = f"/shops/{shop.merchant_id}"
    assert desk.post(f"{path}/resume", {"reason": REASON}).status_code == 409
    assert desk.post(f"{path}/suspend", {"reason": REASON}).status_code == 303
    again = desk.post(f"{path}/suspend", {"reason": REASON})
    assert again.status_code == 409
    assert "The shop stands otherwise than you thought" in again.get_data(as_text=True)
    assert len(events(scope, shop.merchant_id, "merchant.suspended")) == 1
    assert desk.post(f"{path}/approve", {"reason": REASON}).status_code == 409
    assert desk.post(f"{path}/decline", {"reason": REASON}).status_code == 422


@pytest.mark.parametrize("act", ["approve", "ask", "decline", "suspend", "resume", "close", "sponsor", "look"])
def test_every_act_says_why(desk: Desk, shop: Shop, scope: Scope, act: str) -> None:
    days = {"last_earning": "2026-04-10", "last_redeeming": "2026-06-10", "mode": "read"}
    for reason in ("", "   ", "x" * 301):
        answer = desk.post(f"/shops/{shop.merchant_id}/{act}", {"reason": reason, **days})
        assert answer.status_code == 422, (act, reason)
        assert "That was not done" in answer.get_data(as_text=True)
    assert not mails(scope)
    assert status(scope, shop.merchant_id) == "active"


def test_two_who_suspend_at_once_tell_it_once(desk: Desk, shop: Shop, scope: Scope) -> None:
    def suspend(number: int) -> bool:
        try:
            merchants.suspend_merchant(
                of_operator(replace(scope), desk.operator_id), shop.merchant_id, reason=f"Why {number}", public_url=URL
            )
        except MerchantStateError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(suspend, range(4))) == 1
    assert len(events(scope, shop.merchant_id, "merchant.suspended")) == 1


def test_a_new_shop_is_asked_then_approved(flask_app: Flask, desk: Desk, scope: Scope) -> None:
    merchant_id = new_shop(flask_app, scope)
    assert [(one.about, one.right, one.href) for one in in_english(flask_app, scope)] == [
        ("Korst", "administrator", f"/admin/shops/{merchant_id}")
    ]
    path = f"/shops/{merchant_id}"
    assert desk.post(f"{path}/ask", {"reason": "In which street are you?"}).status_code == 303
    page = desk.get(path).get_data(as_text=True)
    assert "We asked on" in page
    assert "In which street are you?" in page
    (asked,) = events(scope, merchant_id, "merchant.asked")
    assert asked.after == {"status": "waiting", "question": "In which street are you?"}
    owner = sit_down_at_the_shop(flask_app, scope, merchant_id)
    assert "In which street are you?" in owner.get("/shop").get_data(as_text=True)
    assert in_english(flask_app, scope) == [], "who was asked has to answer first"
    assert [mail.subject for mail in mails(scope)] == ["A question about Korst"]
    assert desk.post(f"{path}/approve", {"reason": "It is there."}).status_code == 303
    (approved,) = events(scope, merchant_id, "merchant.approved")
    assert (approved.before, approved.after) == ({"status": "waiting"}, {"status": "active", "reason": "It is there."})
    assert "We asked on" not in desk.get(path).get_data(as_text=True)
    assert desk.post(f"{path}/ask", {"reason": "And now?"}).status_code == 409


def test_a_declined_shop_can_be_approved_after_all(flask_app: Flask, desk: Desk, scope: Scope) -> None:
    merchant_id = new_shop(flask_app, scope)
    path = f"/shops/{merchant_id}"
    assert desk.post(f"{path}/decline", {"reason": REASON}).status_code == 303
    (declined,) = events(scope, merchant_id, "merchant.declined")
    assert (declined.before, declined.after) == ({"status": "waiting"}, {"status": "suspended", "reason": REASON})
    assert status(scope, merchant_id) == "suspended"
    assert desk.post(f"{path}/resume", {"reason": REASON}).status_code == 409, "nobody has approved it"
    assert desk.post(f"{path}/approve", {"reason": "A misunderstanding."}).status_code == 303
    with scope.reading() as tx:
        row = tx.session.get_one(Merchant, merchant_id)
        assert (row.status, row.suspended_at) == ("active", None)


def test_closing_begins_the_way_out_that_an_owner_has(desk: Desk, shop: Shop, scope: Scope) -> None:
    path = f"/shops/{shop.merchant_id}"
    days = {"last_earning": "2026-04-10", "last_redeeming": "2026-06-10"}
    soon = desk.post(f"{path}/close", {"reason": REASON, **days, "last_earning": "2026-03-10"})
    assert soon.status_code == 409
    assert desk.post(f"{path}/close", {"reason": REASON, **days}).status_code == 303
    (event,) = events(scope, shop.merchant_id, "departure.announced")
    assert (event.actor_kind, event.after) == ("operator", {**days, "reason": REASON})
    (told,) = [mail for mail in mails(scope) if "closed" in mail.subject]
    assert "10 April 2026" in told.text
    assert "10 June 2026" in told.text
    assert REASON in told.text
    page = desk.get(path).get_data(as_text=True)
    assert "collecting until 10 April 2026, redeeming until 10 June 2026" in page
    assert 'action="/admin/shops/' + shop.merchant_id + '/close"' not in page
    with scope.reading() as tx:
        assert tx.session.get_one(Merchant, shop.merchant_id).frozen_from is not None
    assert desk.post(f"{path}/close", {"reason": REASON, **days}).status_code == 409


def test_a_closing_that_fails_tells_nobody(desk: Desk, shop: Shop, scope: Scope) -> None:
    def close(earning: date, redeeming: date, reason: str = REASON) -> None:
        close_shop(
            of_operator(scope, desk.operator_id),
            shop.merchant_id,
            last_earning=earning,
            last_redeeming=redeeming,
            reason=reason,
            public_url=URL,
        )

    wrong: tuple[tuple[type[DomainError], date, date, str], ...] = (
        (DepartureTooSoonError, date(2026, 3, 20), date(2026, 6, 1), REASON),
        (InvalidError, date(2026, 4, 10), date(2026, 6, 10), " "),
    )
    for error, earning, redeeming, reason in wrong:
        with pytest.raises(error):
            close(earning, redeeming, reason)
    assert not mails(scope)
    close(date(2026, 4, 10), date(2026, 6, 10))
    count = len(mails(scope))
    with pytest.raises(DepartureAnnouncedError):
        close(date(2026, 4, 10), date(2026, 6, 10))
    assert len(mails(scope)) == count


def test_finance_says_who_pays(flask_app: Flask, desk: Desk, shop: Shop, scope: Scope) -> None:
    finance = sit_down(flask_app, scope, {"finance"})
    path = f"/shops/{shop.merchant_id}"
    given = {"payer": "Town of Mechelen", "until": "2026-12-31", "reason": "A year of support"}
    assert finance.post(f"{path}/sponsor", given).status_code == 303
    assert "paid by Town of Mechelen" in finance.get(path).get_data(as_text=True)
    assert finance.post(f"{path}/sponsor", {"payer": "", "reason": "The year is over"}).status_code == 303
    assert [(one.before, one.after) for one in events(scope, shop.merchant_id, "merchant.sponsor_set")] == [
        ({"sponsor": None}, {"sponsor": "Town of Mechelen", "until": "2026-12-31", "reason": "A year of support"}),
        ({"sponsor": "Town of Mechelen"}, {"sponsor": None, "until": None, "reason": "The year is over"}),
    ]
    assert [mail.subject for mail in mails(scope)] == ["Bakery pays nothing", "Bakery pays for itself again"]
    off = finance.post(f"{path}/plan", {"plan_id": shop.merchant_id, "key": "k", "reason": "Cheaper"})
    assert off.status_code == 409
    assert off.get_data(as_text=True).count("That was not done") == 1


def test_each_sees_the_acts_that_are_theirs(flask_app: Flask, desk: Desk, shop: Shop, scope: Scope) -> None:
    acts = {"suspend": "administrator", "close": "administrator", "sponsor": "finance", "look": "support"}
    for right in ("support", "finance", "risk", "administrator"):
        page = sit_down(flask_app, scope, {right}).get(f"/shops/{shop.merchant_id}").get_data(as_text=True)
        for act, least in acts.items():
            is_there = f'action="/admin/shops/{shop.merchant_id}/{act}"' in page
            assert is_there is (right in (least, "administrator")), (right, act)


def in_english(flask_app: Flask, scope: Scope) -> list[ToDo]:
    with flask_app.test_request_context():
        return list(waiting(scope))
