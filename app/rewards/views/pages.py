"""``/shops`` and ``/s/…``: pages that can be read without an app, shared and found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, abort, make_response, redirect, render_template, request
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response as WerkzeugResponse

from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.extensions import platform
from app.merchants.errors import CursorInvalidError
from app.merchants.listing import slug
from app.merchants.logos import sign
from app.merchants.queries import ShopDetail, ShopSearch, ShopView, find_shop_by_path, list_shops
from app.merchants.queries.shop_pages import overview, town_name
from app.rewards.queries import ProgrammeView, list_programmes
from app.rewards.queries.pictures import picture_path
from app.rewards.views import pictures, reporting, search_engines, words
from app.web import locale
from app.web.hues import allow_style, hue_style
from app.web.views import keep_language

PAGE = 48
NEIGHBOURS = 6
SHOWN_SLOTS = 30  # of a stamp card; a larger one is told in words
_LONGEST_WORDS = 80
_SLUG = re.compile(r"[A-Za-z0-9-]{1,120}", re.ASCII)
_LONGEST_DESCRIPTION = 155

blueprint = Blueprint("storefront", __name__, template_folder="../templates")
blueprint.after_request(keep_language)


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as its page tells it."""

    view: ProgrammeView
    earning: list[str]
    rewards: list[tuple[str, str, str | None, str | None, str | None]]  # name, cost, worth, text, picture
    promotions: list[tuple[str, str | None]]  # name, until
    slots: int


@blueprint.get("/shops")
@blueprint.get("/shops/<town>")
def shops(town: str | None = None) -> Response:
    """All shops, or a town's, by name; ``?trade=`` picks a trade, ``?q=`` looks for words."""
    scope = platform().scope()
    place = None
    if town is not None and (not _is_slug(town) or (place := town_name(scope, town)) is None):
        abort(404)
    trade, asked = request.args.get("trade") or None, request.args.get("q", "").strip()[:_LONGEST_WORDS]
    search = ShopSearch(words=asked, category=trade, town=town, limit=PAGE, cursor=request.args.get("after") or None)
    try:
        found = list_shops(scope, search)
    except CursorInvalidError:
        abort(404)
    seen = overview(scope)
    if trade is not None and not found.items and trade not in {one.category for one in seen.trades}:
        abort(404)
    path = "/shops" if town is None else f"/shops/{town}"
    kept = {name: value for name, value in (("trade", trade), ("q", asked)) if value}
    heading = _heading(place, trade)
    return _page(
        "rewards/shops.html",
        path=path,
        query={**kept, **({"after": search.cursor} if search.cursor else {})},
        hues={shop.hue for shop in found.items},
        heading=heading,
        place=place,
        town=town,
        trade=trade,
        asked=asked,
        items=[_card(shop) for shop in found.items],
        following=None if found.next is None else f"{path}?{urlencode({**kept, 'after': found.next})}",
        towns=seen.towns,
        trades=[(one, words.trade(one.category), _with(path, trade=one.category)) for one in seen.trades],
        whole=path,
        is_hidden=bool(asked or search.cursor),
    )


@blueprint.get("/s/<merchant>/<name>")
def shop(merchant: str, name: str) -> WerkzeugResponse:
    """One shop's own page. By its id it leads to the address that it has now."""
    scope = platform().scope()
    try:
        if not _is_slug(merchant) or not _is_slug(name):
            raise NotFoundError
        found = find_shop_by_path(scope, merchant, name)
    except NotFoundError:
        abort(404)
    if request.path != found.path:
        return redirect(found.path + (f"?{request.query_string.decode()}" if request.query_string else ""), 301)
    now = scope.now
    programmes = [_programme(one, found.currency) for one in list_programmes(scope, found.merchant_id, on_offer=True)]
    story = locale.choose(found.story)
    neighbours = _neighbours(scope, found)
    return _page(
        "rewards/shop.html",
        path=found.path,
        query={},
        hues={found.hue, *(one.hue for one in neighbours)},
        shop=found,
        town=slug(found.city or "", ""),
        trade=words.trade(found.category),
        sign=Markup(sign(found.category)),  # noqa: S704  our own drawings
        story=story,
        description=_description(found, story),
        state=words.state(found, now),
        week=words.week(found, now),
        special_days=words.special_days(found, now),
        closed_on_holidays=bool(found.opening_hours.get("closed_on_holidays")),
        programmes=programmes,
        neighbours=[_card(one) for one in neighbours],
        told=search_engines.local_business(found, story, platform().settings.public_url, now),
    )


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Which pages there are, for search engines: the lists here, the shops in files of their own."""
    return _xml(search_engines.sitemap_index(platform().scope(), platform().settings.public_url))


@blueprint.get("/sitemap-lists.xml")
def sitemap_of_lists() -> Response:
    """The lists of shops."""
    return _xml(search_engines.sitemap_of_lists(platform().scope(), platform().settings.public_url))


@blueprint.get("/sitemap-shops-<int:number>.xml")
def sitemap_of_shops(number: int) -> Response:
    """Some thousands of shops."""
    made = search_engines.sitemap_of_shops(platform().scope(), platform().settings.public_url, number)
    if made is None:
        abort(404)
    return _xml(made)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What search engines may read."""
    return Response(search_engines.robots(platform().settings.public_url), mimetype="text/plain")


def init_app(flask_app: Flask) -> None:
    """Put the pages on an application."""
    flask_app.register_blueprint(blueprint)
    flask_app.register_blueprint(pictures.blueprint)
    flask_app.register_blueprint(reporting.blueprint)


def _page(template: str, *, path: str, query: dict[str, str], hues: Iterable[int], **told: Any) -> Response:
    """A page with its addresses in all languages. The shops' hues stand in one style element, which the policy names by
    its digest: it allows no other."""
    base = platform().settings.public_url + path
    plain = f"{base}?{urlencode(query)}" if query else base
    style = hue_style(hues)
    chosen = locale.chosen()
    response = make_response(
        render_template(
            template,
            canonical=f"{base}?{urlencode({**query, 'lang': chosen})}" if chosen else plain,
            unspecific=plain,
            alternates=[(code, f"{base}?{urlencode({**query, 'lang': code})}") for code in locale.LANGUAGES],
            tongues={code: f"{path}?{urlencode({**query, 'lang': code})}" for code in locale.LANGUAGES},
            card_url="/",
            style=style,
            public_url=platform().settings.public_url,
            **told,
        )
    )
    return allow_style(response, style)


def _is_slug(text: str) -> bool:
    """Whether it can stand in an address of ours: nothing else is asked of the database."""
    return _SLUG.fullmatch(text) is not None


def _heading(place: str | None, trade: str | None) -> str:
    if place is not None and trade is not None:
        told = gettext("%(trade)s in %(place)s", trade=words.trade(trade), place=place)
    elif place is not None:
        told = gettext("Shops in %(place)s", place=place)
    else:
        told = gettext("All shops") if trade is None else words.trade(trade)
    return str(told)


def _card(shop: ShopView) -> dict[str, Any]:
    """A shop in a list."""
    return {"shop": shop, "trade": words.trade(shop.category)}


def _programme(view: ProgrammeView, currency: str) -> Programme:
    goal = view.goal or 0
    return Programme(
        view=view,
        earning=words.earning(view, currency),
        rewards=[
            (
                locale.named(reward.names, reward.name),
                words.units(view.kind, reward.cost),
                words.worth(reward, currency),
                locale.choose(reward.texts),
                None if reward.picture_id is None else picture_path(reward.picture_id, "small"),
            )
            for reward in view.rewards
        ],
        promotions=[
            (
                locale.named(one.names, one.name),
                None if one.ends_at is None else words.until(one.ends_at, view.timezone),
            )
            for one in view.promotions
        ],
        slots=goal if goal <= SHOWN_SLOTS else 0,
    )


def _neighbours(scope: Scope, shop: ShopDetail) -> list[ShopView]:
    """The nearest other shops."""
    if shop.lat is None or shop.lon is None:
        return []
    around = list_shops(scope, ShopSearch(near=(shop.lat, shop.lon), radius=5_000, limit=NEIGHBOURS + 1)).items
    return [one for one in around if one.location_id != shop.location_id][:NEIGHBOURS]


def _description(shop: ShopDetail, story: str | None) -> str:
    """What a search engine shows under the page's title."""
    told: str = gettext(
        "%(trade)s in %(place)s: opening hours, rewards and promotions. Collect here with your Zegel card.",
        trade=words.trade(shop.category),
        place=shop.city or shop.country,
    )
    told = platform().brand.named(told)
    whole = f"{story} {told}" if story else told
    if len(whole) <= _LONGEST_DESCRIPTION:
        return whole
    return whole[: _LONGEST_DESCRIPTION - 1].rsplit(" ", 1)[0] + "…"


def _with(path: str, **query: str) -> str:
    return f"{path}?{urlencode(query)}"


def _xml(text: str) -> Response:
    response = Response(text, content_type="application/xml; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
