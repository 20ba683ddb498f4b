"""The list of a shop's members. However many there are, a page is read along one index, and what it shows more of each
is read for that page alone."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BinaryExpression, Boolean, ColumnElement, UnaryExpression, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.operators import custom_op

from app.backoffice.queries.members.naming import NAMELESS, Names, names_of
from app.backoffice.queries.members.searching import Search
from app.common.clock import zone
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.merchants.models import Location
from app.rewards.configuration import current_configuration
from app.rewards.models import ShopMember, ShopPlace
from app.rewards.segments import MemberFilter, conditions

PAGE = 50
COUNTED = 1000  # members that a filter is counted up to; beyond, "more than"
SORTS: Mapping[str, InstrumentedAttribute[Any]] = {
    "seen": ShopMember.seen_at,
    "visits": ShopMember.visits,
    "spend": ShopMember.spend_minor,
    "fill": ShopMember.fill,
    "first": ShopMember.first_at,
    "overdue": ShopMember.overdue_at,
}
# Units that are due but not yet booked as expired are left out, as everywhere.
_BALANCES = Statement(
    """
    SELECT a.member_id, a.programme_id, a.balance, CASE WHEN a.next_expiry_at <= :now THEN (
        SELECT sum(l.remaining) FROM lot l
        WHERE l.member_id = a.member_id AND l.account_id = a.id AND l.remaining > 0 AND l.expires_at <= :now
    ) END
    FROM account a JOIN programme p ON p.id = a.programme_id
    WHERE a.member_id = ANY(CAST(:members AS uuid[])) AND p.merchant_id = :merchant_id
    """,
    sqlite="""
    SELECT a.member_id, a.programme_id, a.balance, CASE WHEN a.next_expiry_at <= :now THEN (
        SELECT sum(l.remaining) FROM lot l
        WHERE l.member_id = a.member_id AND l.account_id = a.id AND l.remaining > 0 AND l.expires_at <= :now
    ) END
    FROM account a JOIN programme p ON p.id = a.programme_id
    WHERE a.member_id IN (SELECT value FROM json_each(:members)) AND p.merchant_id = :merchant_id
    """,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A balance in one of the merchant's programmes; ``goal`` of a stamp card."""

    programme_id: str
    name: str
    kind: str
    goal: int | None
    balance: int


@dataclass(frozen=True, slots=True)
class Line:
    """One member in the list. ``name`` is what may be shown, None where nobody knows one; ``silent_days`` since the
    last visit, None without one. ``recent`` are days since 1970, ``today`` is one of them."""

    member_id: str
    name: str | None
    is_called: bool
    card_tail: str | None
    visits: int
    spend_minor: int
    first_at: datetime
    seen_at: datetime
    silent_days: int | None
    gap_days: int | None
    is_away: bool
    is_nearly_full: bool
    has_app: bool
    is_birthday: bool
    tier: str | None
    recent: tuple[int, ...]
    today: int
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class MemberPage:
    """A page of the list. ``total`` members there are; ``found`` of them the filter lets through, ``has_more_found``
    where that is only how far was counted. ``next`` goes on from here, None at the end."""

    lines: tuple[Line, ...]
    total: int
    found: int
    has_more_found: bool
    next: str | None


def list_members(
    scope: Scope,
    *,
    timezone: str,
    wanted: MemberFilter = MemberFilter(),  # noqa: B008  never changed
    search: Search = Search(),  # noqa: B008
    sort: str = "seen",
    is_descending: bool = True,
    after: str | None = None,
    limit: int = PAGE,
) -> MemberPage:
    """A page of the members of the scope's merchant; who works at one of its shops sees that one's members, with the
    figures of that shop. ``sort`` is a key of :data:`SORTS`; ``after`` is the ``next`` of the page before, and one that
    can't be read begins anew.

    Raises NotFoundError for a filter by a shop that is not the person's to see.
    """
    place_id = place_of(scope, wanted)
    column = SORTS.get(sort, ShopMember.seen_at)
    with scope.reading() as tx:
        where: list[ColumnElement[bool]] = [
            ShopMember.place_id == place_id,
            ShopMember.merchant_id == scope.merchant_id,
            *search.conditions(tx, scope),
        ]
        filtered = conditions(wanted, now=scope.now, timezone=timezone)
        if sort == "overdue":
            where.append(ShopMember.overdue_at.is_not(None))
        total = tx.session.scalar(select(ShopPlace.members).where(ShopPlace.place_id == place_id)) or 0
        is_whole = wanted.without("location_id").is_empty and search.is_empty
        if is_whole:
            found, has_more = total, False
        else:
            reached = tx.session.scalars(select(ShopMember.member_id).where(*where, *filtered).limit(COUNTED + 1)).all()
            found, has_more = min(len(reached), COUNTED), len(reached) > COUNTED
            if not has_more:
                # Few fit, and who they are is known now: they are not looked for among all a second time.
                filtered = [ShopMember.member_id.in_(reached)]
            elif tx.dialect == "sqlite":
                filtered = [_aside(one, column) for one in filtered]
        begin = _read_cursor(after, sort)
        if begin is not None:
            here = tuple_(column, ShopMember.member_id)
            where.append(here < begin if is_descending else here > begin)
        keys = (column, ShopMember.member_id)
        order = [key.desc() if is_descending else key.asc() for key in keys]
        asked = select(ShopMember).where(*where, *filtered).order_by(*order).limit(limit + 1)
        rows = tx.session.scalars(asked).all() if found or is_whole else []
        page = rows[:limit]
        lines = _lines(tx, scope, page, timezone)
    more = _cursor(getattr(page[-1], column.key), page[-1].member_id) if len(rows) > limit else None
    return MemberPage(lines, total, found, has_more, more)


def _aside(condition: ColumnElement[bool], column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """The same condition, but none for SQLite to choose an index by. Where many fit, it would read all of them and sort
    them for the sake of a page, which along the order asked for is soon full."""
    if isinstance(condition, BinaryExpression) and getattr(condition.left, "key", None) == column.key:
        return condition
    return UnaryExpression(condition, operator=custom_op("+"), type_=Boolean())


def place_of(scope: Scope, wanted: MemberFilter) -> str:
    """Whose figures a list shows: the shop's where the person works or for which the filter asks, else the whole
    business's. Raises NotFoundError for a shop that is not the person's."""
    if scope.location_id is not None:
        if wanted.location_id not in (None, scope.location_id):
            raise NotFoundError(what="location")
        return scope.location_id
    if scope.merchant_id is None:
        raise NotFoundError(what="merchant")
    return wanted.location_id or scope.merchant_id


def locations_of(scope: Scope) -> dict[str, str]:
    """The shops that the scope's person may see, by id: the one where she works, or all of the business."""
    own = select(Location.id, Location.name).where(Location.merchant_id == scope.merchant_id, Location.is_active)
    if scope.location_id is not None:
        own = own.where(Location.id == scope.location_id)
    with scope.reading() as tx:
        return {one.id: one.name for one in tx.session.execute(own.order_by(Location.name, Location.id))}


def programmes_of(scope: Scope) -> list[Standing]:
    """The merchant's programmes that are on, in their order; the balance means nothing here."""
    with scope.reading() as tx:
        config = current_configuration(tx, scope.merchant_id or "")
    return [Standing(one.id, one.name, one.kind, one.goal, 0) for one in config.programmes]


def tiers_of(scope: Scope) -> list[tuple[str, str]]:
    """The tiers of the merchant's first programme: keys and names."""
    with scope.reading() as tx:
        config = current_configuration(tx, scope.merchant_id or "")
        if not config.programmes:
            return []
        tiers = config.programmes[0].rules_at(scope.now)[1].tiers
        return [] if tiers is None else [(tier.key, tier.name or tier.key) for tier in tiers.table]


def standings_of(tx: Transaction, scope: Scope, member_ids: Sequence[str]) -> dict[str, tuple[Standing, ...]]:
    """The members' balances in the merchant's programmes that are on, in their order."""
    if not member_ids or scope.merchant_id is None:
        return {}
    config = current_configuration(tx, scope.merchant_id)
    asked = {"members": many(tx, member_ids), "merchant_id": scope.merchant_id, "now": scope.now}
    balances = {
        (member_id, programme_id): balance - int(due or 0)
        for member_id, programme_id, balance, due in tx.rows(_BALANCES, asked)
    }
    return {
        member_id: tuple(
            Standing(one.id, one.name, one.kind, one.goal, balances[member_id, one.id])
            for one in config.programmes
            if (member_id, one.id) in balances
        )
        for member_id in member_ids
    }


def line_of(row: ShopMember, names: Names, standings: tuple[Standing, ...], now: datetime, timezone: str) -> Line:
    """A row as it is shown."""
    local = zone(timezone)
    here = now.astimezone(local)
    today = here.date().toordinal() - _EPOCH
    silent = None if not row.visits else max(0, today - (row.seen_at.astimezone(local).date().toordinal() - _EPOCH))
    return Line(
        member_id=row.member_id,
        name=names.called or names.shown,
        is_called=names.called is not None,
        card_tail=row.card_tail,
        visits=row.visits,
        spend_minor=row.spend_minor,
        first_at=row.first_at,
        seen_at=row.seen_at,
        silent_days=silent,
        gap_days=row.gap_days,
        is_away=row.overdue_at is not None and row.overdue_at <= now,
        is_nearly_full=row.fill >= 800,
        has_app=row.has_app,
        is_birthday=row.birth_month == here.month,
        tier=row.tier,
        recent=tuple(int(day) for day in row.recent),
        today=today,
        standings=standings,
    )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).toordinal()


def _lines(tx: Transaction, scope: Scope, rows: Sequence[ShopMember], timezone: str) -> tuple[Line, ...]:
    ids = [row.member_id for row in rows]
    names, standings = names_of(tx, scope, ids), standings_of(tx, scope, ids)
    return tuple(
        line_of(row, names.get(row.member_id, NAMELESS), standings.get(row.member_id, ()), scope.now, timezone)
        for row in rows
    )


def _cursor(value: datetime | int, member_id: str) -> str:
    told = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([told, member_id]).encode()).decode().rstrip("=")


def _read_cursor(text: str | None, sort: str) -> tuple[Any, str] | None:
    if not text:
        return None
    try:
        value, member_id = json.loads(base64.urlsafe_b64decode(text[:300] + "=" * (-len(text) % 4)))
        if sort in ("seen", "first", "overdue"):
            value = datetime.fromisoformat(value)
            if value.tzinfo is None:
                return None
        elif isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**62:
            return None
    except (binascii.Error, ValueError, TypeError):
        return None
    return (value, member_id) if is_id(member_id) else None
