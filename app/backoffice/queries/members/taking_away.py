"""The whole list of a shop's members for taking away, batch by batch, so that it can be long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.backoffice.queries.members.listing import Standing, place_of, standings_of
from app.backoffice.queries.members.naming import NAMELESS, names_of
from app.cards.profiles import known_key
from app.common.scope import Scope
from app.rewards.models import MemberNote, ShopMember
from app.rewards.segments import MemberFilter
from app.rewards.shop_members.belongings import open_words

BATCH = 500
_FIRST = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Taken:
    """One member as she may be taken away: no more than the shop's own pages show."""

    member_id: str
    card_tail: str | None
    name: str | None
    called: str | None
    visits: int
    spend_minor: int
    first_at: datetime
    seen_at: datetime
    has_app: bool
    tier: str | None
    standings: tuple[Standing, ...]
    notes: tuple[str, ...]


def every_member(scope: Scope) -> Iterator[Taken]:
    """All members of the scope's merchant, in the order of their ids, each batch as it stood when it was read."""
    place_id = place_of(scope, MemberFilter())
    after = _FIRST
    while True:
        with scope.reading() as tx:
            rows = tx.session.scalars(
                select(ShopMember)
                .where(
                    ShopMember.place_id == place_id,
                    ShopMember.merchant_id == scope.merchant_id,
                    ShopMember.member_id > after,
                )
                .order_by(ShopMember.member_id)
                .limit(BATCH)
            ).all()
            ids = [row.member_id for row in rows]
            names, standings = names_of(tx, scope, ids), standings_of(tx, scope, ids)
            notes: dict[str, list[str]] = {}
            for note in tx.session.scalars(
                select(MemberNote)
                .where(
                    MemberNote.member_id.in_(ids),
                    MemberNote.merchant_id == scope.merchant_id,
                    MemberNote.kind == "note",
                )
                .order_by(MemberNote.id)
            ):
                key = known_key(tx, scope, note.member_id)
                notes.setdefault(note.member_id, []).append(open_words(key, note.member_id, note.id, note.words))
        for row in rows:
            own = names.get(row.member_id, NAMELESS)
            yield Taken(
                member_id=row.member_id,
                card_tail=row.card_tail,
                name=own.shown,
                called=own.called,
                visits=row.visits,
                spend_minor=row.spend_minor,
                first_at=row.first_at,
                seen_at=row.seen_at,
                has_app=row.has_app,
                tier=row.tier,
                standings=standings.get(row.member_id, ()),
                notes=tuple(notes.get(row.member_id, ())),
            )
        if len(rows) < BATCH:
            return
        after = ids[-1]
