"""What members said of visits, for a business with all its locations. Who it was is not told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.campaigns.models import Feedback, LocationFeedback
from app.campaigns.sealed import ANSWER, WORDS, Reader
from app.common.scope import Scope
from app.merchants.models import Location

PAGE = 30


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, and the answer."""

    feedback_id: str
    location_name: str
    occurred_at: datetime
    given_at: datetime
    score: int
    text: str | None
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of it, and the ``before`` with which it goes on."""

    said: list[Said]
    next: str | None


def list_said(scope: Scope, *, waiting: bool = False, before: str | None = None) -> Inbox:
    """What was said at the scope's locations, the newest first; ``waiting``: only what has words and no answer."""
    places = select(Location.id).where(Location.merchant_id == scope.merchant_id)
    if scope.location_id is not None:
        places = places.where(Location.id == scope.location_id)
    with scope.reading() as tx:
        found: list[tuple[Feedback, str]] = []
        # One range of the index for each location, put together here: sorting all of all of them would grow with time.
        for location_id in tx.session.scalars(places).all():
            wanted = select(Feedback, Location.name).limit(PAGE + 1)
            if waiting:
                # By the index of just these: what has no words, or an answer, is not looked at.
                wanted = (
                    wanted.join(Location, Location.id == Feedback.location_id)
                    .where(
                        Feedback.location_id == location_id,
                        Feedback.answered_at.is_(None),
                        Feedback.words.is_not(None),
                    )
                    .order_by(Feedback.id.desc())
                )
            else:
                wanted = (
                    wanted.join(
                        LocationFeedback,
                        (LocationFeedback.member_id == Feedback.member_id)
                        & (LocationFeedback.feedback_id == Feedback.id),
                    )
                    .join(Location, Location.id == LocationFeedback.location_id)
                    .where(LocationFeedback.location_id == location_id)
                    .order_by(LocationFeedback.feedback_id.desc())
                )
            if before is not None:
                wanted = wanted.where((Feedback.id if waiting else LocationFeedback.feedback_id) < before)
            found += [(row, name) for row, name in tx.session.execute(wanted)]
        found.sort(key=lambda one: one[0].id, reverse=True)
        reader = Reader(tx, scope)
        page = [
            Said(
                row.id,
                name,
                row.occurred_at,
                row.created_at,
                row.score,
                reader.open(row.member_id, WORDS, row.id, row.words),
                reader.open(row.member_id, ANSWER, row.id, row.answer),
                row.answered_at,
            )
            for row, name in found[:PAGE]
        ]
    return Inbox(page, page[-1].feedback_id if len(found) > PAGE else None)


def count_waiting(scope: Scope) -> int:
    """How much of the last hundred things that were said has words and no answer."""
    places = select(Location.id).where(Location.merchant_id == scope.merchant_id)
    if scope.location_id is not None:
        places = places.where(Location.id == scope.location_id)
    newest = (
        select(LocationFeedback.member_id, LocationFeedback.feedback_id)
        .where(LocationFeedback.location_id.in_(places))
        .order_by(LocationFeedback.feedback_id.desc())
        .limit(100)
        .subquery()
    )
    with scope.reading() as tx:
        return (
            tx.session.scalar(
                select(func.count())
                .select_from(Feedback)
                .join(newest, (newest.c.member_id == Feedback.member_id) & (newest.c.feedback_id == Feedback.id))
                .where(Feedback.answered_at.is_(None), Feedback.words.is_not(None))
            )
            or 0
        )
