"""That everybody can use the back office: axe-core on every page, by day and by night, on a desk and on a phone, and
nothing wider than a small phone."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

from app.backoffice.doors import COOKIE, DOORS
from app.merchants import service as merchants
from app.rewards.service import simulations
from benchmarks.office.building import build
from benchmarks.office.furnishing import furnish, settle
from benchmarks.office.pages import addresses
from tests.e2e.conftest import OpenPage
from tests.e2e.large import cut_off_when_large
from tests.e2e.live import Live
from tests.e2e.test_access import AXE

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BROKEN = """async tags => (await axe.run({ runOnly: tags })).violations
  .map(found => `${found.id}: ${found.nodes.map(node => node.target).join(" | ")}`)"""
# Files, pictures and parts of pages; what leads on at once shows the page it leads to, which is here itself.
NO_PAGES = {
    *("reports.download_report", "reports.download_month", "reports.now", "setting_up.show_logo"),
    *("subscription.electronic", "setting_up.watch_pairing", "relations.list_dots", "relations.tell_member"),
}


def pages_of(live: Live, folder: Path) -> tuple[str, dict[str, str]]:
    """The session of an owner with a year's customers, and the address of each page, also of the person's own."""
    shop = build(live.scope, folder, name="Bakkerij", visits=240, members=24)
    furnish(live.scope, shop)
    simulations.run_waiting(live.scope)
    settle(live.scope)
    found = {which: path for which, path in addresses(live.scope, shop)[0].items() if which.split()[0] not in NO_PAGES}
    # A sort or a filter shows the same page: the plain one, and each report.
    plain = {which: path for which, path in found.items() if "=" not in which}
    own = {
        name: door.rule
        for name, door in DOORS.items()
        if "GET" in door.methods and "<" not in door.rule and not door.rule.startswith("/office/")
    }
    token = merchants.open_session(live.scope, shop.login_id, is_second_proved=True).token
    return token, {**plain, **own}


def wrong_with(page: Page) -> list[str]:
    """What is wrong with a page as it is now, at both sizes and in both lights."""
    found: list[str] = []
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "dark"), (390, "light")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        # What colours can't change is asked once at each size.
        asked = TAGS if (width, scheme) in ((1280, "light"), (390, "dark")) else ["color-contrast"]
        found += [f"{width} {scheme} {one}" for one in page.evaluate(BROKEN, asked)]
    page.set_viewport_size({"width": 360, "height": 740})
    if (wide := page.evaluate("() => document.documentElement.scrollWidth")) > 360:
        found.append(f"{wide} px wide on a phone of 360")
    page.set_viewport_size({"width": 1280, "height": 844})
    if large := cut_off_when_large(page):
        found.append(f"with text twice as large: {large}")
    return found


def test_every_page_can_be_used_by_everybody(open_page: OpenPage, live: Live, tmp_path: Path) -> None:
    token, paths = pages_of(live, tmp_path)
    page = open_page(camera=False)
    page.context.add_cookies([{"name": COOKIE, "value": token, "url": live.url}])
    axe = AXE.read_text()
    wrong: dict[str, list[str]] = {}
    for which, path in paths.items():
        answer = page.goto(f"{live.url}{path}", wait_until="load")
        assert answer is not None and answer.status == 200, (which, answer and answer.status)  # noqa: PT018
        if path.startswith("/office/"):
            # Without a second step, keys and webhooks show how to get one; test_office_people opens them.
            shown = urlsplit(page.url).path
            assert shown in (urlsplit(path).path, "/account/second-step/wanted"), "signed in, and let in"
        page.evaluate(axe)
        if found := wrong_with(page):
            wrong[f"{which} {urlsplit(page.url).path}"] = found
    assert not wrong, "\n".join(f"{which}: {found}" for which, found in wrong.items())
    assert len(paths) > 60
