"""Lighthouse's verdict on the member's app and on a shop's public page, with its settings for a phone.

The app is audited as its member sees it: with a card, and balances at several shops. Lighthouse throttles the network
and the processor by reckoning (its own default), so a figure says more about the pages than about the machine.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import Page, sync_playwright

from app.common.scope import Scope
from app.merchants.service import add_location, create_key, create_merchant
from app.rewards.rules import stamps_document
from app.rewards.service import create_programme, create_reward
from benchmarks import serving
from benchmarks.counter import Effort
from benchmarks.databases import ROOT, Ground
from benchmarks.tablet.browser import CHROMIUM, FLAGS
from benchmarks.town import Shop

SHOPS = 12
GHENT = (51.0536, 3.7253)
LIGHTHOUSE = ROOT / "frontend" / "audit" / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
# A busy machine loses the trace of a page now and then: that is no verdict on the page.
TRIES = 3
# What the app shows under these addresses is what is audited; the last is a page that anybody finds.
PAGES = {"card": "/#/card", "balances": "/#/wallet", "shops": "/#/shops"}


def by_lighthouse(effort: Effort) -> dict[str, Any]:
    """Each page's scores, of 100, as medians; and what keeps the browser from installing the app.

    Raises RuntimeError when Lighthouse can't be installed or gives no verdict.
    """
    subprocess.run([ROOT / "tools" / "frontend", "build"], check=True)
    subprocess.run([ROOT / "tools" / "frontend", "audit"], check=True)
    with Ground("sqlite") as ground:
        place = ground.migrated()
        with place.scope() as scope:
            shops = [_shop(scope, number) for number in range(SHOPS)]
        with serving.service(place) as port, _chromium() as (debugging, page):
            address = f"http://127.0.0.1:{port}"
            number = _card(page, address)
            _visit_all(address, number, shops)
            told: dict[str, Any] = {
                name: _audit(address + path, debugging, effort.audits)
                for name, path in {**PAGES, "public": _public(page, address)}.items()
            }
            told["not_installable"] = _installability(page, address)
    return told


def _shop(scope: Scope, number: int) -> Shop:
    """A listed bakery somewhere in Ghent, with a stamp card and a reward."""
    merchant_id = create_merchant(
        scope,
        name=f"Bakkerij {number + 1}",
        category="bakery",
        hue=30 * number,
        story={"nl": "Brood met tijd.", "en": "Bread that takes its time."},
    )
    lat, lon = GHENT[0] + 0.003 * (number % 4), GHENT[1] + 0.004 * (number // 4)
    location_id = add_location(
        scope,
        merchant_id,
        street=f"Kouter {number + 1}",
        postcode="9000",
        city="Gent",
        lat=lat,
        lon=lon,
        opening_hours={day: [["07:00", "18:30"]] for day in ("mon", "tue", "thu", "fri", "sat")},
    )
    programme_id = create_programme(scope, merchant_id, name="Stamps", kind="stamps", rules=stamps_document(10))
    create_reward(scope, programme_id, name="A loaf of your choice", kind="item", cost=10)
    key = create_key(scope, location_id, name="Till", scopes=[])
    return Shop(merchant_id, programme_id, location_id, key.device_id, key.token)


def _card(page: Page, address: str) -> str:
    """Begin in the app as anybody does; gives the card's number."""
    page.goto(address)
    page.locator(".code[data-code]").wait_for()
    return re.sub(r"[^0-9A-Z]", "", page.locator(".code .number").inner_text())


def _visit_all(address: str, number: str, shops: list[Shop]) -> None:
    """Three visits at each shop, booked as a till does."""
    for shop in shops:
        for _ in range(3):
            request = Request(
                f"{address}/api/v1/pos/visits",
                json.dumps({"code": number}).encode(),
                {
                    "Authorization": f"Bearer {shop.token}",
                    "Content-Type": "application/json",
                    "Idempotency-Key": uuid.uuid4().hex,
                },
            )
            with urlopen(request):
                pass


def _public(page: Page, address: str) -> str:
    """The path of a shop's public page, as the list of shops links it."""
    page.goto(f"{address}/shops")
    path = page.locator("a[href^='/s/']").first.get_attribute("href")
    if path is None:
        raise RuntimeError("the list of shops links none")
    return path


def _audit(url: str, debugging: int, times: int) -> dict[str, Any]:
    """The medians of so many audits of one page."""
    takes = [_take(url, debugging) for _ in range(times)]
    scores = {
        name.replace("-", "_"): round(100 * median(take["categories"][name]["score"] or 0 for take in takes))
        for name in CATEGORIES
    }
    weak = sorted(
        {
            reference["id"]
            for category in takes[-1]["categories"].values()
            for reference in category["auditRefs"]
            if reference["weight"] and (takes[-1]["audits"][reference["id"]]["score"] or 1) < 0.9
        }
    )
    return {**scores, "weak": weak}


def _take(url: str, debugging: int) -> dict[str, Any]:
    command = [
        *("node", str(LIGHTHOUSE), url, f"--port={debugging}", "--output=json", "--quiet", "--disable-storage-reset"),
        f"--only-categories={','.join(CATEGORIES)}",
    ]
    said = ""
    for _ in range(TRIES):
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=180)
        if done.returncode == 0:
            report: dict[str, Any] = json.loads(done.stdout)
            if not report.get("runtimeError"):
                return report
            said = str(report["runtimeError"])
        else:
            said = done.stderr[-2000:]
    raise RuntimeError(f"Lighthouse gave no verdict on {url}: {said}")


def _installability(page: Page, address: str) -> list[str]:
    """What the browser itself has against installing the app."""
    page.goto(address)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    session = page.context.new_cdp_session(page)
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # The browser under test keeps nothing between its runs, and says so.
    return [one["errorId"] for one in errors if one["errorId"] != "in-incognito"]


@contextmanager
def _chromium() -> Iterator[tuple[int, Page]]:
    """A browser that Lighthouse can reach by the port, and a page in it, of the same storage."""
    with tempfile.TemporaryDirectory(prefix="zegel-audit-") as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            headless=True,
            args=[*FLAGS.split(), "--remote-debugging-port=0"],
            locale="en-GB",
            viewport={"width": 412, "height": 823},
            env={name: value for name, value in os.environ.items() if isinstance(value, str)},
        )
        try:
            port = int((Path(profile) / "DevToolsActivePort").read_text().splitlines()[0])
            yield port, context.pages[0]
        finally:
            context.close()
