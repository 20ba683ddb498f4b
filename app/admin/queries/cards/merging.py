"""What joining two members will move, before anybody does it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import func, select

from app.admin.queries.cards.masking import MaskedContact, mask_profile
from app.cards import numbers
from app.cards.models import Card, Login, Member
from app.cards.profiles import read_profile
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.models import Account
from app.merchants.models import Merchant
from app.rewards.models import Programme, Voucher


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. ``tail`` is the end of her newest card's number."""

    member_id: str
    status: str
    contact: MaskedContact
    tail: str | None
    cards: int
    logins: int
    vouchers: int
    is_sandbox: bool


@dataclass(frozen=True, slots=True)
class MovingUnits:
    """What moves in one programme, and what is there then."""

    shop: str
    programme: str
    unit: str
    moves: int
    owed: int
    has: int
    after: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would stay, who would become an alias, and what would move. ``seen`` is what the act must bring along."""

    survivor: Side
    merged: Side
    units: tuple[MovingUnits, ...]
    seen: str

    @property
    def is_possible(self) -> bool:
        """Whether the two may be joined at all."""
        standing = not {self.survivor.status, self.merged.status} & {"merged", "erased"}
        same_world = self.survivor.is_sandbox == self.merged.is_sandbox
        return standing and same_world and self.survivor.member_id != self.merged.member_id


def preview_merge(scope: Scope, *, one: str, other: str, keep: str | None = None) -> Preview:
    """What joining two members would do. Who has signed in survives; of two alike ``keep``, or the first.

    Raises ``NotFoundError`` where either isn't there.
    """
    with scope.reading() as tx:
        first, second = _side(tx, scope, one), _side(tx, scope, other)
        survivor, merged = (first, second)
        if keep == other or (keep is None and _weight(second) > _weight(first)):
            survivor, merged = second, first
        return Preview(
            survivor,
            merged,
            _units(tx, survivor.member_id, merged.member_id),
            fingerprint_in(tx, survivor.member_id, merged.member_id),
        )


def fingerprint_in(tx: Transaction, survivor_id: str, merged_id: str) -> str:
    """A short text that changes with anything of two members which a merge would move."""
    parts: list[object] = [survivor_id, merged_id]
    for member_id in (survivor_id, merged_id):
        for wanted in (
            select(Account.programme_id, Account.balance, Account.owed, Account.seq).where(
                Account.member_id == member_id
            ),
            select(Voucher.id, Voucher.status).where(Voucher.member_id == member_id),
            select(Card.number, Card.status).where(Card.member_id == member_id),
            select(Login.kind, func.count()).where(Login.member_id == member_id).group_by(Login.kind),
        ):
            rows = tx.session.execute(wanted).all()
            parts.append(sorted(tuple(row) for row in rows))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def _weight(side: Side) -> tuple[bool, bool]:
    return side.logins > 0, side.status == "claimed"


def _side(tx: Transaction, scope: Scope, member_id: str) -> Side:
    member = tx.session.get(Member, member_id)
    if member is None:
        raise NotFoundError(what="member")
    cards = tx.session.scalars(select(Card.number).where(Card.member_id == member_id).order_by(Card.id.desc())).all()
    logins = tx.session.scalar(select(func.count()).select_from(Login).where(Login.member_id == member_id))
    vouchers = tx.session.scalar(
        select(func.count()).select_from(Voucher).where(Voucher.member_id == member_id, Voucher.status == "issued")
    )
    return Side(
        member_id,
        member.status,
        mask_profile(read_profile(tx, scope, member_id)),
        numbers.format_number(cards[0])[-4:] if cards else None,
        len(cards),
        logins or 0,
        vouchers or 0,
        member.is_sandbox,
    )


def _units(tx: Transaction, survivor_id: str, merged_id: str) -> tuple[MovingUnits, ...]:
    rows = tx.session.execute(
        select(Merchant.name, Programme.id, Programme.name, Programme.unit, Account.balance, Account.owed)
        .join(Programme, Programme.id == Account.programme_id)
        .join(Merchant, Merchant.id == Programme.merchant_id)
        .where(Account.member_id == merged_id)
        .order_by(Merchant.name, Programme.position, Programme.id)
    ).all()
    has = {
        row[0]: (row[1], row[2])
        for row in tx.session.execute(
            select(Account.programme_id, Account.balance, Account.owed).where(Account.member_id == survivor_id)
        )
    }
    found = []
    for shop, programme_id, name, unit, balance, owed in rows:
        ours, owing = has.get(programme_id, (0, 0))
        # A debt of either is paid from what both have.
        after = max(ours + balance - owing - owed, 0) if owing or owed else ours + balance
        found.append(MovingUnits(shop, name, unit, balance, owed, ours, after))
    return tuple(found)
