"""The top of the risk queue, and how often each rule was right: cheap enough for the first page of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.common.scope import Scope
from app.common.sql import Statement
from app.risk.queries.cases import CaseView, list_cases

SHOWN = 7
_BACK = timedelta(days=90)

_WAITING = Statement("SELECT count(*) FROM risk_case WHERE status IN ('open', 'asked')")
_DECIDED = Statement("SELECT rule, status, count(*) FROM risk_case WHERE decided_at >= :since GROUP BY rule, status")


@dataclass(frozen=True, slots=True)
class RiskTop:
    """``record``: by rule, how many of its cases of 90 days were right and how many wrong."""

    cases: Sequence[CaseView]
    waiting: int
    record: dict[str, tuple[int, int]]


def read_risk_top(scope: Scope) -> RiskTop:
    """The cases that come first, how many wait in all, and what the rules were worth. Reads nothing but cases and the
    names of what they are about."""
    cases = list_cases(scope, most=SHOWN)
    with scope.reading() as tx:
        waiting = int(tx.rows(_WAITING, {})[0][0])
        record: dict[str, tuple[int, int]] = {}
        for rule, status, count in tx.rows(_DECIDED, {"since": scope.now - _BACK}):
            right, wrong = record.get(rule, (0, 0))
            is_right = status == "confirmed"
            record[rule] = (right + int(count) * is_right, wrong + int(count) * (not is_right))
    return RiskTop(cases, waiting, record)
