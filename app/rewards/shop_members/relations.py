"""What a member is to the business as a whole, noted beside her figures by whoever computes it."""

from __future__ import annotations

from collections.abc import Sequence

from app.common.database import Transaction
from app.common.sql import Statement

Relation = tuple[str, str | None, str | None, int | None]
"""Member, relationship group, rung, and the chance that she still comes in thousandths."""

_NOTE = Statement(
    """
    UPDATE shop_member SET relationship = u.relationship, rung = u.rung, alive = u.alive
    FROM unnest(CAST(:members AS uuid[]), CAST(:relationships AS text[]), CAST(:rungs AS text[]),
        CAST(:alive AS bigint[])) AS u(member_id, relationship, rung, alive)
    WHERE shop_member.member_id = u.member_id AND shop_member.place_id = :place_id
    """,
    sqlite="""
    UPDATE shop_member SET relationship = :relationship, rung = :rung, alive = :alive
    WHERE member_id = :member_id AND place_id = :place_id
    """,
)


def note_relations(tx: Transaction, merchant_id: str, relations: Sequence[Relation]) -> None:
    """Note them, in the caller's transaction, for those who are on the business's list; :func:`refresh` leaves them
    alone. A repeat changes nothing."""
    if not relations:
        return
    if tx.dialect == "sqlite":
        names = ("member_id", "relationship", "rung", "alive")
        tx.run_many(_NOTE, [dict(zip(names, one, strict=True)) | {"place_id": merchant_id} for one in relations])
        return
    members, groups, rungs, alive = (list(column) for column in zip(*relations, strict=True))
    tx.run(
        _NOTE, {"members": members, "relationships": groups, "rungs": rungs, "alive": alive, "place_id": merchant_id}
    )
