"""A shop that may subscribe, at a service that takes money through a pretended Stripe."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from app.billing import service as billing
from app.billing.queries import SubscriptionView, get_subscription
from app.billing.stripe_gateway import Gateway
from app.common.scope import Scope
from app.merchants import service as merchants
from tests.clocks import FixedClock
from tests.factories import Shop, make_shop
from tests.stripe_fake.calling import gateway_to
from tests.stripe_fake.model import FakeStripe

URL = "https://card.example"


@dataclass
class Till:
    """One shop's account with Stripe."""

    scope: Scope  # the shop's own
    stripe: Gateway
    fake: FakeStripe
    shop: Shop
    plans: dict[str, str]
    system: Scope

    def look(self) -> SubscriptionView:
        return get_subscription(self.scope)

    def subscribe(self, plan: str = "small", *, key: str = "form-1") -> str:
        """Choose a plan and pay on Stripe's page; the subscription's id there."""
        billing.start_checkout(
            self.scope,
            self.stripe,
            self.plans[plan],
            email="an@bakery.example",
            back=f"{URL}/back",
            away=f"{URL}/away",
            locale="nl",
            key=key,
        )
        session = self.fake.all("checkout.session")[-1]
        return str(self.fake.pay_checkout(session["id"])["subscription"])

    def sync(self) -> None:
        billing.sync(self.scope, self.stripe, self.shop.merchant_id, public_url=URL)

    def customer(self) -> str:
        return str(self.fake.only("customer")["id"])


@pytest.fixture
def fake(clock: FixedClock) -> FakeStripe:
    return FakeStripe(clock)


@pytest.fixture
def till(scope: Scope, fake: FakeStripe) -> Till:
    stripe = gateway_to(fake)
    shop = make_shop(scope, stamps=10)
    merchants.add_staff(scope, shop.merchant_id, name="An", role="owner", email="an@bakery.example")
    plans = {
        code: billing.set_plan(
            scope,
            stripe,
            code=code,
            name={"en": code.title()},
            amount_minor=amount,
            most_members=most,
            trial_days=trial,
        )
        for code, amount, most, trial in (
            ("free", 0, 2, 0),
            ("small", 1900, 10, 0),
            ("large", 4900, None, 0),
            ("tried", 2900, 50, 14),
        )
    }
    own = replace(scope, actor_kind="staff", merchant_id=shop.merchant_id)
    return Till(own, stripe, fake, shop, plans, scope)
