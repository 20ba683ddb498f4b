"""Which limits hold, and which held before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.merchants.models import Merchant, Operator
from app.risk.models import RiskLimit
from app.risk.rules import PAST, RULES
from app.risk.seen import Standard

EVERYWHERE = "everywhere"
_LATEST = Statement(
    "SELECT rule, place, soft FROM risk_limit r WHERE version ="
    " (SELECT max(version) FROM risk_limit o WHERE o.rule = r.rule AND o.place = r.place)"
)
_DECIDED = Statement(
    "SELECT rule, subject_kind, subject_id, status, score, decided_at FROM risk_case"
    " WHERE decided_at >= :since ORDER BY decided_at, id"
)
_NUMBERS = Statement(
    "SELECT id, number FROM card WHERE id = ANY(CAST(:ids AS uuid[]))",
    sqlite="SELECT id, number FROM card WHERE id IN (SELECT value FROM json_each(:ids))",
)
NEVER = 10**9  # a limit that is off
_RAISED = 1.5  # by how much a dismissed subject may do more before it is a case again


@dataclass(frozen=True, slots=True)
class LimitView:
    """One version of a rule's limits. ``version`` 0: what holds until somebody sets something."""

    rule: str
    merchant_id: str | None
    merchant: str | None
    version: int
    soft: int | None
    hard: int | None
    valid_from: datetime | None
    made_by: str | None
    note: str


class Held:
    """What every subject is held to now: the limits, and what was learned of decided cases."""

    def __init__(self, limits: Iterable[tuple[str, str, int | None]], decided: Iterable[tuple[Any, ...]] = ()) -> None:
        self._limits = {(rule, place): NEVER if soft is None else soft for rule, place, soft in limits}
        self._learned: dict[tuple[str, str, str], tuple[int, datetime]] = {}
        for rule, kind, subject, status, score, decided_at in decided:
            raised = int(int(score) * _RAISED) + 1 if status == "dismissed" else 0
            before = self._learned.get((rule, kind, subject), (0, decided_at))
            self._learned[rule, kind, subject] = (max(before[0], raised), decided_at)

    def limit(self, rule: str, merchant_id: str | None) -> int:
        """The soft limit of a rule at a shop."""
        own = self._limits.get((rule, merchant_id or EVERYWHERE))
        return own if own is not None else self._limits.get((rule, EVERYWHERE), RULES[rule].soft)

    def __call__(self, rule: str, kind: str, subject: str, merchant_id: str | None) -> Standard:
        soft = self.limit(rule, merchant_id)
        raised, since = self._learned.get((rule, kind, subject), (0, None))
        return Standard(max(soft, raised), since)

    def rename(self, names: dict[str, str]) -> None:
        """Know learned cards by their numbers too: ``names`` leads from ids to them."""
        for (rule, kind, subject), learned in list(self._learned.items()):
            if kind == "card" and subject in names:
                self._learned[rule, kind, names[subject]] = learned

    @property
    def cards(self) -> set[str]:
        """Ids of the cards about which something was decided."""
        return {subject for _, kind, subject in self._learned if kind == "card"}


def held(tx: Transaction, now: datetime) -> Held:
    """What holds now."""
    found = Held(
        ((row[0], row[1], row[2]) for row in tx.rows(_LATEST, {})),
        tx.rows(_DECIDED, {"since": now - PAST}),
    )
    if found.cards:
        found.rename({row[0]: row[1] for row in tx.rows(_NUMBERS, {"ids": many(tx, found.cards)})})
    return found


def current_limits(scope: Scope) -> dict[str, list[LimitView]]:
    """Per rule the limits that hold: everywhere first, then those of single shops."""
    found: dict[str, list[LimitView]] = {}
    for rule in RULES.values():
        versions = history(scope, rule.key)
        latest: dict[str, LimitView] = {}
        for one in versions:
            latest.setdefault(one.merchant_id or EVERYWHERE, one)
        everywhere = latest.pop(EVERYWHERE, None) or LimitView(rule.key, None, None, 0, rule.soft, None, None, None, "")
        found[rule.key] = [everywhere, *latest.values()]
    return found


def history(scope: Scope, rule: str) -> list[LimitView]:
    """All versions of a rule's limits, the newest first."""
    asked = (
        select(RiskLimit, Merchant.name, Operator.name, Operator.email)
        .outerjoin(Merchant, Merchant.id == RiskLimit.merchant_id)
        .outerjoin(Operator, Operator.id == RiskLimit.made_by)
        .where(RiskLimit.rule == rule)
        .order_by(RiskLimit.valid_from.desc(), RiskLimit.id.desc())
    )
    with scope.reading() as tx:
        return [
            LimitView(
                row.rule,
                row.merchant_id,
                merchant,
                row.version,
                row.soft,
                row.hard,
                row.valid_from,
                name or email,
                row.note,
            )
            for row, merchant, name, email in tx.session.execute(asked)
        ]
