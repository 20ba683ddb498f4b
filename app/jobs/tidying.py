"""Forgetting what nobody needs any more: used codes, ended tokens, finished messages."""

from __future__ import annotations

from datetime import timedelta

from app.admin.service import adjusting
from app.campaigns import service as campaigns
from app.cards import attempts
from app.cards.service import destroy_old_codes
from app.cards.tokens import REFRESH_LIFE
from app.common import outbox
from app.common.sql import Statement
from app.jobs.context import JobContext
from app.merchants import deliveries
from app.rewards.service import simulations
from app.risk.service import finding as risk_finding
from app.risk.service import tries as risk_tries

USED_CODES = timedelta(days=7)
FINISHED = timedelta(days=30)
SIMULATIONS = timedelta(days=60)
REFUSALS = timedelta(days=400)
_ENDED = {
    "codes_used": (Statement("DELETE FROM code_use WHERE used_at < :before"), USED_CODES),
    "sign_in_codes": (Statement("DELETE FROM auth_code WHERE expires_at < :before"), timedelta(days=1)),
    "sign_ups": (Statement("DELETE FROM sign_up WHERE expires_at < :before"), timedelta(0)),
    "shop_invitations": (
        Statement("DELETE FROM shop_invitation WHERE signed_up_at IS NULL AND expires_at < :before"),
        FINISHED,
    ),
    "pairing_codes": (Statement("DELETE FROM pairing_code WHERE expires_at < :before"), FINISHED),
    "refresh_tokens": (Statement("DELETE FROM refresh_token WHERE expires_at < :before"), FINISHED),
    "sessions_ended": (Statement("DELETE FROM member_session WHERE ended_at < :before"), FINISHED),
    "sessions_left": (Statement("DELETE FROM member_session WHERE last_used_at < :before"), REFRESH_LIFE + FINISHED),
    "codes_to_move": (Statement("DELETE FROM move_code WHERE expires_at < :before"), timedelta(days=1)),
    "passkey_challenges": (Statement("DELETE FROM passkey_challenge WHERE expires_at < :before"), timedelta(days=1)),
    "staff_links": (Statement("DELETE FROM staff_login_link WHERE expires_at < :before"), FINISHED),
    "staff_challenges": (
        Statement("DELETE FROM staff_passkey_challenge WHERE expires_at < :before"),
        timedelta(days=1),
    ),
    "staff_sessions": (Statement("DELETE FROM staff_login_session WHERE expires_at < :before"), FINISHED),
    "card_refusals": (Statement("DELETE FROM card_refusal WHERE refused_at < :before"), REFUSALS),
    "spending_requests": (Statement("DELETE FROM spending_request WHERE expires_at < :before"), FINISHED),
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
    deleted["notices"] = campaigns.forget_notices(scope, before=before)
    deleted["deliveries"] = deliveries.prune(scope, before=before)
    deleted["simulations"] = simulations.forget_simulations(scope, before=scope.now - SIMULATIONS)
    deleted["risk_tries"] = risk_tries.forget_tries(scope, before=scope.now - SIMULATIONS)
    deleted["guesses"] = risk_finding.forget_guesses(scope)
    deleted["claim_codes"] = destroy_old_codes(scope)
    deleted["adjustments"] = adjusting.let_expire(scope)
    deleted["tries"] = attempts.prune(scope, before=scope.now - USED_CODES)
    return deleted
