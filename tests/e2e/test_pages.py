"""The pages that anybody may open, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.live import Live

HEADINGS = {
    "nl": "Is dit je kaart?",
    "fr": "Est-ce votre carte ?",
    "en": "Is this your card?",
    "de": "Ist das Ihre Karte?",
}


def test_the_welcome_leads_to_a_card_the_counter_and_the_api(open_page: OpenPage, live: Live) -> None:
    page = open_page()
    page.goto(f"{live.url}/welcome")
    expect(page.get_by_role("heading", level=1)).to_have_text("One card, many shops")
    page.get_by_role("link", name="The counter").click()
    expect(page.locator("#stage")).to_have_attribute("data-screen", "pair")
    page.goto(f"{live.url}/welcome")
    page.get_by_role("link", name="The API").click()
    expect(page.locator("#api .info .title")).to_be_visible()
    page.goto(f"{live.url}/welcome")
    page.get_by_role("link", name="Your card").click()
    expect(page.locator(".code[data-code]")).to_be_visible()


def test_the_api_is_browsed_and_tried_under_our_own_policy(open_page: OpenPage, live: Live) -> None:
    page = open_page()
    page.goto(f"{live.url}/api/docs")
    scans = page.locator(".opblock", has_text="/api/v1/pos/scans").first
    scans.locator(".opblock-summary-control").click()
    scans.get_by_role("button", name="Execute").click()
    expect(scans.locator(".live-responses-table")).to_contain_text("401")


@pytest.mark.parametrize("language", HEADINGS)
def test_a_cards_page_speaks_four_languages_and_keeps_the_choice(
    open_page: OpenPage, live: Live, language: str
) -> None:
    page = open_page(locale="en-GB")
    page.goto(f"{live.url}/welcome")
    page.locator(f".tongues a[lang={language}]").click()
    page.goto(f"{live.url}/C/{live.printed_card()}")
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADINGS[language])
    page.goto(f"{live.url}/c/{live.printed_card().lower()}/12345678")
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADINGS[language])
