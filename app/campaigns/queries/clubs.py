"""Clubs and events as members and the shop see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.campaigns.errors import ClubOffError
from app.campaigns.meaning import collects, is_meant
from app.campaigns.models import Club, ClubEvent, ClubMember, EventPlace
from app.cards.queries import member_in
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.ledger.models import Account
from app.merchants.models import Location, Merchant
from app.rewards.models import Programme, Voucher

MOST = 200
SHOWN_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MemberEvent:
    """An event as one member sees it. ``place`` is her own: held, offered (until ``offered_until``), waiting, or None.
    ``left`` is how many places are free; ``ahead`` how many wait before her; ``passing_until`` how long somebody else
    may take her ticket over by the code that she gave out. For whom an event is meant is not told."""

    event_id: str
    status: str
    title: str
    text: str
    where: str
    price: str | None
    starts_at: datetime
    ends_at: datetime
    timezone: str
    left: int
    is_bookable: bool
    opens_at: datetime | None
    closes_at: datetime
    place: str | None
    voucher_id: str | None
    offered_until: datetime | None
    ahead: int | None
    may_pass_on: bool
    passing_until: datetime | None


@dataclass(frozen=True, slots=True)
class ShopOf:
    """Whose club it is."""

    merchant_id: str
    name: str
    hue: int


@dataclass(frozen=True, slots=True)
class ClubForMember:
    """A shop's club as one member sees it; ``is_on`` False: there is none for her, and no more than that is told."""

    merchant: ShopOf
    is_on: bool
    name: str = ""
    about: str = ""
    interests: tuple[str, ...] = ()
    is_joined: bool = False
    chosen: tuple[str, ...] = ()
    events: tuple[MemberEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class ClubView:
    """A shop's club as the shop sees it, with how many joined and how many of them chose each interest."""

    is_on: bool
    name: str
    about: str
    interests: tuple[str, ...]
    revision: int
    members: int
    by_interest: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class EventView:
    """An event as its shop sees it. ``came`` counts tickets shown so far, ``missed`` is known once it was counted."""

    event_id: str
    status: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    location_id: str | None
    address: str | None
    price: str | None
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    places: int
    taken: int
    waiting: int
    came: int
    missed: int | None
    audience: str
    wanted: str | None
    revision: int


def club_of_shop(scope: Scope, merchant_id: str, locale: str) -> ClubForMember:
    """What the scope's member sees of a shop's club: its events that are to come, the next first, and those at which
    she has a place, in ``locale`` where the shop wrote so. Raises ``NotFoundError`` for a shop that isn't there."""
    with scope.reading() as tx:
        shop = tx.session.execute(
            select(Merchant.id, Merchant.name, Merchant.hue, Merchant.timezone).where(
                Merchant.id == merchant_id, Merchant.status == "active", Merchant.sandbox_of.is_(None)
            )
        ).first()
        if shop is None:
            raise NotFoundError(what="merchant")
        whose = ShopOf(shop.id, shop.name, shop.hue)
        member = member_in(tx.session, scope.member_id or "")
        club = tx.session.get(Club, merchant_id)
        if member is None or club is None or not club.is_on or not collects(tx, member.member_id, merchant_id):
            return ClubForMember(whose, False)
        return _club_of(tx, scope, whose, club, member.member_id, shop.timezone, locale)


def clubs_of_member(scope: Scope, locale: str) -> list[ClubForMember]:
    """The clubs of all shops at which the scope's member collects, by name, each as :func:`club_of_shop` tells it."""
    with scope.reading() as tx:
        member = member_in(tx.session, scope.member_id or "")
        if member is None:
            return []
        mine = (
            select(Programme.merchant_id)
            .join(Account, Account.programme_id == Programme.id)
            .where(Account.member_id == member.member_id)
        )
        found = tx.session.execute(
            select(Club, Merchant.id, Merchant.name, Merchant.hue, Merchant.timezone)
            .join(Merchant, Merchant.id == Club.merchant_id)
            .where(
                Club.is_on.is_(True),
                Merchant.status == "active",
                Merchant.sandbox_of.is_(None),
                Club.merchant_id.in_(mine),
            )
            .order_by(Merchant.name, Merchant.id)
            .limit(MOST)
        ).all()
        return [
            _club_of(tx, scope, ShopOf(row.id, row.name, row.hue), row.Club, member.member_id, row.timezone, locale)
            for row in found
        ]


def read_club(scope: Scope) -> ClubView:
    """The club of the scope's shop; one that is off and without words where there is none yet."""
    with scope.reading() as tx:
        club = tx.session.get(Club, scope.merchant_id)
        if club is None:
            return ClubView(False, "", "", (), 0, 0, {})
        chosen = tx.session.scalars(select(ClubMember.interests).where(ClubMember.merchant_id == scope.merchant_id))
        counts, members = dict.fromkeys(club.interests, 0), 0
        for interests in chosen:
            members += 1
            for one in interests:
                if one in counts:
                    counts[one] += 1
    return ClubView(club.is_on, club.name, club.about, tuple(club.interests), club.revision, members, counts)


def club_members(scope: Scope, *, most: int = MOST) -> list[tuple[str, tuple[str, ...], datetime]]:
    """Who joined the club of the scope's shop, the latest first: member, interests and since when. Raises
    :class:`ClubOffError` while it is off: then nobody is shown."""
    with scope.reading() as tx:
        club = tx.session.get(Club, scope.merchant_id)
        if club is None or not club.is_on:
            raise ClubOffError
        rows = tx.session.scalars(
            select(ClubMember)
            .where(ClubMember.merchant_id == scope.merchant_id)
            .order_by(ClubMember.joined_at.desc(), ClubMember.member_id)
            .limit(most)
        ).all()
        return [
            (row.member_id, tuple(one for one in club.interests if one in row.interests), row.joined_at) for row in rows
        ]


def list_events(scope: Scope) -> list[EventView]:
    """The events of the scope's shop, the latest first."""
    with scope.reading() as tx:
        rows = tx.session.scalars(
            select(ClubEvent)
            .where(ClubEvent.merchant_id == scope.merchant_id)
            .order_by(ClubEvent.starts_at.desc(), ClubEvent.id)
            .limit(MOST)
        ).all()
        return _views(tx, list(rows))


def get_event(scope: Scope, event_id: str) -> EventView:
    """One event of the scope's shop. Raises ``NotFoundError``."""
    with scope.reading() as tx:
        wanted = select(ClubEvent).where(ClubEvent.id == event_id, ClubEvent.merchant_id == scope.merchant_id)
        row = tx.session.scalar(wanted) if is_id(event_id) else None
        if row is None:
            raise NotFoundError(what="event")
        return _views(tx, [row])[0]


def _club_of(
    tx: Transaction, scope: Scope, whose: ShopOf, club: Club, member_id: str, timezone: str, locale: str
) -> ClubForMember:
    joined = tx.session.get(ClubMember, {"member_id": member_id, "merchant_id": club.merchant_id})
    rows = tx.session.scalars(
        select(ClubEvent)
        .where(
            ClubEvent.merchant_id == club.merchant_id,
            ClubEvent.status != "draft",
            ClubEvent.ends_at > scope.now - SHOWN_FOR,
        )
        .order_by(ClubEvent.starts_at, ClubEvent.id)
        .limit(MOST)
    ).all()
    wanted = select(EventPlace).where(
        EventPlace.member_id == member_id,
        EventPlace.event_id.in_([row.id for row in rows]),
        EventPlace.status != "gone",
    )
    mine = {row.event_id: row for row in tx.session.scalars(wanted)}
    events = [
        _for_member(tx, scope, row, mine.get(row.id), timezone, locale)
        for row in rows
        if row.id in mine or (row.status == "open" and row.ends_at > scope.now and is_meant(tx, row, member_id))
    ]
    return ClubForMember(
        whose,
        True,
        club.name,
        club.about,
        tuple(club.interests),
        joined is not None,
        () if joined is None else tuple(one for one in club.interests if one in joined.interests),
        tuple(events),
    )


def _views(tx: Transaction, rows: list[ClubEvent]) -> list[EventView]:
    ids = [row.id for row in rows]
    counted = (
        select(EventPlace.event_id, func.count())
        .where(EventPlace.event_id.in_(ids), EventPlace.status == "waiting")
        .group_by(EventPlace.event_id)
    )
    waiting = {row[0]: row[1] for row in tx.session.execute(counted)}
    shown = (
        select(EventPlace.event_id, func.count())
        .join(Voucher, (Voucher.member_id == EventPlace.member_id) & (Voucher.id == EventPlace.voucher_id))
        .where(EventPlace.event_id.in_(ids), EventPlace.status == "held", Voucher.status == "redeemed")
        .group_by(EventPlace.event_id)
    )
    came = {row[0]: row[1] for row in tx.session.execute(shown)}
    return [
        EventView(
            event_id=row.id,
            status=row.status,
            title=row.title,
            text=row.text,
            location_id=row.location_id,
            address=row.address,
            price=row.price,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            places=row.places,
            taken=row.taken,
            waiting=waiting.get(row.id, 0),
            came=came.get(row.id, 0) if row.attended is None else row.attended,
            missed=row.missed,
            audience=row.audience,
            wanted=row.wanted,
            revision=row.revision,
        )
        for row in rows
    ]


def _for_member(
    tx: Transaction, scope: Scope, row: ClubEvent, place: EventPlace | None, timezone: str, locale: str
) -> MemberEvent:
    where = row.address or ""
    if row.location_id is not None:
        where = tx.session.scalars(select(Location.name).where(Location.id == row.location_id)).one()
    status = None if place is None or place.status == "cancelled" else place.status
    ahead = None
    if place is not None and status == "waiting":
        ahead = tx.session.scalar(
            select(func.count())
            .select_from(EventPlace)
            .where(EventPlace.event_id == row.id, EventPlace.status == "waiting", EventPlace.queue_id < place.queue_id)
        )
    closes_at, now = row.closes_at or row.starts_at, scope.now
    is_passing = place is not None and place.pass_until is not None and place.pass_until > now
    return MemberEvent(
        event_id=row.id,
        status=row.status,
        title=_said(row.title, locale),
        text=_said(row.text, locale),
        where=where,
        price=row.price,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        timezone=timezone,
        left=max(row.places - row.taken, 0),
        is_bookable=row.status == "open" and (row.opens_at is None or row.opens_at <= now) and now < closes_at,
        opens_at=row.opens_at,
        closes_at=closes_at,
        place=status,
        voucher_id=place.voucher_id if place is not None and status == "held" else None,
        offered_until=None if place is None else place.offered_until,
        ahead=ahead,
        may_pass_on=place is not None and status == "held" and not place.is_passed_on and now < row.starts_at,
        passing_until=place.pass_until if place is not None and is_passing else None,
    )


def _said(words: Mapping[str, str], locale: str) -> str:
    return words.get(locale) or words.get("en") or next(iter(words.values()), "")
