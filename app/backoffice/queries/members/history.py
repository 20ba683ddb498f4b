"""Everything between one member and a shop, by whatever way: visits, messages, rewards, notes and questions, as one
history; and what she is to the shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.backoffice.queries.members.detail import member_row
from app.campaigns.kinds import INVITATION_REWARDED, REWARD_UNLOCKED, UNITS_EXPIRING
from app.campaigns.models import FeedbackQuestion, MemberMessage
from app.campaigns.queries.contacts import contacts_of
from app.campaigns.reaching import OFFER
from app.cards.queries import aliases
from app.common.database import Transaction
from app.common.scope import Scope
from app.insights.queries.value import value_of
from app.merchants.models import Location, Staff
from app.rewards.models import MemberNote, Reward, Visit, Voucher

SHOWN = 40
# Messages that no campaign and no automation wrote. That a rating was answered is none of the shop's list: who rated is
# not told to it.
_TOLD = (REWARD_UNLOCKED, UNITS_EXPIRING, INVITATION_REWARDED)


@dataclass(frozen=True, slots=True)
class Touch:
    """One thing between them. ``kind`` is visit, undone, told, message, given, used, note or asked; the others say more
    where there is more: ``amount_minor`` of a visit, ``name`` of a reward, a campaign, a shop or whoever wrote,
    ``key`` of a message's kind, an automation or a voucher's source, ``ways`` with each one's status."""

    at: datetime
    kind: str
    name: str | None = None
    key: str | None = None
    amount_minor: int | None = None
    ways: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Worth:
    """What she is to the shop as last worked out; money in minor units, None where too little is known."""

    relationship: str | None
    since_day: str | None
    rung: str
    alive: float | None
    visits_year: int
    profit_year_minor: int
    expected_visits: float | None
    value_minor: int | None


def worth_of(scope: Scope, member_id: str) -> Worth | None:
    """What a member is to the scope's merchant; None before it was worked out, and for who works at one shop alone."""
    if scope.location_id is not None:
        return None
    with scope.reading() as tx:
        found = value_of(tx, scope.merchant_id or "", member_id)
        return (
            None
            if found is None
            else Worth(
                found.relationship,
                found.since_day,
                found.rung,
                found.alive,
                found.visits_year,
                found.profit_year_minor,
                found.expected_visits,
                found.value_minor,
            )
        )


def history_of(scope: Scope, member_id: str, *, most: int = SHOWN) -> Sequence[Touch]:
    """The latest of it, the newest first. Raises NotFoundError."""
    with scope.reading() as tx:
        member_row(tx, scope, member_id)
        everybody = aliases(tx.session, member_id)
        found = [
            *_visits(tx, scope, everybody, most),
            *_told(tx, scope, member_id),
            *_messages(tx, scope, everybody, most),
            *_vouchers(tx, scope, everybody, most),
            *_notes(tx, scope, member_id, most),
            *_asked(tx, scope, everybody, most),
        ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:most]


def _visits(tx: Transaction, scope: Scope, members: Sequence[str], most: int) -> list[Touch]:
    asked = (
        select(Visit.occurred_at, Visit.amount_minor, Visit.reversed_at, Location.name)
        .join(Location, Location.id == Visit.location_id)
        .where(Visit.member_id.in_(members), Visit.merchant_id == scope.merchant_id)
    )
    if scope.location_id is not None:
        asked = asked.where(Visit.location_id == scope.location_id)
    rows = tx.session.execute(asked.order_by(Visit.occurred_at.desc(), Visit.id).limit(most))
    return [
        Touch(at, "visit" if undone is None else "undone", name=place, amount_minor=amount)
        for at, amount, undone, place in rows
    ]


def _told(tx: Transaction, scope: Scope, member_id: str) -> list[Touch]:
    return [
        Touch(one.at, "told", name=one.campaign, key=one.trigger, ways=one.ways)
        for one in contacts_of(tx, scope.merchant_id or "", member_id, now=scope.now)
    ]


def _messages(tx: Transaction, scope: Scope, members: Sequence[str], most: int) -> list[Touch]:
    rows = tx.session.execute(
        select(MemberMessage.created_at, MemberMessage.kind)
        .where(
            MemberMessage.member_id.in_(members),
            MemberMessage.merchant_id == scope.merchant_id,
            MemberMessage.kind.in_(_TOLD),
        )
        .order_by(MemberMessage.id.desc())
        .limit(most)
    )
    return [Touch(at, "message", key=kind) for at, kind in rows]


def _vouchers(tx: Transaction, scope: Scope, members: Sequence[str], most: int) -> list[Touch]:
    rows = tx.session.execute(
        select(Voucher, Reward.name)
        .join(Reward, Reward.id == Voucher.reward_id)
        .where(Voucher.member_id.in_(members), Voucher.merchant_id == scope.merchant_id)
        .order_by(Voucher.id.desc())
        .limit(most)
    )
    found: list[Touch] = []
    for voucher, name in rows:
        # An offer came with a message, which tells of it when it may be told.
        if voucher.source != OFFER:
            found.append(Touch(voucher.issued_at, "given", name=name, key=voucher.source))
        if voucher.redeemed_at is not None:
            found.append(Touch(voucher.redeemed_at, "used", name=name))
    return found


def _notes(tx: Transaction, scope: Scope, member_id: str, most: int) -> list[Touch]:
    rows = tx.session.execute(
        select(MemberNote.written_at, Staff.name)
        .outerjoin(Staff, Staff.id == MemberNote.staff_id)
        .where(
            MemberNote.member_id == member_id, MemberNote.merchant_id == scope.merchant_id, MemberNote.kind == "note"
        )
        .order_by(MemberNote.id.desc())
        .limit(most)
    )
    return [Touch(at, "note", name=by) for at, by in rows]


def _asked(tx: Transaction, scope: Scope, members: Sequence[str], most: int) -> list[Touch]:
    places = select(Location.id).where(Location.merchant_id == scope.merchant_id)
    if scope.location_id is not None:
        places = places.where(Location.id == scope.location_id)
    rows = tx.session.scalars(
        select(FeedbackQuestion.asked_at)
        .where(FeedbackQuestion.member_id.in_(members), FeedbackQuestion.location_id.in_(places))
        .order_by(FeedbackQuestion.asked_at.desc())
        .limit(most)
    )
    return [Touch(at, "asked") for at in rows]
