"""What the catalogue's pages show: rewards with how often they were taken, promotions, where they are on, and who
changed what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.backoffice.queries.members.detail import member_row
from app.backoffice.queries.members.naming import NAMELESS, names_of
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.models import Location, Staff
from app.rewards.clashes import Clash, Planned, find_clashes
from app.rewards.configuration import MerchantConfig, current_configuration
from app.rewards.counting import Taken, taken_of
from app.rewards.models import Reward, Voucher
from app.rewards.queries import ProgrammeView, PromotionView, RewardView, list_programmes
from app.rewards.rows import is_seen_from
from app.rewards.rules import ProgrammeRules
from app.rewards.service.promotions import places_of

_CODES = Statement(
    """
    SELECT count(*), coalesce(sum(CASE WHEN voucher_id IS NULL THEN 1 ELSE 0 END), 0) FROM reward_code
    WHERE reward_id = :reward_id
    """
)


@dataclass(frozen=True, slots=True)
class Place:
    """A location of the business."""

    location_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A programme with its rewards as this person sees them, and the tiers it has (key and name)."""

    programme: ProgrammeView
    rewards: tuple[RewardView, ...]
    tiers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that the list of rewards shows."""

    shelves: tuple[Shelf, ...]
    taken: Mapping[str, Taken]
    places: tuple[Place, ...]

    def find(self, reward_id: str) -> tuple[Shelf, RewardView]:
        """A reward with its programme. Raises NotFoundError."""
        for shelf in self.shelves:
            for reward in shelf.rewards:
                if reward.reward_id == reward_id:
                    return shelf, reward
        raise NotFoundError(what="reward")


@dataclass(frozen=True, slots=True)
class Codes:
    """A reward's list of codes: how many there were in all, and how many nobody has seen."""

    all: int
    unseen: int


@dataclass(frozen=True, slots=True)
class Plans:
    """A business's promotions with the programmes they belong to, and what should be known of them."""

    programmes: tuple[ProgrammeView, ...]
    promotions: tuple[PromotionView, ...]
    planned: Mapping[str, Planned]
    clashes: tuple[Clash, ...]
    places: tuple[Place, ...]
    tiers: Mapping[str, tuple[tuple[str, str], ...]]  # by programme

    def programme(self, programme_id: str) -> ProgrammeView:
        """One of the programmes. Raises NotFoundError."""
        for one in self.programmes:
            if one.programme_id == programme_id:
                return one
        raise NotFoundError(what="programme")

    def find(self, promotion_id: str) -> PromotionView:
        """One of the promotions. Raises NotFoundError."""
        for one in self.promotions:
            if one.promotion_id == promotion_id:
                return one
        raise NotFoundError(what="promotion")


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What somebody changed: fields with what was there and what is."""

    who: str | None
    at: datetime
    action: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def get_catalogue(scope: Scope) -> Catalogue:
    """The rewards of the scope's merchant by programme, those of other locations left out for somebody of one, and how
    often each was taken."""
    merchant_id = scope.merchant_id or ""
    programmes = list_programmes(scope, merchant_id)
    with scope.reading() as tx:
        config = current_configuration(tx, merchant_id)
        taken = taken_of(tx, merchant_id)
        places = _places(tx, scope)
    shelves = []
    for programme in programmes:
        seen = tuple(one for one in programme.rewards if is_seen_from(scope, one.location_ids))
        if programme.is_active or seen:
            shelves.append(Shelf(programme, seen, _tiers(config, programme.programme_id, scope.now)))
    return Catalogue(tuple(shelves), taken, places)


def get_codes(scope: Scope, reward_id: str) -> Codes:
    """How many codes a reward of the scope's merchant has."""
    with scope.reading() as tx:
        found = tx.rows(_CODES, {"reward_id": reward_id})[0]
    return Codes(int(found[0]), int(found[1]))


def get_plans(scope: Scope) -> Plans:
    """The promotions of the scope's merchant that were not replaced by others, with what clashes among those that are
    on or to come."""
    merchant_id = scope.merchant_id or ""
    now = scope.now
    programmes = list_programmes(scope, merchant_id)
    with scope.reading() as tx:
        config = current_configuration(tx, merchant_id)
        places = _places(tx, scope)
    shown = [
        one
        for programme in programmes
        for one in programme.promotions
        if one.replaced_by is None and is_seen_from(scope, places_of(one.rule))
    ]
    planned = {one.promotion_id: one for one in _planned(config)}
    coming = [
        planned[one.promotion_id]
        for one in shown
        if one.is_active and (one.ends_at is None or one.ends_at > now) and one.promotion_id in planned
    ]
    rules = {programme.id: programme.rules_at(now)[1] for programme in config.programmes}
    asks = {programme_id: _asks(one) for programme_id, one in rules.items()}
    return Plans(
        programmes=tuple(one for one in programmes if one.is_active),
        promotions=tuple(shown),
        planned=planned,
        clashes=tuple(find_clashes(coming, rules, asks=asks, now=now)),
        places=places,
        tiers={one.programme_id: _tiers(config, one.programme_id, now) for one in programmes},
    )


def changes_since(scope: Scope, subject_kind: str, subject_id: str, count: int) -> list[ChangeView]:
    """The last ``count`` changes of something of the scope's merchant, the newest first."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(AuditEvent, Staff.name)
            .outerjoin(Staff, (Staff.id == AuditEvent.actor_id) & (Staff.merchant_id == AuditEvent.merchant_id))
            .where(
                AuditEvent.merchant_id == scope.merchant_id,
                AuditEvent.subject_kind == subject_kind,
                AuditEvent.subject_id == subject_id,
                AuditEvent.action.not_in((f"{subject_kind}.created", f"{subject_kind}.moved")),
            )
            .order_by(AuditEvent.id.desc())
            .limit(max(1, min(count, 20)))
        )
        return [
            ChangeView(name, event.occurred_at, event.action, event.before or {}, event.after or {})
            for event, name in rows
        ]


def _places(tx: Transaction, scope: Scope) -> tuple[Place, ...]:
    wanted = select(Location.id, Location.name).where(
        Location.merchant_id == scope.merchant_id, Location.is_active.is_(True)
    )
    if scope.location_id is not None:
        wanted = wanted.where(Location.id == scope.location_id)
    return tuple(Place(*row) for row in tx.session.execute(wanted.order_by(Location.name, Location.id)))


def _tiers(config: MerchantConfig, programme_id: str, now: datetime) -> tuple[tuple[str, str], ...]:
    rules = config.any_programme(programme_id).rules_at(now)[1]
    return () if rules.tiers is None else tuple((tier.key, tier.name) for tier in rules.tiers.table)


def _planned(config: MerchantConfig) -> list[Planned]:
    return [
        Planned(one.id, one.name, programme.id, one.rules, one.starts_at, one.ends_at)
        for programme in config.programmes
        for one in programme.promotions
    ]


def _asks(rules: ProgrammeRules) -> str:
    if rules.minimum_minor is not None or any(rule.per == "amount" for rule in rules.earn):
        return "amount"
    return "items" if all(rule.per == "item" for rule in rules.earn) else "visit"


@dataclass(frozen=True, slots=True)
class Gift:
    """What somebody of the shop gave by hand."""

    voucher_id: str
    name: str
    reason: str | None
    given_by: str | None
    given_at: datetime
    expires_at: datetime | None
    status: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """A member of the shop as it may know her, and what she was given by hand, the latest first."""

    name: str | None
    card: str
    gifts: tuple[Gift, ...]


def get_recipient(scope: Scope, member_id: str) -> Recipient:
    """A member of the scope's shop. Raises NotFoundError for everybody else."""
    with scope.reading() as tx:
        row = member_row(tx, scope, member_id)
        names = names_of(tx, scope, [member_id]).get(member_id, NAMELESS)
        found = tx.session.execute(
            select(Voucher, Reward.name, Staff.name)
            .join(Reward, Reward.id == Voucher.reward_id)
            .outerjoin(Staff, Staff.id == Voucher.given_by)
            .where(Voucher.member_id == member_id, Voucher.merchant_id == scope.merchant_id, Voucher.source == "gift")
            .order_by(Voucher.id.desc())
            .limit(20)
        ).all()
    gifts = tuple(
        Gift(
            voucher.id,
            name,
            voucher.reason,
            staff,
            voucher.issued_at,
            voucher.expires_at,
            "expired"
            if voucher.status == "issued" and voucher.expires_at is not None and voucher.expires_at <= scope.now
            else voucher.status,
        )
        for voucher, name, staff in found
    )
    return Recipient(names.called or names.shown, row.card_tail or "", gifts)
