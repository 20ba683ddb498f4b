"""A subscription from the first choice of a plan to its end, at a Stripe that behaves like Stripe."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.billing import service as billing
from app.billing.accounts import account_of, write_pause
from app.billing.errors import (
    BillingUnreachableError,
    DetailsChangedError,
    PaymentRefusedError,
    PlanTooSmallError,
    PlanUnknownError,
    SponsoredError,
    SubscriptionMissingError,
    SubscriptionRunningError,
)
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.mail import open_mail
from app.common.models import OutboxMessage
from app.scanning.errors import EarningPausedError
from app.scanning.requests import QueuedEvent, VisitRequest
from app.scanning.service.syncing import StoredRefusal
from tests.clocks import FixedClock
from tests.factories import make_holder, make_shop, sync, visit, who
from tests.integration.billing.conftest import URL, Till


def mails(till: Till) -> list[tuple[str, str]]:
    with till.system.reading() as tx:
        rows = tx.session.query(OutboxMessage).filter_by(topic="mail").order_by(OutboxMessage.id).all()
        opened = [open_mail(till.system.keys.data, row.payload)[0] for row in rows]
    return [(mail.to, mail.subject) for mail in opened]


def settle(till: Till) -> None:
    billing.settle_time(till.system, is_on=True, public_url=URL)


def set_members(till: Till, number: int) -> None:
    with till.system.transaction() as tx:
        account_of(tx, till.shop.merchant_id).active_members = number
    settle(till)


def test_a_shop_that_never_chose_has_the_plan_that_costs_nothing(till: Till) -> None:
    view = till.look()
    assert (view.status, view.plan and view.plan.code, view.most_members) == ("none", "free", 2)
    assert [plan.code for plan in view.plans] == ["free", "small", "tried", "large"]
    assert view.paused_from is None


def test_choosing_and_paying_makes_it_run(till: Till) -> None:
    till.subscribe("small")
    till.sync()
    view = till.look()
    assert (view.status, view.plan and view.plan.code, view.most_members) == ("active", "small", 10)
    [invoice] = view.invoices
    assert (invoice.total_minor, invoice.status, invoice.number) == (2299, "paid", "ZEGEL-0001")
    with pytest.raises(SubscriptionRunningError):
        till.subscribe("large")


def test_a_form_that_is_sent_twice_opens_one_page(till: Till) -> None:
    pages = [
        billing.start_checkout(
            till.scope,
            till.stripe,
            till.plans["small"],
            email="an@bakery.example",
            back=f"{URL}/b",
            away=f"{URL}/a",
            locale="nl",
            key="form-7",
        )
        for _ in range(2)
    ]
    assert pages[0] == pages[1]
    assert len(till.fake.all("customer")) == len(till.fake.all("checkout.session")) == 1


def test_the_trial_is_given_once(till: Till, clock: FixedClock) -> None:
    subscription = till.subscribe("tried")
    till.sync()
    view = till.look()
    assert view.status == "trialing"
    assert view.trial_ends_at == clock.now + timedelta(days=14)
    till.fake.end(subscription)
    till.sync()
    assert till.look().status == "canceled"
    till.subscribe("tried", key="form-2")
    till.sync()
    assert till.look().status == "active"


def test_owners_hear_three_days_before_the_trial_ends_once(till: Till, clock: FixedClock) -> None:
    till.subscribe("tried")
    till.sync()
    clock.advance(days=10)
    settle(till)
    assert mails(till) == []
    clock.advance(days=2)
    settle(till)
    settle(till)
    assert mails(till) == [("an@bakery.example", "Bakery: your trial ends soon")]


def test_going_up_costs_the_difference_for_the_days_that_are_left(till: Till, clock: FixedClock) -> None:
    till.subscribe("small")
    till.sync()
    clock.advance(days=15)
    foretold = billing.preview_change(till.scope, till.stripe, till.plans["large"])
    assert foretold == (1815, "EUR")  # half of 49 less half of 19, with 21 % VAT
    billing.change_plan(till.scope, till.stripe, till.plans["large"], key="f", public_url=URL)
    view = till.look()
    assert view.plan is not None
    assert view.plan.code == "large"
    assert view.invoices[0].total_minor == 1815


def test_going_down_gives_back_what_is_left(till: Till, clock: FixedClock) -> None:
    till.subscribe("large")
    till.sync()
    clock.advance(days=15)
    assert billing.preview_change(till.scope, till.stripe, till.plans["small"])[0] == -1815
    billing.change_plan(till.scope, till.stripe, till.plans["small"], key="f", public_url=URL)
    assert till.look().most_members == 10


def test_a_plan_that_is_too_small_is_refused_with_both_numbers(till: Till) -> None:
    till.subscribe("large")
    till.sync()
    set_members(till, 11)
    with pytest.raises(PlanTooSmallError) as refused:
        billing.change_plan(till.scope, till.stripe, till.plans["small"], key="f", public_url=URL)
    assert refused.value.params == {"members": 11, "most": 10}


def test_a_refused_card_leaves_the_old_plan(till: Till) -> None:
    till.subscribe("small")
    till.sync()
    till.fake.card(till.customer(), is_good=False)
    with pytest.raises(PaymentRefusedError):
        billing.change_plan(till.scope, till.stripe, till.plans["large"], key="f", public_url=URL)
    till.sync()
    assert till.look().most_members == 10


def test_cancelling_ends_with_what_is_paid_and_can_be_taken_back(till: Till, clock: FixedClock) -> None:
    subscription = till.subscribe("small")
    till.sync()
    billing.cancel(till.scope, till.stripe, is_cancelled=True, public_url=URL)
    assert till.look().ends_at == till.look().period_ends_at
    assert till.look().status == "active"
    billing.cancel(till.scope, till.stripe, is_cancelled=False, public_url=URL)
    assert till.look().ends_at is None
    billing.cancel(till.scope, till.stripe, is_cancelled=True, public_url=URL)
    clock.advance(days=30)
    till.fake.renew(subscription)
    till.sync()
    view = till.look()
    assert (view.status, view.plan and view.plan.code, view.paused_from) == ("canceled", "free", None)
    with pytest.raises(SubscriptionMissingError):
        billing.cancel(till.scope, till.stripe, is_cancelled=True, public_url=URL)


def test_a_payment_that_fails_pauses_after_the_grace_and_not_before(till: Till, clock: FixedClock) -> None:
    subscription = till.subscribe("small")
    till.sync()
    clock.advance(days=30)
    failed_at = clock.now
    till.fake.card(till.customer(), is_good=False)
    till.fake.renew(subscription)
    till.sync()
    holder = make_holder(till.system)
    assert till.look().paused_from == failed_at + timedelta(days=14)
    assert mails(till) == [("an@bakery.example", "Bakery: your payment did not go through")]
    clock.advance(days=13, hours=23)
    settle(till)
    assert visit(till.shop.counter(), holder).ok
    clock.advance(hours=1)
    settle(till)
    assert visit(till.shop.counter(), holder).code == "earning_paused"
    assert [subject for _, subject in mails(till)][1:] == [
        "Bakery: earning pauses in a few days",
        "Bakery: earning is paused",
    ]
    till.fake.card(till.customer(), is_good=True)
    till.fake.retry(subscription)
    till.sync()
    assert visit(till.shop.counter(), holder).ok
    assert till.look().paused_from is None


def test_more_members_than_the_plan_covers_gives_thirty_days(till: Till, clock: FixedClock) -> None:
    set_members(till, 3)
    assert till.look().paused_from == clock.now + timedelta(days=30)
    assert [subject for _, subject in mails(till)] == ["Bakery: you have more customers than your subscription covers"]
    clock.advance(days=20)
    set_members(till, 2)
    assert till.look().paused_from is None
    set_members(till, 3)
    clock.advance(days=31)
    settle(till)
    assert till.look().is_paused
    till.subscribe("small")
    till.sync()
    assert not till.look().is_paused


def test_a_town_pays_for_its_shops(till: Till, clock: FixedClock) -> None:
    set_members(till, 300)
    clock.advance(days=31)
    assert till.look().is_paused
    billing.sponsor(till.system, till.shop.merchant_id, payer="Stad Gent")
    view = till.look()
    assert (view.is_paused, view.sponsor, view.is_over) == (False, "Stad Gent", False)
    with pytest.raises(SponsoredError):
        till.subscribe("large")
    billing.sponsor(till.system, till.shop.merchant_id, payer="Stad Gent", until=clock.now + timedelta(days=60))
    assert till.look().paused_from == clock.now + timedelta(days=74)
    billing.sponsor(till.system, till.shop.merchant_id, payer=None)
    assert till.look().is_paused


def test_without_a_key_nothing_stays_paused(till: Till, clock: FixedClock) -> None:
    set_members(till, 300)
    clock.advance(days=31)
    assert till.look().is_paused
    assert billing.settle_time(till.system, is_on=False, public_url=URL) == {"mails": 0, "go_on": 1}
    assert not till.look().is_paused
    assert billing.settle_time(till.system, is_on=False, public_url=URL)["go_on"] == 0


def test_active_members_are_those_of_thirty_days(till: Till, clock: FixedClock) -> None:
    for _ in range(2):
        visit(till.shop.counter(), make_holder(till.system))
    clock.advance(days=29)
    visit(till.shop.counter(), make_holder(till.system))
    billing.count_active_members(till.system)
    assert till.look().active_members == 3
    clock.advance(days=2)
    billing.count_active_members(till.system)
    assert till.look().active_members == 1


def test_a_price_that_is_raised_leaves_who_subscribed_before(till: Till) -> None:
    till.subscribe("small")
    billing.set_plan(till.system, till.stripe, code="small", name={"en": "Small"}, amount_minor=2500, most_members=20)
    till.sync()
    view = till.look()
    assert view.plan is not None
    assert (view.plan.code, view.most_members) == ("small", 20)
    assert len([price for price in till.fake.all("price") if price["metadata"]["plan"] == "small"]) == 2
    billing.set_plan(till.system, till.stripe, code="small", name={"en": "S"}, amount_minor=1900, most_members=20)
    assert len([price for price in till.fake.all("price") if price["metadata"]["plan"] == "small"]) == 2


def test_a_plan_that_is_no_longer_offered_can_not_be_chosen(till: Till) -> None:
    billing.set_plan(till.system, till.stripe, code="large", name={"en": "L"}, amount_minor=4900, is_offered=False)
    with pytest.raises(PlanUnknownError):
        till.subscribe("large")
    with pytest.raises(PlanUnknownError):
        till.subscribe("free", key="other")


def test_details_go_to_stripe_and_of_two_who_change_them_the_second_is_told(till: Till) -> None:
    told = {"legal_name": "An BV", "street": "Kouter 1", "postcode": "9000", "city": "Gent", "country": "BE"}
    till.subscribe("small")
    billing.change_details(till.scope, till.stripe, revision=1, vat_number="0123.456.749", **told)
    customer = till.fake.only("customer")
    assert (customer["name"], customer["address"]["line1"]) == ("An BV", "Kouter 1")
    assert till.fake.only("tax_id")["value"] == "BE0123456749"
    with pytest.raises(DetailsChangedError):
        billing.change_details(till.scope, till.stripe, revision=1, vat_number=None, **told)
    assert till.look().details["vat_number"] == "BE0123456749"
    with pytest.raises(InvalidError):
        billing.change_details(till.scope, till.stripe, revision=2, vat_number="BE0123456740", **told)
    billing.change_details(till.scope, till.stripe, revision=2, vat_number=None, **told)
    assert till.fake.all("tax_id") == []


def test_a_stripe_that_is_away_changes_nothing(till: Till) -> None:
    till.subscribe("small")
    till.sync()
    before = till.look()
    till.fake.is_down = True
    for act in (
        till.sync,
        lambda: billing.cancel(till.scope, till.stripe, is_cancelled=True, public_url=URL),
        lambda: billing.change_plan(till.scope, till.stripe, till.plans["large"], key="f", public_url=URL),
    ):
        with pytest.raises(BillingUnreachableError):
            act()
    assert till.look() == before


def test_another_shops_subscription_is_not_there(till: Till) -> None:
    till.subscribe("small")
    till.sync()
    other = make_shop(till.system, stamps=8, name="Other")
    theirs = replace(till.scope, merchant_id=other.merchant_id)
    with pytest.raises(SubscriptionMissingError):
        billing.cancel(theirs, till.stripe, is_cancelled=True, public_url=URL)
    with pytest.raises(SubscriptionMissingError):
        billing.open_portal(theirs, till.stripe, back=URL, locale="nl")


def test_what_a_tablet_booked_without_knowing_waits_in_the_inbox(till: Till, clock: FixedClock) -> None:
    holder = make_holder(till.system)
    with till.system.transaction() as tx:
        write_pause(tx, till.system, till.shop.merchant_id, clock.now)
    before, after = (
        QueuedEvent(
            id=new_id(),
            sequence=number,
            visit=VisitRequest(who(holder), occurred_at=clock.now + timedelta(minutes=minutes)),
        )
        for number, minutes in ((1, -5), (2, 5))
    )
    clock.advance(hours=1)
    first, second = sync(till.shop.counter(), [before, after])
    assert first.status == "applied", "judged by when it happened"
    assert second.status == "review"
    assert isinstance(second.problem, StoredRefusal | EarningPausedError)
