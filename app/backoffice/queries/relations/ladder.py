"""The loyalty ladder, the programme's levels, and the saved lists with what groups they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from app.backoffice.queries.members import tiers_of
from app.backoffice.queries.members.naming import NAMELESS, names_of
from app.common.scope import Scope
from app.insights.models import RUNGS, MemberValue, RungMonth
from app.insights.queries import value
from app.rewards.models import MemberSegment, Segment, ShopMember

MOST_LISTS = 50


@dataclass(frozen=True, slots=True)
class Climb:
    """So many went from ``was`` (empty: new) to ``rung`` within the month; ``is_up``: that is higher."""

    was: str
    rung: str
    members: int
    is_up: bool


@dataclass(frozen=True, slots=True)
class Mover:
    """One member who climbed or slid; ``name`` None: she is known by the end of her card."""

    member_id: str
    name: str | None
    card_tail: str | None
    was: str | None
    rung: str


@dataclass(frozen=True, slots=True)
class Rungs:
    """How many stand on each rung; ``prospects`` have a balance here or were invited (``invited`` of them) and never
    bought. ``month`` is the one whose climbs these are, None before the first."""

    members: Mapping[str, int]
    prospects: int
    invited: int
    month: str | None
    climbs: Sequence[Climb]

    @property
    def climbed(self) -> int:
        """How many rose within the month, without those who are new."""
        return sum(one.members for one in self.climbs if one.is_up and one.was)

    @property
    def slid(self) -> int:
        """How many came down."""
        return sum(one.members for one in self.climbs if not one.is_up)

    @property
    def came(self) -> int:
        """How many are new."""
        return sum(one.members for one in self.climbs if not one.was)


@dataclass(frozen=True, slots=True)
class Level:
    """A tier of the programme, and how many have it. ``key`` None: none of them yet."""

    key: str | None
    name: str | None
    members: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A saved list, and how many of it are in each group; who has no group yet is in ``members`` alone."""

    segment_id: str
    name: str
    members: int
    groups: Mapping[str, int]


def count_rungs(scope: Scope) -> Rungs:
    """The ladder of the scope's merchant."""
    with scope.reading() as tx:
        ladder = value.ladder(tx, scope.merchant_id or "")
        month = tx.session.scalar(select(func.max(RungMonth.month)).where(RungMonth.merchant_id == scope.merchant_id))
        rows = tx.session.scalars(
            select(RungMonth)
            .where(
                RungMonth.merchant_id == scope.merchant_id,
                RungMonth.month == month,
                RungMonth.was != RungMonth.rung,
                RungMonth.members > 0,
            )
            .order_by(RungMonth.members.desc(), RungMonth.was, RungMonth.rung)
        ).all()
        climbs = [Climb(row.was, row.rung, row.members, _height(row.rung) > _height(row.was)) for row in rows]
    return Rungs(ladder.rungs, ladder.opened + ladder.invited, ladder.invited, month, climbs)


def levels_of(scope: Scope) -> Sequence[Level]:
    """The tiers of the merchant's first programme, the lowest first, after those who reached none; empty without
    tiers."""
    named = tiers_of(scope)
    if not named:
        return []
    with scope.reading() as tx:
        counted = {
            tier: int(members)
            for tier, members in tx.session.execute(
                select(ShopMember.tier, func.count())
                .where(ShopMember.place_id == scope.merchant_id, ShopMember.merchant_id == scope.merchant_id)
                .group_by(ShopMember.tier)
            )
        }
    known = dict(named)
    rest = sum(members for tier, members in counted.items() if tier is None or tier not in known)
    return [Level(None, None, rest), *(Level(key, name, counted.get(key, 0)) for key, name in named)]


def lists_of(scope: Scope) -> Sequence[Listed]:
    """The saved lists of the scope's merchant by name, with what groups are in them."""
    with scope.reading() as tx:
        lists = tx.session.scalars(
            select(Segment)
            .where(Segment.merchant_id == scope.merchant_id)
            .order_by(func.lower(Segment.name), Segment.id)
            .limit(MOST_LISTS)
        ).all()
        rows = tx.session.execute(
            select(MemberSegment.segment_id, MemberValue.relationship, func.count())
            .join(
                MemberValue,
                (MemberValue.member_id == MemberSegment.member_id)
                & (MemberValue.merchant_id == MemberSegment.merchant_id),
            )
            .where(MemberSegment.merchant_id == scope.merchant_id, MemberValue.relationship.is_not(None))
            .group_by(MemberSegment.segment_id, MemberValue.relationship)
        ).all()
    groups: dict[str, dict[str, int]] = {}
    for segment_id, relationship, members in rows:
        groups.setdefault(segment_id, {})[relationship or ""] = int(members)
    return [Listed(one.id, one.name, one.members, groups.get(one.id, {})) for one in lists]


def movers_of(scope: Scope, *, is_up: bool, most: int = 20) -> Sequence[Mover]:
    """Who climbed (or slid) since the end of last month, the latest first, with the names that the shop may see. Who
    is new has climbed nothing."""
    steps = [(was, rung) for was in RUNGS for rung in RUNGS if (_height(rung) > _height(was)) is is_up and was != rung]
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(MemberValue.member_id, MemberValue.rung_was, MemberValue.rung, ShopMember.card_tail)
            .join(
                ShopMember,
                (ShopMember.member_id == MemberValue.member_id) & (ShopMember.place_id == MemberValue.merchant_id),
            )
            .where(
                MemberValue.merchant_id == scope.merchant_id,
                MemberValue.rung_was != MemberValue.rung,
                or_(*(and_(MemberValue.rung_was == was, MemberValue.rung == rung) for was, rung in steps)),
            )
            .order_by(MemberValue.rung_since_day.desc(), MemberValue.member_id)
            .limit(most)
        ).all()
        names = names_of(tx, scope, [row[0] for row in rows])
    told = ((row, names.get(row[0], NAMELESS)) for row in rows)
    return [Mover(row[0], name.called or name.shown, row[3], row[1], row[2]) for row, name in told]


def _height(rung: str) -> int:
    return RUNGS.index(rung) if rung in RUNGS else -1
