"""The sandbox of a merchant: a hidden twin with the same rules and rewards, in which a till can be tried out.

The twin is an ordinary merchant as far as scanning goes, so that what works there works in the shop; but it takes
sandbox cards alone, appears in no list, and nothing of it reaches the merchant's own books.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.cards.service import IssuedCard, issue_printed_cards
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.models import Location, Merchant
from app.merchants.service import NewDevice, add_location, change_merchant, create_key, create_merchant
from app.rewards.models import Programme, ProgrammeVersion, Promotion, Reward

TEST_CARDS = 3
_LOCATIONS = "sandbox_locations"  # in the twin's settings: from the shop's location to the twin's


@dataclass(frozen=True, slots=True)
class SandboxKey:
    """A key of the twin, and new cards to try it with. Both are told this once."""

    key: NewDevice
    cards: list[IssuedCard]


def create_sandbox_key(scope: Scope, location_id: str, *, name: str, scopes: Collection[str] = ()) -> SandboxKey:
    """Make a key that behaves like the location's own and books nothing real, with three sandbox cards.

    The first time the merchant's twin is made, with a copy of its programmes, rewards and promotions of that moment;
    later keys share it. Raises NotFoundError, InvalidError. Each call makes another key and other cards.
    """

    def work(tx: Transaction) -> NewDevice:
        location = tx.session.get(Location, location_id)
        if location is None or scope.merchant_id not in (None, location.merchant_id):
            raise NotFoundError
        merchant = tx.session.get(Merchant, location.merchant_id)
        if merchant is None or merchant.sandbox_of is not None:
            raise NotFoundError
        own, scope.merchant_id = scope.merchant_id, None  # the twin is another merchant: the platform makes it
        try:
            twin_id = _twin(tx, scope, merchant, location)
            return create_key(scope, twin_id, name=name, scopes=scopes, is_sandbox=True)
        finally:
            scope.merchant_id = own

    key = scope.run(work)
    batch = f"sandbox {key.merchant_id}"
    return SandboxKey(key, list(issue_printed_cards(scope, TEST_CARDS, batch_name=batch, is_sandbox=True)))


def _twin(tx: Transaction, scope: Scope, merchant: Merchant, location: Location) -> str:
    """The twin's location that stands for the shop's."""
    twin = tx.session.scalars(select(Merchant).where(Merchant.sandbox_of == merchant.id)).first()
    if twin is None:
        twin_id = create_merchant(
            scope,
            name=merchant.name,
            category=merchant.category,
            country=merchant.country,
            currency=merchant.currency,
            timezone=merchant.timezone,
            hue=merchant.hue,
            logo_svg=merchant.logo_svg,
            story=merchant.story,
            settings=merchant.settings,
            is_listed=False,
            sandbox_of=merchant.id,
        )
        twin = tx.session.get_one(Merchant, twin_id)
    places: dict[str, str] = dict(twin.settings.get(_LOCATIONS, {}))
    is_new = not places
    for place in tx.session.scalars(select(Location).where(Location.merchant_id == merchant.id, Location.is_active)):
        if place.id not in places:
            places[place.id] = add_location(
                scope,
                twin.id,
                name=place.name,
                street=place.street,
                postcode=place.postcode,
                city=place.city,
                lat=place.lat,
                lon=place.lon,
                timezone=place.timezone,
                opening_hours=place.opening_hours,
                is_listed=False,
            )
    change_merchant(scope, twin.id, settings={**twin.settings, _LOCATIONS: places})
    if is_new:
        _copy_rules(tx, merchant.id, twin.id, places)
    if location.id not in places:  # a closed shop has no twin
        raise NotFoundError
    return places[location.id]


def _copy_rules(tx: Transaction, merchant_id: str, twin_id: str, places: dict[str, str]) -> None:
    programmes: dict[str, str] = {}
    rewards: dict[str, str] = {}
    full_cards: dict[str, str] = {}
    for programme in tx.session.scalars(select(Programme).where(Programme.merchant_id == merchant_id)).all():
        copy = _copy(programme, merchant_id=twin_id, full_card_reward_id=None)
        programmes[programme.id] = copy.id
        if programme.full_card_reward_id is not None:
            full_cards[copy.id] = programme.full_card_reward_id
        tx.session.add(copy)
        tx.session.flush()
        for version in tx.session.scalars(
            select(ProgrammeVersion).where(ProgrammeVersion.programme_id == programme.id)
        ).all():
            tx.session.add(
                ProgrammeVersion(
                    programme_id=copy.id,
                    version=version.version,
                    valid_from=version.valid_from,
                    rules=version.rules,
                    created_at=version.created_at,
                )
            )
    for reward in tx.session.scalars(select(Reward).where(Reward.merchant_id == merchant_id)).all():
        reward_copy = _copy(reward, merchant_id=twin_id, programme_id=programmes[reward.programme_id])
        rewards[reward.id] = reward_copy.id
        tx.session.add(reward_copy)
    for promotion in tx.session.scalars(select(Promotion).where(Promotion.merchant_id == merchant_id)).all():
        rule = {**promotion.rule, "conditions": dict(promotion.rule.get("conditions", {}))}
        if "locations" in rule["conditions"]:
            rule["conditions"]["locations"] = [places.get(at, at) for at in rule["conditions"]["locations"]]
        tx.session.add(
            _copy(promotion, merchant_id=twin_id, programme_id=programmes[promotion.programme_id], rule=rule)
        )
    tx.session.flush()
    for programme_id, reward_id in full_cards.items():
        tx.session.get_one(Programme, programme_id).full_card_reward_id = rewards[reward_id]
    tx.session.flush()


def _copy(row: Any, **other: Any) -> Any:
    """A row like this one with an id of its own."""
    values = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    return type(row)(**{**values, "id": new_id(), **other})
