"""Forgetting what nobody needs any more: used codes, ended tokens, finished messages."""

from __future__ import annotations

from datetime import timedelta

from app.cards import attempts
from app.common import outbox
from app.common.sql import Statement
from app.jobs.context import JobContext
from app.merchants import deliveries

USED_CODES = timedelta(days=7)
FINISHED = timedelta(days=30)
_ENDED = {
    "codes_used": (Statement("DELETE FROM code_use WHERE used_at < :before"), USED_CODES),
    "sign_in_codes": (Statement("DELETE FROM auth_code WHERE expires_at < :before"), timedelta(days=1)),
    "pairing_codes": (Statement("DELETE FROM pairing_code WHERE expires_at < :before"), FINISHED),
    "refresh_tokens": (Statement("DELETE FROM refresh_token WHERE expires_at < :before"), FINISHED),
}


def tidy(context: JobContext) -> dict[str, int]:
    """Delete codes and tokens that are long over, and messages and deliveries that are long done."""
    scope = context.scope()
    deleted = {}
    for name, (statement, age) in _ENDED.items():
        with scope.transaction() as tx:
            deleted[name] = tx.run(statement, {"before": scope.now - age})
    before = scope.now - FINISHED
    with scope.transaction() as tx:
        deleted["messages"] = outbox.prune(tx, before=before)
    deleted["deliveries"] = deliveries.prune(scope, before=before)
    deleted["tries"] = attempts.prune(scope, before=scope.now - USED_CODES)
    return deleted
