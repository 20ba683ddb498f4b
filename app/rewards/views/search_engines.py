"""What search engines read: which pages there are, which are not for them, and a shop in schema.org's words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

from app.common.clock import zone
from app.common.scope import Scope
from app.merchants.queries import ShopDetail
from app.merchants.queries.shop_pages import count_shops, list_paths, overview
from app.rewards.views import words
from app.web.locale import LANGUAGES

SHOPS_PER_FILE = 2_000
# Our trades in schema.org's words, where it has one that is more than LocalBusiness.
_KINDS = {
    "bakery": "Bakery",
    "bicycle": "BikeStore",
    "bookshop": "BookStore",
    "butcher": "ButcherShop",
    "cafe": "CafeOrCoffeeShop",
    "cheese": "GroceryStore",
    "chips": "FastFoodRestaurant",
    "chocolate": "Store",
    "fashion": "ClothingStore",
    "fishmonger": "Store",
    "florist": "Florist",
    "greengrocer": "GroceryStore",
    "hairdresser": "HairSalon",
    "hardware": "HardwareStore",
    "home": "HomeGoodsStore",
    "ice": "IceCreamShop",
    "lunch": "Restaurant",
    "optician": "Optician",
    "pets": "PetStore",
    "pharmacy": "Pharmacy",
    "records": "MusicStore",
    "shoes": "ShoeStore",
    "toys": "ToyStore",
    "wine": "LiquorStore",
}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_URLSET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
_CLOSED = ("/api/", "/C/", "/c/", "/I/", "/setup/", "/tablet")
_OPEN = ("/api/v1/shops/*/logo.svg",)


def robots(public_url: str) -> str:
    """The text of ``robots.txt``."""
    lines = ["User-agent: *", *(f"Allow: {path}" for path in _OPEN), *(f"Disallow: {path}" for path in _CLOSED)]
    return "\n".join([*lines, "", f"Sitemap: {public_url}/sitemap.xml", ""])


def sitemap_index(scope: Scope, public_url: str) -> str:
    """The index of the files that list pages."""
    files = -(-count_shops(scope) // SHOPS_PER_FILE)
    names = ["sitemap-lists.xml", *(f"sitemap-shops-{number}.xml" for number in range(1, files + 1))]
    listed = "".join(f"<sitemap><loc>{escape(f'{public_url}/{name}')}</loc></sitemap>\n" for name in names)
    return f'{_HEAD}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}</sitemapindex>\n'


def sitemap_of_lists(scope: Scope, public_url: str) -> str:
    """The lists of all shops and of towns."""
    return _urls(public_url, ["/shops", *(f"/shops/{town.slug}" for town in overview(scope).towns)])


def sitemap_of_shops(scope: Scope, public_url: str, number: int) -> str | None:
    """One file of shops' pages, from 1 on; None where there are no more."""
    if not 1 <= number <= 50_000:
        return None
    paths = list_paths(scope, first=(number - 1) * SHOPS_PER_FILE, count=SHOPS_PER_FILE)
    return _urls(public_url, paths) if paths else None


def local_business(shop: ShopDetail, story: str | None, public_url: str, now: datetime) -> Markup:
    """A shop as JSON-LD, so written that nothing in it can end the script element."""
    told: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": _KINDS.get(shop.category, "LocalBusiness"),
        "@id": f"{public_url}{shop.path}#shop",
        "name": shop.name,
        "url": public_url + shop.path,
        "image": f"{public_url}/assets/icons/seal-512.png",
        "currenciesAccepted": shop.currency,
        "address": {
            "@type": "PostalAddress",
            **{
                name: value
                for name, value in (
                    ("streetAddress", shop.street),
                    ("postalCode", shop.postcode),
                    ("addressLocality", shop.city),
                    ("addressCountry", shop.country),
                )
                if value
            },
        },
    }
    if shop.has_logo:
        told["logo"] = f"{public_url}/api/v1/shops/{shop.location_id}/logo.svg"
    if story:
        told["description"] = story
    if shop.merchant_name != shop.name:
        told["parentOrganization"] = {"@type": "Organization", "name": shop.merchant_name}
    if shop.lat is not None and shop.lon is not None:
        told["geo"] = {"@type": "GeoCoordinates", "latitude": shop.lat, "longitude": shop.lon}
    if spans := words.json_hours(shop, now.astimezone(zone(shop.timezone)).date()):
        told["openingHoursSpecification"] = spans
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)  # noqa: S704  no letter is left that HTML would read


def _urls(public_url: str, paths: Iterable[str]) -> str:
    """Pages, each with its address in every language."""
    return f"{_HEAD}{_URLSET}{''.join(_url(public_url + path) for path in paths)}</urlset>\n"


def _url(address: str) -> str:
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href={quoteattr(f"{address}?lang={code}")}/>'
        for code in LANGUAGES
    )
    own = f'<xhtml:link rel="alternate" hreflang="x-default" href={quoteattr(address)}/>'
    return f"<url><loc>{escape(address)}</loc>{links}{own}</url>\n"
