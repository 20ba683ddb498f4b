"""Who one dot of the map is, asked for when somebody points at it: no name stands on the page before."""

from __future__ import annotations

from dataclasses import dataclass

from app.backoffice.queries.members.detail import member_row
from app.backoffice.queries.members.naming import NAMELESS, names_of
from app.common.clock import zone
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.insights.models import MemberValue


@dataclass(frozen=True, slots=True)
class Who:
    """``name`` is what the shop may see, None without one; then ``card_tail`` are her card's last characters."""

    member_id: str
    name: str | None
    card_tail: str | None
    visits_year: int
    profit_year_minor: int
    expected_visits: float | None
    silent_days: int | None


def who_is(scope: Scope, member_id: str, *, timezone: str) -> Who:
    """One member of the scope's merchant. Raises NotFoundError."""
    with scope.reading() as tx:
        row = member_row(tx, scope, member_id)
        value = tx.session.get(MemberValue, (member_id, scope.merchant_id))
        if value is None:
            raise NotFoundError(what="member")
        names = names_of(tx, scope, [member_id]).get(member_id, NAMELESS)
        local = zone(timezone)
        silent = (scope.now.astimezone(local).date() - row.seen_at.astimezone(local).date()).days
        return Who(
            member_id,
            names.called or names.shown,
            row.card_tail,
            value.visits_year,
            value.profit_year_minor,
            value.expected_visits,
            max(0, silent) if row.visits else None,
        )
