"""What a member does in the app, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.live import Live
from tests.e2e.member import Phone
from tests.e2e.till import Till

ADDRESS = "lotte@example.org"


@dataclass
class Keeper:
    """What makes and keeps passkeys on a phone."""

    session: CDPSession
    authenticator_id: str

    def share(self, other: Keeper) -> None:
        """Bring the passkeys to another phone's keeper, as a password manager does."""
        mine = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator_id})
        for credential in mine["credentials"]:
            added = {"authenticatorId": other.authenticator_id, "credential": credential}
            other.session.send("WebAuthn.addCredential", added)


def with_passkeys(page: Page) -> Keeper:
    """Give a phone what makes and keeps passkeys."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Keeper(session, str(made["authenticatorId"]))


def secure_by_mail(phone: Phone, address: str = ADDRESS) -> None:
    """Add an address to the card on this phone."""
    phone.go("me/secure")
    phone.shows("me/secure")
    phone.type("E-mail address", address)
    phone.press("Mail me the code")
    expect(phone.page.get_by_label("Six digits")).to_be_visible()
    phone.type("Six digits", phone.mailed_code(address))
    phone.press("Check the code")
    expect(phone.page.get_by_text(f"Your card now belongs to {address}")).to_be_visible()


def sign_in_by_mail(phone: Phone, address: str = ADDRESS) -> None:
    """Sign in on a phone with nothing on it."""
    phone.open("/#/begin/email")
    phone.type("E-mail address", address)
    phone.press("Mail me the code")
    expect(phone.page.get_by_label("Six digits")).to_be_visible()
    phone.type("Six digits", phone.mailed_code(address))
    phone.press("Check the code")
    phone.shows("card")
    expect(phone.card).to_be_visible()


def move_here(old: Phone, new: Phone) -> None:
    """Go on with the old phone's card on a new one."""
    old.go("me/move")
    new.open(f"/#move={old.page.locator('.secret b').inner_text()}")
    new.press("Take my card here")
    new.shows("card")
    expect(new.card).to_be_visible()


def agree(phone: Phone, name: str | None = None) -> None:
    """Say yes to the question over the screen."""
    sheet = phone.page.locator("dialog.sheet")
    expect(sheet).to_be_visible()
    (sheet.locator(".b").first if name is None else sheet.get_by_role("button", name=name)).click()
    expect(sheet).to_have_count(0)


def settled(phone: Phone) -> None:
    """Wait until everything on the screen was answered."""
    expect(phone.page.locator("#stage [aria-busy]")).to_have_count(0)


def have_points(phone: Phone, live: Live) -> Till:
    """A card with 690 points at the bookshop, and its till."""
    till = Till.of(live, live.bookshop)
    till.visit(phone.begin(), amount="230.00")
    return till


def scanned(phone: Phone, till: Till) -> dict[str, Any]:
    """Show the card's code of this moment to a till."""
    phone.go("card")
    phone.shows("card")
    return till.scan(phone.code)


def number_of(phone: Phone) -> str:
    """The number of the card on a phone."""
    phone.go("card")
    phone.shows("card")
    return phone.number


def set_brake(phone: Phone, name: str, amount: str) -> None:
    phone.go("me/brakes")
    settled(phone)
    phone.page.locator(f"#{name}").fill(amount)
    phone.page.locator(f"form:has(#{name}) .b").click()
    expect(phone.page.locator(".brake-set").last).to_be_visible()
