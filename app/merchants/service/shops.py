"""Merchants and their locations."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from sqlalchemy import select

from app.common import audit
from app.common.clock import zone
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.money import is_currency
from app.common.scope import Scope
from app.merchants import opening_hours as hours
from app.merchants.configuration import configuration_changed
from app.merchants.listing import list_location, list_merchant, slug
from app.merchants.logos import check_logo, draw_logo
from app.merchants.models import Location, Merchant
from app.merchants.rows import location_of, merchant_of

LONGEST_NAME = 80
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_LOCALES = ("nl", "fr", "en", "de")
_MERCHANT_FIELDS = ("name", "category", "story", "hue", "logo_svg", "settings", "status", "is_listed")
_LISTED_FIELDS = {"name", "category", "status", "is_listed"}
_LOCATION_FIELDS = (
    *("name", "street", "postcode", "city", "lat", "lon", "timezone"),
    *("opening_hours", "is_listed", "is_active"),
)
_TOLD_BY_NAME_ONLY = {"logo_svg", "story", "opening_hours", "settings"}  # too long for the audit trail


def create_merchant(
    scope: Scope,
    *,
    name: str,
    category: str = "general",
    country: str = "BE",
    currency: str = "EUR",
    timezone: str = "Europe/Brussels",
    hue: int | None = None,
    logo_svg: str | None = None,
    story: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    is_listed: bool = True,
    sandbox_of: str | None = None,
    is_approved: bool = True,
) -> str:
    """Make a merchant and give its id.

    Without a ``hue`` (degrees, 0 to 359) one is taken from the name; without a logo one is drawn for the ``category``.
    ``story`` maps locales to texts. ``sandbox_of`` makes the twin in which a merchant's keys are tried. One that is not
    ``is_approved`` begins on trial (:mod:`app.merchants.trial`). Raises
    InvalidError for bad fields, LogoRefusedError. Each call makes another merchant, of the same name if need be.
    """
    fields: dict[str, Any] = {
        "name": name,
        "category": category,
        "story": dict(story or {}),
        "hue": zlib.crc32(name.encode()) % 360 if hue is None else hue,
        "settings": dict(settings or {}),
        "is_listed": is_listed,
    }
    _check_merchant(fields)
    if not _COUNTRY.fullmatch(country):
        raise InvalidError(errors={"country": ["country_expected"]})
    if not is_currency(currency):
        raise InvalidError(errors={"currency": ["currency_expected"]})
    _check_zone(timezone)
    logo = draw_logo(category, fields["hue"]) if logo_svg is None else check_logo(logo_svg)

    def work(tx: Transaction) -> str:
        merchant = Merchant(
            id=new_id(),
            slug=_free_slug(tx, name),
            country=country,
            currency=currency,
            timezone=timezone,
            logo_svg=logo,
            status="active",
            sandbox_of=sandbox_of,
            approved_at=scope.now if is_approved else None,
            config_version=1,
            created_at=scope.now,
            **fields,
        )
        tx.session.add(merchant)
        tx.session.flush()
        audit.record(
            tx, scope, "merchant.created", "merchant", merchant.id, merchant_id=merchant.id, after={"name": name}
        )
        return merchant.id

    return scope.run(work)


def change_merchant(scope: Scope, merchant_id: str, **changes: Any) -> None:
    """Change some of a merchant's fields: name, category, story, hue, logo_svg, settings, status, is_listed.

    Raises NotFoundError, InvalidError for an unknown or bad field, LogoRefusedError. What is already so stays so, and
    leaves no event.
    """
    _check_known(changes, _MERCHANT_FIELDS)
    _check_merchant(changes)
    if changes.get("logo_svg") is not None:
        check_logo(changes["logo_svg"])

    def work(tx: Transaction) -> None:
        merchant = merchant_of(tx, scope, merchant_id)
        if _apply(tx, scope, merchant, "merchant", merchant_id, changes) and _LISTED_FIELDS & set(changes):
            list_merchant(tx, merchant)

    scope.run(work)


def add_location(
    scope: Scope,
    merchant_id: str,
    *,
    name: str | None = None,
    street: str | None = None,
    postcode: str | None = None,
    city: str | None = None,
    lat: float | None = None,
    lon: float | None = None,
    timezone: str | None = None,
    opening_hours: Mapping[str, Any] | None = None,
    is_listed: bool = True,
) -> str:
    """Give a merchant one more shop and return its id. Name and zone are the merchant's unless told.

    ``lat`` and ``lon`` are degrees (WGS 84), both or neither; ``opening_hours`` is what
    :mod:`app.merchants.opening_hours` reads. Raises NotFoundError, InvalidError, OpeningHoursInvalidError.
    """
    fields: dict[str, Any] = {
        "street": street,
        "postcode": postcode,
        "city": city,
        "lat": lat,
        "lon": lon,
        "opening_hours": dict(opening_hours or {}),
        "is_listed": is_listed,
    }
    if name is not None:
        fields["name"] = name
    if timezone is not None:
        fields["timezone"] = timezone
    _check_location(fields)

    def work(tx: Transaction) -> str:
        merchant = merchant_of(tx, scope, merchant_id)
        location = Location(
            id=new_id(),
            merchant_id=merchant_id,
            is_active=True,
            created_at=scope.now,
            **{"name": merchant.name, "timezone": merchant.timezone, **fields},
        )
        tx.session.add(location)
        list_location(tx, location, merchant)
        configuration_changed(tx, merchant_id)
        audit.record(
            tx,
            scope,
            "location.created",
            "location",
            location.id,
            merchant_id=merchant_id,
            after={"name": location.name, "city": city},
        )
        return location.id

    return scope.run(work)


def change_location(scope: Scope, location_id: str, **changes: Any) -> None:
    """Change some of a location's fields; what is already so leaves no event. Raises what ``add_location`` raises."""
    _check_known(changes, _LOCATION_FIELDS)

    def work(tx: Transaction) -> None:
        location = location_of(tx, scope, location_id)
        _check_location({"lat": location.lat, "lon": location.lon, **changes})
        if _apply(tx, scope, location, "location", location.merchant_id, changes):
            list_location(tx, location, tx.session.get_one(Merchant, location.merchant_id))

    scope.run(work)


def _apply(
    tx: Transaction, scope: Scope, row: Merchant | Location, kind: str, merchant_id: str, changes: Mapping[str, Any]
) -> bool:
    """Write what differs; False where nothing does."""
    differing = {field: value for field, value in changes.items() if getattr(row, field) != value}
    if not differing:
        return False
    told = [field for field in differing if field not in _TOLD_BY_NAME_ONLY]
    before = {field: getattr(row, field) for field in told}
    for field, value in differing.items():
        setattr(row, field, value)
    tx.session.flush()
    configuration_changed(tx, merchant_id)
    after = {field: differing[field] for field in told} | {
        field: "changed" for field in differing if field in _TOLD_BY_NAME_ONLY
    }
    audit.record(tx, scope, f"{kind}.changed", kind, row.id, merchant_id=merchant_id, before=before, after=after)
    return True


def _check_known(changes: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = sorted(set(changes) - set(known))
    if unknown:
        raise InvalidError(errors={field: ["unknown_field"] for field in unknown})


def _check_merchant(fields: Mapping[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    _check_name(fields, errors)
    hue = fields.get("hue", 0)
    if not isinstance(hue, int) or not 0 <= hue < 360:
        errors["hue"] = ["hue_expected"]
    story = fields.get("story", {})
    if any(locale not in _LOCALES or not isinstance(text, str) or len(text) > 2_000 for locale, text in story.items()):
        errors["story"] = ["texts_by_locale_expected"]
    if fields.get("status", "active") not in ("active", "suspended", "closed"):
        errors["status"] = ["not_one_of"]
    if errors:
        raise InvalidError(errors=errors)


def _check_location(fields: Mapping[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    _check_name(fields, errors)
    lat, lon = fields.get("lat"), fields.get("lon")
    if (lat is None) != (lon is None):
        errors["lat" if lat is None else "lon"] = ["lat_and_lon_together"]
    for field, value, most in (("lat", lat, 90), ("lon", lon, 180)):
        if value is not None and not -most <= value <= most:  # NaN is in no range
            errors[field] = ["degrees_expected"]
    if errors:
        raise InvalidError(errors=errors)
    if "timezone" in fields:
        _check_zone(fields["timezone"])
    if "opening_hours" in fields:
        hours.parse(fields["opening_hours"])


def _check_name(fields: Mapping[str, Any], errors: dict[str, list[str]]) -> None:
    if "name" in fields and not 0 < len(str(fields["name"]).strip()) <= LONGEST_NAME:
        errors["name"] = ["name_expected"]


def _check_zone(timezone: str) -> None:
    try:
        zone(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidError(errors={"timezone": ["timezone_expected"]}) from None


def _free_slug(tx: Transaction, name: str) -> str:
    base = slug(name, "shop")
    taken = set(tx.session.scalars(select(Merchant.slug).where(Merchant.slug.startswith(base, autoescape=True))))
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"
