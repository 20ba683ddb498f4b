"""What Stripe says by itself: forged, stale, twice, in any order; and asked about by night."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

import config
from app.billing import service as billing
from app.billing.errors import BillingUnreachableError, SignatureRefusedError
from app.billing.models import BillingEvent
from app.billing.queries import SubscriptionView
from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.scope import Scope
from app.merchants import service as merchants
from tests.clocks import FixedClock
from tests.conftest import ENVIRONMENT
from tests.databases import SqliteTemplate
from tests.factories import make_shop
from tests.integration.billing.conftest import URL, Till
from tests.stripe_fake.calling import gateway_to
from tests.stripe_fake.model import FakeStripe, Object


def receive(till: Till, event: Object, *, signature: str | None = None) -> bool:
    body = json.dumps(event).encode()
    return billing.receive_event(till.system, till.stripe, body, signature or till.fake.sign(body))


def process(till: Till, event: Object) -> None:
    billing.process_event(till.system, till.stripe, event["id"], public_url=URL)


def test_an_event_is_stored_once_and_acted_on_once(till: Till) -> None:
    till.subscribe("small")
    [*_, event] = till.fake.take_events()
    assert receive(till, event)
    assert not receive(till, event)
    asked = len(till.fake.calls)
    process(till, event)
    assert till.look().status == "active"
    again = len(till.fake.calls)
    process(till, event)
    assert asked < again
    assert len(till.fake.calls) == again


@pytest.mark.parametrize("seconds", [-301, 61])
def test_a_stamp_of_another_time_is_refused(till: Till, clock: FixedClock, seconds: int) -> None:
    till.subscribe("small")
    [event, *_] = till.fake.take_events()
    body = json.dumps(event).encode()
    with pytest.raises(SignatureRefusedError):
        receive(till, event, signature=till.fake.sign(body, at=clock.now + timedelta(seconds=seconds)))
    edge = -300 if seconds < 0 else 60
    assert receive(till, event, signature=till.fake.sign(body, at=clock.now + timedelta(seconds=edge)))


def test_what_is_not_stripes_is_refused_and_not_stored(till: Till, clock: FixedClock) -> None:
    till.subscribe("small")
    [event, *_] = till.fake.take_events()
    body = json.dumps(event).encode()
    stamp = int(clock.now.timestamp())
    right = till.fake.sign(body)
    for signature in (
        "",
        "t=1",
        f"t={stamp}",
        f"t={stamp},v1=",
        f"t={stamp},v0={right.partition('v1=')[2]}",
        till.fake.sign(body, secret="whsec_other"),
        till.fake.sign(body + b" "),
        right.replace(f"t={stamp}", f"t={stamp + 1}"),
    ):
        with pytest.raises(SignatureRefusedError):
            billing.receive_event(till.system, till.stripe, body, signature)
    with till.system.reading() as tx:
        assert tx.session.query(BillingEvent).count() == 0


def test_a_secret_that_is_being_replaced_is_still_known(till: Till) -> None:
    both = replace(till.stripe, webhook_secrets=("whsec_new", till.fake.secret))
    till.subscribe("small")
    [event, *_] = till.fake.take_events()
    body = json.dumps(event).encode()
    assert billing.receive_event(till.system, both, body, till.fake.sign(body))
    [other, *_] = [{**event, "id": "evt_other"}]
    body = json.dumps(other).encode()
    assert billing.receive_event(till.system, both, body, till.fake.sign(body, secret="whsec_new"))


def test_an_event_waits_while_stripe_is_away(till: Till) -> None:
    till.subscribe("small")
    [*_, event] = till.fake.take_events()
    receive(till, event)
    till.fake.is_down = True
    with pytest.raises(BillingUnreachableError):
        process(till, event)
    till.fake.is_down = False
    process(till, event)
    assert till.look().status == "active"


def test_messages_that_never_came_are_made_up_for_by_night(till: Till, clock: FixedClock) -> None:
    subscription = till.subscribe("small")
    clock.advance(days=30)
    till.fake.renew(subscription)
    till.fake.take_events()
    assert till.look().status == "none"
    assert billing.reconcile(till.system, till.stripe, public_url=URL) == 1
    assert (till.look().status, len(till.look().invoices)) == ("active", 2)


def test_an_answer_that_is_older_never_covers_a_newer_one(till: Till) -> None:
    """Between Stripe's answer and its being written down somebody else asks and writes: the first asks again."""
    subscription = till.subscribe("small")
    real, asked = till.stripe.present, []

    def slow(customer: str) -> object:
        answer = real(customer)
        asked.append(1)
        if len(asked) == 1:
            till.fake.cancel(subscription)
            till.sync()
        return answer

    object.__setattr__(till.stripe, "present", slow)
    till.sync()
    object.__delattr__(till.stripe, "present")
    assert till.look().ends_at is not None
    assert len(asked) == 3


# --- any order ---


@contextmanager
def a_till(template: SqliteTemplate, folder: Path) -> Iterator[tuple[Till, FixedClock]]:
    clock = FixedClock()
    fake = FakeStripe(clock)
    stripe = gateway_to(fake)
    with template.copy(folder) as url:
        settings = config.load({**ENVIRONMENT, "ZEGEL_VAR": str(folder / "var"), "DATABASE_URL": url})
        database = Database(open_engine(url))
        scope = Scope(database, settings.keys, clock=clock)
        shop = make_shop(scope, stamps=10)
        merchants.add_staff(scope, shop.merchant_id, name="An", role="owner", email="an@bakery.example")
        plans = {
            code: billing.set_plan(scope, stripe, code=code, name={"en": code}, amount_minor=amount, trial_days=trial)
            for code, amount, trial in (("tried", 1900, 14), ("large", 4900, 0))
        }
        own = replace(scope, actor_kind="staff", merchant_id=shop.merchant_id)
        yield Till(own, stripe, fake, shop, plans, scope), clock
        database.close()


def another_till(till: Till) -> Till:
    """Another shop's account, at the same Stripe and in the same database."""
    shop = make_shop(till.system, stamps=10)
    merchants.add_staff(till.system, shop.merchant_id, name="An", role="owner", email="an@bakery.example")
    return replace(till, scope=replace(till.scope, merchant_id=shop.merchant_id), shop=shop)


def live(till: Till, clock: FixedClock) -> list[list[Object]]:
    """A whole life: trial, first month, larger plan, a card that fails, one that works, cancelled, taken back, over.
    What Stripe says of each step."""
    told: list[list[Object]] = []
    subscription = till.subscribe("tried", key=str(clock.now.timestamp()))

    def step() -> None:
        told.append(till.fake.take_events())

    step()
    customer = till.fake.all("subscription")[-1]["customer"]
    clock.advance(days=14)
    till.fake.end_trial(subscription)
    step()
    clock.advance(days=10)
    found = next(one for one in till.fake.all("subscription") if one["id"] == subscription)
    till.stripe.change_price(found, till.fake.all("price")[-1]["id"], key=f"c{clock.now.timestamp()}")
    step()
    clock.advance(days=20)
    till.fake.card(customer, is_good=False)
    till.fake.renew(subscription)
    step()
    clock.advance(days=3)
    till.fake.retry(subscription)
    step()
    till.fake.card(customer, is_good=True)
    clock.advance(days=3)
    till.fake.retry(subscription)
    step()
    till.fake.cancel(subscription)
    step()
    till.fake.cancel(subscription, is_cancelled=False)
    step()
    till.fake.cancel(subscription)
    clock.advance(days=30)
    till.fake.renew(subscription)
    step()
    return told


def stands(view: SubscriptionView) -> tuple[object, ...]:
    invoices = tuple((one.id, one.status, one.total_minor, one.due_minor) for one in view.invoices)
    return (view.status, view.plan, view.ends_at, view.ended_at, view.unpaid_since, view.paused_from, invoices)


def shuffle_lives(template: SqliteTemplate, folder: Path, shuffles: int, seed: int) -> None:
    """Deliver one life's messages in many orders, each message once to three times, between the steps that they tell
    of or long after them. It must always end the same, and never need a step that was not told of."""
    with a_till(template, folder) as (till, clock):
        told = live(till, clock)
        events = [event for step in told for event in step]
        till.sync()
        expected = stands(till.look())
        assert expected[0] == "canceled"
        chance = random.Random(seed)
        for _ in range(shuffles):
            forget(till)
            order = [event for event in events for _ in range(chance.choice((1, 1, 1, 2, 3)))]
            chance.shuffle(order)
            # Most of it was lost on the way: one message that comes is enough.
            order = order[: chance.choice((1, 2, 2, 3, 3, 4, 6, len(order) // 2))]
            for event in order:
                receive(till, event)
            for event in {event["id"]: event for event in order}.values():
                process(till, event)
            assert stands(till.look()) == expected


def forget(till: Till) -> None:
    """As if nothing had ever been heard."""
    with till.system.transaction() as tx:
        for table in ("billing_event", "billing_invoice", "billing_notice", "outbox"):
            tx.session.execute(text(f"DELETE FROM {table}"))
        tx.session.execute(
            text(
                "UPDATE billing_account SET subscription = NULL, plan_id = NULL, status = 'none', trial_ends_at = NULL,"
                " period_ends_at = NULL, ends_at = NULL, ended_at = NULL, unpaid_since = NULL, over_since = NULL"
            )
        )
        tx.session.execute(text("UPDATE merchant SET paused_from = NULL"))


def test_a_life_in_any_order_ends_the_same(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    shuffle_lives(sqlite_template, tmp_path, 30, 1)


@pytest.mark.prove
def test_ten_thousand_lives_end_the_same(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    shuffle_lives(sqlite_template, tmp_path, 10_000, 2)


def a_hard_year(fake: FakeStripe, subscription: str, customer: str) -> list[Callable[[], object]]:
    return [
        lambda: fake.end_trial(subscription),
        lambda: fake.card(customer, is_good=False),
        lambda: fake.renew(subscription),
        lambda: fake.give_up(subscription),
        lambda: fake.card(customer, is_good=True),
        lambda: fake.retry(subscription),
        lambda: fake.cancel(subscription),
        lambda: fake.renew(subscription),
    ]


def test_a_life_told_while_it_is_lived_follows_each_step(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    """Each step's messages come late and mixed with those of other steps; after any of them what holds here is what
    holds at Stripe at that moment, whatever the message itself said."""
    with a_till(sqlite_template, tmp_path) as (first, clock):
        for seed in range(8):
            till = another_till(first) if seed else first
            chance = random.Random(seed)
            waiting: list[Object] = []
            subscription = till.subscribe("tried", key=f"life-{seed}")
            customer = till.fake.all("customer")[-1]["id"]
            for act in a_hard_year(till.fake, subscription, customer):
                waiting += till.fake.take_events()
                for _ in range(chance.randint(0, len(waiting))):
                    event = chance.choice(waiting)
                    receive(till, event)
                    process(till, event)
                    waiting.remove(event)
                clock.advance(days=chance.randint(1, 20))
                act()
            waiting += till.fake.take_events()
            chance.shuffle(waiting)
            for event in waiting:
                receive(till, event)
                process(till, event)
            heard = stands(till.look())
            till.sync()
            assert heard == stands(till.look())
