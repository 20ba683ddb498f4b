"""How far a new shop is on its way to the first stamp, and whether a tablet has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select

from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.models import Account
from app.merchants.models import Device, Location, Merchant, PairingCode, Staff
from app.rewards.models import Programme

KEY = "first_steps"
POSTER, PROGRAMME, HIDDEN = "poster", "programme", "hidden"


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """Which steps are done. ``is_hidden``: the list was put away, or the shop did not sign up by itself."""

    has_programme: bool
    has_tablet: bool
    has_poster: bool
    has_cards: bool
    has_colleague: bool
    has_visit: bool
    is_approved: bool
    is_hidden: bool

    @property
    def done(self) -> int:
        """How many of :attr:`all` are done."""
        return sum(
            (
                self.has_programme,
                self.has_tablet,
                self.has_poster,
                self.has_cards,
                self.has_colleague,
                self.has_visit,
            )
        )

    @property
    def all(self) -> int:
        """How many there are."""
        return 6

    @property
    def is_shown(self) -> bool:
        """Whether the day's page still shows them."""
        return not self.is_hidden and self.done < self.all


def noted(settings: Mapping[str, Any]) -> Mapping[str, bool]:
    """The steps that only the shop itself can tell, in a merchant's settings."""
    kept = settings.get(KEY)
    return kept if isinstance(kept, dict) else {}


def first_steps(scope: Scope) -> FirstSteps:
    """The steps of the scope's merchant. Raises NotFoundError for a scope without one."""
    with scope.reading() as tx:
        merchant = tx.session.get(Merchant, scope.merchant_id) if scope.merchant_id else None
        if merchant is None:
            raise NotFoundError
        told = noted(merchant.settings)
        devices = select(Device.id).where(
            Device.merchant_id == merchant.id, Device.kind == "tablet", Device.revoked_at.is_(None)
        )
        people = select(func.count()).where(Staff.merchant_id == merchant.id, Staff.is_active)
        visited = exists().where(Account.programme_id == Programme.id)
        programmes = select(Programme.id).where(Programme.merchant_id == merchant.id, visited)
        return FirstSteps(
            has_programme=bool(told.get(PROGRAMME)) or merchant.approved_at is not None,
            has_tablet=tx.session.scalars(devices.limit(1)).first() is not None,
            has_poster=bool(told.get(POSTER)),
            has_cards=merchant.cards_printed > 0,
            has_colleague=bool((tx.session.scalar(people) or 0) > 1),
            has_visit=tx.session.scalars(programmes.limit(1)).first() is not None,
            is_approved=merchant.approved_at is not None,
            is_hidden=KEY not in merchant.settings or bool(told.get(HIDDEN)),
        )


@dataclass(frozen=True, slots=True)
class Pairing:
    """What became of a pairing code: ``device`` is the tablet's name once one has come; ``is_over``: none will."""

    location: str
    device: str | None
    is_over: bool


def find_pairing(scope: Scope, code_hash: bytes) -> Pairing:
    """What became of a code of the scope's merchant. Raises NotFoundError."""
    with scope.reading() as tx:
        wanted = (
            select(PairingCode, Location.name)
            .join(Location, Location.id == PairingCode.location_id)
            .where(PairingCode.code_hash == code_hash, Location.merchant_id == scope.merchant_id)
        )
        if scope.location_id is not None:
            wanted = wanted.where(Location.id == scope.location_id)
        found = tx.session.execute(wanted).first()
        if found is None:
            raise NotFoundError
        code, location = found
        device = tx.session.get(Device, code.device_id) if code.device_id else None
        return Pairing(location, None if device is None else device.name, code.expires_at <= scope.now)
