"""A shop's own pages: what its people change about it. Each form comes back with the revision that it was served with;
what somebody else changed meanwhile is told, and never overwritten in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from app.backoffice.queries.shop import OwnLocation, OwnShop, find_location, own_shop
from app.backoffice.revisions import require_unchanged, revision_of
from app.common.database import Transaction
from app.common.errors import ForbiddenError, NotFoundError
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.errors import LastLocationError
from app.merchants.models import Location, Merchant

ABOUT = ("name", "category", "story", "hue", "logo_svg")
PLACE = ("name", "street", "postcode", "city", "lat", "lon", "opening_hours")


def revision_of_shop(shop: OwnShop) -> str:
    """What the forms about a shop are served with: all that any of them changes."""
    return revision_of(_shown(shop))


def revision_of_location(location: OwnLocation) -> str:
    """What a location's form is served with."""
    return revision_of({name: getattr(location, name) for name in PLACE})


def change_shop(scope: Scope, changes: Mapping[str, Any], *, revision: str) -> None:
    """Change some of :data:`ABOUT`, or ``is_listed``, of the scope's merchant. What is already so stays so.

    Raises SomebodyWasFasterError, InvalidError, LogoRefusedError, NotFoundError, and ForbiddenError for somebody who
    works at one location only.
    """

    def work(tx: Transaction) -> None:
        _unchanged(tx, scope, revision)
        merchants.change_merchant(scope, scope.merchant_id or "", **changes)

    scope.run(work)


def change_counter(scope: Scope, changes: Mapping[str, Any], *, revision: str) -> None:
    """Change how the scope's counters work. Raises SomebodyWasFasterError, InvalidError, NotFoundError."""

    def work(tx: Transaction) -> None:
        _unchanged(tx, scope, revision)
        merchants.change_counter_settings(scope, scope.merchant_id or "", **changes)

    scope.run(work)


def change_gifts(scope: Scope, *, inviter: int, invited: int, most: int, revision: str) -> None:
    """Change what the scope's merchant gives for invitations. Raises SomebodyWasFasterError, InvalidError."""

    def work(tx: Transaction) -> None:
        _unchanged(tx, scope, revision)
        merchants.set_invitation_gifts(scope, scope.merchant_id or "", inviter=inviter, invited=invited, most=most)

    scope.run(work)


def change_place(scope: Scope, location_id: str, changes: Mapping[str, Any], *, revision: str) -> None:
    """Change some of :data:`PLACE`, ``is_listed`` or ``is_active`` of one of the scope's locations.

    Raises SomebodyWasFasterError, InvalidError, OpeningHoursInvalidError, NotFoundError.
    """

    def work(tx: Transaction) -> None:
        tx.session.scalars(
            select(Location)
            .where(Location.id == location_id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).first()
        location = find_location(scope, location_id)
        require_unchanged({name: getattr(location, name) for name in PLACE}, revision)
        merchants.change_location(scope, location_id, **changes)

    scope.run(work)


def close_place(scope: Scope, location_id: str) -> None:
    """Close one of the scope's locations: its tablets book nothing any more. A second time changes nothing.

    The last open one stays, whoever closes others at the same moment. Raises NotFoundError, LastLocationError.
    """

    def work(tx: Transaction) -> None:
        # One row for all of the business's locations: of two who close the last two, the second sees the first.
        tx.session.execute(select(Merchant.id).where(Merchant.id == scope.merchant_id).with_for_update(key_share=True))
        location = find_location(scope, location_id)
        if not location.is_active:
            return
        open_ones = tx.session.scalars(
            select(Location.id).where(Location.merchant_id == scope.merchant_id, Location.is_active)
        ).all()
        if len(open_ones) <= 1:
            raise LastLocationError
        merchants.change_location(scope, location_id, is_active=False)

    scope.run(work)


def _unchanged(tx: Transaction, scope: Scope, revision: str) -> None:
    if scope.location_id is not None:
        raise ForbiddenError  # who works at one place changes that place, not the whole business
    # Locked, and read again behind the lock: of two who save at once the second sees what the first did.
    found = tx.session.scalars(
        select(Merchant)
        .where(Merchant.id == scope.merchant_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFoundError
    require_unchanged(_shown(own_shop(scope, merchant_id=scope.merchant_id)), revision)


def _shown(shop: OwnShop) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(shop, name) for name in (*ABOUT, "is_listed")}
    return values | {"counter": asdict(shop.counter), "gifts": None if shop.gifts is None else asdict(shop.gifts)}
