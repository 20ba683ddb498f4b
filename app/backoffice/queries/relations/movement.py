"""How members went from one group to another, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.common.scope import Scope
from app.insights.models import GROUPS, RelationshipMonth


@dataclass(frozen=True, slots=True)
class Month:
    """``2026-11`` and how many members each group had at its end (or has now)."""

    month: str
    members: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """So many went from ``was`` (empty: new) to ``relationship`` within a month."""

    was: str
    relationship: str
    members: int


def months_of(scope: Scope, *, most: int = 13) -> Sequence[Month]:
    """The latest months of the scope's merchant, the oldest first."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(RelationshipMonth.month, RelationshipMonth.relationship, func.sum(RelationshipMonth.members))
            .where(RelationshipMonth.merchant_id == scope.merchant_id)
            .group_by(RelationshipMonth.month, RelationshipMonth.relationship)
        ).all()
    found: dict[str, dict[str, int]] = {}
    for month, relationship, members in rows:
        found.setdefault(month, dict.fromkeys(GROUPS, 0))[relationship] = int(members)
    return [Month(month, found[month]) for month in sorted(found)[-most:]]


def passages_of(scope: Scope, month: str) -> Sequence[Passage]:
    """Who went where within a month of the scope's merchant, the largest streams first; who stayed is left out."""
    with scope.reading() as tx:
        rows = tx.session.scalars(
            select(RelationshipMonth)
            .where(
                RelationshipMonth.merchant_id == scope.merchant_id,
                RelationshipMonth.month == month,
                RelationshipMonth.was != RelationshipMonth.relationship,
                RelationshipMonth.members > 0,
            )
            .order_by(RelationshipMonth.members.desc(), RelationshipMonth.was, RelationshipMonth.relationship)
        ).all()
        return [Passage(row.was, row.relationship, row.members) for row in rows]
