"""Ideas as members and the shop see them. Whose they are is told to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from app.campaigns.models import FeedbackSetting, Idea, IdeaVote
from app.cards.queries import member_in
from app.common.database import Transaction
from app.common.scope import Scope

MOST = 200
SHOWN = ("open", "planned", "done", "declined")  # to members


@dataclass(frozen=True, slots=True)
class IdeaView:
    """An idea with its votes. ``is_mine`` and ``is_voted`` are of the member who asks; False for the shop."""

    idea_id: str
    text: str
    status: str
    votes: int
    answer: str | None
    created_at: datetime
    is_mine: bool = False
    is_voted: bool = False


@dataclass(frozen=True, slots=True)
class Ideas:
    """``is_on``: whether the shop asks for ideas; without that there are none."""

    is_on: bool
    items: list[IdeaView]


def list_ideas(scope: Scope, merchant_id: str) -> Ideas:
    """What the scope's member sees: what the shop let through, the most wanted first, and her own that wait."""
    with scope.reading() as tx:
        member = member_in(tx.session, scope.member_id or "")
        if member is None or not takes_ideas(tx, merchant_id):
            return Ideas(False, [])
        mine = (Idea.member_id == member.member_id) & (Idea.status == "proposed")
        rows = tx.session.scalars(
            select(Idea)
            .where(Idea.merchant_id == merchant_id, or_(Idea.status.in_(SHOWN), mine))
            .order_by(Idea.id.desc())
            .limit(MOST)
        ).all()
        votes = _votes(tx, [row.id for row in rows])
        voted = set(
            tx.session.scalars(
                select(IdeaVote.idea_id).where(
                    IdeaVote.member_id == member.member_id, IdeaVote.idea_id.in_([row.id for row in rows])
                )
            )
        )
        found = [_view(row, votes, row.member_id == member.member_id, row.id in voted) for row in rows]
    return Ideas(True, sorted(found, key=lambda one: (one.status not in ("proposed", "open", "planned"), -one.votes)))


def list_shop_ideas(scope: Scope) -> list[IdeaView]:
    """What the scope's shop sees: what waits to be let through first, then the most wanted."""
    with scope.reading() as tx:
        rows = tx.session.scalars(
            select(Idea)
            .where(Idea.merchant_id == scope.merchant_id, Idea.status != "merged")
            .order_by(Idea.id.desc())
            .limit(MOST)
        ).all()
        votes = _votes(tx, [row.id for row in rows])
        found = [_view(row, votes, False, False) for row in rows]
    order = {"proposed": 0, "open": 1, "planned": 1, "done": 2, "declined": 2, "refused": 3}
    return sorted(found, key=lambda one: (order[one.status], -one.votes))


def takes_ideas(tx: Transaction, merchant_id: str) -> bool:
    """Whether a shop asks its members for ideas: off unless its owner has said so."""
    row = tx.session.get(FeedbackSetting, merchant_id)
    return row is not None and row.takes_ideas


def _votes(tx: Transaction, idea_ids: list[str]) -> dict[str, int]:
    counted = select(IdeaVote.idea_id, func.count()).where(IdeaVote.idea_id.in_(idea_ids)).group_by(IdeaVote.idea_id)
    return {row[0]: row[1] for row in tx.session.execute(counted)}


def _view(row: Idea, votes: dict[str, int], is_mine: bool, is_voted: bool) -> IdeaView:
    return IdeaView(row.id, row.words, row.status, votes.get(row.id, 0), row.answer, row.created_at, is_mine, is_voted)
