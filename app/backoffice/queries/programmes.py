"""What the programmes' pages tell of members: what they hold, as it was last counted, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.cards.profiles import read_profile
from app.common.scope import Scope
from app.insights.models import ProgrammeStanding
from app.merchants.models import Merchant
from app.rewards.models import Visit


def held_by_programme(scope: Scope) -> dict[str, tuple[int, int]]:
    """Per programme of the scope's merchant the units that members hold, and how many members hold any."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(ProgrammeStanding.programme_id, ProgrammeStanding.outstanding, ProgrammeStanding.holders).where(
                ProgrammeStanding.merchant_id == scope.merchant_id
            )
        ).all()
    return {row.programme_id: (int(row.outstanding), int(row.holders)) for row in rows}


def may_tell_members(scope: Scope) -> bool:
    """Whether the scope's merchant may send messages: not before it is approved."""
    with scope.reading() as tx:
        approved_at = tx.session.scalar(select(Merchant.approved_at).where(Merchant.id == scope.merchant_id))
    return approved_at is not None


def name_members(scope: Scope, member_ids: Sequence[str]) -> dict[str, str]:
    """What the scope's merchant calls some members: the name where a member shows it, else the end of the card's
    number. Only of members who have had a visit here."""
    found = {}
    with scope.reading() as tx:
        for member_id in member_ids:
            number = tx.session.scalar(
                select(Visit.number)
                .where(Visit.member_id == member_id, Visit.merchant_id == scope.merchant_id)
                .order_by(Visit.occurred_at.desc())
                .limit(1)
            )
            if number is not None:
                found[member_id] = read_profile(tx, scope, member_id).display_name or f"···· {number[-4:]}"
    return found
