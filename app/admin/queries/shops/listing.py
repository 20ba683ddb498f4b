"""The list of shops: found by name, town or an owner's address, in one state or all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, or_, select

from app.billing.models import BillingAccount
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.insights.models import VisitHour
from app.merchants.models import Device, Location, Merchant, Staff, StaffLogin
from app.support.sealed import masked

SHOWN = 50
STATES = ("waiting", "active", "paused", "suspended", "closing", "closed")
SORTS = ("name", "newest", "silent")
LONGEST_SEARCH = 80


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A shop in the list. ``last_day`` is the local day of its last visit that was counted; ``owner`` a masked address;
    ``queued`` what its tablets said last that they still hold."""

    merchant_id: str
    name: str
    category: str
    town: str | None
    owner: str | None
    state: str
    created_at: datetime
    last_day: date | None
    silent_days: int | None
    locations: int
    devices: int
    seen_at: datetime | None
    queued: int


@dataclass(frozen=True, slots=True)
class ShopsPage:
    """A page of the list, how many there are of each state under the same search, and of how many pages it is one."""

    rows: list[ShopRow]
    counts: Mapping[str, int]
    page: int
    pages: int


def state_of(now: datetime) -> ColumnElement[str]:
    """How a shop stands, in SQL: the first that holds, what ends before what pauses before what waits."""
    return case(
        (Merchant.status == "closed", "closed"),
        (Merchant.status == "suspended", "suspended"),
        (Merchant.frozen_from.is_not(None), "closing"),
        (Merchant.approved_at.is_(None), "waiting"),
        (or_(Merchant.paused_from <= now, BillingAccount.unpaid_since.is_not(None)), "paused"),
        else_="active",
    )


def list_shops(
    scope: Scope, *, words: str = "", state: str | None = None, sort: str = "name", page: int = 1
) -> ShopsPage:
    """A page of shops. ``words`` are part of a name or town, or the whole of an owner's address; sandboxes are none."""
    state_now = state_of(scope.now)
    with scope.reading() as tx:
        counted = _found(select(state_now, func.count()), words.strip()[:LONGEST_SEARCH])
        counts = {told: int(count) for told, count in tx.session.execute(counted.group_by(state_now))}
        most = counts.get(state, 0) if state in STATES else sum(counts.values())
        pages = max(1, -(-most // SHOWN))
        page = min(max(page, 1), pages)
        wanted = _found(select(Merchant, state_now.label("state"), _last_day().label("last_day")), words.strip())
        if state in STATES:
            wanted = wanted.where(state_now == state)
        wanted = wanted.order_by(*_order(sort)).limit(SHOWN).offset((page - 1) * SHOWN)
        found = tx.session.execute(wanted).all()
        ids = [merchant.id for merchant, *_ in found]
        places, devices, owners = _places(tx, ids), _devices(tx, ids), _owners(tx, ids)
    today = scope.now.date()
    rows = []
    for merchant, state_told, day in found:
        last_day = None if day is None else date.fromisoformat(day)
        town, locations = places.get(merchant.id, (None, 0))
        count, seen_at, queued = devices.get(merchant.id, (0, None, 0))
        rows.append(
            ShopRow(
                merchant_id=merchant.id,
                name=merchant.name,
                category=merchant.category,
                town=town,
                owner=masked(owners.get(merchant.id)),
                state=state_told,
                created_at=merchant.created_at,
                last_day=last_day,
                silent_days=None if last_day is None else max(0, (today - last_day).days),
                locations=locations,
                devices=count,
                seen_at=seen_at,
                queued=queued,
            )
        )
    return ShopsPage(rows, counts, page, pages)


def _found(wanted: Any, words: str) -> Any:
    wanted = (
        wanted.select_from(Merchant)
        .outerjoin(BillingAccount, BillingAccount.merchant_id == Merchant.id)
        .where(Merchant.sandbox_of.is_(None))
    )
    if not words:
        return wanted
    low = words.lower()
    if "@" in low:
        # The whole address: parts of it would tell an address that is shown masked, letter by letter.
        return wanted.where(
            exists()
            .where(Staff.merchant_id == Merchant.id, Staff.role == "owner", Staff.is_active)
            .where(StaffLogin.id == Staff.login_id, StaffLogin.email == low)
        )
    return wanted.where(
        or_(
            func.lower(Merchant.name).contains(low, autoescape=True),
            exists().where(
                Location.merchant_id == Merchant.id, func.lower(Location.city).contains(low, autoescape=True)
            ),
        )
    )


def _last_day() -> ColumnElement[Any]:
    return (
        select(func.max(VisitHour.day))
        .where(VisitHour.merchant_id == Merchant.id, VisitHour.visits > 0)
        .correlate(Merchant)
        .scalar_subquery()
    )


def _order(sort: str) -> tuple[Any, ...]:
    name = (func.lower(Merchant.name), Merchant.id)
    if sort == "newest":
        return (Merchant.created_at.desc(), *name)
    if sort == "silent":
        # Who never had a visit first, then who is silent longest.
        last = _last_day()
        return (last.is_not(None), last, *name)
    return name


def name_of_shop(scope: Scope, merchant_id: str) -> str:
    """What a shop is called. Raises NotFoundError, for a sandbox and for what is no id too."""
    with scope.reading() as tx:
        found = tx.session.get(Merchant, merchant_id) if is_id(merchant_id) else None
        if found is None or found.sandbox_of is not None:
            raise NotFoundError
        return found.name


def _places(tx: Transaction, ids: list[str]) -> dict[str, tuple[str | None, int]]:
    rows = tx.session.execute(
        select(Location.merchant_id, func.min(Location.city), func.count())
        .where(Location.merchant_id.in_(ids), Location.is_active)
        .group_by(Location.merchant_id)
    )
    return {merchant_id: (town, int(count)) for merchant_id, town, count in rows}


def _devices(tx: Transaction, ids: list[str]) -> dict[str, tuple[int, datetime | None, int]]:
    rows = tx.session.execute(
        select(
            Device.merchant_id,
            func.count(),
            func.max(Device.last_seen_at),
            func.coalesce(func.sum(Device.queue_length), 0),
        )
        .where(Device.merchant_id.in_(ids), Device.revoked_at.is_(None), Device.is_sandbox.is_(False))
        .group_by(Device.merchant_id)
    )
    return {merchant_id: (int(count), seen_at, int(queued or 0)) for merchant_id, count, seen_at, queued in rows}


def _owners(tx: Transaction, ids: list[str]) -> dict[str, str]:
    rows = tx.session.execute(
        select(Staff.merchant_id, StaffLogin.email)
        .join(StaffLogin, StaffLogin.id == Staff.login_id)
        .where(Staff.merchant_id.in_(ids), Staff.role == "owner", Staff.is_active)
        .order_by(Staff.created_at.desc(), Staff.id.desc())
    )
    return {merchant_id: address for merchant_id, address in rows}  # noqa: C416  the first one comes last and stays
