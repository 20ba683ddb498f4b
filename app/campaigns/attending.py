"""Clubs and places at events when members become one, are parted again, or leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update

from app.campaigns.models import ClubEvent, ClubMember, EventPlace
from app.campaigns.tickets import free_place
from app.common.database import Transaction

_WORTH = {"held": 3, "offered": 2, "waiting": 1}


def hand_over(tx: Transaction, giver: str, taker: str) -> dict[str, list[str]]:
    """The giver's clubs and places become the taker's, in the caller's transaction. Of two at one event the better
    stays; two tickets both stay good, since their vouchers do. Returns what came, for :func:`hand_back`."""
    known = set(tx.session.scalars(select(ClubMember.merchant_id).where(ClubMember.member_id == taker)))
    clubs = [row for row in _take(tx, ClubMember, giver) if row["merchant_id"] not in known]
    _put(tx, ClubMember, clubs, taker)
    places = _take(tx, EventPlace, giver)
    mine = {row["event_id"]: row for row in _rows(tx, EventPlace, taker)}
    kept = []
    for row in places:
        other = mine.get(row["event_id"])
        if other is None or _WORTH.get(row["status"], 0) > _WORTH.get(other["status"], 0):
            kept.append(row)
        worse = None if other is None else other if row in kept else row
        if worse is not None and worse["status"] == "offered":
            free_place(tx, worse["event_id"])
        if worse is other is not None:
            tx.session.execute(
                delete(EventPlace).where(EventPlace.member_id == taker, EventPlace.event_id == row["event_id"])
            )
    _put(tx, EventPlace, kept, taker)
    return {
        "clubs": [row["merchant_id"] for row in clubs],
        "places": [row["event_id"] for row in kept],
    }


def hand_back(tx: Transaction, lent: Mapping[str, Sequence[str]], *, giver: str, taker: str) -> None:
    """Give back what came by a merge, as far as it is still there; here the giver is who survived."""
    for model, column, ids in (
        (ClubMember, "merchant_id", lent.get("clubs", ())),
        (EventPlace, "event_id", lent.get("places", ())),
    ):
        rows = _take(tx, model, giver)
        back = [row for row in rows if row[column] in ids]
        _put(tx, model, [row for row in rows if row not in back], giver)
        _put(tx, model, back, taker)


def erase(tx: Transaction, member_ids: Sequence[str]) -> None:
    """Forget clubs and places, in the caller's transaction; places at events to come are free again."""
    taken = select(EventPlace.event_id).where(
        EventPlace.member_id.in_(member_ids), EventPlace.status.in_(("held", "offered"))
    )
    for event_id in tx.session.scalars(taken.order_by(EventPlace.event_id)).all():
        tx.session.execute(
            update(ClubEvent)
            .where(ClubEvent.id == event_id, ClubEvent.settled_at.is_(None), ClubEvent.taken > 0)
            .values(taken=ClubEvent.taken - 1)
        )
    for model in (ClubMember, EventPlace):
        tx.session.execute(delete(model).where(model.member_id.in_(member_ids)))


def _rows(tx: Transaction, model: Any, member_id: str) -> list[dict[str, Any]]:
    table = model.__table__
    wanted = select(table).where(table.c.member_id == member_id).order_by(*table.primary_key.columns)
    return [dict(row) for row in tx.session.execute(wanted).mappings()]


def _take(tx: Transaction, model: Any, member_id: str) -> list[dict[str, Any]]:
    rows = _rows(tx, model, member_id)
    tx.session.execute(delete(model).where(model.member_id == member_id))
    return rows


def _put(tx: Transaction, model: Any, rows: list[dict[str, Any]], member_id: str) -> None:
    if rows:
        tx.session.execute(insert(model), [{**row, "member_id": member_id} for row in rows])
