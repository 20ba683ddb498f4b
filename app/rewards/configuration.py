"""A merchant's rules, compiled: what judging a visit takes, kept per process until the merchant changes something.

Every scan reads ``merchant.config_version`` anyway; as long as it is the one that was compiled, nothing is read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.common.database import Transaction
from app.common.sql import Statement
from app.merchants.counter_settings import CounterSettings, counter_settings
from app.rewards.evaluator import Needs, needs
from app.rewards.rules import ProgrammeRules, PromotionRules, parse_programme, parse_promotion, version_at

_KEPT = 4096  # merchants; beyond that the oldest is forgotten

_MERCHANT = Statement(
    "SELECT name, currency, timezone, settings, config_version, slug, hue, approved_at IS NOT NULL"
    " FROM merchant WHERE id = :merchant_id"
)
_VERSION = Statement("SELECT config_version FROM merchant WHERE id = :merchant_id")
_PROGRAMMES = Statement(
    "SELECT id, name, kind, unit, goal, full_card_reward_id, timezone, is_active FROM programme"
    " WHERE merchant_id = :merchant_id ORDER BY position, id"
)
_VERSIONS = Statement(
    "SELECT v.programme_id, v.version, v.valid_from, v.rules FROM programme_version v"
    " JOIN programme p ON p.id = v.programme_id WHERE p.merchant_id = :merchant_id ORDER BY v.programme_id, v.version"
)
_PROMOTIONS = Statement(
    "SELECT id, programme_id, name, rule, starts_at, ends_at, is_active FROM promotion"
    " WHERE merchant_id = :merchant_id ORDER BY id"
)
_REWARDS = Statement(
    "SELECT id, programme_id, name, texts, kind, cost, amount_minor, percent, is_flexible, stock, per_member_limit,"
    " tier, valid_from, valid_until, voucher_days, is_active, names, picture_id, location_ids, segment_id, has_codes"
    " FROM reward"
    " WHERE merchant_id = :merchant_id ORDER BY position, cost, id"
)
_STAFF = Statement(
    "SELECT id, role, location_id, is_active, pin_hash IS NOT NULL FROM staff WHERE merchant_id = :merchant_id"
)
# Of each rule the newest, of this shop and of all; a shop's own come before those of all.
_LIMITS = Statement(
    "SELECT rule, merchant_id, hard FROM risk_limit r WHERE rule IN ('card_device', 'staff_card')"
    " AND (merchant_id IS NULL OR merchant_id = :merchant_id)"
    " AND version = (SELECT max(version) FROM risk_limit o WHERE o.rule = r.rule AND o.place = r.place)"
)
_WEBHOOKS = Statement("SELECT events FROM webhook_endpoint WHERE merchant_id = :merchant_id AND is_active = :active")


@dataclass(frozen=True, slots=True)
class RewardConfig:
    """A reward of the catalogue. ``amount_minor`` in the merchant's currency; ``tracks_stock``: its stock is counted
    (how many are left is read when one is given); ``location_ids`` empty: everywhere; ``has_codes``: its vouchers are
    for the webshop, and no counter takes them."""

    id: str
    programme_id: str
    name: str
    texts: Mapping[str, Any]
    kind: str
    cost: int
    amount_minor: int | None
    percent: int | None
    is_flexible: bool
    tracks_stock: bool
    per_member_limit: int | None
    tier: str | None
    valid_from: datetime | None
    valid_until: datetime | None
    voucher_days: int | None
    is_active: bool
    names: Mapping[str, Any] = field(default_factory=dict)
    picture_id: str | None = None
    location_ids: frozenset[str] = frozenset()
    segment_id: str | None = None
    has_codes: bool = False

    def is_at(self, location_id: str) -> bool:
        """Whether that location's counter gives it."""
        return not self.has_codes and (not self.location_ids or location_id in self.location_ids)

    def worth_minor(self, quantity: int = 1) -> int | None:
        """What it is worth in minor units of the merchant's currency; None where the shop never said."""
        return None if self.amount_minor is None else self.amount_minor * quantity

    def is_offered(self, at: datetime) -> bool:
        """Whether it can be had at that moment, stock and member left aside."""
        return (
            self.is_active
            and (self.valid_from is None or self.valid_from <= at)
            and (self.valid_until is None or at < self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class PromotionConfig:
    """A promotion and when it runs."""

    id: str
    name: str
    rules: PromotionRules
    starts_at: datetime | None
    ends_at: datetime | None
    is_active: bool

    def runs(self, at: datetime) -> bool:
        """Whether it was on at that moment."""
        return (
            self.is_active
            and (self.starts_at is None or self.starts_at <= at)
            and (self.ends_at is None or at < self.ends_at)
        )


@dataclass(frozen=True, slots=True)
class ProgrammeConfig:
    """A programme with all versions of its rules and its promotions."""

    id: str
    name: str
    kind: str
    unit: str
    goal: int | None
    full_card_reward_id: str | None
    timezone: str
    versions: tuple[tuple[datetime | None, tuple[int, ProgrammeRules]], ...]
    promotions: tuple[PromotionConfig, ...]
    is_active: bool
    needs: Needs  # of all versions and promotions together

    def rules_at(self, at: datetime) -> tuple[int, ProgrammeRules]:
        """The version in force at a moment, with its number."""
        if len(self.versions) == 1:
            return self.versions[0][1]
        return version_at(self.versions, at)

    def rules_of(self, version: int) -> ProgrammeRules:
        """The rules of a version. Raises ``KeyError`` when there is no such version."""
        for _, (number, rules) in self.versions:
            if number == version:
                return rules
        raise KeyError(version)

    def promotions_at(self, at: datetime) -> tuple[PromotionRules, ...]:
        """The promotions that run at a moment."""
        if not self.promotions:
            return ()
        return tuple(promotion.rules for promotion in self.promotions if promotion.runs(at))


@dataclass(frozen=True, slots=True)
class StaffConfig:
    """Somebody who works at the merchant, or did. Without a ``location_id`` at every location."""

    role: str
    location_id: str | None
    is_active: bool
    has_pin: bool


@dataclass(frozen=True, slots=True)
class HardLimits:
    """How often a card may earn before the counter refuses; None: no limit. The operator sets them (app.risk)."""

    card_device_hour: int | None = None  # one card at one device within an hour
    staff_card_day: int | None = None  # one card by one person's hand within a day

    @property
    def are_set(self) -> bool:
        """Whether there is anything to hold to."""
        return self.card_device_hour is not None or self.staff_card_day is not None


@dataclass(frozen=True, slots=True)
class MerchantConfig:
    """Everything about a merchant that judging and answering a scan takes."""

    id: str
    version: int
    name: str
    slug: str
    hue: int
    currency: str
    timezone: str
    settings: Mapping[str, Any]
    programmes: tuple[ProgrammeConfig, ...]  # those that are on
    ended: tuple[ProgrammeConfig, ...]  # still needed to undo what they earned
    rewards: Mapping[str, RewardConfig]
    events: frozenset[str]  # of which some webhook endpoint wants to hear
    counter: CounterSettings
    staff: Mapping[str, StaffConfig]  # by id, former ones too
    is_approved: bool = True  # else it is on trial: see app.merchants.trial
    limits: HardLimits = HardLimits()

    def programme(self, programme_id: str) -> ProgrammeConfig | None:
        """One of its active programmes."""
        return next((programme for programme in self.programmes if programme.id == programme_id), None)

    def any_programme(self, programme_id: str) -> ProgrammeConfig:
        """One of its programmes, also one that was ended. Raises ``KeyError``."""
        for programme in (*self.programmes, *self.ended):
            if programme.id == programme_id:
                return programme
        raise KeyError(programme_id)

    def has_staff_pins(self, location_id: str) -> bool:
        """Whether anybody who works at the location can say who they are; a shop of one person may go without."""
        return any(
            one.has_pin and one.is_active and one.location_id in (None, location_id) for one in self.staff.values()
        )

    def asks_sign_in(self, location_id: str) -> bool:
        """Whether a tablet at the location books for nobody unnamed. Where nobody has a PIN, nobody could sign in."""
        return self.counter.sign_in and self.has_staff_pins(location_id)

    def opening_units_most(self, programme: ProgrammeConfig) -> int:
        """The most units of an old paper card that may be entered for one member: as the merchant set, else one fewer
        than fill a stamp card, and no points."""
        if self.counter.opening_units_most is not None:
            return self.counter.opening_units_most
        return 0 if programme.goal is None else programme.goal - 1


def current_configuration(transaction: Transaction, merchant_id: str) -> MerchantConfig:
    """The merchant's compiled configuration as it is now, by one query where this process has it. Raises
    ``LookupError`` when there is no such merchant."""
    rows = transaction.rows(_VERSION, {"merchant_id": merchant_id})
    return configuration(transaction, merchant_id, rows[0][0] if rows else None)


def configuration(transaction: Transaction, merchant_id: str, version: int | None = None) -> MerchantConfig:
    """The merchant's compiled configuration; from the process's memory when that has ``version``.

    Without a version it is read anew. Raises ``LookupError`` when there is no such merchant.
    """
    kept: dict[str, MerchantConfig] = transaction.memory
    known = kept.get(merchant_id)
    if version is not None and known is not None and known.version == version:
        return known
    made = _read(transaction, merchant_id)
    if len(kept) >= _KEPT:
        kept.pop(next(iter(kept)), None)
    # A change that isn't committed yet must not be kept: its version would be seen by this process alone.
    if version is not None and made.version == version:
        kept[merchant_id] = made
    return made


def _read(transaction: Transaction, merchant_id: str) -> MerchantConfig:
    who = {"merchant_id": merchant_id}
    rows = transaction.rows(_MERCHANT, who)
    if not rows:
        raise LookupError(merchant_id)
    name, currency, timezone, settings, version, slug, hue, is_approved = rows[0]
    versions: dict[str, list[tuple[datetime | None, tuple[int, Mapping[str, Any]]]]] = {}
    for programme_id, number, valid_from, rules in transaction.rows(_VERSIONS, who):
        versions.setdefault(programme_id, []).append((valid_from, (number, document(rules))))
    promotions: dict[str, list[PromotionConfig]] = {}
    for promotion_id, programme_id, title, rule, starts_at, ends_at, is_active in transaction.rows(_PROMOTIONS, who):
        rules = parse_promotion(document(rule), promotion_id=promotion_id, currency=currency)
        promotions.setdefault(programme_id, []).append(
            PromotionConfig(promotion_id, title, rules, starts_at, ends_at, bool(is_active))
        )
    programmes = tuple(
        _programme(row, versions.get(row[0], []), tuple(promotions.get(row[0], ())), currency)
        for row in transaction.rows(_PROGRAMMES, who)
    )
    rewards = {row[0]: _reward(row) for row in transaction.rows(_REWARDS, who)}
    events = {event for (wanted,) in transaction.rows(_WEBHOOKS, who | {"active": True}) for event in document(wanted)}
    return MerchantConfig(
        id=merchant_id,
        version=version,
        name=name,
        slug=slug,
        hue=hue,
        currency=currency,
        timezone=timezone,
        settings=document(settings),
        programmes=tuple(programme for programme in programmes if programme.is_active),
        ended=tuple(programme for programme in programmes if not programme.is_active),
        rewards=rewards,
        events=frozenset(events),
        counter=counter_settings(document(settings)),
        staff={
            row[0]: StaffConfig(row[1], row[2], bool(row[3]), bool(row[4])) for row in transaction.rows(_STAFF, who)
        },
        is_approved=bool(is_approved),
        limits=_limits(transaction.rows(_LIMITS, who)),
    )


def _limits(rows: list[tuple[Any, ...]]) -> HardLimits:
    held = {rule: hard for rule, _, hard in sorted(rows, key=lambda row: row[1] is not None)}
    return HardLimits(card_device_hour=held.get("card_device"), staff_card_day=held.get("staff_card"))


def _programme(
    row: tuple[Any, ...],
    versions: list[tuple[datetime | None, tuple[int, Mapping[str, Any]]]],
    promotions: tuple[PromotionConfig, ...],
    currency: str,
) -> ProgrammeConfig:
    programme_id, name, kind, unit, goal, full_card_reward_id, timezone, is_active = row
    compiled = tuple(
        (valid_from, (number, parse_programme(rules, kind=kind, currency=currency, timezone=timezone)))
        for valid_from, (number, rules) in versions
    )
    wanted = [needs(rules, [promotion.rules for promotion in promotions]) for _, (_, rules) in compiled]
    return ProgrammeConfig(
        id=programme_id,
        name=name,
        kind=kind,
        unit=unit,
        goal=goal,
        full_card_reward_id=full_card_reward_id,
        timezone=timezone,
        versions=compiled,
        promotions=promotions,
        is_active=bool(is_active),
        needs=Needs(
            **{field: any(getattr(one, field) for one in wanted) for field in Needs.__slots__}  # the union
        ),
    )


def _reward(row: tuple[Any, ...]) -> RewardConfig:
    return RewardConfig(
        id=row[0],
        programme_id=row[1],
        name=row[2],
        texts=document(row[3]),
        kind=row[4],
        cost=row[5],
        amount_minor=row[6],
        percent=row[7],
        is_flexible=bool(row[8]),
        tracks_stock=row[9] is not None,
        per_member_limit=row[10],
        tier=row[11],
        valid_from=row[12],
        valid_until=row[13],
        voucher_days=row[14],
        is_active=bool(row[15]),
        names=document(row[16]),
        picture_id=row[17],
        location_ids=frozenset(document(row[18]) or ()),
        segment_id=row[19],
        has_codes=bool(row[20]),
    )


def document(value: Any) -> Any:
    """A JSON column as the raw driver gives it: parsed on PostgreSQL, text on SQLite."""
    return json.loads(value) if isinstance(value, str) else value
