"""Merges that the member may want to undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.cards.models import Merge
from app.common.scope import Scope
from app.merchants.models import Merchant
from app.rewards.models import Programme


@dataclass(frozen=True, slots=True)
class MergeView:
    """A merge by which this member got the cards of another; ``undone_at`` when it was undone."""

    merge_id: str
    numbers: tuple[str, ...]
    merged_at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class MovedAccountView:
    """Units that came along in one programme."""

    programme_id: str
    name: str
    merchant_name: str
    unit: str
    units: int


@dataclass(frozen=True, slots=True)
class MovedView:
    """What a merge brought: units by programme, vouchers that can still be used, and cards."""

    accounts: tuple[MovedAccountView, ...]
    vouchers: int
    cards: int


def find_moved(scope: Scope, *, member_id: str, merge_id: str | None) -> MovedView | None:
    """What a merge brought to a member who has just signed in or claimed a card; None where there was no merge."""
    if merge_id is None:
        return None
    with scope.reading() as tx:
        merge = tx.session.execute(
            select(Merge.cards, Merge.details).where(Merge.member_id == member_id, Merge.id == merge_id)
        ).one()
        units = {entry["programme_id"]: sum(lot[2] for lot in entry["lots"]) for entry in merge.details["accounts"]}
        rows = tx.session.execute(
            select(Programme.id, Programme.name, Merchant.name, Programme.unit)
            .join(Merchant, Merchant.id == Programme.merchant_id)
            .where(Programme.id.in_([programme_id for programme_id, moved in units.items() if moved]))
            .order_by(Merchant.name, Programme.position, Programme.id)
        ).all()
    return MovedView(
        accounts=tuple(MovedAccountView(*row, units[row[0]]) for row in rows),
        vouchers=sum(status == "issued" for status in merge.details["vouchers"].values()),
        cards=len(merge.cards),
    )


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
