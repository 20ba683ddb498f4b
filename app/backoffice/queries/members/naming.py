"""By which name a shop may see a member: the one that she shows, or the one that the shop itself gave her."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from app.cards import personal_data
from app.cards.data_keys import data_keys
from app.cards.models import MemberKey, MemberProfile
from app.common.database import Transaction
from app.common.scope import Scope
from app.rewards.models import MemberNote
from app.rewards.shop_members.belongings import open_words


@dataclass(frozen=True, slots=True)
class Names:
    """``shown`` is what the member lets shops see, ``called`` how this shop calls her."""

    shown: str | None = None
    called: str | None = None


NAMELESS = Names()


def names_of(tx: Transaction, scope: Scope, member_ids: Iterable[str]) -> dict[str, Names]:
    """The names of members for the scope's merchant; two queries however many there are."""
    wanted = list(member_ids)
    if not wanted:
        return {}
    profiles = tx.session.execute(
        select(MemberKey.member_id, MemberKey.wrapped, MemberProfile.name, MemberProfile.shows_name)
        .outerjoin(MemberProfile, MemberProfile.member_id == MemberKey.member_id)
        .where(MemberKey.member_id.in_(wanted))
    ).all()
    notes = tx.session.execute(
        select(MemberNote.member_id, MemberNote.id, MemberNote.words).where(
            MemberNote.member_id.in_(wanted),
            MemberNote.merchant_id == scope.merchant_id,
            MemberNote.kind == "name",
        )
    ).all()
    called = {note.member_id: note for note in notes}
    ring = data_keys(scope.keys.data)
    found: dict[str, Names] = {}
    for row in profiles:
        has_shown = row.name is not None and row.shows_name
        note = called.get(row.member_id)
        if not has_shown and note is None:
            continue
        key = personal_data.unwrap_data_key(ring, row.member_id, bytes(row.wrapped))
        shown = personal_data.decrypt_text(key, row.member_id, "name", bytes(row.name)) if has_shown else None
        own = None if note is None else open_words(key, row.member_id, note.id, note.words)
        found[row.member_id] = Names(shown, own)
    return found
