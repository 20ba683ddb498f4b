"""The counter as an installed thing: kept on the tablet by its service worker, started without a network, and updated
only when it waits."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Tablet
from tests.e2e.live import Live

READY = """async () => {
  await navigator.serviceWorker.register("/tablet.sw.js", { scope: "/tablet", updateViaCache: "none" });
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) {
    await new Promise(done => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }));
  }
}"""
STARTED = "() => document.querySelector('#stage')?.dataset.screen === 'waiting'"
KEPT = """async () => {
  const names = await caches.keys();
  const kept = await Promise.all(names.map(async name => (await (await caches.open(name)).keys()).map(r => r.url)));
  return kept.flat().map(url => new URL(url).pathname);
}"""
FIRST_LOOK = "() => performance.now()"
MOST_FOR_A_COLD_START = 1000  # milliseconds


def keep(page: Page) -> None:
    page.evaluate(READY)


def test_it_starts_without_a_network(bakers_tablet: Tablet) -> None:
    page = bakers_tablet.page
    keep(page)
    bakers_tablet.offline()
    took = []
    for _ in range(5):
        page.goto("about:blank")
        response = page.goto(f"{bakers_tablet.live.url}/tablet?lang=nl")
        assert response is not None
        assert response.from_service_worker
        page.wait_for_function(STARTED)
        took.append(page.evaluate(FIRST_LOOK))
    bakers_tablet.offline(False)
    print(f"offline starts: {[round(one) for one in took]} ms")
    # The best of them: what the page needs. What it takes beside other work is measured where nothing else runs.
    assert min(took) <= MOST_FOR_A_COLD_START


def test_it_keeps_what_it_needs_and_no_more(bakers_tablet: Tablet) -> None:
    page = bakers_tablet.page
    keep(page)
    kept: list[str] = page.evaluate(KEPT)
    for ending in (".wasm", ".css", ".woff2", "/tablet"):
        assert [path for path in kept if path.endswith(ending)], ending
    assert [path for path in kept if "scan.worker" in path]
    assert not [path for path in kept if "api-docs" in path or path.startswith("/api/")]


def test_the_decoder_works_without_a_network(bakers_tablet: Tablet, live: Live) -> None:
    page = bakers_tablet.page
    keep(page)
    bakers_tablet.offline()
    page.goto(f"{live.url}/tablet")
    page.wait_for_function(STARTED)
    loads = """async () => {
      const names = await caches.keys();
      const keys = await Promise.all(names.map(async name => (await caches.open(name)).keys()));
      const wanted = keys.flat().map(request => request.url).filter(url => /[.]wasm|scan[.]worker/.test(url));
      return Promise.all(wanted.map(async url => (await fetch(url)).status));
    }"""
    assert set(page.evaluate(loads)) == {200}
    bakers_tablet.offline(False)


def test_a_browser_can_install_it(bakers_tablet: Tablet) -> None:
    page = bakers_tablet.page
    keep(page)
    page.reload()
    page.wait_for_function(STARTED)
    session = page.context.new_cdp_session(page)
    told: dict[str, Any] = session.send("Page.getAppManifest")
    assert told["errors"] == []
    assert told["url"].endswith("/tablet.webmanifest")
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # The window of a test is a private one, in which nothing can be installed.
    assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []


def test_a_new_version_waits_for_its_moment(bakers_tablet: Tablet) -> None:
    page = bakers_tablet.page
    keep(page)
    # The page in another language is another version of it, as one of a new deployment would be.
    page.evaluate("fetch('/?lang=nl')")
    waits = """async () => {
      const registration = await navigator.serviceWorker.getRegistration("/tablet");
      await registration.update();
      for (let tries = 0; tries < 100 && !registration.waiting; tries++) {
        await new Promise(done => setTimeout(done, 50));
      }
      return Boolean(registration.waiting) && registration.active.state === "activated";
    }"""
    assert page.evaluate(waits)
    expect(page.locator("#stage")).to_have_attribute("data-screen", "waiting")
