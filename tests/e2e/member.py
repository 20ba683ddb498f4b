"""A member's phone, as she uses it: the app in a browser of its own."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from email.policy import default
from io import BytesIO

import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.live import Live

# The phone keeps the app once its service worker has taken the page over.
KEPT = """async () => {
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) {
    await new Promise(done => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }));
  }
}"""


@dataclass
class Phone:
    """One browser with the member's app."""

    page: Page
    live: Live

    def open(self, path: str = "/") -> None:
        """Open the app at an address."""
        self.page.goto(f"{self.live.url}{path}")

    def begin(self) -> str:
        """Open the app on a blank phone: its new card's number."""
        self.open()
        return self.number

    def go(self, path: str) -> None:
        """Go to a place in the app, as a link would."""
        self.page.evaluate("path => { location.hash = `#/${path}` }", path)

    def shows(self, screen: str) -> None:
        """Wait for a screen, by its path in the registry."""
        expect(self.page.locator("#stage")).to_have_attribute("data-screen", screen)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).click()

    def type(self, label: str, text: str) -> None:
        self.page.get_by_label(label).fill(text)

    @property
    def card(self) -> Locator:
        """The code, once it is there."""
        return self.page.locator("#stage .code[data-code]")

    @property
    def code(self) -> str:
        """What the code on the screen holds at this moment."""
        expect(self.card).to_be_visible()
        return self.card.get_attribute("data-code") or ""

    @property
    def number(self) -> str:
        """The card's number, from its code."""
        return self.code.split("/C/")[1].split("/")[0]

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    def seen(self) -> str:
        """What a scanner reads from the picture of the screen."""
        expect(self.card).to_be_visible()
        found = zxingcpp.read_barcodes(Image.open(BytesIO(self.page.screenshot())))
        return found[0].text if found else ""

    def picture(self) -> Image.Image:
        """The screen as a picture."""
        return Image.open(BytesIO(self.page.screenshot()))

    def keep(self) -> None:
        """Wait until the app is kept on the phone."""
        self.page.evaluate(KEPT)

    def offline(self, is_offline: bool = True) -> None:
        self.page.context.set_offline(is_offline)

    def mailed_code(self, address: str) -> str:
        """The digits of the mail that was just asked for."""
        expect(self.page.locator("#code")).to_be_visible()
        self.live.deliver()
        for path in sorted(self.live.mails.glob("*.eml"), reverse=True):
            message = email.message_from_bytes(path.read_bytes(), policy=default)
            body = message.get_body(("plain",))
            if address in str(message["To"]) and body and (found := re.search(r"\b(\d{6})\b", body.get_content())):
                path.unlink()
                return found[1]
        raise AssertionError(f"no code was mailed to {address}")
