"""Complaints as a shop and a member see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.campaigns.models import Complaint, Feedback, FeedbackSetting
from app.campaigns.sealed import ANSWER, WORDS, Reader
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.models import Location
from app.rewards.models import Reward

MOST = 100


@dataclass(frozen=True, slots=True)
class FeedbackSettingView:
    """``answer_hours``: within how many hours complaints are answered. ``revision`` 0: nothing was set yet."""

    answer_hours: int = 48
    takes_ideas: bool = False
    revision: int = 0


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """A complaint for the shop. Who it is from is not told."""

    feedback_id: str
    location_name: str
    visited_at: datetime
    opened_at: datetime
    due_at: datetime
    score: int
    text: str | None
    answer: str | None
    answered_at: datetime | None
    reward_id: str | None
    is_taken: bool
    is_solved: bool | None
    closed_at: datetime | None
    ending: str | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether its time is over and nobody has answered."""
        return self.answered_at is None and self.due_at <= now


@dataclass(frozen=True, slots=True)
class MyComplaint:
    """A complaint for the member who made it. ``offer`` is the reward that is offered to make good, until it is
    taken."""

    due_at: datetime
    is_answered: bool
    is_overdue: bool
    is_solved: bool | None
    is_closed: bool
    offer: str | None


def read_feedback_setting(scope: Scope) -> FeedbackSettingView:
    """How the scope's shop deals with what members say."""
    with scope.reading() as tx:
        row = tx.session.get(FeedbackSetting, scope.merchant_id)
        return (
            FeedbackSettingView()
            if row is None
            else FeedbackSettingView(row.answer_hours, row.takes_ideas, row.revision)
        )


def list_complaints(scope: Scope, *, closed: bool = False) -> list[ComplaintView]:
    """The open complaints of the scope's locations: those without an answer first, the one with the least time left
    at the top; or the latest hundred that were closed."""
    with scope.reading() as tx:
        wanted = (
            select(Complaint, Feedback, Location.name)
            .join(Feedback, (Feedback.member_id == Complaint.member_id) & (Feedback.id == Complaint.id))
            .join(Location, Location.id == Complaint.location_id)
            .where(*_own(scope))
            .limit(MOST)
        )
        if closed:
            wanted = wanted.where(Complaint.closed_at.is_not(None)).order_by(Complaint.closed_at.desc())
        else:
            answered = Complaint.answered_at.is_not(None)
            wanted = wanted.where(Complaint.closed_at.is_(None)).order_by(answered, Complaint.due_at, Complaint.id)
        reader = Reader(tx, scope)
        return [
            ComplaintView(
                row.id,
                name,
                said.occurred_at,
                row.opened_at,
                row.due_at,
                said.score,
                reader.open(said.member_id, WORDS, said.id, said.words),
                reader.open(said.member_id, ANSWER, said.id, said.answer),
                row.answered_at,
                row.reward_id,
                row.voucher_id is not None,
                row.is_solved,
                row.closed_at,
                row.ending,
            )
            for row, said, name in tx.session.execute(wanted)
        ]


def count_waiting(scope: Scope) -> tuple[int, datetime | None]:
    """How many complaints of the scope's locations wait for an answer, and by when the first wants it."""
    with scope.reading() as tx:
        row = tx.session.execute(
            select(func.count(), func.min(Complaint.due_at)).where(
                *_own(scope), Complaint.closed_at.is_(None), Complaint.answered_at.is_(None)
            )
        ).one()
    return row[0], row[1]


def complaints_of(
    tx: Transaction, member_id: str, feedback_ids: Sequence[str], now: datetime
) -> dict[str, MyComplaint]:
    """A member's complaints by what she said, in the caller's transaction."""
    if not feedback_ids:
        return {}
    rows = tx.session.scalars(
        select(Complaint).where(Complaint.member_id == member_id, Complaint.id.in_(list(feedback_ids)))
    ).all()
    offered = {row.reward_id for row in rows if row.reward_id is not None and row.voucher_id is None}
    rewards = tx.session.scalars(select(Reward).where(Reward.id.in_(offered))).all() if offered else ()
    names = {reward.id: reward.name for reward in rewards}
    return {
        row.id: MyComplaint(
            row.due_at,
            row.answered_at is not None,
            row.answered_at is None and row.due_at <= now,
            row.is_solved,
            row.closed_at is not None,
            names.get(row.reward_id or "") if row.voucher_id is None else None,
        )
        for row in rows
    }


def _own(scope: Scope) -> list[Any]:
    mine: list[Any] = [Complaint.merchant_id == scope.merchant_id]
    return mine if scope.location_id is None else [*mine, Complaint.location_id == scope.location_id]
