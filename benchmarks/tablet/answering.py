"""From the text of a code to its answer on the screen, and what a hundred scans leave in memory."""

from __future__ import annotations

from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from app.common.scope import Scope
from app.merchants.service import create_pairing_code
from benchmarks import serving
from benchmarks.counter import Effort
from benchmarks.databases import Ground
from benchmarks.tablet.browser import chromium
from benchmarks.town import Shop, make_cards, make_shop, visit

HOST = "BENCH.EXAMPLE"  # of Ground's PUBLIC_URL
WARM = 50  # scans until everything is compiled and every pool is filled
# A hand scanner's keys. The clock starts when the last one reaches the page, and stops when the frame with the answer
# has been painted: a message that is sent while a frame is made arrives when it is done.
SCAN = """([text, wanted]) => new Promise((done, failed) => {
  const stage = document.getElementById("stage");
  const end = setTimeout(() => failed(new Error("no answer, but: " + document.body.innerText)), 15000);
  let started = 0;
  const unheard = () => {
    seen.disconnect();
    clearTimeout(end);
    done(null);
  };
  const seen = new MutationObserver(() => {
    // A page that was held up in the middle of the keys took their end for a scan of its own.
    if (stage.dataset.screen === "refused") return unheard();
    if (!wanted.includes(stage.dataset.screen)) return;
    seen.disconnect();
    clearTimeout(end);
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => done({ ms: performance.now() - started, screen: stage.dataset.screen });
      painted.port2.postMessage(null);
    });
  });
  const press = (key) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(event);
  };
  for (const key of text) press(key);
  seen.observe(stage, { childList: true });
  started = performance.now();
  press("Enter");
  // The page takes keys for a scan only at a scanner's pace, which a busy machine may not have kept.
  if (!document.documentElement.hasAttribute("data-busy")) unheard();
})"""
SCREENS = ["purchase"]


def code_to_answer(ground: Ground, effort: Effort) -> dict[str, Any]:
    """Scan one card after the other at a tablet in Chromium, with the service on the same machine.

    Every card has been at the shop once. The camera runs meanwhile, and looks at Chromium's moving test picture.
    """
    place = ground.migrated()
    with place.scope() as scope:
        shop = make_shop(scope, "Shop")
        numbers = make_cards(scope, WARM + effort.scans)
        visit(scope, ground.folder, [(number, shop) for number in numbers], name="first")
        pairing = _pairing_code(scope, shop)
    with serving.service(place) as port, chromium() as browser:
        page = paired(browser, port, pairing)
        times = [_scan(page, number) for number in numbers[:WARM]]
        before = _memory(browser, page)
        times = [_scan(page, number) for number in numbers[WARM:]]
        after = _memory(browser, page)
    return {
        "scans": len(times),
        "ms": round(median(times), 1),
        "p95_ms": round(quantiles(times, n=20)[18], 1),
        **{f"{name}_before": round(value, 1) for name, value in before.items()},
        **{f"{name}_growth": round(after[name] / value - 1, 3) for name, value in before.items()},
    }


def paired(browser: Browser, port: int, code: str) -> Page:
    """The tablet's page, paired and waiting for a card."""
    page = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800}).new_page()
    page.goto(f"http://127.0.0.1:{port}/tablet")
    page.locator("#pair-code").fill(code)
    page.locator("form button.go").click()
    page.wait_for_selector('#stage[data-screen="waiting"]')
    return page


def _pairing_code(scope: Scope, shop: Shop) -> str:
    return create_pairing_code(scope, shop.location_id).code


def _scan(page: Page, number: str) -> float:
    for _ in range(10):
        if answer := page.evaluate(SCAN, [f"HTTPS://{HOST}/C/{number}", SCREENS]):
            return float(answer["ms"])
    shown = page.locator("#stage").inner_text()
    raise RuntimeError(f"this machine is too busy to type as quickly as a scanner, or the card was refused: {shown}")


def _memory(browser: Browser, page: Page) -> dict[str, float]:
    """Megabytes of the page's objects once the collector has run, and of its process with everything it shares out."""
    session: CDPSession = page.context.new_cdp_session(page)
    # Else the process keeps pages that hold nothing, a different number each time.
    session.send("Memory.simulatePressureNotification", {"level": "critical"})
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [int(one["id"]) for one in processes if one["type"] == "renderer"]
    return {"heap_mb": heap / 1e6, "process_mb": sum(map(_resident, pages)) / 1e6}


def _resident(process: int) -> int:
    """Bytes in memory, what is shared with others counted in part."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
