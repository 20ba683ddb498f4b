"""The browser, its pretended camera, and the tablet in it. No request may leave this machine, and the page may never
break its own content policy: both are asked after every test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect, sync_playwright

from tests.conftest import ENVIRONMENT
from tests.databases import SqliteTemplate
from tests.e2e import pictures
from tests.e2e.live import Live, Shop, serving
from tests.e2e.member import Phone

OpenPage = Callable[..., Page]
CHROMIUM = os.environ.get("ZEGEL_CHROMIUM") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --use-fake-device-for-media-stream"
)
# A machine that does other work meanwhile is slow; what never comes is told all the same.
expect.set_options(timeout=20_000)
# A hand scanner: all its keys within a few milliseconds.
# All of them are made first: their times are those of the making, also on a machine that is interrupted in between.
SCANNER = """text => {
  const keys = [...text, "Enter"].map(key => new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (const key of keys) (document.activeElement ?? document.body).dispatchEvent(key);
}"""

# What was booked is noted behind the answer: it is waited for, or it would come after it was forgotten.
FORGET = """async () => {
  const db = await new Promise((opened, failed) => {
    const asked = indexedDB.open("zegel-tablet");
    asked.onsuccess = () => opened(asked.result);
    asked.onerror = failed;
  });
  const forgotten = () => new Promise(done => {
    const change = db.transaction("recent", "readwrite");
    const known = change.objectStore("recent").count();
    change.objectStore("recent").clear();
    change.oncomplete = () => done(known.result > 0);
  });
  while (!await forgotten()) await new Promise(done => setTimeout(done, 20));
  db.close();
}"""

# From when on it answers for what is reserved: written down behind the first answer of the service.
HEARD = """async () => {
  const db = await new Promise((opened, failed) => {
    const asked = indexedDB.open("zegel-tablet");
    asked.onsuccess = () => opened(asked.result);
    asked.onerror = failed;
  });
  const began = () => new Promise(done => {
    const asked = db.transaction("marks").objectStore("marks").get("began");
    asked.onsuccess = () => done(asked.result !== undefined);
  });
  while (!await began()) await new Promise(done => setTimeout(done, 20));
  db.close();
}"""


@pytest.fixture
def live(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Live]:
    """Two shops, really served."""
    with sqlite_template.copy(tmp_path) as url, serving(ENVIRONMENT, url, tmp_path) as shops:
        yield shops


@pytest.fixture
def named(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Live]:
    """The same at an address with a name, as passkeys need it."""
    with sqlite_template.copy(tmp_path) as url, serving(ENVIRONMENT, url, tmp_path, host="localhost") as shops:
        yield shops


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera sees: the file is read when the camera starts."""
    return tmp_path_factory.mktemp("camera") / "picture.y4m"


@pytest.fixture(scope="session")
def browser(playwright: Playwright, picture: Path) -> Iterator[Browser]:
    pictures.still(picture, pictures.blank())
    flags = [*FLAGS.split(), f"--use-file-for-fake-video-capture={picture}"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags)
    yield browser
    browser.close()


@dataclass
class Watched:
    """What a page did that it should not."""

    strangers: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("weberror", lambda error: self.broken.append(str(error.error)))
        context.on("console", lambda said: self._said(said.text))

    def _request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname not in ("127.0.0.1", "localhost"):
            self.strangers.append(request.url)

    def _said(self, text: str) -> None:
        if "Content Security Policy" in text or "Refused to" in text:
            self.broken.append(text)


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    assert watched.strangers == []
    assert watched.broken == []


@pytest.fixture
def open_page(browser: Browser, watched: Watched, picture: Path) -> Iterator[OpenPage]:
    """A new browser window: `open_page(locale="nl-BE", color_scheme="dark")`; the camera is allowed unless said."""
    contexts: list[BrowserContext] = []
    pictures.still(picture, pictures.blank())

    def open_one(*, camera: bool = True, **options: Any) -> Page:
        options = {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **options}
        context = browser.new_context(permissions=["camera"] if camera else [], **options)
        contexts.append(context)
        watched.watch(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@dataclass
class Tablet:
    """The counter page, as staff use it."""

    page: Page
    live: Live

    def shows(self, screen: str) -> None:
        """Wait for a screen."""
        expect(self.page.locator("#stage")).to_have_attribute("data-screen", screen)

    def pair(self, shop: Shop) -> None:
        self.page.goto(f"{self.live.url}/tablet")
        self.shows("pair")
        self.page.locator("#pair-code").fill(self.live.pairing_code(shop))
        self.page.locator("form button.go").click()
        self.shows("waiting")

    def scan(self, code: str) -> None:
        """By hand scanner."""
        self.page.evaluate(SCANNER, code)

    def type(self, keys: str) -> None:
        """By keyboard, at a person's pace."""
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_function("() => new Promise(done => setTimeout(() => done(true), 60))")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def settings(self) -> None:
        """Open this tablet's own screen, whatever the language."""
        self.page.locator(".tools .b").last.click()
        self.shows("more")
        self.page.locator(".tile").last.click()
        self.shows("settings")

    def pin(self, digits: str) -> None:
        """Type a PIN and go on."""
        self.type(digits)
        self.page.keyboard.press("Enter")

    def offline(self, is_offline: bool = True) -> None:
        self.page.context.set_offline(is_offline)

    def stamp(self, code: str, stamps: int = 1) -> None:
        """Book a visit at a shop with a stamp card, and wait for the next customer."""
        self.shows("waiting")
        self.scan(code)
        self.shows("purchase")
        for _ in range(stamps - 1):
            self.press("One more")
        self.press(f"Give {stamps} stamp" + ("s" if stamps > 1 else ""))
        self.shows("earned")
        self.page.keyboard.press("Escape")

    def heard(self) -> None:
        """Wait until it has heard from the service, and answers for what is reserved from then on."""
        self.page.evaluate(HEARD)

    def forget_recent(self) -> None:
        """Forget which cards were booked here a moment ago, as another tablet would not know."""
        self.page.evaluate(FORGET)

    def until(self, is_so: Callable[[], bool]) -> None:
        """Let the page go on until something is so elsewhere."""
        for _ in range(200):
            if is_so():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("It never was so.")

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)


@pytest.fixture
def open_phone(open_page: OpenPage) -> Callable[..., Phone]:
    """Another phone with nothing on it: `open_phone(live, locale="de")`."""

    def open_one(live: Live, **options: Any) -> Phone:
        return Phone(open_page(camera=False, viewport={"width": 360, "height": 640}, **options), live)

    return open_one


@pytest.fixture
def phone(open_phone: Callable[..., Phone], live: Live) -> Phone:
    """A member's phone with nothing on it."""
    return open_phone(live)


@pytest.fixture
def tablet(open_page: OpenPage, live: Live) -> Tablet:
    """A tablet that is not paired yet."""
    return Tablet(open_page(), live)


@pytest.fixture
def bakers_tablet(tablet: Tablet, live: Live) -> Tablet:
    """A tablet that waits for cards in a shop with a stamp card."""
    tablet.pair(live.bakery)
    return tablet


@pytest.fixture
def booksellers_tablet(tablet: Tablet, live: Live) -> Tablet:
    """A tablet that waits for cards in a shop with points."""
    tablet.pair(live.bookshop)
    return tablet
