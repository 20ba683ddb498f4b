"""What a business wrote about a member, when she merges, leaves, or takes her record with her."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select, update

from app.cards import personal_data
from app.cards.profiles import known_key, own_key
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.models import Merchant
from app.rewards.models import MemberNote, MemberSegment, ShopMember, ShopMemberWord, ShopPlace

FIELD = "shop note"


def seal_words(tx: Transaction, scope: Scope, member_id: str, note_id: str, words: str) -> bytes:
    """A note's words under the member's own key, which is made where there is none. A shop can write about somebody who
    never told anything herself; the words still go when she leaves."""
    return personal_data.encrypt_text(own_key(tx, scope, member_id), member_id, f"{FIELD}/{note_id}", words)


def open_words(key: bytes | None, member_id: str, note_id: str, sealed: bytes) -> str:
    """A note's words, by the member's own key; nothing of one who has left."""
    return "" if key is None else personal_data.decrypt_text(key, member_id, f"{FIELD}/{note_id}", bytes(sealed))


def hand_over(tx: Transaction, scope: Scope, *, giver: str, taker: str) -> list[str]:
    """The notes become the taker's, sealed anew, in the caller's transaction and before the giver's key is destroyed.
    Where a shop calls both by a name, the taker's stays the first. Returns the notes' ids, for :func:`hand_back`."""
    return _move(tx, scope, giver, taker, None)


def hand_back(tx: Transaction, scope: Scope, ids: Sequence[str], *, giver: str, taker: str) -> None:
    """Give back the notes that came by a merge, as far as they are still there."""
    _move(tx, scope, giver, taker, ids)


def erase(tx: Transaction, member_ids: Sequence[str]) -> None:
    """Destroy what shops wrote about a member who leaves, and take her off their lists; in the caller's transaction."""
    for place_id in tx.session.scalars(
        select(ShopMember.place_id).where(ShopMember.member_id.in_(member_ids)).order_by(ShopMember.place_id)
    ).all():
        tx.session.execute(
            update(ShopPlace)
            .where(ShopPlace.place_id == place_id, ShopPlace.members > 0)
            .values(members=ShopPlace.members - 1)
        )
    for table in (MemberNote, MemberSegment, ShopMemberWord, ShopMember):
        tx.session.execute(delete(table).where(table.member_id.in_(member_ids)))


def record_of(tx: Transaction, scope: Scope, member_ids: Sequence[str]) -> list[dict[str, Any]]:
    """What shops wrote about a member, in clear, for taking away. Who wrote it is the shop's own affair."""
    rows = tx.session.execute(
        select(MemberNote, Merchant.name)
        .join(Merchant, Merchant.id == MemberNote.merchant_id)
        .where(MemberNote.member_id.in_(member_ids))
        .order_by(MemberNote.id)
    ).all()
    keys = {member_id: known_key(tx, scope, member_id) for member_id in {note.member_id for note, _ in rows}}
    return [
        {
            "merchant_id": note.merchant_id,
            "merchant_name": merchant_name,
            "kind": note.kind,
            "words": open_words(keys[note.member_id], note.member_id, note.id, note.words),
            "written_at": note.written_at.isoformat().replace("+00:00", "Z"),
        }
        for note, merchant_name in rows
    ]


def _move(tx: Transaction, scope: Scope, giver: str, taker: str, ids: Sequence[str] | None) -> list[str]:
    wanted = select(MemberNote.__table__).where(MemberNote.member_id == giver).order_by(MemberNote.id)
    if ids is not None:
        wanted = wanted.where(MemberNote.id.in_(list(ids)))
    rows = [dict(row) for row in tx.session.execute(wanted).mappings()]
    if not rows:
        return []
    key = known_key(tx, scope, giver)
    moved = [row["id"] for row in rows]
    tx.session.execute(delete(MemberNote).where(MemberNote.member_id == giver, MemberNote.id.in_(moved)))
    for row in rows:
        row["words"] = seal_words(tx, scope, taker, row["id"], open_words(key, giver, row["id"], row["words"]))
        row["member_id"] = taker
    tx.session.execute(insert(cast(Table, MemberNote.__table__)), rows)
    return moved
