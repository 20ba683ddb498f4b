"""From nothing to the first stamp, as the baker does it: every click and every field is counted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage, Tablet
from tests.e2e.live import Live
from tests.e2e.test_access import complaints

MOST = 25  # clicks and fields from the sign-up to the first scan


@dataclass
class Hand:
    """A hand that counts what it does."""

    page: Page
    acts: int = 0

    def click(self, name: str, *, exact: bool = False) -> None:
        self.acts += 1
        self.page.locator("main").get_by_role("button", name=name, exact=exact).or_(
            self.page.locator("main").get_by_role("link", name=name, exact=exact)
        ).first.click()

    def fill(self, label: str, text: str) -> None:
        self.acts += 1
        self.page.get_by_label(label, exact=False).first.fill(text)

    def pick(self, trade: str) -> None:
        self.acts += 1
        self.page.locator(".trade", has_text=trade).first.click()


def mailed_code(live: Live) -> str:
    """The code in the newest mail."""
    live.deliver()
    newest = max(live.mails.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    found = re.search(r"\b([0-9]{6})\b", newest.read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def look_twice(page: Page) -> None:
    """No complaint of axe, by day and by night, and nothing wider than a small phone."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert complaints(page) == [], (page.url, scheme)
    page.emulate_media(color_scheme="light")
    kept = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert kept is not None
    page.set_viewport_size(kept)


def test_from_signing_up_to_the_first_stamp(open_page: OpenPage, tablet: Tablet, live: Live) -> None:
    page = open_page(camera=False)
    hand = Hand(page)
    page.goto(f"{live.url}/account/sign-up")
    look_twice(page)
    hand.pick("Bakery")
    hand.fill("Name of the shop", "Bakkerij Nieuw")
    hand.fill("Street and number", "Zegelstraat 3")
    hand.fill("Postcode", "9099")
    hand.fill("Town", "Zegelgem")
    hand.fill("Your e-mail address", "an@nieuw.example")
    hand.fill("A password", "stempel voor stempel")
    hand.click("Send me the code")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look in your mail")
    look_twice(page)
    hand.fill("The six digits", mailed_code(live))
    hand.click("Begin", exact=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("On the way to your first stamp")
    look_twice(page)
    hand.click("That is how it works")
    expect(page.get_by_text("From now on that is how it works")).to_be_visible()
    hand.click("Connect a tablet", exact=True)
    look_twice(page)
    hand.click("Show the code")
    expect(page.get_by_text("Waiting for the tablet")).to_be_visible()
    look_twice(page)
    code = page.locator(".pair-code").inner_text()

    # At the tablet, where the camera would have read it.
    tablet.page.goto(f"{live.url}/tablet")
    tablet.shows("pair")
    tablet.page.locator("#pair-code").fill(code)
    tablet.page.locator("form button.go").click()
    hand.acts += 2
    tablet.shows("waiting")
    expect(page.get_by_text("The tablet is here")).to_be_visible()

    # The first card: one that was never here.
    tablet.scan(live.printed_card())
    tablet.shows("purchase")
    tablet.type("9")  # the template counts purchases from five euro on, so the tablet asks
    tablet.press("Book 2 stamps")  # one for the purchase, one as a welcome
    hand.acts += 2
    tablet.shows("earned")
    assert hand.acts <= MOST, hand.acts
    print(f"{hand.acts} clicks and fields to the first stamp")

    hand.click("Go on")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your first stamp is given")
    look_twice(page)


def test_the_shop_s_pages_can_be_used_by_everybody(open_page: OpenPage, live: Live) -> None:
    page = open_page(camera=False)
    page.goto(f"{live.url}/account/sign-up")
    hand = Hand(page)
    hand.pick("Bookshop")
    hand.fill("Name of the shop", "Boekhandel Nieuw")
    hand.fill("Your e-mail address", "bo@nieuw.example")
    hand.fill("A password", "stempel voor stempel")
    hand.click("Send me the code")
    hand.fill("The six digits", mailed_code(live))
    hand.click("Begin", exact=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("On the way to your first stamp")
    office = page.url.removesuffix("/welcome")
    for path in ("/shop", "/shop/counter", "/shop/invitations", "/locations/new", "/print", "/help"):
        page.goto(office + path)
        look_twice(page)
    page.goto(f"{live.url}/join/boekhandel-nieuw")
    look_twice(page)

    # The colour is seen before it is saved, the sign too.
    page.goto(f"{office}/shop/about")
    look_twice(page)
    preview = page.locator("[data-preview] .preview-button")
    before = preview.evaluate("element => getComputedStyle(element).backgroundColor")
    page.locator("[data-hue]").fill("120")
    assert preview.evaluate("element => getComputedStyle(element).backgroundColor") != before
    page.get_by_label("Your sign").select_option("cafe")
    expect(page.locator("[data-sign=cafe]")).to_be_visible()
    expect(page.locator("[data-sign=bookshop]")).to_be_hidden()
    hand.click("Save")
    expect(page.get_by_text("Saved.")).to_be_visible()

    # Hours are copied from Monday.
    page.get_by_role("link", name="Address and hours").click()
    page.get_by_label("Monday, from").first.fill("09:00")
    page.get_by_label("Monday, to").first.fill("18:00")
    hand.click("Copy Monday to the other days")
    expect(page.get_by_label("Sunday, to").first).to_have_value("18:00")
    hand.click("Save")
    expect(page.get_by_text("Saved.")).to_be_visible()

    # A poster is a file.
    page.goto(f"{office}/print")
    with page.expect_download() as poster:
        hand.click("Download the poster")
    assert poster.value.suggested_filename == "zegel-boekhandel-nieuw-a4-en.pdf"
