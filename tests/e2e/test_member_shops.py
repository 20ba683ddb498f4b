"""Shops: found by place, town and trade, on a map where there are tiles, and each on a page of its own."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from PIL import Image
from playwright.sync_api import Geolocation, Page, expect

from tests.conftest import ENVIRONMENT
from tests.databases import SqliteTemplate
from tests.e2e.live import Live, serving
from tests.e2e.member import Phone
from tests.e2e.street import Street, again, stamp_shop, street
from tests.e2e.test_access import complaints

OpenPhone = Callable[..., Phone]
KOREN_MARKET: Geolocation = {"latitude": 51.0503, "longitude": 3.7205}
# Counts how often the page asks the phone where it is.
COUNT_ASKING = """(() => {
  window.asked = 0;
  const ask = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
  navigator.geolocation.getCurrentPosition = (...rest) => { window.asked++; ask(...rest); };
})()"""
SHUT: dict[str, list[list[str]]] = {day: [] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


@pytest.fixture
def walked(phone: Phone, live: Live) -> Street:
    """A street, and the phone of a member who has been there."""
    return street(live, phone.begin())


@pytest.fixture
def tiles() -> Iterator[str]:
    """A server of map tiles: each of them plain."""
    drawn = BytesIO()
    Image.new("RGB", (256, 256), (239, 232, 216)).save(drawn, "PNG")

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Cross-Origin-Resource-Policy", "cross-origin")
            self.end_headers()
            self.wfile.write(drawn.getvalue())

        def log_message(self, *args: Any) -> None:
            del args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/{{z}}/{{x}}/{{y}}.png"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def mapped(sqlite_template: SqliteTemplate, tmp_path: Path, tiles: str) -> Iterator[Live]:
    """A service that names a server of tiles."""
    settings = {**ENVIRONMENT, "TILE_URL": tiles, "TILE_ATTRIBUTION": "© the people who drew it"}
    with sqlite_template.copy(tmp_path) as url, serving(settings, url, tmp_path) as shops:
        yield shops


def names(phone: Phone) -> list[str]:
    """The shops in the list, in its order, once it is there."""
    expect(phone.page.locator(".shop-list > li").first).to_be_visible()
    return phone.page.locator(".shop-words > b").all_text_contents()


def at(page: Page, place: Geolocation) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(place)


def search(phone: Phone, words: str) -> None:
    phone.page.get_by_role("searchbox").fill(words)
    phone.page.keyboard.press("Enter")


def test_without_her_place_shops_are_found_by_name_town_and_postcode(phone: Phone, walked: Street) -> None:
    phone.go("shops")
    phone.shows("shops")
    assert "Bloemen Vlinder" in names(phone)
    for words in ("brugge", "8000", "vlinder"):
        search(phone, words)
        expect(phone.page.locator(".shop-list > li")).to_have_count(1)
        assert names(phone) == ["Bloemen Vlinder"]
        expect(phone.page.get_by_text("1 shop", exact=True)).to_be_visible()
    search(phone, "nowhere at all")
    expect(phone.page.get_by_role("heading", name="No shop found")).to_be_visible()
    phone.press("Show all shops")
    expect(phone.page.locator(".shop-list > li").nth(3)).to_be_visible()


def test_her_place_is_asked_for_on_a_tap_alone_and_sorts_by_distance(phone: Phone, walked: Street) -> None:
    phone.page.add_init_script(COUNT_ASKING)
    again(phone)
    at(phone.page, KOREN_MARKET)
    phone.go("shops")
    names(phone)
    phone.go("rewards")
    phone.shows("rewards")
    phone.page.wait_for_load_state("networkidle")
    assert phone.page.evaluate("window.asked") == 0
    phone.go("shops")
    phone.press("Near me")
    expect(phone.page.locator(".shop-far").first).to_have_text("0 m")
    assert phone.page.evaluate("window.asked") == 1
    near = names(phone)
    assert near[0] == "Bakkerij De Mik"
    assert near.index("Boekhandel Het Blad") < near.index("Koffiebar Noen") < near.index("Bloemen Vlinder")
    far = phone.page.locator(".shop-list > li").filter(has_text="Bloemen Vlinder").locator(".shop-far")
    expect(far).to_have_text(re.compile(r"^3\d km$"))
    # It is not kept: after a new start nobody knows where she was.
    again(phone)
    names(phone)
    expect(phone.page.locator(".shop-far")).to_have_count(0)


def test_a_refused_place_says_what_to_do_instead(phone: Phone, walked: Street) -> None:
    phone.go("shops")
    names(phone)
    phone.press("Near me")
    expect(phone.page.locator("#notice")).to_contain_text("Search for a town or a postcode instead.")


def test_the_list_is_narrowed_to_what_is_open_mine_ready_and_of_a_trade(
    phone: Phone, live: Live, walked: Street
) -> None:
    stamp_shop(live, "Altijd Dicht", category="toys", opening_hours=SHUT)
    phone.go("shops")
    assert "Altijd Dicht" in names(phone)
    expect(phone.page.locator(".shop-list > li").filter(has_text="Altijd Dicht")).to_contain_text("Closed today")
    chips = phone.page.get_by_role("group", name="Show only")
    chips.get_by_role("button", name="Open now").click()
    expect(phone.page.locator(".shop-list > li").filter(has_text="Altijd Dicht")).to_have_count(0)
    # Those of which nobody knows when they are open are not among them either.
    assert sorted(names(phone)) == ["Bakkerij De Mik", "Bloemen Vlinder", "Boekhandel Het Blad", "Koffiebar Noen"]
    chips.get_by_role("button", name="I collect here").click()
    expect(phone.page.locator(".shop-list > li")).to_have_count(3)
    chips.get_by_role("button", name="Reward ready").click()
    expect(phone.page.locator(".shop-list > li")).to_have_count(2)
    assert sorted(names(phone)) == ["Boekhandel Het Blad", "Koffiebar Noen"]
    expect(phone.page.locator(".shop-list .is-ready")).to_have_text(["A reward is ready"] * 2)
    chips.get_by_role("combobox").select_option("bookshop")
    expect(phone.page.locator(".shop-list > li")).to_have_count(1)
    # What she looked for is still there when she comes back from a shop.
    phone.page.locator(".shop-row").click()
    phone.shows("shops/:id")
    phone.page.get_by_role("button", name="Back", exact=True).click()
    phone.shows("shops")
    expect(chips.get_by_role("button", name="I collect here")).to_have_attribute("aria-pressed", "true")
    expect(phone.page.locator(".shop-list > li")).to_have_count(1)


def test_what_she_has_there_stands_in_the_list(phone: Phone, walked: Street) -> None:
    phone.go("wallet")
    expect(phone.page.locator(".wallet > li")).to_have_count(3)
    phone.page.wait_for_load_state("networkidle")
    phone.go("shops")
    row = phone.page.locator(".shop-list > li").filter(has_text="Bakkerij De Mik")
    expect(row).to_contain_text("7 of 10 stamps")
    expect(row.locator(".bits .y")).to_have_count(7)


def test_a_shop_that_stays_out_of_the_list_is_not_in_it(phone: Phone, live: Live, walked: Street) -> None:
    stamp_shop(live, "Stille Winkel", is_listed=False)
    phone.go("shops")
    assert "Stille Winkel" not in names(phone)
    search(phone, "stille")
    expect(phone.page.get_by_role("heading", name="No shop found")).to_be_visible()


def test_without_tiles_there_is_the_list_and_no_map(phone: Phone, walked: Street) -> None:
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(request.url))
    phone.go("shops")
    names(phone)
    phone.page.wait_for_load_state("networkidle")
    expect(phone.page.locator(".map")).to_have_count(0)
    assert not [url for url in asked if "/map-" in url]


def test_the_map_shows_the_shops_and_searches_where_it_is_moved(open_phone: OpenPhone, mapped: Live) -> None:
    phone = open_phone(mapped)
    walked = street(mapped, phone.begin())
    loaded: list[str] = []
    phone.page.on("request", lambda request: loaded.append(request.url))
    phone.go("shops")
    expect(phone.page.get_by_role("region", name="Map of the shops")).to_be_visible()
    expect(phone.page.locator(".leaflet-tile-loaded").first).to_be_visible()
    assert [url for url in loaded if "/map-" in url]
    expect(phone.page.locator(".leaflet-control-attribution")).to_contain_text("© the people who drew it")
    names(phone)
    # From afar the shops of a town are one mark, which bears the seal where something waits.
    town = phone.page.get_by_role("button", name="7 shops here: look closer")
    expect(town.locator(".wax")).to_be_visible()
    expect(phone.page.locator(".pin")).to_have_count(1)
    phone.page.locator(f".pin[href='#/shops/{walked.flowers.location_id}']").click()
    phone.shows("shops/:id")
    expect(phone.heading).to_have_text("Bloemen Vlinder")
    phone.page.go_back()
    phone.shows("shops")
    at(phone.page, KOREN_MARKET)
    phone.press("Near me")
    expect(phone.page.get_by_role("img", name="You are here")).to_be_visible()
    expect(phone.page.get_by_role("button", name="Search around here")).to_have_count(0)
    expect(phone.page.locator(".shop-far").first).to_have_text("0 m")
    # Nearer, each shop has its own; those behind one door stand side by side.
    for _ in range(5):
        if phone.page.locator(".pin-cluster").count() == 0:
            break
        phone.page.locator(".pin-cluster").first.click()
    expect(phone.page.locator(".pin-cluster")).to_have_count(0)
    expect(phone.page.locator(f".pin[href='#/shops/{walked.bakery.location_id}']")).to_be_visible()
    box = phone.page.locator(".map-ground").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 40
    phone.page.mouse.move(x, y)
    phone.page.mouse.down()
    phone.page.mouse.move(x - 120, y, steps=8)
    phone.page.mouse.up()
    # Also from a pin, which is no visit to its shop.
    pin = phone.page.locator(f".pin[href='#/shops/{walked.bakery.location_id}']").bounding_box()
    assert pin is not None
    phone.page.mouse.move(pin["x"] + 20, pin["y"] + 20)
    phone.page.mouse.down()
    phone.page.mouse.move(pin["x"] + 60, pin["y"] + 40, steps=8)
    phone.page.mouse.up()
    phone.shows("shops")
    phone.press("Search around here")
    expect(phone.page.locator(".shop-far").first).not_to_have_text("0 m")


def test_a_shops_page_tells_all_that_one_must_know(phone: Phone, walked: Street) -> None:
    phone.go(f"shops/{walked.books.location_id}")
    phone.shows("shops/:id")
    page = phone.page
    expect(phone.heading).to_have_text("Boekhandel Het Blad")
    expect(page.locator(".shop-band .meta")).to_contain_text("Bookshop · Open · Korte Meer 3, 9000 Gent")
    expect(page.locator(".shop-balance")).to_contain_text("324 points")
    expect(page.locator(".promotions")).to_contain_text("Double points for the first visit")
    expect(page.get_by_text("3 points for every €1 that you spend.")).to_be_visible()
    expect(page.locator(".reward")).to_have_count(3)
    expect(page.locator(".hours > div")).to_have_count(7)
    expect(page.locator(".hours > div").first.locator("dt")).to_have_text("Today")
    expect(page.locator(".story").first).to_have_text(
        "Three floors of stories, and a chair that nobody leaves willingly."
    )
    # A reward can be taken here, and its voucher waits here.
    phone.press("Take: Bookmark of pressed flowers")
    phone.press("Take it")
    phone.shows("vouchers/:id")
    phone.page.get_by_role("button", name="Back", exact=True).click()
    phone.shows("shops/:id")
    expect(page.locator(".coupon")).to_contain_text("Bookmark of pressed flowers")
    expect(page.locator(".shop-balance")).to_contain_text("224 points")
    page.locator(".shop-balance").click()
    phone.shows("wallet/:id")


def test_where_she_has_nothing_yet_the_page_says_how_one_collects(phone: Phone, walked: Street) -> None:
    phone.go(f"shops/{walked.flowers.location_id}")
    phone.shows("shops/:id")
    expect(phone.page.get_by_text("You have nothing here yet.")).to_be_visible()
    expect(phone.page.get_by_text("1 stamp for every visit. A full card has 6 stamps.")).to_be_visible()
    expect(phone.page.locator(".reward")).to_contain_text("A bunch of the season")
    expect(phone.page.locator(".reward .b")).to_have_count(0)


def test_hours_with_a_break_are_told_of_today_first(phone: Phone, live: Live) -> None:
    phone.begin()
    week = {day: [["08:00", "12:30"], ["13:30", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
    shop = stamp_shop(live, "Bakkerij Middag", opening_hours=week)
    phone.go(f"shops/{shop.location_id}")
    days = phone.page.locator(".hours > div")
    expect(days).to_have_count(7)
    expect(days.filter(has_text="Closed")).to_have_count(1)
    expect(days.filter(has_text="08:00–12:30, 13:30–18:00")).to_have_count(6)


def test_a_shop_is_shared_by_the_address_of_its_public_page(phone: Phone, live: Live, walked: Street) -> None:
    phone.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.page.add_init_script("delete Navigator.prototype.share; delete Navigator.prototype.canShare")
    again(phone)
    phone.go(f"shops/{walked.books.location_id}")
    phone.press("Share")
    expect(phone.page.locator("#notice")).to_have_text("The address of its page is copied.")
    address = str(phone.page.evaluate("navigator.clipboard.readText()"))
    assert address.startswith(f"{live.url}/s/")
    with urlopen(address) as answer:
        assert "Boekhandel Het Blad" in answer.read().decode()


def test_shops_are_there_without_a_network_as_far_as_they_were_seen(phone: Phone, walked: Street) -> None:
    phone.go("wallet")
    expect(phone.page.locator(".wallet > li")).to_have_count(3)
    phone.go("shops")
    before = names(phone)
    phone.go(f"shops/{walked.books.location_id}")
    expect(phone.page.locator(".hours")).to_be_visible()
    phone.page.wait_for_load_state("networkidle")
    phone.keep()
    phone.offline()
    again(phone)
    expect(phone.page.locator(".remark")).to_contain_text("No connection. This is from today")
    expect(phone.page.locator(".shop-balance")).to_contain_text("324 points")
    phone.go("shops")
    expect(phone.page.locator(".remark")).to_contain_text("No connection. This is from today")
    assert names(phone) == before
    # What was kept is searched as well.
    search(phone, "brugge")
    expect(phone.page.locator(".shop-list > li")).to_have_count(1)
    assert names(phone) == ["Bloemen Vlinder"]
    phone.go(f"shops/{walked.flowers.location_id}")
    expect(phone.page.get_by_text("Nobody answers.")).to_be_visible()
    phone.offline(False)
    expect(phone.page.get_by_role("heading", name="Bloemen Vlinder")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_passes_axe(open_phone: OpenPhone, mapped: Live, scheme: str) -> None:
    phone = open_phone(mapped, color_scheme=scheme)
    walked = street(mapped, phone.begin())
    wrong: list[str] = []

    def look(name: str) -> None:
        expect(phone.page.locator("#stage .living[aria-busy]")).to_have_count(0)
        phone.page.wait_for_load_state("networkidle")
        wrong.extend(f"{name}: {complaint}" for complaint in complaints(phone.page))
        assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name

    phone.go("shops")
    names(phone)
    expect(phone.page.locator(".leaflet-tile-loaded").first).to_be_visible()
    look("shops")
    search(phone, "nowhere at all")
    expect(phone.page.get_by_role("heading", name="No shop found")).to_be_visible()
    look("no shop")
    for shop in (walked.books, walked.flowers, walked.coffee):
        phone.go(f"shops/{shop.location_id}")
        expect(phone.page.locator(".hours")).to_be_visible()
        look(shop.location_id)
    assert wrong == []


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE", "de-DE"])
def test_large_letters_fit_in_every_language(open_phone: OpenPhone, live: Live, language: str) -> None:
    phone = open_phone(live, locale=language)
    walked = street(live, phone.begin())
    phone.page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%' })"
    )
    again(phone)
    for path in ("shops", f"shops/{walked.books.location_id}", f"shops/{walked.coffee.location_id}"):
        phone.go(path)
        expect(phone.page.locator("#stage .living[aria-busy]")).to_have_count(0)
        phone.page.wait_for_load_state("networkidle")
        assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
