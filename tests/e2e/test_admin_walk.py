"""An operator's first day in a browser: in by a password and a second step, to a card by its number, and an adjustment
that a colleague agrees to; and a list that is walked through by keys."""

from __future__ import annotations

import re

import pyotp
from playwright.sync_api import Page, expect

from tests.admin.ledger.people import balance, collector
from tests.e2e import operators
from tests.e2e.conftest import OpenPage
from tests.e2e.live import Live
from tests.e2e.test_admin_access import wrong_with
from tests.office.conftest import quick_passwords

__all__ = ["quick_passwords"]

POINTS_ALONE = 200  # so many one person adjusts alone


def sign_in_for_the_first_time(page: Page, live: Live, name: str) -> None:
    """By the password, and by the secret that is shown, as an authenticator app reads it."""
    page.goto(f"{live.url}/admin/")
    expect(page).to_have_url(re.compile("/admin/sign-in"))
    page.get_by_label("E-mail address").fill(f"{name.lower()}@town.example")
    page.get_by_label("Password").fill(operators.PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Set up the second step")).to_be_visible()
    page.get_by_text("You can’t scan it?").click()
    secret = (page.locator(".secret").text_content() or "").replace(" ", "")
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Switch it on").click()
    expect(page.locator(".codes li")).to_have_count(10)
    assert wrong_with(page) == []
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Needs a person today")).to_be_visible()


def find(page: Page, words: str) -> None:
    """Ctrl K, type, arrow down, Enter."""
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-words")).to_be_focused()
    page.keyboard.type(words)
    expect(page.locator("#found a")).to_have_count(1)
    assert wrong_with(page) == []
    page.keyboard.press("ArrowDown")
    expect(page.locator("#found a")).to_be_focused()
    page.keyboard.press("Enter")


def adjust(page: Page, units: int) -> None:
    """With the key of the act, and its reason."""
    page.keyboard.press("a")
    expect(page.locator("#adjust-units")).to_be_focused()
    page.keyboard.type(str(units))
    page.keyboard.press("Tab")
    page.keyboard.type("The tablet was offline, she shows the receipt")
    page.keyboard.press("Enter")


def test_above_the_limit_two_operators_adjust(open_page: OpenPage, live: Live, quick_passwords: None) -> None:
    shop, holder = collector(live.scope, points="1", name="Bakkerij Desem")
    operators.operator(live.scope, "Eva", password=True)
    operators.operator(live.scope, "Jan", "finance", "support", password=True)
    eva, jan = open_page(camera=False), open_page(camera=False)
    sign_in_for_the_first_time(eva, live, "Eva")
    sign_in_for_the_first_time(jan, live, "Jan")

    find(eva, holder.number)
    expect(eva).to_have_url(f"{live.url}/admin/cards/{holder.card_id}")
    eva.get_by_role("link", name="+5").click()
    expect(eva.locator(".book-balance .d")).to_have_text("5")
    adjust(eva, POINTS_ALONE + 1)
    expect(eva.get_by_role("heading", name="Waiting for a second person")).to_be_visible()
    expect(eva.locator(".book-balance .d")).to_have_text("5")
    assert balance(live.scope, shop, holder) == 5
    eva.goto(f"{live.url}/admin/ledger/adjustments")
    expect(eva.get_by_role("button", name="Approve")).to_have_count(0)

    jan.reload()
    expect(jan.locator("[data-row]").nth(1)).to_contain_text("Bakkerij Desem")
    jan.keyboard.press("2")
    expect(jan.get_by_role("heading", name="1 adjustment waits for a second person")).to_be_visible()
    jan.get_by_role("button", name="Approve").click()
    expect(jan.get_by_text("It is booked.")).to_be_visible()
    jan.get_by_role("link", name="Bakkerij Desem").click()
    expect(jan.locator(".book-balance .d")).to_have_text("206")

    find(eva, holder.number)
    eva.get_by_role("link", name="+201").click()
    expect(eva.locator(".book-balance .d")).to_have_text("206")
    expect(eva.locator(".book-rows [data-row]")).to_have_count(2)
    assert balance(live.scope, shop, holder) == 206


def test_lists_are_walked_by_keys(open_page: OpenPage, live: Live) -> None:
    town = operators.furnish(live)
    page = open_page(camera=False)
    operators.enter(page, live, town.first)
    for area, rows in (("risk", 2), ("support", 2), ("privacy", 2), ("shops", 6)):
        page.goto(f"{live.url}/admin/{area}")
        links = page.locator("[data-row] a:first-of-type")
        expect(links).to_have_count(rows)
        last = rows - 1
        for key, at in (*(("j", one) for one in range(rows)), ("j", last), ("k", last - 1)):
            page.keyboard.press(key)
            expect(links.nth(at)).to_be_focused()
    # Where somebody types, the letters are letters.
    page.locator("#q").focus()
    page.keyboard.type("jk")
    expect(page.locator("#q")).to_have_value("jk")
    chosen = links.nth(2)
    name = chosen.text_content() or ""
    chosen.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
