"""Merges that the member may want to undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.cards.models import Merge
from app.common.scope import Scope


@dataclass(frozen=True, slots=True)
class MergeView:
    """A merge by which this member got the cards of another; ``undone_at`` when it was undone."""

    merge_id: str
    numbers: tuple[str, ...]
    merged_at: datetime
    undone_at: datetime | None


def list_merges(scope: Scope) -> list[MergeView]:
    """All merges of the scope's member, the latest first."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(Merge.id, Merge.cards, Merge.merged_at, Merge.undone_at)
            .where(Merge.member_id == scope.member_id)
            .order_by(Merge.id.desc())
        )
        return [
            MergeView(merge_id, tuple(numbers), merged_at, undone_at)
            for merge_id, numbers, merged_at, undone_at in rows
        ]
