"""The sandbox of a merchant: a hidden twin with the same rules and rewards, in which a till can be tried out and people
can practise.

The twin is an ordinary merchant as far as scanning goes, so that what works there works in the shop; but it takes
sandbox cards alone, appears in no list, and nothing of it reaches the merchant's own books.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from app.cards.service import IssuedCard, issue_printed_cards
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants.models import Device, Location, Merchant
from app.merchants.service import (
    NewDevice,
    add_location,
    add_training_device,
    change_location,
    change_merchant,
    create_key,
    create_merchant,
)
from app.merchants.tokens import token_hash, training_tokens
from app.rewards.copying import copy_rules

TEST_CARDS = 3
# In the twin's settings, beside a copy of the merchant's own:
_LOCATIONS = "sandbox_locations"  # from the shop's location to the twin's
_COPIES = "sandbox_copies"  # which of the twin's rows is a copy of which
_VERSION = "sandbox_version"  # the merchant's ``config_version`` when it was copied
_PRACTICE = "sandbox_practice_cards"  # for each training device, the numbers of its cards by their state
_KEPT = (_LOCATIONS, _COPIES, _VERSION, _PRACTICE)


@dataclass(frozen=True, slots=True)
class SandboxKey:
    """A key of the twin, and new cards to try it with. Both are told this once."""

    key: NewDevice
    cards: list[IssuedCard]


@dataclass(frozen=True, slots=True)
class TrainingDevice:
    """The twin's device on which the people at one of the merchant's devices practise, and the numbers of its cards."""

    device: NewDevice
    practice_cards: Mapping[str, str]


def create_sandbox_key(scope: Scope, location_id: str, *, name: str, scopes: Collection[str] = ()) -> SandboxKey:
    """Make a key that behaves like the location's own and books nothing real, with three sandbox cards.

    The first time the merchant's twin is made; later keys share it, and it follows what the merchant has changed since.
    Raises NotFoundError, InvalidError. Each call makes another key and other cards.
    """
    platform = _platform(scope)

    def work(tx: Transaction) -> NewDevice:
        _, twin_place = _twin(tx, platform, scope, location_id)
        return create_key(platform, twin_place, name=name, scopes=scopes, is_sandbox=True)

    key = platform.run(work)
    batch = f"sandbox {key.merchant_id}"
    return SandboxKey(key, list(issue_printed_cards(scope, TEST_CARDS, batch_name=batch, is_sandbox=True)))


def open_training(scope: Scope) -> TrainingDevice:
    """The device of the merchant's twin that belongs to the scope's device, at the twin of its location.

    A repeat gives the same token, and writes only what the merchant has changed since. Raises NotFoundError for a
    device that is none of a shop's own.
    """
    platform = _platform(scope)
    token = training_tokens(scope.keys, scope.device_id or "")[0]

    def work(tx: Transaction) -> TrainingDevice:
        twin, twin_place = _twin(tx, platform, scope, scope.location_id or "")
        known = tx.session.scalars(select(Device).where(Device.token_hash == token_hash(token))).first()
        if known is not None and known.revoked_at is not None:
            raise NotFoundError
        if known is not None:
            device = NewDevice(known.id, twin.id, known.location_id, token)
        else:
            device = add_training_device(platform, twin_place, token=token)
        return TrainingDevice(device, dict(twin.settings.get(_PRACTICE, {}).get(device.device_id, {})))

    return platform.run(work)


def keep_practice_cards(scope: Scope, device: NewDevice, numbers: Mapping[str, str]) -> None:
    """Remember the cards that a training device practises with, in place of those that it had. A repeat changes
    nothing."""
    platform = _platform(scope)

    def work(tx: Transaction) -> None:
        twin = _locked(tx, device.merchant_id)
        kept: dict[str, Any] = dict(twin.settings.get(_PRACTICE, {}))
        kept[device.device_id] = dict(numbers)
        change_merchant(platform, twin.id, settings={**twin.settings, _PRACTICE: kept})

    platform.run(work)


def _platform(scope: Scope) -> Scope:
    """The twin is another merchant: the platform makes it, in the name of whoever asks. Inside an open transaction it
    joins that."""
    return replace(scope, merchant_id=None, location_id=None, device_id=None, staff_id=None)


def _twin(tx: Transaction, platform: Scope, scope: Scope, location_id: str) -> tuple[Merchant, str]:
    """The twin of a location's merchant as the merchant is now, and the twin's location that stands for the shop's."""
    location = tx.session.get(Location, location_id)
    if location is None or scope.merchant_id not in (None, location.merchant_id):
        raise NotFoundError
    merchant = tx.session.get(Merchant, location.merchant_id)
    if merchant is None or merchant.sandbox_of is not None:
        raise NotFoundError
    twin = tx.session.scalars(select(Merchant).where(Merchant.sandbox_of == merchant.id)).first()
    if twin is None or twin.settings.get(_VERSION) != merchant.config_version:
        twin = _follow(tx, platform, merchant, twin)
    places: dict[str, str] = twin.settings[_LOCATIONS]
    if location.id not in places:  # a closed shop has no twin
        raise NotFoundError
    return twin, places[location.id]


def _follow(tx: Transaction, platform: Scope, merchant: Merchant, twin: Merchant | None) -> Merchant:
    """Make the twin, or bring it to where the merchant is. Two at once: the second waits, and finds it done."""
    shown: dict[str, Any] = {
        "name": merchant.name,
        "category": merchant.category,
        "hue": merchant.hue,
        "logo_svg": merchant.logo_svg,
        "story": merchant.story,
    }
    if twin is None:
        twin_id = create_merchant(
            platform,
            country=merchant.country,
            currency=merchant.currency,
            timezone=merchant.timezone,
            settings=merchant.settings,
            is_listed=False,
            sandbox_of=merchant.id,
            **shown,
        )
    else:
        twin_id = twin.id
    twin = _locked(tx, twin_id)
    kept = {name: twin.settings[name] for name in _KEPT if name in twin.settings}
    if kept.get(_VERSION) == merchant.config_version:
        return twin
    places = _copy_places(tx, platform, merchant.id, twin_id, kept.get(_LOCATIONS, {}))
    copies = copy_rules(tx, merchant.id, twin_id, places, kept.get(_COPIES, {}))
    kept |= {_LOCATIONS: places, _COPIES: copies, _VERSION: merchant.config_version}
    # Also says that its configuration has changed, whatever else did.
    change_merchant(platform, twin_id, settings={**merchant.settings, **kept}, **shown)
    return twin


def _copy_places(
    tx: Transaction, platform: Scope, merchant_id: str, twin_id: str, known: Mapping[str, str]
) -> dict[str, str]:
    places = dict(known)
    for place in tx.session.scalars(select(Location).where(Location.merchant_id == merchant_id, Location.is_active)):
        shown: dict[str, Any] = {
            "name": place.name,
            "street": place.street,
            "postcode": place.postcode,
            "city": place.city,
            "lat": place.lat,
            "lon": place.lon,
            "timezone": place.timezone,
            "opening_hours": place.opening_hours,
        }
        if place.id in places:
            change_location(platform, places[place.id], **shown)
        else:
            places[place.id] = add_location(platform, twin_id, is_listed=False, **shown)
    return places


def _locked(tx: Transaction, twin_id: str) -> Merchant:
    twin = tx.session.get(Merchant, twin_id, with_for_update=True, populate_existing=True)
    if twin is None:
        raise NotFoundError
    return twin
