"""What members said of visits, and which visits they can be asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, tuple_

from app.campaigns.inbox import About, about
from app.campaigns.models import Feedback, FeedbackQuestion, LocationFeedback
from app.campaigns.moments import id_from, quarter_of
from app.campaigns.queries.complaints import MyComplaint, complaints_of
from app.campaigns.sealed import ANSWER, WORDS, Reader
from app.cards.queries import aliases
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.models import Location
from app.rewards.models import Visit

ASKED_FOR = timedelta(days=14)
MOST = 100
_ASKED_OF = ("counter", "queue", "kiosk")  # not of imported ones


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """A question about a visit (``feedback_id`` None), or what was said of it and what the shop answered."""

    feedback_id: str | None
    visit_id: str
    merchant: About
    location_name: str
    occurred_at: datetime
    score: int | None = None
    text: str | None = None
    answer: str | None = None
    answered_at: datetime | None = None
    complaint: MyComplaint | None = None


@dataclass(frozen=True, slots=True)
class ShopFeedbackView:
    """What somebody said of a visit at a shop. Who it was is not told."""

    feedback_id: str
    occurred_at: datetime
    given_at: datetime
    score: int
    text: str | None
    answer: str | None
    answered_at: datetime | None


def new_questions(tx: Transaction, scope: Scope) -> list[dict[str, Any]]:
    """The visits of the last fortnight that the scope's member was not asked about and may be: at most one for each
    shop, the latest, and none where she was asked or said something in this quarter."""
    member_id = scope.member_id or ""
    since, quarter = scope.now - ASKED_FOR, quarter_of(scope.now)
    visits = tx.session.execute(
        select(Visit.id, Visit.location_id, Visit.occurred_at)
        .where(
            Visit.member_id.in_(aliases(tx.session, member_id)),
            Visit.id >= id_from(since),
            Visit.occurred_at >= since,
            Visit.reversed_at.is_(None),
            Visit.source.in_(_ASKED_OF),
        )
        .order_by(Visit.occurred_at.desc())
        .limit(MOST)
    ).all()
    if not visits:
        return []
    done = set(
        tx.session.scalars(
            select(FeedbackQuestion.location_id).where(
                FeedbackQuestion.member_id == member_id, FeedbackQuestion.quarter == quarter
            )
        )
    )
    done |= {
        row.location_id
        for row in tx.session.execute(
            select(Feedback.location_id, Feedback.created_at).where(
                Feedback.member_id == member_id, Feedback.id >= id_from(scope.now - timedelta(days=93))
            )
        )
        if quarter_of(row.created_at) == quarter
    }
    fresh: dict[str, dict[str, Any]] = {}
    for visit in visits:
        if visit.location_id not in done and visit.location_id not in fresh:
            fresh[visit.location_id] = {
                "location_id": visit.location_id,
                "quarter": quarter,
                "visit_id": visit.id,
            }
    return list(fresh.values())


def list_feedback(scope: Scope) -> list[FeedbackView]:
    """The open questions of the scope's member, then what she said, the newest first (at most a hundred)."""
    with scope.reading() as tx:
        member_id = scope.member_id or ""
        said = list(
            tx.session.scalars(
                select(Feedback).where(Feedback.member_id == member_id).order_by(Feedback.id.desc()).limit(MOST)
            )
        )
        open_ones = _open_questions(tx, scope, member_id, {row.visit_id for row in said})
        places = _places(tx, {row.location_id for row in said} | {visit.location_id for visit in open_ones})
        merchants = about(tx, {row.merchant_id for row in said} | {visit.merchant_id for visit in open_ones})
        reader = Reader(tx, scope)
        questions = [
            FeedbackView(
                None, visit.id, merchants[visit.merchant_id], places.get(visit.location_id, ""), visit.occurred_at
            )
            for visit in open_ones
        ]
        complaints = complaints_of(tx, member_id, [row.id for row in said], scope.now)
        return questions + [
            _view(reader, row, merchants[row.merchant_id], places, complaints.get(row.id)) for row in said
        ]


def feedback_view(tx: Transaction, scope: Scope, row: Feedback) -> FeedbackView:
    """What was said of one visit, in the caller's transaction."""
    merchant = about(tx, {row.merchant_id})[row.merchant_id]
    complaint = complaints_of(tx, row.member_id, [row.id], scope.now).get(row.id)
    return _view(Reader(tx, scope), row, merchant, _places(tx, {row.location_id}), complaint)


def list_shop_feedback(scope: Scope, *, limit: int, before: str | None = None) -> list[ShopFeedbackView]:
    """Up to ``limit`` of what was said of visits at the scope's location, the newest first; ``before`` is the id of the
    last one that was told already."""
    with scope.reading() as tx:
        wanted = (
            select(LocationFeedback.member_id, LocationFeedback.feedback_id)
            .where(LocationFeedback.location_id == scope.location_id)
            .order_by(LocationFeedback.feedback_id.desc())
            .limit(limit)
        )
        if before is not None:
            wanted = wanted.where(LocationFeedback.feedback_id < before)
        keys = [tuple(row) for row in tx.session.execute(wanted)]
        if not keys:
            return []
        rows = tx.session.scalars(
            select(Feedback).where(tuple_(Feedback.member_id, Feedback.id).in_(keys)).order_by(Feedback.id.desc())
        )
        reader = Reader(tx, scope)
        return [
            ShopFeedbackView(
                row.id,
                row.occurred_at,
                row.created_at,
                row.score,
                reader.open(row.member_id, WORDS, row.id, row.words),
                reader.open(row.member_id, ANSWER, row.id, row.answer),
                row.answered_at,
            )
            for row in rows
        ]


def _open_questions(tx: Transaction, scope: Scope, member_id: str, answered: set[str]) -> Sequence[Any]:
    asked = tx.session.scalars(
        select(FeedbackQuestion.visit_id).where(
            FeedbackQuestion.member_id == member_id,
            FeedbackQuestion.quarter >= quarter_of(scope.now - ASKED_FOR),
            FeedbackQuestion.asked_at >= scope.now - ASKED_FOR,
        )
    )
    visit_ids = [visit_id for visit_id in asked if visit_id not in answered]
    if not visit_ids:
        return ()
    return tx.session.execute(
        select(Visit.id, Visit.merchant_id, Visit.location_id, Visit.occurred_at)
        .where(
            Visit.member_id.in_(aliases(tx.session, member_id)), Visit.id.in_(visit_ids), Visit.reversed_at.is_(None)
        )
        .order_by(Visit.occurred_at.desc())
    ).all()


def _places(tx: Transaction, location_ids: set[str]) -> dict[str, str]:
    rows = tx.session.execute(select(Location.id, Location.name).where(Location.id.in_(location_ids)))
    return {row.id: row.name for row in rows}


def _view(
    reader: Reader, row: Feedback, merchant: About, places: dict[str, str], complaint: MyComplaint | None
) -> FeedbackView:
    return FeedbackView(
        row.id,
        row.visit_id,
        merchant,
        places.get(row.location_id, ""),
        row.occurred_at,
        row.score,
        reader.open(row.member_id, WORDS, row.id, row.words),
        reader.open(row.member_id, ANSWER, row.id, row.answer),
        row.answered_at,
        complaint,
    )
