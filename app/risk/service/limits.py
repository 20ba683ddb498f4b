"""Setting limits: each change is a new version, from now on, by somebody."""

from __future__ import annotations

from sqlalchemy import func, select

from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.configuration import configuration_changed
from app.merchants.models import Merchant
from app.risk.errors import LimitChangedError, LimitInvalidError
from app.risk.models import RiskLimit
from app.risk.queries.limits import EVERYWHERE
from app.risk.rules import RULES

MOST = 100_000
_ALL_CHANGED = Statement("UPDATE merchant SET config_version = config_version + 1 WHERE status <> :closed")


def set_limits(
    scope: Scope,
    rule: str,
    *,
    soft: int | None,
    hard: int | None,
    was: int,
    merchant_id: str | None = None,
    note: str = "",
) -> int:
    """Set a rule's limits from now on, everywhere or at one shop, whose own limits come before those of everywhere.
    Returns the version. ``was`` is the version that was read before; the same limits again change nothing.

    None switches a limit off. Every counter knows a hard limit from the next scan on. Raises NotFoundError,
    LimitInvalidError, LimitChangedError where somebody else has set them meanwhile.
    """
    known = RULES.get(rule)
    if known is None or (merchant_id is not None and not is_id(merchant_id)):
        raise NotFoundError
    if not all(one is None or known.least <= one <= MOST for one in (soft,)):
        raise LimitInvalidError(least=known.least)
    if hard is not None and not (known.has_hard and 1 <= hard <= MOST):
        raise LimitInvalidError(least=1)
    place = merchant_id or EVERYWHERE

    def work(tx: Transaction) -> int:
        if merchant_id is not None and tx.session.get(Merchant, merchant_id) is None:
            raise NotFoundError
        latest = tx.session.scalar(
            select(func.max(RiskLimit.version)).where(RiskLimit.rule == rule, RiskLimit.place == place)
        )
        before = tx.session.scalars(
            select(RiskLimit).where(RiskLimit.rule == rule, RiskLimit.place == place, RiskLimit.version == latest)
        ).first()
        version = 0 if before is None else before.version
        if version != was:
            raise LimitChangedError
        old_soft, old_hard = (known.soft, None) if before is None else (before.soft, before.hard)
        if (old_soft, old_hard) == (soft, hard) and (before is not None or merchant_id is None):
            return version
        made = RiskLimit(
            id=new_id(),
            rule=rule,
            place=place,
            merchant_id=merchant_id,
            version=version + 1,
            soft=soft,
            hard=hard,
            valid_from=scope.now,
            made_by=scope.actor_id if scope.actor_kind == "operator" else None,
            note=" ".join(note.split())[:500],
        )
        tx.session.add(made)
        tx.session.flush()
        if old_hard != hard or (before is None and merchant_id is not None):
            _tell_counters(tx, merchant_id)
        audit.record(
            tx,
            scope,
            "risk_limit.set",
            "risk_limit",
            made.id,
            before={"rule": rule, "place": place, "soft": old_soft, "hard": old_hard},
            after={"rule": rule, "place": place, "soft": soft, "hard": hard, "note": made.note},
        )
        return made.version

    # Two at once meet at the version's unique constraint; the second one's next try finds the first one's version.
    return scope.run(work)


def _tell_counters(tx: Transaction, merchant_id: str | None) -> None:
    if merchant_id is not None:
        configuration_changed(tx, merchant_id)
    else:
        tx.run(_ALL_CHANGED, {"closed": "closed"})
