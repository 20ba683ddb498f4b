"""An owner subscribes on Stripe's own page, changes, cancels on the portal, and stops, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.backoffice.doors import COOKIE
from app.billing import service as billing
from app.billing.stripe_gateway import gateway
from app.merchants import service as merchants
from app.merchants.models import Merchant, StaffLogin
from tests.conftest import ENVIRONMENT
from tests.databases import SqliteTemplate
from tests.e2e.conftest import OpenPage
from tests.e2e.live import Live, serving
from tests.stripe_fake.serving import Served, pretended_stripe

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BROKEN = """async tags => (await axe.run({ runOnly: tags })).violations
  .map(found => `${found.id}: ${found.nodes.map(node => node.target).join(" | ")}`)"""


@dataclass
class Town:
    live: Live
    stripe: Served

    def hear(self) -> None:
        self.stripe.deliver(twice=True)
        self.live.deliver()


@pytest.fixture
def town(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Town]:
    with pretended_stripe(lambda: datetime.now(UTC)) as stripe, sqlite_template.copy(tmp_path) as url:
        environment = {
            **ENVIRONMENT,
            "STRIPE_API_KEY": stripe.fake.api_key,
            "STRIPE_WEBHOOK_SECRET": stripe.fake.secret,
            "STRIPE_API_BASE": stripe.url,
        }
        with serving(environment, url, tmp_path) as live:
            stripe.hook = f"{live.url}/billing/stripe"
            way = gateway(live.jobs.settings.stripe)
            for code, amount, most, trial in (("free", 0, 50, 0), ("small", 1900, 250, 30), ("large", 4900, None, 0)):
                billing.set_plan(
                    live.scope,
                    way,
                    code=code,
                    name={"en": code.title()},
                    amount_minor=amount,
                    most_members=most,
                    trial_days=trial,
                )
            yield Town(live, stripe)


def sign_in(town: Town, page: Page) -> str:
    """The owner of the bakery in this browser; the address of the shop's pages."""
    scope = town.live.scope
    merchants.add_staff(scope, town.live.bakery.merchant_id, name="Lotte", role="owner", email="lotte@korst.example")
    with scope.reading() as tx:
        login_id = tx.session.query(StaffLogin.id).filter_by(email="lotte@korst.example").scalar()
        slug = tx.session.get_one(Merchant, town.live.bakery.merchant_id).slug
    token = merchants.open_session(scope, str(login_id)).token
    page.context.add_cookies([{"name": COOKIE, "value": token, "url": town.live.url}])
    return f"{town.live.url}/office/{slug}"


def check(page: Page) -> None:
    """No violation in light and in dark, and nothing wider than a small phone."""
    page.evaluate(AXE.read_text())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(BROKEN, TAGS) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    page.set_viewport_size({"width": 1280, "height": 800})


def test_from_free_to_paying_and_out(town: Town, open_page: OpenPage) -> None:
    page = open_page(camera=False)
    office = sign_in(town, page)
    page.goto(f"{office}/subscription")
    expect(page.get_by_role("heading", level=1)).to_have_text("You have the plan Free")
    check(page)
    page.get_by_role("button", name="Try Small for 30 days").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pretended checkout")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have the plan Small")
    expect(page.get_by_text("Until then you pay nothing.")).to_be_visible()
    town.hear()

    page.get_by_role("link", name="Change to Large").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change to Large")
    check(page)
    page.get_by_role("button", name="Change the plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have the plan Large")
    check(page)

    page.get_by_role("button", name="Card or direct debit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pretended portal")
    page.get_by_role("button", name="Cancel plan").click()
    expect(page.get_by_text("Your subscription is cancelled")).to_be_visible()
    page.get_by_role("button", name="Let it go on").click()
    expect(page.get_by_text("Your subscription goes on.")).to_be_visible()

    page.get_by_role("link", name="Change the address").click()
    page.get_by_label("VAT number").fill("BE0203201341")
    for label, text in (("Name of the business", "Korst BV"), ("Street and number", "Kouter 1"), ("Postcode", "9000")):
        page.get_by_label(label).fill(text)
    page.get_by_label("Town").fill("Gent")
    page.get_by_label("Country").fill("be")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("That is no VAT number.")).to_be_visible()
    check(page)
    page.get_by_label("VAT number").fill("BE0203201340")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Korst BV")).to_be_visible()

    page.get_by_role("link", name="Stop with this shop").click()
    check(page)
    page.get_by_text("Add a word of your own").click()
    page.get_by_label("In English").fill("Thank you for thirty years.")
    page.get_by_label("I want to stop.").check()
    page.get_by_role("button", name="Announce that I stop").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is announced that you stop")
    check(page)
    with page.expect_download() as kept:
        page.get_by_role("button", name="Take everything along").click()
    assert kept.value.suggested_filename.endswith(".zip")
    page.get_by_role("button", name="Call it off and stay").click()
    expect(page.get_by_text("You stay.")).to_be_visible()
