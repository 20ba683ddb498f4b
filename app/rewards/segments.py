"""Which members a business means: a filter of its list, saved under a name, and asked for at a counter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased

from app.common.clock import local_day_bounds, zone
from app.common.database import Transaction
from app.common.ids import is_id
from app.common.sql import Statement
from app.rewards.models import ShopMember

NEARLY_FULL = 800  # thousandths
AT_RISK_FROM, AT_RISK_BELOW = 50, 500  # thousandths: of a regular it is doubtful whether she still comes
MOST_DAYS, MOST_VISITS = 3_650, 100_000
RELATIONSHIPS = ("stranger", "butterfly", "friend", "barnacle")
RUNGS = ("customer", "client", "supporter", "advocate", "partner")
"""As whoever computes them calls them (:mod:`app.insights.models`)."""
_IN = Statement("SELECT 1 FROM member_segment WHERE member_id = :member_id AND segment_id = :segment_id")


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """What members of a list have in common; None and False ask for nothing.

    ``is_away``: longer than she usually is. ``silent_days``: not seen for so many days; ``seen_days``: seen within;
    ``new_days``: came for the first time within. ``visits_least`` and ``visits_most`` in all, ``spend_least`` in minor
    units. ``is_birthday``: this month, of those who share it with the shop. ``location_id``: seen at that shop, and all
    figures are then of that shop. ``relationship`` and ``rung``: the group and the rung of the ladder that she
    is in for the whole business; ``is_at_risk``: a regular of whom it is doubtful whether she still comes, and who is
    not lost yet.
    """

    is_away: bool = False
    silent_days: int | None = None
    seen_days: int | None = None
    new_days: int | None = None
    visits_least: int | None = None
    visits_most: int | None = None
    spend_least: int | None = None
    is_nearly_full: bool = False
    tier: str | None = None
    has_app: bool | None = None
    is_birthday: bool = False
    location_id: str | None = None
    relationship: str | None = None
    rung: str | None = None
    is_at_risk: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing at all."""
        return self == MemberFilter()

    def document(self) -> dict[str, Any]:
        """As it is kept: only what it asks for."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name)) not in (None, False)} | (
            {"has_app": False} if self.has_app is False else {}
        )

    def without(self, name: str) -> MemberFilter:
        """The same without one of its wishes."""
        return replace(self, **{name: getattr(MemberFilter(), name)})


def read_filter(document: Mapping[str, Any]) -> MemberFilter:
    """A filter as it was kept. What is none of its wishes, or out of range, is left out."""
    wanted: dict[str, Any] = {}
    for name in ("is_away", "is_nearly_full", "is_birthday", "is_at_risk"):
        wanted[name] = document.get(name) is True
    for name, most in (
        ("silent_days", MOST_DAYS),
        ("seen_days", MOST_DAYS),
        ("new_days", MOST_DAYS),
        ("visits_least", MOST_VISITS),
        ("visits_most", MOST_VISITS),
        ("spend_least", 10**12),
    ):
        value = document.get(name)
        wanted[name] = value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most else None
    tier, location_id = document.get("tier"), document.get("location_id")
    wanted["tier"] = tier if isinstance(tier, str) and 0 < len(tier) <= 100 else None
    wanted["location_id"] = location_id if is_id(location_id) else None
    for name, known in (("relationship", RELATIONSHIPS), ("rung", RUNGS)):
        wanted[name] = document[name] if document.get(name) in known else None
    wanted["has_app"] = document["has_app"] if isinstance(document.get("has_app"), bool) else None
    return MemberFilter(**wanted)


def conditions(wanted: MemberFilter, *, now: datetime, timezone: str) -> list[ColumnElement[bool]]:
    """The filter as conditions on :class:`ShopMember`; the place is the caller's affair. Days are counted from now."""
    row = ShopMember
    found: list[ColumnElement[bool]] = []
    if wanted.is_away:
        found.append(row.overdue_at <= now)
    if wanted.silent_days is not None:
        found.append(row.seen_at <= now - timedelta(days=wanted.silent_days))
    if wanted.seen_days is not None:
        found.append(row.seen_at >= _days_back(now, timezone, wanted.seen_days))
    if wanted.new_days is not None:
        found.append(row.first_at >= _days_back(now, timezone, wanted.new_days))
    if wanted.visits_least is not None:
        found.append(row.visits >= wanted.visits_least)
    if wanted.visits_most is not None:
        found.append(row.visits <= wanted.visits_most)
    if wanted.spend_least is not None:
        found.append(row.spend_minor >= wanted.spend_least)
    if wanted.is_nearly_full:
        found.append(row.fill >= NEARLY_FULL)
    if wanted.tier is not None:
        found.append(row.tier == wanted.tier)
    if wanted.has_app is not None:
        found.append(row.has_app.is_(wanted.has_app))
    if wanted.is_birthday:
        found.append(row.birth_month == now.astimezone(zone(timezone)).month)
    found += _relations(wanted)
    return found


def is_in_segment(tx: Transaction, member_id: str, segment_id: str) -> bool:
    """Whether a member was in a segment when it was filled last: one look by its key, for a counter."""
    return bool(tx.rows(_IN, {"member_id": member_id, "segment_id": segment_id}))


def _relations(wanted: MemberFilter) -> list[ColumnElement[bool]]:
    """What a member is to the business: asked of its own row of her, also where a list is of one of its shops."""
    row = ShopMember if wanted.location_id is None else aliased(ShopMember)
    found: list[ColumnElement[bool]] = []
    if wanted.relationship is not None:
        found.append(row.relationship == wanted.relationship)
    if wanted.rung is not None:
        found.append(row.rung == wanted.rung)
    if wanted.is_at_risk:
        found += [row.gap_days.is_not(None), row.alive >= AT_RISK_FROM, row.alive < AT_RISK_BELOW]
    if not found or wanted.location_id is None:
        return found
    whole = (row.member_id == ShopMember.member_id, row.place_id == ShopMember.merchant_id)
    return [exists().where(*whole, *found)]


def _days_back(now: datetime, timezone: str, days: int) -> datetime:
    """Midnight that many days ago in the shop's zone: "within a day" is today and yesterday."""
    return local_day_bounds(now - timedelta(days=days), timezone)[0]
