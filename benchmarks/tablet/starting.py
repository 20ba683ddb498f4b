"""What a tablet loads the first time, and how soon it waits for a card when it starts without a network."""

from __future__ import annotations

from statistics import median
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

from app.merchants.service import create_pairing_code
from benchmarks import serving
from benchmarks.counter import Effort
from benchmarks.databases import Ground
from benchmarks.tablet.answering import paired
from benchmarks.tablet.browser import DIST, chromium
from benchmarks.town import make_shop

DECODER = ("scan.worker-", "zxing_reader-")
# The service worker takes the page over once everything that a start needs is kept.
IS_INSTALLED = "() => navigator.serviceWorker.controller !== null"
# Milliseconds from the navigation to the frame that shows where a card is waited for.
SHOWN = """() => document.getElementById("stage")?.dataset.screen === "waiting" && performance.now()"""


def first_and_offline(effort: Effort) -> dict[str, Any]:
    """The bytes of a first visit as they came over the wire, and starts from the service worker without a network."""
    with Ground("sqlite") as ground:
        place = ground.migrated()
        with place.scope() as scope:
            shop = make_shop(scope, "Shop")
            code = create_pairing_code(scope, shop.location_id).code
        with serving.service(place) as port, chromium() as browser:
            address = f"http://127.0.0.1:{port}/tablet"
            first = browser.new_page()
            loaded = _loaded(first, address)
            first.close()
            page = paired(browser, port, code)
            page.wait_for_function(IS_INSTALLED, timeout=60_000)
            page.context.set_offline(True)
            starts = [_start(page, address) for _ in range(max(3, effort.rounds))]
    own = {name: size for name, size in loaded.items() if not name.rsplit("/", 1)[1].startswith(DECODER)}
    # A worker's requests are not the page's: what the decoder takes is told by the files that are sent for it.
    decoder = [file for file in (DIST / "assets").glob("*.br") if file.name.startswith(DECODER)]
    return {
        "first_load_kb": round(sum(own.values()) / 1000, 1),
        "decoder_kb": round(sum(file.stat().st_size for file in decoder) / 1000, 1),
        "files_kb": {name.rsplit("/", 1)[1]: round(size / 1000, 1) for name, size in own.items()},
        "offline_start_ms": round(median(starts)),
        "offline_starts_ms": [round(one) for one in starts],
    }


def _loaded(page: Page, address: str) -> dict[str, int]:
    """The bytes on the wire, heads and all, of everything that the page asks for until it is at rest."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on("Network.requestWillBeSent", lambda told: names.update({told["requestId"]: told["request"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda told: sizes.update({urlsplit(names[told["requestId"]]).path: int(told["encodedDataLength"])}),
    )
    page.goto(address)
    page.wait_for_selector("#stage[data-screen]")
    page.wait_for_load_state("networkidle")
    return sizes


def _start(page: Page, address: str) -> float:
    page.goto("about:blank")
    page.goto(address, wait_until="commit")
    return float(page.wait_for_function(SHOWN, polling="raf").json_value())
