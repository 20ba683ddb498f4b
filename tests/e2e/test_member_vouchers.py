"""The member's rewards and vouchers: taken, shown, reserved, spent and given back, in a browser."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import update

from app.cards.models import MemberSession
from app.wallet import service as wallet
from tests.e2e.conftest import Tablet
from tests.e2e.desk import ask
from tests.e2e.live import Live, Shop
from tests.e2e.member import Phone
from tests.e2e.street import Street, again, member_of, opened_voucher, points_shop, street

SPENT_WITHIN = 4.0  # seconds: asked every one and a half while a voucher is shown, on a machine that does other work


@pytest.fixture
def walked(phone: Phone, live: Live) -> Street:
    """A street, and the phone of a member who has been there."""
    return street(live, phone.begin())


def lock_spending(live: Live) -> None:
    """What she chooses on another phone of hers."""
    member_id = member_of(live, str(ask(live, "SELECT number FROM card WHERE kind = 'digital'")))
    own = replace(live.scope, actor_kind="member", actor_id=member_id, member_id=member_id)
    wallet.change_me(own, changes={"is_spending_locked": True})


def read_from_the_screen(phone: Phone) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(Image.open(BytesIO(phone.page.screenshot())))]


def test_a_reward_is_taken_with_its_price_told_shown_and_seen_spent_at_once(
    phone: Phone, live: Live, walked: Street
) -> None:
    phone.go("rewards")
    phone.shows("rewards")
    phone.press("Take: Bookmark of pressed flowers")
    dialog = phone.page.get_by_role("dialog")
    expect(dialog).to_contain_text("It costs 100 points. You keep 224 points.")
    dialog.get_by_role("button", name="Cancel").click()
    assert live.booked("voucher", reward_id=walked.books.rewards["Bookmark of pressed flowers"]) == 0
    phone.press("Take: Bookmark of pressed flowers")
    phone.press("Take it")
    phone.shows("vouchers/:id")
    expect(phone.heading).to_have_text("Bookmark of pressed flowers")
    code = str(ask(live, "SELECT code FROM voucher WHERE merchant_id = :id", id=walked.books.merchant_id))
    expect(phone.page.locator(".ticket svg")).to_be_visible()
    assert read_from_the_screen(phone) == [code]
    began = time.monotonic()
    walked.books.redeem(code)
    expect(phone.page.locator(".over[data-status=redeemed]")).to_be_visible()
    assert time.monotonic() - began < SPENT_WITHIN
    expect(phone.page.get_by_role("status").filter(has_text="Redeemed just now")).to_have_count(1)
    expect(phone.page.locator(".ticket")).to_have_count(0)
    phone.go("vouchers")
    expect(phone.page.locator(".rows")).to_contain_text("Redeemed on")


def test_several_are_taken_at_once_where_the_shop_allows_it(phone: Phone, live: Live) -> None:
    number = phone.begin()
    off = {"cost": 100, "kind": "amount_off", "amount_minor": 100, "is_flexible": True}
    shop = points_shop(live, "Kaas van Mil", rewards={"1 euro off": off})
    shop.visit(number, amount="120.00")
    phone.go("rewards")
    phone.press("Take: 1 euro off")
    for _ in range(3):
        phone.press("One more")
    expect(phone.page.get_by_role("dialog")).to_contain_text("It costs 300 points. You keep 60 points.")
    phone.press("Take it")
    phone.shows("vouchers/:id")
    expect(phone.heading).to_have_text("3 × 1 euro off")
    expect(phone.page.get_by_text("€3 off your purchase")).to_be_visible()


def test_an_unused_voucher_is_given_back_and_its_units_keep_their_end(phone: Phone, live: Live, walked: Street) -> None:
    ends = "SELECT expires_at FROM lot WHERE expires_at IS NOT NULL AND remaining > 0"
    before = ask(live, ends)
    assert before is not None
    phone.go("rewards")
    phone.press("Take: Bookmark of pressed flowers")
    phone.press("Take it")
    phone.shows("vouchers/:id")
    # The ones that end first are spent first.
    assert ask(live, ends) is None
    phone.press("Give it back unused")
    expect(phone.page.get_by_role("dialog")).to_contain_text("You get 100 points back")
    phone.page.get_by_role("dialog").get_by_role("button", name="Give it back").click()
    expect(phone.page.locator(".over[data-status=cancelled]")).to_be_visible()
    expect(phone.page.locator("#notice")).to_have_text("100 points are yours again.")
    assert ask(live, ends) == before
    phone.go("wallet")
    card = phone.page.locator(".wallet > li").filter(has_text="Boekhandel")
    expect(card).to_contain_text("324 points")
    expect(card).to_contain_text("60 points good until")
    phone.go("activity")
    expect(phone.page.locator(".happening-row").first).to_contain_text("Given back: Bookmark of pressed flowers")
    expect(phone.page.locator(".happening-row").first.locator(".margin .from")).to_have_count(1)


def test_a_refusal_is_told_in_the_services_words(phone: Phone, live: Live, walked: Street) -> None:
    phone.go("rewards")
    phone.press("Take: Bookmark of pressed flowers")
    # She locks her spending on another phone meanwhile.
    lock_spending(live)
    phone.press("Take it")
    expect(phone.page.locator("#notice")).to_contain_text("lock")
    assert live.booked("voucher", reward_id=walked.books.rewards["Bookmark of pressed flowers"]) == 0


def test_a_voucher_for_one_tablet_works_when_nobody_has_a_network(
    phone: Phone, tablet: Tablet, live: Live, walked: Street
) -> None:
    tablet.pair(Shop(walked.coffee.merchant_id, walked.coffee.location_id))
    code = opened_voucher(phone, live)
    phone.press("Reserve for a shop")
    expect(phone.page.get_by_role("dialog")).to_contain_text("Kouter 9")
    phone.press("Reserve it")
    expect(phone.page.get_by_text("Reserved for this tablet")).to_be_visible()
    shown = phone.page.locator(".ticket").get_attribute("data-code") or ""
    assert shown.startswith(f"HTTP://{live.host}/V/{code}/".upper().replace("HTTP://", "HTTPS://"))
    expect(phone.page.get_by_role("button", name="Give it back unused")).to_have_count(0)
    phone.keep()
    phone.offline()
    tablet.offline()
    again(phone)
    phone.shows("vouchers/:id")
    expect(phone.page.locator(".remark")).to_contain_text("No connection. This is from today")
    assert read_from_the_screen(phone) == [shown]
    tablet.scan(shown)
    tablet.shows("reserved")
    tablet.press("Hand it over")
    tablet.shows("redeemed")
    tablet.offline(False)
    tablet.until(lambda: live.booked("voucher", status="redeemed") == 1)
    phone.offline(False)
    expect(phone.page.locator(".over[data-status=redeemed]")).to_be_visible()


def test_the_end_of_a_reservation_waits_for_the_tablet(
    phone: Phone, tablet: Tablet, live: Live, walked: Street
) -> None:
    tablet.pair(Shop(walked.coffee.merchant_id, walked.coffee.location_id))
    tablet.heard()
    tablet.offline()
    opened_voucher(phone, live)
    phone.press("Reserve for a shop")
    phone.press("Reserve it")
    phone.press("End the reservation")
    expect(phone.page.get_by_text("Waiting for the tablet")).to_be_visible()
    expect(phone.page.get_by_role("button", name="Give it back unused")).to_have_count(0)
    # It answers when it tells what it did meanwhile.
    tablet.scan(live.printed_card())
    tablet.shows("offline")
    tablet.press("Save 1 stamp")
    tablet.shows("saved")
    tablet.offline(False)
    expect(phone.page.get_by_role("button", name="Give it back unused")).to_be_visible(timeout=60_000)


def test_the_shop_is_picked_where_a_merchant_has_several(phone: Phone, live: Live, walked: Street) -> None:
    other = walked.coffee.second(name="Koffiebar Noen Brugge", street="Langestraat 1", city="Brugge")
    opened_voucher(phone, live)
    phone.press("Reserve for a shop")
    phone.page.get_by_role("radio", name="Koffiebar Noen Brugge").check()
    phone.press("Reserve it")
    # That one has no tablet: its tills keep it for some hours, and it is free again at once.
    expect(phone.page.get_by_text("Koffiebar Noen Brugge keeps it for you until")).to_be_visible()
    assert ask(live, "SELECT hold_location_id FROM voucher") == other
    phone.press("End the reservation")
    expect(phone.page.get_by_role("button", name="Reserve for a shop")).to_be_visible()
    assert ask(live, "SELECT hold_location_id FROM voucher") is None


def test_a_phone_that_may_not_spend_yet_shows_when(phone: Phone, live: Live, walked: Street) -> None:
    with live.scope.transaction() as tx:
        tx.session.execute(update(MemberSession).values(waits_until=datetime.now(UTC) + timedelta(hours=20)))
    again(phone)
    phone.go("vouchers")
    phone.page.locator(".coupon").click()
    expect(phone.page.locator(".ticket.locked")).to_contain_text("This phone is new. To protect you, it can spend from")
    expect(phone.page.locator(".ticket svg")).to_have_count(0)
    expect(phone.page.get_by_role("button", name="Reserve for a shop")).to_have_count(0)
