"""Finding a card and its member; and anything at all, for the palette."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin.doors import door, scope, visitor
from app.admin.forms.cards import FindForm
from app.admin.pages import page, part
from app.admin.queries.cards.anything import shops_named
from app.admin.queries.cards.finding import Found, Hit
from app.admin.queries.cards.finding import find as find_cards
from app.admin.views.cards.blueprint import address_of, blueprint
from app.admin.views.cards.commands import commands_named
from app.cards import numbers

_LEAST = 2  # letters, before anything is looked for


@door(blueprint, "/admin/cards", right="support", methods=("GET", "POST"))
def find() -> ResponseReturnValue:
    """A form for what somebody reads out, and what was found by it. An e-mail address is sent in the body: what stands
    in an address bar ends up in logs."""
    form = FindForm(request.form if request.method == "POST" else request.args, meta={"csrf": False})
    text = (form.q.data or "").strip()
    found = Found()
    if text and form.validate() and (request.method == "POST" or "@" not in text):
        found = find_cards(scope(), text, shop=form.shop.data or "", day=form.day.data)
        if len(found.hits) == 1 and found.problem is None:
            return redirect(_address(found.hits[0]), 303)
    hits = [(hit, _address(hit)) for hit in found.hits]
    return page("admin/cards/find.html", here="cards", form=form, text=text, found=found, hits=hits)


@door(blueprint, "/admin/find", right="operator", methods=("GET", "POST"))
def find_anything() -> ResponseReturnValue:
    """A part for the palette: cards and members, shops, pages and commands; only what this person may open."""
    text = (request.values.get("q") or "").strip()[:256]
    links: list[tuple[str, str, str]] = []
    if len(text) >= _LEAST:
        links += [(word, kind, address) for word, kind, address in commands_named(text)]
        if visitor().may("support"):
            links += _found_cards(text)
        shop_page = address_of("admin_shops.show_shop", merchant_id="x")
        if shop_page is not None:
            links += [
                (name, _("Shop"), address_of("admin_shops.show_shop", merchant_id=merchant_id) or "")
                for merchant_id, name in shops_named(scope(), text)
            ]
    return part("admin/cards/found.html", links=links, text=text)


def _found_cards(text: str) -> list[tuple[str, str, str]]:
    if "@" in text and request.method != "POST":
        return [(_("Look for an e-mail address"), _("Cards"), url_for("admin_cards.find"))]
    return [(_title(hit), _("Card and member"), _address(hit)) for hit in find_cards(scope(), text).hits]


def _title(hit: Hit) -> str:
    if hit.number is not None:
        return numbers.format_number(hit.number)
    words: dict[str, str] = {
        "email": _("Member with this e-mail address"),
        "voucher": _("Member with this voucher"),
        "member": _("Member"),
    }
    return words.get(hit.by, str(_("Member with this visit")))


def _address(hit: Hit) -> str:
    if hit.card_id is not None:
        return url_for("admin_cards.show_card", card_id=hit.card_id)
    return url_for("admin_cards.show_member", member_id=hit.member_id)
