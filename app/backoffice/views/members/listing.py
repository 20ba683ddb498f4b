"""The list of a shop's members: searched, filtered, sorted, and page after page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from app.backoffice.doors import DOORS, door, place, scope, visitor
from app.backoffice.pages import page
from app.backoffice.queries.members import SORTS, Search, list_members, locations_of, tiers_of
from app.backoffice.views.members import words
from app.backoffice.views.members.blueprint import blueprint
from app.common.money import InvalidAmountError, format_amount, parse_amount
from app.rewards.segments import MemberFilter, read_filter
from app.rewards.service.segments import get_segment, list_segments

# What stands in an address, and the filter's wish that it is.
NUMBERS = {
    "silent": "silent_days",
    "seen": "seen_days",
    "new": "new_days",
    "visits": "visits_least",
    "visits_most": "visits_most",
}
TICKS = {"away": "is_away", "full": "is_nearly_full", "birthday": "is_birthday", "risk": "is_at_risk"}


@door(blueprint, "/office/<slug>/members", least="manager", endpoint="list_members")
def show_list() -> ResponseReturnValue:
    """The list, or one of the saved ones."""
    saved = list_segments(scope())
    chosen = None
    if segment_id := request.args.get("list"):
        chosen = get_segment(scope(), segment_id)
    wanted = chosen.wanted if chosen is not None else filter_of(request.args, place().currency)
    sort = request.args.get("sort", "")
    sort = sort if sort in SORTS else "overdue" if wanted.is_away else "seen"
    # Who is silent longest comes first where one looks for the silent; else who was here last.
    is_descending = request.args.get("dir", "up" if sort == "overdue" else "down") != "up"
    search = Search(request.args.get("q", ""))
    found = list_members(
        scope(),
        timezone=place().timezone,
        wanted=wanted,
        search=search,
        sort=sort,
        is_descending=is_descending,
        after=request.args.get("after"),
    )
    locations = locations_of(scope())
    tiers = dict(tiers_of(scope()))
    kept = {"list": chosen.segment_id} if chosen is not None else arguments(wanted, place().currency)
    kept |= {"q": search.text} if not search.is_empty else {}
    return page(
        "backoffice/members/list.html",
        here="members",
        found=found,
        wanted=wanted,
        chips=[(name, told, _without(wanted, name, search)) for name, told in words.chips(wanted, locations, tiers)],
        saved=saved,
        chosen=chosen,
        search=search,
        sort=sort,
        is_descending=is_descending,
        kept=kept,
        fields=arguments(wanted, place().currency),
        locations=locations if len(locations) > 1 else {},
        tiers=tiers,
        words=words,
        doors=DOORS,
        may_own=visitor().may("owner"),
        more=_more(found.next, {**kept, "sort": sort, "dir": "down" if is_descending else "up"}),
        sorted_by=lambda key: _address({**kept, "sort": key, "dir": "up" if sort == key and is_descending else "down"}),
    )


def filter_of(given: Mapping[str, str], currency: str) -> MemberFilter:
    """The filter in an address or a form. What can't be read asks for nothing."""
    document: dict[str, Any] = {wish: given.get(name) == "1" for name, wish in TICKS.items()}
    for name, wish in NUMBERS.items():
        text = given.get(name, "").strip()
        document[wish] = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    try:
        document["spend_least"] = parse_amount(given.get("spend", "").strip().replace(",", "."), currency)
    except InvalidAmountError:
        document["spend_least"] = None
    document["tier"] = given.get("tier") or None
    document["relationship"] = given.get("relationship") or None
    document["rung"] = given.get("rung") or None
    document["location_id"] = given.get("at") or None
    document["has_app"] = {"yes": True, "no": False}.get(given.get("app", ""))
    return read_filter(document)


def arguments(wanted: MemberFilter, currency: str) -> dict[str, str]:
    """A filter as it stands in an address."""
    told: dict[str, str] = {name: "1" for name, wish in TICKS.items() if getattr(wanted, wish)}
    told |= {name: str(value) for name, wish in NUMBERS.items() if (value := getattr(wanted, wish)) is not None}
    if wanted.spend_least is not None:
        told["spend"] = format_amount(wanted.spend_least, currency)
    if wanted.tier is not None:
        told["tier"] = wanted.tier
    if wanted.relationship is not None:
        told["relationship"] = wanted.relationship
    if wanted.rung is not None:
        told["rung"] = wanted.rung
    if wanted.location_id is not None:
        told["at"] = wanted.location_id
    if wanted.has_app is not None:
        told["app"] = "yes" if wanted.has_app else "no"
    return told


def _more(after: str | None, kept: Mapping[str, str]) -> str | None:
    return None if after is None else _address({**kept, "after": after})


def _without(wanted: MemberFilter, name: str, search: Search) -> str:
    rest = arguments(wanted.without(name), place().currency)
    return _address({**rest, **({"q": search.text} if not search.is_empty else {})})


def _address(arguments: Mapping[str, str]) -> str:
    values: dict[str, Any] = {"slug": place().slug, **arguments}
    return url_for("members.list_members", **values)
