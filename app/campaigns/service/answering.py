"""Feedback: a member is asked about a visit, says something, and the shop answers."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from sqlalchemy import insert, select, update

from app.campaigns.complaints import is_complaint, note_answer, open_complaint
from app.campaigns.errors import FeedbackAnsweredError, FeedbackGivenError, FeedbackOverError
from app.campaigns.kinds import FEEDBACK_ANSWERED
from app.campaigns.models import Feedback, LocationFeedback
from app.campaigns.queries.feedback import FeedbackView, feedback_view, list_feedback, new_questions
from app.campaigns.sealed import ANSWER, WORDS, Reader, seal
from app.campaigns.telling import Told, hold_member, tell
from app.cards.queries import aliases
from app.common import audit
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.errors import NotApprovedError
from app.merchants.trial import is_approved
from app.rewards.configuration import current_configuration
from app.rewards.models import Visit
from app.rewards.spending import find_reward

LATEST = timedelta(days=90)  # after that nobody remembers
_ANSWERING = ("manager", "owner")
_LINES = "\n"
# Asked once for each shop and quarter, whoever asks at the same moment.
_ASK = Statement(
    """
    INSERT INTO feedback_question (member_id, location_id, quarter, visit_id, asked_at)
    VALUES (:member_id, :location_id, :quarter, :visit_id, :now) ON CONFLICT DO NOTHING
    """
)


def my_feedback(scope: Scope) -> list[FeedbackView]:
    """The open questions of the scope's member, then what she said, the newest first. A visit of the last fortnight at
    a shop that has not asked in this quarter becomes a question now; a repeat asks nothing more."""
    with scope.reading() as tx:
        fresh = new_questions(tx, scope)
    if fresh:

        def ask(tx: Transaction) -> None:
            member_id = hold_member(tx, scope.member_id or "")
            for question in fresh if member_id is not None else ():
                tx.run(_ASK, {**question, "member_id": member_id, "now": scope.now})

        scope.run(ask)
    return list_feedback(scope)


def give_feedback(
    scope: Scope, *, visit_id: str, score: int, words: str | None, is_marked: bool = False
) -> FeedbackView:
    """Say something of a visit of the scope's member: a score from 0 to 10, and words if wanted. The same again changes
    nothing; words may follow a score that was given without any, until the shop has answered. A low score with words,
    and words that she marks as a complaint, start the shop's clock.

    Raises ``NotFoundError`` for a visit that isn't hers, :class:`FeedbackOverError` for one that was undone or is more
    than 90 days ago, :class:`FeedbackGivenError` where something else was said of it.
    """
    if not 0 <= score <= 10:
        raise InvalidError(errors={"score": ["not_one_of"]})
    said = read_words(words)

    def work(tx: Transaction) -> FeedbackView:
        member_id = hold_member(tx, scope.member_id or "")
        if member_id is None:
            raise NotFoundError(what="visit")
        everybody = aliases(tx.session, member_id)
        visit = tx.session.scalar(select(Visit).where(Visit.member_id.in_(everybody), Visit.id == visit_id))
        if visit is None:
            raise NotFoundError(what="visit")
        known = tx.session.scalar(
            select(Feedback).where(Feedback.member_id == member_id, Feedback.visit_id == visit_id)
        )
        if known is not None:
            if known.score != score:
                raise FeedbackGivenError
            if said is not None and said != Reader(tx, scope).open(member_id, WORDS, known.id, known.words):
                _add_words(tx, scope, known, said)
                if is_complaint(score, has_words=True, is_marked=is_marked):
                    open_complaint(tx, scope, known)
            return feedback_view(tx, scope, known)
        if visit.reversed_at is not None or visit.occurred_at < scope.now - LATEST:
            raise FeedbackOverError
        feedback_id = new_id()
        row = {
            "member_id": member_id,
            "id": feedback_id,
            "visit_id": visit_id,
            "merchant_id": visit.merchant_id,
            "location_id": visit.location_id,
            "score": score,
            "words": None if said is None else seal(tx, scope, member_id, WORDS, feedback_id, said),
            "occurred_at": visit.occurred_at,
            "created_at": scope.now,
        }
        tx.session.execute(insert(Feedback).values(**row))
        named = {"location_id": visit.location_id, "feedback_id": feedback_id, "member_id": member_id}
        tx.session.execute(insert(LocationFeedback).values(**named))
        made = tx.session.get_one(Feedback, (member_id, feedback_id))
        if is_complaint(score, has_words=said is not None, is_marked=is_marked):
            open_complaint(tx, scope, made)
        return feedback_view(tx, scope, made)

    return scope.run(work)


def _add_words(tx: Transaction, scope: Scope, known: Feedback, said: str) -> None:
    """Put words to a score that has none yet, and no answer. Of two at once the first stays."""
    added = tx.session.execute(
        update(Feedback)
        .where(
            Feedback.member_id == known.member_id,
            Feedback.id == known.id,
            Feedback.words.is_(None),
            Feedback.answered_at.is_(None),
        )
        .values(words=seal(tx, scope, known.member_id, WORDS, known.id, said))
        .returning(Feedback.id)
    ).first()
    if added is None:
        raise FeedbackGivenError
    tx.session.refresh(known)


def answer_feedback(scope: Scope, *, feedback_id: str, words: str, reward_id: str | None = None) -> None:
    """Answer what somebody said of a visit at the scope's location; the answer comes to her as a message. The same
    again changes nothing. To a complaint the reward ``reward_id`` may be offered, which she can take or leave.

    Raises ``ForbiddenError`` unless a manager or the owner is signed in, ``NotFoundError`` for feedback of another
    location or of somebody who has left, :class:`FeedbackAnsweredError` where another answer was given,
    ``NotApprovedError`` at a shop on trial.
    """
    if scope.staff_role not in _ANSWERING:
        raise ForbiddenError
    said = read_words(words)
    if said is None:
        raise InvalidError(errors={"text": ["answer_expected"]})

    def work(tx: Transaction) -> None:
        named = tx.session.get(LocationFeedback, (scope.location_id, feedback_id))
        member_id = hold_member(tx, named.member_id) if named is not None else None
        if named is None or member_id is None:
            raise NotFoundError(what="feedback")
        known = tx.session.scalar(
            select(Feedback)
            .where(Feedback.member_id == member_id, Feedback.id == feedback_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if known is None:
            raise NotFoundError(what="feedback")
        if not is_approved(tx, known.merchant_id):
            raise NotApprovedError
        if reward_id is not None:
            find_reward(current_configuration(tx, known.merchant_id), reward_id)
        if known.answered_at is not None:
            if Reader(tx, scope).open(member_id, ANSWER, feedback_id, known.answer) != said:
                raise FeedbackAnsweredError
            return
        tx.session.execute(
            update(Feedback)
            .where(Feedback.member_id == member_id, Feedback.id == feedback_id)
            .values(
                answer=seal(tx, scope, member_id, ANSWER, feedback_id, said),
                answered_at=scope.now,
                answered_by=scope.staff_id,
            )
        )
        note_answer(tx, scope, member_id=member_id, feedback_id=feedback_id, reward_id=reward_id)
        told = Told(FEEDBACK_ANSWERED, f"answer:{feedback_id}", {"feedback_id": feedback_id}, known.merchant_id)
        tell(tx, scope, member_id, told)
        audit.record(tx, scope, "feedback.answered", "feedback", feedback_id)

    scope.run(work)


def read_words(text: str | None) -> str | None:
    """Words as they are kept: without control characters but line breaks, and none at the ends; None where nothing is
    left."""
    shown = unicodedata.normalize("NFC", (text or "").replace("\r\n", _LINES).replace("\r", _LINES))
    kept = "".join(character for character in shown if character == _LINES or unicodedata.category(character)[0] != "C")
    return kept.strip() or None
