"""What is over and of no use: removed by the nightly job."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from app.cards import attempts
from app.cards.models import AuthCode, CodeUse, RefreshToken
from app.common.scope import Scope

KEPT = timedelta(days=1)


def forget_what_is_over(scope: Scope) -> None:
    """Delete mailed codes and refresh tokens that are over, counts of tries, and used digits, all of a day ago or
    more. A repeat finds nothing left to delete."""
    before = scope.now - KEPT
    attempts.prune(scope, before=before)
    with scope.transaction() as tx:
        tx.session.execute(delete(AuthCode).where(AuthCode.expires_at < before))
        tx.session.execute(delete(RefreshToken).where(RefreshToken.expires_at < before))
        tx.session.execute(delete(CodeUse).where(CodeUse.used_at < before))
