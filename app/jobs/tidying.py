"""Forgetting what nobody needs any more: bodies of old answers, used codes, finished messages."""

from __future__ import annotations

from datetime import timedelta

from app.common import outbox
from app.common.sql import Statement
from app.jobs.context import JobContext
from app.merchants import deliveries

ANSWERS = timedelta(days=90)  # promised; after that an answer is rebuilt from the ledger's rows
USED_CODES = timedelta(days=7)
FINISHED = timedelta(days=30)
_BATCH = 5000  # rows a transaction, so that no scan waits long for its turn

_BODIES = Statement(
    """
    UPDATE idempotency_key SET body = NULL WHERE (location_id, key) IN (
        SELECT location_id, key FROM idempotency_key WHERE body IS NOT NULL AND created_at < :before LIMIT :count
    )
    """
)
_ENDED = {
    "codes_used": (Statement("DELETE FROM code_use WHERE used_at < :before"), USED_CODES),
    "sign_in_codes": (Statement("DELETE FROM auth_code WHERE expires_at < :before"), timedelta(days=1)),
    "pairing_codes": (Statement("DELETE FROM pairing_code WHERE expires_at < :before"), FINISHED),
    "refresh_tokens": (Statement("DELETE FROM refresh_token WHERE expires_at < :before"), FINISHED),
}


def forget_answers(context: JobContext) -> dict[str, int]:
    """Drop the stored bodies of answers older than 90 days; their keys and fingerprints stay for ever."""
    scope = context.scope()
    values = {"before": scope.now - ANSWERS, "count": _BATCH}
    total = 0
    while done := scope.run(lambda tx: tx.run(_BODIES, values)):
        total += done
        context.go_on()
    return {"bodies": total}


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
    return deleted
