"""The public pages of shops: read by people without the app, and by search engines."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from app.common.scope import Scope
from app.merchants.service import add_location, change_location, change_merchant, create_merchant
from app.rewards.service import create_promotion
from app.rewards.views import search_engines
from tests import shops
from tests.clocks import FixedClock
from tests.shops import Shop

BASE = "https://card.example"
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
WEEK = {day: [["08:00", "12:30"], ["13:30", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


@pytest.fixture
def shop(scope: Scope) -> Shop:
    made = shops.open_shop(scope)
    change_merchant(scope, made.merchant_id, story={"nl": "Brood & <vuur>", "en": "Bread </script>"}, hue=62)
    change_location(scope, made.location_id, street="Molenstraat 14", postcode="9000", opening_hours=WEEK)
    return made


def read(client: FlaskClient, path: str, *, status: int = 200, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def told(page: str) -> dict[str, Any]:
    """The page's JSON-LD."""
    [found] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    read: dict[str, Any] = json.loads(found)
    return read


def listed(page: str) -> list[str]:
    return re.findall(r'<span class="d">(.*?)</span>', page)


def test_a_shops_page_says_what_one_needs(client: FlaskClient, scope: Scope, shop: Shop, clock: FixedClock) -> None:
    create_promotion(
        scope,
        shop.stamps_id,
        name="Double stamps",
        rule={"conditions": {}, "effect": {"multiplier": "2"}},
        ends_at=clock() + timedelta(days=3),
    )
    page = read(client, "/s/bakery/gent", **{"Accept-Language": "en"})
    for text in ("Bakery", "Molenstraat 14", "Free bread", "3 stamps", "€5 off", "Double stamps", "08:00–12:30"):
        assert text in page, text
    assert "1 stamp for every visit" in page
    assert "10 points for every €1 that you spend" in page
    assert "Bread &lt;/script&gt;" in page
    assert 'href="/"' in page  # the card
    assert "Closed, opens today at 13:30" in page
    clock.advance(hours=1)
    assert "Open until 18:00" in read(client, "/s/bakery/gent", **{"Accept-Language": "en"})
    clock.advance(days=2, hours=5)
    assert "Closed, opens on Monday at 08:00" in read(client, "/s/bakery/gent", **{"Accept-Language": "en"})


def test_a_shop_in_the_words_of_search_engines_can_end_nothing(client: FlaskClient, shop: Shop) -> None:
    page = read(client, "/s/bakery/gent", **{"Accept-Language": "en"})
    business = told(page)
    assert business["@type"] == "Bakery"
    assert business["description"] == "Bread </script>"
    assert business["url"] == f"{BASE}/s/bakery/gent"
    assert business["address"]["addressLocality"] == "Gent"
    assert business["geo"] == {"@type": "GeoCoordinates", "latitude": 51.05, "longitude": 3.72}
    spans = business["openingHoursSpecification"]
    assert len(spans) == 10
    assert (spans[0]["dayOfWeek"], spans[0]["opens"], spans[0]["closes"]) == (
        "https://schema.org/Monday",
        "08:00",
        "12:30",
    )
    assert page.count("</script>") == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", ("Brood &amp; &lt;vuur&gt;", "1 zegel per bezoek", "Openingsuren", "Neem de kaart", "Bakkerij")),
        ("fr", ("1 timbre par visite", "Horaires", "Prendre la carte", "Boulangerie")),
        ("de", ("1 Stempel je Besuch", "Öffnungszeiten", "Karte holen", "Bäckerei")),
        ("en", ("1 stamp for every visit", "Opening hours", "Get the card", "Bakery")),
    ],
)
def test_a_page_is_in_four_languages_and_says_where_each_is(
    client: FlaskClient, shop: Shop, language: str, words: tuple[str, ...]
) -> None:
    page = read(client, f"/s/bakery/gent?lang={language}")
    assert f'<html lang="{language}">' in page
    for word in words:
        assert word in page
    assert f'<link rel="canonical" href="{BASE}/s/bakery/gent?lang={language}">' in page
    alternates = dict(re.findall(r'<link rel="alternate" hreflang="([a-z-]+)" href="([^"]+)">', page))
    assert alternates == {
        "x-default": f"{BASE}/s/bakery/gent",
        **{code: f"{BASE}/s/bakery/gent?lang={code}" for code in ("nl", "fr", "en", "de")},
    }
    for name in ("description", "twitter:card"):
        assert f'<meta name="{name}" content="' in page
    for name in ("og:title", "og:description", "og:url", "og:image", "og:type"):
        assert f'<meta property="{name}" content="' in page


def test_an_id_leads_to_the_address_and_a_new_name_keeps_it(client: FlaskClient, scope: Scope, shop: Shop) -> None:
    answer = client.get(f"/s/bakery/{shop.location_id}?lang=nl")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/s/bakery/gent?lang=nl")
    change_location(scope, shop.location_id, name="New name", city="Aalst")
    assert "New name" in read(client, "/s/bakery/gent")


def test_hidden_and_unknown_shops_have_no_page(client: FlaskClient, scope: Scope, shop: Shop) -> None:
    for path in ("/s/bakery/brugge", "/s/nobody/gent", "/s/bakery/%00", "/s/%00/gent", "/shops/nowhere", "/shops/%00"):
        read(client, path, status=404)
    change_merchant(scope, shop.merchant_id, is_listed=False)
    for path in ("/s/bakery/gent", f"/s/bakery/{shop.location_id}", "/shops/gent"):
        read(client, path, status=404)
    assert listed(read(client, "/shops")) == []
    assert "/s/bakery" not in read(client, "/sitemap-lists.xml")
    read(client, "/sitemap-shops-1.xml", status=404)


def test_the_list_by_town_trade_and_words_in_pages(
    client: FlaskClient, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, category, city in (
        ("Álava", "cafe", "Gent"),
        ("Brood", "bakery", "Gent"),
        ("Crème", "bakery", "Aalst"),
        ("Druk", "printer-of_cards", "Aalst"),
    ):
        add_location(scope, create_merchant(scope, name=name, category=category), city=city)
    assert listed(read(client, "/shops")) == ["Álava", "Brood", "Crème", "Druk"]
    assert listed(read(client, "/shops/aalst")) == ["Crème", "Druk"]
    assert listed(read(client, "/shops?trade=bakery")) == ["Brood", "Crème"]
    assert listed(read(client, "/shops/gent?trade=bakery")) == ["Brood"]
    found = read(client, "/shops?q=alava")
    assert listed(found) == ["Álava"]
    assert '<meta name="robots" content="noindex, follow">' in found
    assert "Printer of cards" in read(client, "/shops")
    read(client, "/shops?trade=nothing", status=404)
    read(client, "/shops?after=nonsense", status=404)
    assert "No shop matches that." in read(client, "/shops?q=nothing%00")
    monkeypatch.setattr("app.rewards.views.pages.PAGE", 3)
    first = read(client, "/shops")
    assert listed(first) == ["Álava", "Brood", "Crème"]
    [following] = re.findall(r'rel="next" href="([^"]+)"', first)
    assert listed(read(client, following)) == ["Druk"]


def test_the_style_of_a_page_is_the_one_that_its_policy_allows(client: FlaskClient, shop: Shop) -> None:
    answer = client.get("/s/bakery/gent")
    [style] = re.findall(r"<style>(.*?)</style>", answer.get_data(as_text=True))
    assert style == ".hue-of-62{--hue:62}"
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}';" in answer.headers["Content-Security-Policy"]


def test_search_engines_find_every_page_and_are_told_what_is_not_theirs(
    client: FlaskClient, scope: Scope, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_engines, "SHOPS_PER_FILE", 2)
    for number in range(4):
        add_location(scope, create_merchant(scope, name=f"Shop {number}"), city="Aalst")
    index = ElementTree.fromstring(read(client, "/sitemap.xml"))
    files = [found.text or "" for found in index.findall("s:sitemap/s:loc", SITEMAP)]
    assert files == [f"{BASE}/sitemap-lists.xml", *(f"{BASE}/sitemap-shops-{number}.xml" for number in (1, 2, 3))]
    pages: list[str] = []
    for file in files:
        made = ElementTree.fromstring(read(client, file.removeprefix(BASE)))
        for url in made.findall("s:url", SITEMAP):
            assert len(url.findall("x:link", SITEMAP)) == 5
            pages += [found.text or "" for found in url.findall("s:loc", SITEMAP)]
    assert sorted(pages) == sorted(
        [
            *(f"{BASE}{path}" for path in ("/shops", "/shops/aalst", "/shops/gent", "/s/bakery/gent")),
            *(f"{BASE}/s/shop-{number}/aalst" for number in range(4)),
        ]
    )
    for page in pages:
        assert "noindex" not in read(client, page.removeprefix(BASE))
    robots = read(client, "/robots.txt")
    assert f"Sitemap: {BASE}/sitemap.xml" in robots
    assert "Disallow: /api/" in robots
