"""The town as it stands in ``town.toml``: shops, how one collects there, and how their customers come."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.merchants.opening_hours import WEEKDAYS


@dataclass(frozen=True, slots=True)
class Product:
    """Something that may be on a receipt, with its price in cents and how likely it is."""

    name: str
    category: str
    sku: str | None
    price_minor: int
    chance: float


@dataclass(frozen=True, slots=True)
class ShopPlan:
    """A shop that is to be made, and how busy it is.

    ``drawn`` is the part of all members who come at all, ``every`` a regular's usual days between visits, ``spend``
    the usual amount in cents and the spread of its logarithm; ``weekdays`` and ``months`` are weights.
    """

    name: str
    trade: str
    hue: int
    street: str
    lat: float
    lon: float
    hours: Mapping[str, Any]
    story: Mapping[str, str]
    programmes: tuple[Mapping[str, Any], ...]
    drawn: float
    every: float
    spend: tuple[float, float] | None
    units: tuple[int, int] | None
    weekdays: tuple[float, ...]
    months: tuple[float, ...]
    basket: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Town:
    """The street with all its shops."""

    name: str
    postcode: str
    country: str
    shops: tuple[ShopPlan, ...]


def read_town(today: date) -> Town:
    """Read the town. ``today`` settles the dates of savings periods, which are half-years around it."""
    plan = tomllib.loads(Path(__file__).with_name("town.toml").read_text())
    entries = plan["shop"]
    shops = tuple(
        _shop(entry, plan, position / (len(entries) - 1), position % 2 == 1, today)
        for position, entry in enumerate(entries)
    )
    return Town(plan["town"], plan["postcode"], plan["country"], shops)


def _shop(entry: Mapping[str, Any], plan: Mapping[str, Any], along: float, is_across: bool, today: date) -> ShopPlan:
    (south, west), (north, east) = plan["from"], plan["to"]
    aside = 0.00014 if is_across else 0.0  # the other side of the street, about fifteen metres
    weekdays = tuple(map(float, entry["weekdays"]))
    hours = dict(plan["hours"][entry["hours"]])
    for day, weight in zip(WEEKDAYS, weekdays, strict=True):
        if weight == 0:  # several shops share their hours, each with its own day of rest
            hours.pop(day, None)
    spend = entry.get("spend")
    units = entry.get("units")
    return ShopPlan(
        name=entry["name"],
        trade=entry["trade"],
        hue=entry["hue"],
        street=entry["street"],
        lat=round(south + (north - south) * along + aside, 6),
        lon=round(west + (east - west) * along - aside, 6),
        hours=hours,
        story=entry["story"],
        programmes=tuple(_programme(programme, today) for programme in entry["programme"]),
        drawn=entry["drawn"],
        every=entry["every"],
        spend=None if spend is None else (spend[0] * 100, spend[1]),
        units=None if units is None else (units[0], units[1]),
        weekdays=weekdays,
        months=tuple(map(float, entry["months"])),
        basket=tuple(
            Product(one["name"], one["category"], one.get("sku"), round(one["price"] * 100), one["chance"])
            for one in entry.get("basket", ())
        ),
    )


def _programme(programme: Mapping[str, Any], today: date) -> Mapping[str, Any]:
    expiry = programme["rules"].get("expiry", {})
    if expiry.get("kind") != "periods":
        return programme
    periods = []
    for year in range(today.year - 2, today.year + 2):
        for first, last, redeemed in (("01-01", "06-30", f"{year}-07-31"), ("07-01", "12-31", f"{year + 1}-01-31")):
            collects = f"{year}-{first}"
            periods.append(
                {
                    "collect_from": collects,
                    "collect_to": f"{year}-{last}",
                    "redeem_from": collects,
                    "redeem_to": redeemed,
                }
            )
    return {**programme, "rules": {**programme["rules"], "expiry": {**expiry, "periods": periods}}}
