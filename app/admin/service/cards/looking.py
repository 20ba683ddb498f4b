"""Looking at who a member is: rarely needed, so it takes a reason and leaves a trace."""

from __future__ import annotations

from app.cards.models import Member
from app.cards.profiles import Profile, read_profile
from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope


def look_at_contact(scope: Scope, *, member_id: str, reason: str) -> Profile:
    """A member's name, address and number in clear, written down in the audit trail in the same transaction. Each call
    leaves one more trace. Raises ``NotFoundError`` for nobody and for whoever has left."""

    def work(tx: Transaction) -> Profile:
        member = tx.session.get(Member, member_id)
        if member is None or member.status in ("merged", "erased"):
            raise NotFoundError(what="member")
        profile = read_profile(tx, scope, member_id)
        shown = [field for field in ("name", "email", "phone") if getattr(profile, field) is not None]
        before, after = {"is_masked": True}, {"is_masked": False, "fields": shown, "reason": reason}
        audit.record(tx, scope, "member.unmasked", "member", member_id, before=before, after=after)
        return profile

    return scope.run(work)
