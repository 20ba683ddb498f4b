"""The brakes on spending, a shop's question over any screen, and the wait of a new phone."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.live import Live
from tests.e2e.member import Phone
from tests.e2e.member_steps import (
    have_points,
    scanned,
    secure_by_mail,
    set_brake,
    settled,
    sign_in_by_mail,
    with_passkeys,
)

OpenPhone = Callable[..., Phone]
DISCOUNT = "5 euro off"


def test_locked_nothing_is_spent_and_everything_earns(phone: Phone, live: Live) -> None:
    till = have_points(phone, live)
    phone.go("me/brakes")
    phone.page.get_by_role("switch", name="Nothing can be spent").check()
    expect(phone.page.locator(".notice")).to_contain_text("Locked.")
    scan = scanned(phone, till)
    status, refused = till.redeem(scan, DISCOUNT)
    assert (status, refused["type"]) == (409, "/problems/spending_locked")
    assert till.visit(phone.number, amount="10.00")["earned"][0]["units"] == 30
    phone.go("me/brakes")
    phone.page.get_by_role("switch", name="Nothing can be spent").uncheck()
    expect(phone.page.locator(".notice")).to_contain_text("Unlocked.")
    assert till.redeem(scan, DISCOUNT)[0] == 201


def test_a_shop_asks_and_she_says_yes_on_any_screen_within_two_seconds(phone: Phone, live: Live) -> None:
    till = have_points(phone, live)
    set_brake(phone, "ask_above", "2,50")
    scan = scanned(phone, till)
    phone.go("me/about")
    phone.shows("me/about")
    settled(phone)
    status, refused = till.redeem(scan, DISCOUNT)
    assert (status, refused["type"]) == (409, "/problems/spending_unconfirmed")
    asked = time.monotonic()
    sheet = phone.page.locator("dialog.asking")
    expect(sheet).to_contain_text("Spend: 5 euro off?", timeout=2000)
    print(f"asked after {time.monotonic() - asked:.2f} s")
    expect(sheet).to_contain_text("It is worth €5.")
    expect(sheet).to_contain_text("Boekhandel Kantlijn")
    sheet.get_by_role("button", name="Yes, spend it").click()
    expect(sheet).to_have_count(0)
    expect(phone.page.locator(".notice")).to_contain_text("Tell the shop to try again now")
    phone.shows("me/about")
    assert till.redeem(scan, DISCOUNT)[0] == 201
    phone.go("me/requests")
    expect(phone.page.locator(".requests .used")).to_contain_text("Yes, and redeemed")


def test_no_is_no_and_later_can_be_decided_in_the_list(phone: Phone, live: Live) -> None:
    till = have_points(phone, live)
    set_brake(phone, "ask_above", "0")
    scan = scanned(phone, till)
    till.redeem(scan, "Bookmark")
    sheet = phone.page.locator("dialog.asking")
    expect(sheet).to_contain_text("did not say what it is worth")
    sheet.get_by_role("button", name="Decide later").click()
    phone.shows("me/requests")
    expect(sheet).to_have_count(0)
    phone.press("No")
    expect(phone.page.locator(".requests .refused")).to_contain_text("You said no")
    status, refused = till.redeem(scan, "Bookmark")
    assert (status, refused["type"]) == (409, "/problems/spending_refused")


def test_a_days_limit_holds_and_can_be_taken_off(phone: Phone, live: Live) -> None:
    till = have_points(phone, live)
    set_brake(phone, "daily_cap", "4.99")
    scan = scanned(phone, till)
    assert till.redeem(scan, DISCOUNT)[1]["type"] == "/problems/daily_cap_reached"
    phone.go("me/brakes")
    expect(phone.page.locator(".brake-set")).to_contain_text("At most €4.99 a day")
    phone.page.locator("#daily_cap").fill("much")
    phone.page.locator("form:has(#daily_cap) .b").click()
    expect(phone.page.get_by_text("Type an amount")).to_be_visible()
    phone.press("Switch this off")
    expect(phone.page.locator(".brake-set")).to_have_count(0)
    assert till.redeem(scan, DISCOUNT)[0] == 201


def test_a_new_phones_wait_is_explained_and_a_passkey_ends_it(open_phone: OpenPhone, named: Live) -> None:
    phone = open_phone(named)
    keeper = with_passkeys(phone.page)
    phone.begin()
    secure_by_mail(phone)
    other = open_phone(named)
    sign_in_by_mail(other)
    other.go("me/brakes")
    expect(other.page.locator(".waiting li")).to_have_count(3)
    expect(other.page.get_by_role("button", name="Use my passkey now")).to_have_count(0)
    phone.go("me/secure")
    phone.press("Make a passkey")
    expect(phone.page.get_by_text("Your passkey is made.")).to_be_visible()
    keeper.share(with_passkeys(other.page))
    other.page.reload()
    other.press("Use my passkey now")
    expect(other.page.locator(".notice")).to_contain_text("The wait is over")
    expect(other.page.locator(".waiting")).to_have_count(0)
