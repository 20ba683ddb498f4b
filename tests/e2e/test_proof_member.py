"""What must hold for a member, from a blank browser to the reward in her hands: her phone and the shop's tablet are two
browsers, and the tablet's camera looks at pictures of the phone's screen."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import text

from tests.e2e import pictures
from tests.e2e.conftest import Tablet
from tests.e2e.live import Live
from tests.e2e.member import Phone

# From the till's answer to the phone's screen, in milliseconds.
AT_ONCE = 2000


def _held_before(tablet: Tablet, phone: Phone, picture: Path) -> None:
    """Hold the phone before the tablet's camera."""
    seen = phone.picture().convert("L")
    frame = pictures.blank(pictures.SIZE)
    frame.paste(seen, ((pictures.SIZE[0] - seen.width) // 2, (pictures.SIZE[1] - seen.height) // 2))
    pictures.still(picture, frame)
    tablet.page.reload()


def test_from_a_blank_browser_to_a_redeemed_reward(
    phone: Phone, booksellers_tablet: Tablet, live: Live, picture: Path
) -> None:
    phone.begin()
    _held_before(booksellers_tablet, phone, picture)
    booksellers_tablet.shows("purchase")
    booksellers_tablet.type("40")
    phone.page.bring_to_front()
    booksellers_tablet.press("Book 120 points")
    booksellers_tablet.shows("earned")
    expect(phone.page.locator(".arrived")).to_contain_text("120 points", timeout=AT_ONCE)

    # She takes the bookmark, in the app, and it waits for her there.
    phone.go("rewards")
    phone.page.locator("li", has_text="Bookmark").get_by_role("button").first.click()
    phone.press("Take it")
    ticket = phone.page.locator(".ticket[data-code]")
    expect(ticket).to_be_visible()
    with live.scope.transaction() as tx:
        assert tx.session.execute(text("SELECT balance FROM account")).all() == [(20,)]
        assert tx.session.execute(text("SELECT status FROM voucher")).all() == [("issued",)]

    _held_before(booksellers_tablet, phone, picture)
    booksellers_tablet.shows("voucher")
    phone.page.bring_to_front()
    booksellers_tablet.press("Redeem")
    booksellers_tablet.shows("redeemed")
    expect(phone.page.locator(".over[data-status=redeemed]")).to_be_visible(timeout=AT_ONCE)
    with live.scope.transaction() as tx:
        assert tx.session.execute(text("SELECT status FROM voucher")).all() == [("redeemed",)]
        assert tx.session.execute(text("SELECT balance, owed FROM account")).all() == [(20, 0)]
