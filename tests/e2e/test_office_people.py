"""An owner makes the sign-in safe, asks a colleague in, makes a key, and reads who did what, in a browser."""

from __future__ import annotations

import email
import email.policy
import re
import time
from pathlib import Path

import pyotp
from playwright.sync_api import Page, expect

from app.merchants import service as merchants
from app.merchants.models import Merchant
from tests.e2e.conftest import OpenPage
from tests.e2e.live import Live
from tests.e2e.member_steps import with_passkeys

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BROKEN = """async tags => (await axe.run({ runOnly: tags })).violations
  .map(found => `${found.id}: ${found.nodes.map(node => node.target).join(" | ")}`)"""
PASSWORD = "correct horse battery"


def check(page: Page) -> None:
    """No violation in light and in dark, and nothing wider than a small phone."""
    page.evaluate(AXE.read_text())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(BROKEN, TAGS) == [], page.url
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360, page.url
    page.set_viewport_size({"width": 1280, "height": 800})


def owner_of(live: Live) -> str:
    """Lotte owns the bakery and has a password; the address of its pages."""
    staff_id = merchants.add_staff(
        live.scope, live.bakery.merchant_id, name="Lotte", role="owner", email="lotte@korst.example"
    )
    merchants.set_password(live.scope, merchants.create_setup_link(live.scope, staff_id=staff_id).token, PASSWORD)
    with live.scope.reading() as tx:
        return f"{live.url}/office/{tx.session.get_one(Merchant, live.bakery.merchant_id).slug}"


def sign_in(page: Page, live: Live, address: str = "lotte@korst.example") -> None:
    page.goto(f"{live.url}/account/sign-in")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def mailed(live: Live, to: str) -> str:
    """The link in the newest mail to somebody."""
    live.deliver()
    found = []
    for path in sorted(live.mails.glob("*.eml")):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if mail["To"] == to:
            found.append(mail.get_content())
    link = re.search(r"http://\S+", found[-1])
    assert link is not None
    return link[0]


def test_an_owner_makes_it_safe_and_asks_a_colleague_in(open_page: OpenPage, live: Live) -> None:
    office = owner_of(live)
    page = open_page(camera=False)
    page.goto(f"{live.url}/account/sign-in")
    check(page)
    sign_in(page, live)
    expect(page.get_by_role("heading", name="Your shops")).to_be_visible()
    check(page)

    page.goto(f"{office}/team/keys")
    expect(page.get_by_role("heading", name="First a second step")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Use an authenticator app").click()
    page.get_by_text("You can’t scan it?").click()
    totp = pyotp.TOTP((page.locator(".secret").text_content() or "").replace(" ", ""))
    check(page)
    page.get_by_label("Code").fill(totp.at(time.time()))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.locator(".codes li")).to_have_count(10)
    code = page.locator(".codes li").first.text_content() or ""
    check(page)
    page.get_by_role("link", name="I have kept them").click()

    expect(page.get_by_role("heading", name="Keys for tills")).to_be_visible()
    page.get_by_label("Which till is it for?").fill("Big till")
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator("#new-key")).to_contain_text("zg_key_")
    check(page)

    page.goto(f"{office}/team/people/new")
    check(page)
    page.get_by_label("Name").fill("Bob")
    page.get_by_label("Manager").check()
    page.get_by_label("E-mail address").fill("bob@korst.example")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Bob is asked in by mail.")).to_be_visible()
    check(page)

    guest = open_page(camera=False)
    guest.goto(mailed(live, "bob@korst.example"))
    guest.get_by_label("New password").fill(PASSWORD)
    guest.get_by_label("The same once more").fill(PASSWORD)
    guest.get_by_role("button", name="Set the password").click()
    sign_in(guest, live, "bob@korst.example")
    guest.goto(f"{office}/team")
    expect(guest.get_by_role("heading", name="Tablets", exact=True)).to_be_visible()
    expect(guest.get_by_role("link", name="Keys for tills")).to_have_count(0)

    page.get_by_role("link", name="Bob").click()
    check(page)
    page.get_by_role("button", name="Stop access").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop access").click()
    expect(page.get_by_text("Bob has no access any more.")).to_be_visible()
    assert guest.reload() is not None
    expect(guest.get_by_role("heading", name="Nothing here")).to_be_visible()

    for path, heading in (
        ("/team/audit", "Who did what"),
        ("/team/webhooks", "Webhooks"),
        ("/team/webhooks/new", "Add an address"),
        ("/team/feedback", "What members say"),
        ("/team/hand-over", "Hand the business over"),
    ):
        page.goto(office + path)
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        check(page)
    page.goto(f"{office}/team/audit")
    expect(page.get_by_text("Access of a colleague stopped")).to_be_visible()
    page.goto(f"{live.url}/account/me")
    check(page)

    elsewhere = open_page(camera=False)
    sign_in(elsewhere, live)
    expect(elsewhere.get_by_role("heading", name="One more step")).to_be_visible()
    check(elsewhere)
    elsewhere.get_by_label("Code").fill(code)
    elsewhere.get_by_role("button", name="Go on").click()
    expect(elsewhere.get_by_role("heading", name="Your shops")).to_be_visible()


def test_a_passkey_signs_in_without_a_password(open_page: OpenPage, named: Live) -> None:
    owner_of(named)
    page = open_page(camera=False)
    with_passkeys(page)
    sign_in(page, named)
    page.goto(f"{named.url}/account/passkeys")
    check(page)
    page.get_by_label("What do you call it?").fill("My phone")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("My phone")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Your shops")).to_be_visible()
    page.goto(f"{named.url}/account/me")
    expect(page.get_by_text("Last used on")).to_be_visible()
