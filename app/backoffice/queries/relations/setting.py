"""How an owner looks at the shop's relationships: the lines that were dragged, the margin, and the groups' names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.common.database import Transaction
from app.common.scope import Scope
from app.insights.models import GROUPS, RelationshipSetting
from app.merchants.models import Staff


@dataclass(frozen=True, slots=True)
class Setting:
    """``visits_line`` are expected visits in the coming twelve months, ``profit_line_minor`` the profit of the last
    twelve; None: as the data say. ``names`` has the groups that were given one. ``revision`` 0: never changed."""

    margin_percent: int | None
    visits_line: float | None
    profit_line_minor: int | None
    names: Mapping[str, str]
    revision: int
    changed_at: datetime | None
    changed_by: str | None


UNSET = Setting(None, None, None, {}, 0, None, None)


def setting_of(scope: Scope) -> Setting:
    """The setting of the scope's merchant."""
    with scope.reading() as tx:
        row = tx.session.get(RelationshipSetting, scope.merchant_id)
        if row is None:
            return UNSET
        by = None if row.changed_by is None else tx.session.get(Staff, row.changed_by)
        return Setting(
            row.margin_percent,
            row.visits_line,
            row.profit_line_minor,
            _names(row),
            row.revision,
            row.changed_at,
            None if by is None else by.name,
        )


def names_given(scope: Scope) -> Mapping[str, str]:
    """The owner's own words for the groups, of those that have one."""
    with scope.reading() as tx:
        return names_in(tx, scope.merchant_id or "")


def names_in(tx: Transaction, merchant_id: str) -> Mapping[str, str]:
    """The same inside a transaction."""
    row = tx.session.get(RelationshipSetting, merchant_id) if merchant_id else None
    return {} if row is None else _names(row)


def _names(row: RelationshipSetting) -> dict[str, str]:
    return {key: name for key in GROUPS if isinstance(name := (row.names or {}).get(key), str) and name}
