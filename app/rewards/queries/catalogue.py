"""A merchant's programmes with their rewards and promotions, and the versions of one programme's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.common.scope import Scope
from app.rewards.models import Programme, ProgrammeVersion, Promotion, Reward
from app.rewards.rows import merchant_in, programme_in
from app.rewards.rules import version_at


@dataclass(frozen=True, slots=True)
class RewardView:
    """A reward of a catalogue. ``amount_minor`` is in the merchant's currency."""

    reward_id: str
    programme_id: str
    name: str
    texts: Mapping[str, Any]
    kind: str
    cost: int
    amount_minor: int | None
    percent: int | None
    is_flexible: bool
    stock: int | None
    per_member_limit: int | None
    tier: str | None
    valid_from: datetime | None
    valid_until: datetime | None
    voucher_days: int | None
    is_active: bool
    names: Mapping[str, Any] = field(default_factory=dict)
    picture_id: str | None = None
    location_ids: tuple[str, ...] = ()
    segment_id: str | None = None
    has_codes: bool = False
    revision: int = 1


@dataclass(frozen=True, slots=True)
class PromotionView:
    """A promotion and when it runs. ``replaced_by``: the one that goes on in its place, by another rule."""

    promotion_id: str
    programme_id: str
    name: str
    rule: Mapping[str, Any]
    starts_at: datetime | None
    ends_at: datetime | None
    is_active: bool
    names: Mapping[str, Any] = field(default_factory=dict)
    revision: int = 1
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A programme, the rules in force now, its rewards by position and cost, and its promotions."""

    programme_id: str
    name: str
    kind: str
    unit: str
    goal: int | None
    full_card_reward_id: str | None
    timezone: str
    is_active: bool
    version: int
    rules: Mapping[str, Any]
    rewards: tuple[RewardView, ...]
    promotions: tuple[PromotionView, ...]


@dataclass(frozen=True, slots=True)
class VersionView:
    """One dated version of a programme's rules; the first counts from the beginning of time."""

    version: int
    valid_from: datetime | None
    rules: Mapping[str, Any]
    created_at: datetime


def list_programmes(scope: Scope, merchant_id: str, *, on_offer: bool = False) -> list[ProgrammeView]:
    """A merchant's programmes in their order. ``on_offer``: only what members can have at the scope's time.

    Raises NotFoundError when the merchant is not there or not the scope's. The number of queries does not grow with
    what there is.
    """
    now = scope.now
    with scope.reading() as tx:
        merchant_in(tx, scope, merchant_id)
        programmes = tx.session.scalars(
            select(Programme).where(Programme.merchant_id == merchant_id).order_by(Programme.position, Programme.id)
        ).all()
        versions: dict[str, list[tuple[datetime | None, ProgrammeVersion]]] = {}
        for version in tx.session.scalars(
            select(ProgrammeVersion)
            .join(Programme, Programme.id == ProgrammeVersion.programme_id)
            .where(Programme.merchant_id == merchant_id)
            .order_by(ProgrammeVersion.version)
        ):
            versions.setdefault(version.programme_id, []).append((version.valid_from, version))
        rewards = tx.session.scalars(
            select(Reward)
            .where(Reward.merchant_id == merchant_id, Reward.is_ticket.is_(False))
            .order_by(Reward.position, Reward.cost, Reward.id)
        ).all()
        promotions = tx.session.scalars(
            select(Promotion).where(Promotion.merchant_id == merchant_id).order_by(Promotion.id)
        ).all()
    found = []
    for programme in programmes:
        if on_offer and not programme.is_active:
            continue
        in_force = version_at(versions[programme.id], now)
        found.append(
            ProgrammeView(
                programme_id=programme.id,
                name=programme.name,
                kind=programme.kind,
                unit=programme.unit,
                goal=in_force.rules.get("goal"),
                full_card_reward_id=programme.full_card_reward_id,
                timezone=programme.timezone,
                is_active=programme.is_active,
                version=in_force.version,
                rules=in_force.rules,
                rewards=tuple(
                    _reward(reward)
                    for reward in rewards
                    if reward.programme_id == programme.id
                    # What is for some members alone is shown to them, in their app.
                    and not (on_offer and reward.segment_id is not None)
                    and not (on_offer and not _runs(reward.is_active, reward.valid_from, reward.valid_until, now))
                ),
                promotions=tuple(
                    _promotion(promotion)
                    for promotion in promotions
                    if promotion.programme_id == programme.id
                    and not (on_offer and not _runs(promotion.is_active, promotion.starts_at, promotion.ends_at, now))
                ),
            )
        )
    return found


def list_versions(scope: Scope, programme_id: str) -> list[VersionView]:
    """All versions of a programme's rules, the first one first. Raises NotFoundError."""
    with scope.reading() as tx:
        programme_in(tx, scope, programme_id)
        rows = tx.session.scalars(
            select(ProgrammeVersion)
            .where(ProgrammeVersion.programme_id == programme_id)
            .order_by(ProgrammeVersion.version)
        )
        return [VersionView(row.version, row.valid_from, row.rules, row.created_at) for row in rows]


def _runs(is_active: bool, begins: datetime | None, ends: datetime | None, now: datetime) -> bool:
    return is_active and (begins is None or begins <= now) and (ends is None or now < ends)


def _reward(row: Reward) -> RewardView:
    return RewardView(
        reward_id=row.id,
        programme_id=row.programme_id,
        name=row.name,
        texts=row.texts,
        kind=row.kind,
        cost=row.cost,
        amount_minor=row.amount_minor,
        percent=row.percent,
        is_flexible=row.is_flexible,
        stock=row.stock,
        per_member_limit=row.per_member_limit,
        tier=row.tier,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        voucher_days=row.voucher_days,
        is_active=row.is_active,
        names=row.names,
        picture_id=row.picture_id,
        location_ids=tuple(row.location_ids or ()),
        segment_id=row.segment_id,
        has_codes=row.has_codes,
        revision=row.revision,
    )


def _promotion(row: Promotion) -> PromotionView:
    return PromotionView(
        promotion_id=row.id,
        programme_id=row.programme_id,
        name=row.name,
        rule=row.rule,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_active=row.is_active,
        names=row.names,
        revision=row.revision,
        replaced_by=row.replaced_by,
    )
