"""Writing what was worked out of a shop: a few hundred members at a time, so that no counter waits for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.insights.service.computing import Outcome
from app.insights.service.drawing import note_drawn
from app.insights.service.rows import drop_rows, write_rows
from app.rewards.shop_members import note_relations

Row = TypeVar("Row")
AT_ONCE = 250
"""Members in one transaction."""

_MODEL = (
    *("merchant_id", "basis", "customers", "repeaters", "visits", "r", "alpha", "a", "b", "log_likelihood"),
    *("p", "q", "v", "equity_minor", "basket_minor", "margin_percent", "visit_cost_minor", "year_cost_minor"),
    *("visits_line", "profit_line_minor", "month", "prospects_opened", "prospects_invited", "is_estimated", "upto"),
    *("fitted_at", "refreshed_at"),
)
_PUT_MODEL = Statement(
    f"INSERT INTO merchant_model ({', '.join(_MODEL)}) VALUES ({', '.join(f':{name}' for name in _MODEL)})"  # noqa: S608
    f" ON CONFLICT (merchant_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _MODEL[1:])}"
)
_REVISION = Statement(
    "SELECT revision FROM relationship_setting WHERE merchant_id = :merchant_id FOR SHARE",
    sqlite="SELECT revision FROM relationship_setting WHERE merchant_id = :merchant_id",
)
_CLEAR_MONTH = Statement("DELETE FROM relationship_month WHERE merchant_id = :merchant_id AND month >= :month")
_MONTH = Statement(
    "INSERT INTO relationship_month (merchant_id, month, was, relationship, members, profit_minor)"
    " VALUES (:merchant_id, :month, :was, :relationship, :members, :profit_minor)"
)
_CLEAR_RUNGS = Statement("DELETE FROM rung_month WHERE merchant_id = :merchant_id AND month >= :month")
_RUNG = Statement(
    "INSERT INTO rung_month (merchant_id, month, was, rung, members)"
    " VALUES (:merchant_id, :month, :was, :rung, :members)"
)

_CLEAR_KINDS = Statement("DELETE FROM persona WHERE merchant_id = :merchant_id")
_KIND = Statement(
    "INSERT INTO persona (merchant_id, number, members, facts) VALUES (:merchant_id, :number, :members, :facts)"
)
_COUNT_KINDS = Statement(
    """
    UPDATE persona SET members = (
        SELECT count(*) FROM member_value v WHERE v.merchant_id = persona.merchant_id AND v.persona = persona.number
    ) WHERE merchant_id = :merchant_id
    """
)


def write(scope: Scope, outcome: Outcome, go_on: Callable[[], object]) -> bool:
    """Write it. Returns False, and is to be worked out anew, where the owner set something else meanwhile. What was
    broken off is made whole by the next refresh: the shop counts as refreshed with the last transaction only."""
    now = outcome.model["refreshed_at"]
    rows, gone, relations = _cut(outcome.rows), _cut(outcome.gone), _cut(outcome.relations)
    for chunk in rows[:-1]:
        scope.run(lambda tx, chunk=chunk: write_rows(tx, outcome.merchant_id, chunk, now))  # type: ignore[misc]
        go_on()
    for members in gone[:-1]:
        scope.run(lambda tx, members=members: drop_rows(tx, outcome.merchant_id, members))  # type: ignore[misc]
        go_on()
    for some in relations[:-1]:
        scope.run(lambda tx, some=some: note_relations(tx, outcome.merchant_id, some))  # type: ignore[misc]
        go_on()

    def finish(tx: Transaction) -> bool:
        write_rows(tx, outcome.merchant_id, rows[-1], now)
        if gone[-1]:
            drop_rows(tx, outcome.merchant_id, gone[-1])
        note_relations(tx, outcome.merchant_id, relations[-1])
        return _finish(tx, outcome)

    return scope.run(finish)


def _cut(rows: list[Row]) -> list[list[Row]]:
    """In parts of so many as one transaction takes: at least one, the last of which is written with the model."""
    return [rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE)] or [[]]


def _finish(tx: Transaction, outcome: Outcome) -> bool:
    here = {"merchant_id": outcome.merchant_id}
    found = tx.rows(_REVISION, here)
    if (int(found[0][0]) if found else 0) != outcome.revision:
        return False
    tx.run(_PUT_MODEL, outcome.model)
    first = min((row["month"] for row in outcome.months), default=outcome.model["month"])
    for statement in (_CLEAR_MONTH, _CLEAR_RUNGS):
        tx.run(statement, {**here, "month": first})
    tx.run_many(_MONTH, outcome.months)
    tx.run_many(_RUNG, outcome.rung_months)
    if outcome.kinds is not None:
        tx.run(_CLEAR_KINDS, here)
        tx.run_many(
            _KIND,
            [
                {**here, "number": one.number, "members": one.members, "facts": json.dumps(one.facts)}
                for one in outcome.kinds
            ],
        )
    else:
        tx.run(_COUNT_KINDS, here)
    note_drawn(tx, outcome.merchant_id)
    return True
