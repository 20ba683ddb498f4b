"""From what somebody reads out at the telephone to a card and its member."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, or_, select

from app.cards import numbers
from app.cards.errors import EmailInvalidError
from app.cards.models import Card, Member
from app.cards.queries import find_member_by_login, member_in
from app.common.database import Transaction
from app.common.ids import ids_around, is_id
from app.common.scope import Scope
from app.ledger.models import LocationTransaction
from app.merchants.models import Location, Merchant
from app.rewards.models import Visit, VoucherCode

MOST = 50
_TAIL = 4
_MOMENT = timedelta(seconds=2)
_MOST_AT_ONCE = 5_000
_ADDRESS = re.compile(r"/c/([^/?#\s]+)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found. ``by`` says how: card, email, visit, transaction, voucher, tail, receipt, member."""

    by: str
    member_id: str
    card_id: str | None = None
    number: str | None = None
    at: datetime | None = None
    shop: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found; or ``problem``: mistyped (a card's or voucher's number with an error in it), email (can't be
    one), place (the last four characters, or a receipt, need a shop and a day)."""

    hits: tuple[Hit, ...] = ()
    problem: str | None = None


def find(scope: Scope, text: str, *, shop: str = "", day: date | None = None) -> Found:
    """Look for a card number (whole, or its last four characters with a shop and a day), a card's address, a voucher's
    code, an e-mail address, a visit's, transaction's, card's or member's id, or a receipt with a shop and a day."""
    wanted = text.strip()[:256]
    if not wanted:
        return Found()
    if "@" in wanted:
        return _by_email(scope, wanted)
    with scope.reading() as tx:
        if is_id(wanted.lower()):
            return Found(tuple(_by_id(tx, wanted.lower())))
        address = _ADDRESS.search(wanted)
        code = numbers.normalise(address[1] if address else wanted)
        known = set(code) <= set(numbers.ALPHABET)
        if known and len(code) == numbers.NUMBER_LENGTH:
            return Found(tuple(_by_number(tx, code)), None if numbers.is_valid(code) else "mistyped")
        if known and len(code) == numbers.VOUCHER_LENGTH and code.startswith(numbers.VOUCHER_PREFIX):
            return Found(tuple(_by_voucher(tx, code)), None if numbers.is_valid_voucher_code(code) else "mistyped")
        if not shop.strip() or day is None:
            return Found(problem="place")
        return Found(tuple(_at_shop(tx, wanted, code, shop.strip(), day)))


def _by_email(scope: Scope, text: str) -> Found:
    try:
        member_id = find_member_by_login(scope, kind="email", value=text)
    except EmailInvalidError:
        return Found(problem="email")
    return Found() if member_id is None else Found((Hit("email", member_id),))


def _by_number(tx: Transaction, number: str) -> list[Hit]:
    row = tx.session.execute(select(Card.member_id, Card.id).where(Card.number == number)).first()
    return [] if row is None else [Hit("card", row.member_id, row.id, number)]


def _by_voucher(tx: Transaction, code: str) -> list[Hit]:
    member_id = tx.session.scalar(select(VoucherCode.member_id).where(VoucherCode.code == code))
    return [] if member_id is None else [Hit("voucher", member_id)]


def _by_id(tx: Transaction, wanted: str) -> list[Hit]:
    session = tx.session
    card = session.execute(select(Card.member_id, Card.number).where(Card.id == wanted)).first()
    if card is not None:
        return [Hit("card", card.member_id, wanted, card.number)]
    if session.scalar(select(Member.id).where(Member.id == wanted)) is not None:
        member = member_in(session, wanted)
        return [] if member is None else [Hit("member", member.member_id)]
    # By the locations' own lists, which are keyed so: one look for each.
    booked = session.execute(
        select(LocationTransaction.member_id, LocationTransaction.recorded_at, Location.name)
        .join(Location, Location.id == LocationTransaction.location_id)
        .where(LocationTransaction.location_id.in_(select(Location.id)), LocationTransaction.transaction_id == wanted)
        .limit(1)
    ).first()
    if booked is not None:
        return [_standing(tx, Hit("transaction", booked.member_id, at=booked.recorded_at, shop=booked.name))]
    return _by_visit(tx, wanted)


def _by_visit(tx: Transaction, wanted: str) -> list[Hit]:
    """A visit without its member, whose rows begin with her. Its booking was made in the same moment, so that the
    locations' lists name the few members whose visit it can be; only a visit that was imported is in none of them."""
    session = tx.session
    first, last = ids_around(wanted, _MOMENT)
    booked = (
        select(LocationTransaction.member_id)
        .where(
            LocationTransaction.location_id.in_(select(Location.id)),
            LocationTransaction.transaction_id >= first,
            LocationTransaction.transaction_id <= last,
        )
        .limit(_MOST_AT_ONCE)
    )
    members = set(session.scalars(booked))
    found = session.execute(_visits().where(Visit.member_id.in_(members), Visit.id == wanted)).first()
    if found is None:
        found = session.execute(_visits().where(Visit.id == wanted).limit(1)).first()
    return [] if found is None else [_visit(tx, found, "visit")]


def _at_shop(tx: Transaction, wanted: str, code: str, shop: str, day: date) -> list[Hit]:
    places = tx.session.execute(
        select(Location.id, Location.timezone)
        .join(Merchant, Merchant.id == Location.merchant_id)
        .where(Merchant.id == shop if is_id(shop) else Merchant.name.icontains(shop, autoescape=True))
        .limit(MOST)
    ).all()
    hits = []
    for location_id, timezone in places:
        begin = datetime.combine(day, time(), ZoneInfo(timezone))
        end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone))
        same = Visit.receipt_ref == wanted
        if len(code) == _TAIL and set(code) <= set(numbers.ALPHABET):
            same = or_(same, Visit.number.endswith(code))
        rows = tx.session.execute(
            _visits()
            .where(Visit.location_id == location_id, Visit.occurred_at >= begin, Visit.occurred_at < end, same)
            .order_by(Visit.occurred_at.desc())
            .limit(MOST)
        )
        hits += [_visit(tx, row, "receipt" if row.receipt_ref == wanted else "tail") for row in rows]
    return hits[:MOST]


def _visits() -> Select[*tuple[Any, ...]]:
    return select(
        Visit.member_id, Visit.number, Visit.occurred_at, Visit.receipt_ref, Location.name.label("shop")
    ).join(Location, Location.id == Visit.location_id)


def _visit(tx: Transaction, row: Row[Any], by: str) -> Hit:
    card = tx.session.execute(select(Card.id, Card.member_id).where(Card.number == row.number)).first()
    if card is None:
        return _standing(tx, Hit(by, row.member_id, at=row.occurred_at, shop=row.shop))
    return Hit(by, card.member_id, card.id, row.number, row.occurred_at, row.shop)


def _standing(tx: Transaction, hit: Hit) -> Hit:
    """A hit at whom the member was merged into since."""
    member = member_in(tx.session, hit.member_id)
    return hit if member is None else Hit(hit.by, member.member_id, hit.card_id, hit.number, hit.at, hit.shop)
