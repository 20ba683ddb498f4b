"""The public pages of shops, in a browser: for everybody, on every screen, and from the list to the card."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.merchants.queries import find_shop
from app.merchants.service import change_location, change_merchant
from tests.e2e.conftest import OpenPage
from tests.e2e.live import Live
from tests.e2e.test_access import complaints

WEEK = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
LONG = "Fleischhauereifachgeschäft zum Donaudampfschifffahrtsgesellschaftskapitän"


@pytest.fixture
def path(live: Live) -> str:
    """The page of the bakery, with all that a page can have."""
    story = {"de": "Brot wie früher. " * 20, "en": "Bread as it was. " * 20}
    change_merchant(live.scope, live.bakery.merchant_id, story=story, hue=62)
    change_location(
        live.scope, live.bakery.location_id, street="Molenstraat 14", postcode="9000", city="Gent", lat=51.05, lon=3.72,
        opening_hours={**WEEK, "closed_on_holidays": True},
    )  # fmt: skip
    return find_shop(live.scope, live.bakery.location_id).path


def sticking_out(page: Page) -> list[str]:
    """What sticks out to the side."""
    found: list[str] = page.evaluate(
        """() => {
            const wide = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= wide) return [];
            const inside = (node) => node.closest(".chips") || node.closest(".skip");
            return [...document.querySelectorAll("body *")]
                .filter((node) => node.getBoundingClientRect().right > wide + 1 && !inside(node))
                .map((node) => `${node.tagName} ${node.className}: ${(node.textContent ?? "").trim().slice(0, 60)}`);
        }"""
    )
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_pass_axe_and_fit(open_page: OpenPage, live: Live, path: str, scheme: str, width: int) -> None:
    change_location(live.scope, live.butcher.location_id, name=LONG, city="Gent")
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 640}, locale="de-DE")
    butcher = find_shop(live.scope, live.butcher.location_id).path
    for address in (path, butcher, "/shops", "/shops/gent", "/shops?q=nothing-like-it"):
        page.goto(live.url + address)
        assert complaints(page) == [], address
        assert sticking_out(page) == [], address
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert sticking_out(page) == [], f"{address} in large text"


def test_from_the_list_to_a_shop_to_its_neighbour_and_to_the_card(open_page: OpenPage, live: Live, path: str) -> None:
    change_location(live.scope, live.cafe.location_id, lat=51.0501, lon=3.7201, city="Gent")
    page = open_page(locale="en-GB")
    failed: list[str] = []
    page.on("console", lambda message: failed.append(message.text) if message.type == "error" else None)
    page.goto(f"{live.url}/shops")
    page.get_by_label("Name, street or town").fill("molenstr")
    page.keyboard.press("Enter")
    name = find_shop(live.scope, live.bakery.location_id).name
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_text("Open now")).to_be_visible()
    hero = page.locator(".shop-hero").evaluate("node => getComputedStyle(node).backgroundColor")
    assert hero.startswith("oklch(0.52 0.13 62"), "the shop's own hue was let in by the policy"
    page.get_by_role("link", name="Deutsch").click()
    expect(page.get_by_role("heading", name="Öffnungszeiten")).to_be_visible()
    cafe = find_shop(live.scope, live.cafe.location_id).name
    page.get_by_role("link", name=cafe).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(cafe)
    expect(page.get_by_role("link", name="Karte holen")).to_have_attribute("href", "/")
    assert failed == []
