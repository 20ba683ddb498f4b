"""The wait of a session that a mailed code began while another phone held the card.

Whoever can read somebody's mail can sign in as her. So for a day such a session and its phone may look and earn, and
not spend: their rotating digits count as none. It ends at once by what a reader of mails does not have: a passkey, the
phone that was there before, or somebody of a shop who sees the person. A member's first phone never waits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.cards.errors import SpendingWaitsError
from app.common.scope import Scope
from app.common.sql import Executor, Statement

WAIT = timedelta(hours=24)

# Signing in and installing decide by what the other has written: one after the other, or each would see a first phone.
LOCK = Statement(
    "SELECT 1 FROM member WHERE id = :member_id FOR NO KEY UPDATE",
    sqlite="SELECT 1 FROM member WHERE id = :member_id",
)
_HAS_INSTALLATION = Statement("SELECT 1 FROM installation WHERE member_id = :member_id LIMIT 1")
_SESSION = Statement(
    "SELECT settled_at, waits_until FROM member_session WHERE member_id = :member_id AND id = :session_id"
)
_SETTLE = Statement(
    "UPDATE member_session SET settled_at = :now, waits_until = NULL WHERE member_id = :member_id AND id = :session_id"
)
_FREE = Statement(
    "UPDATE installation SET waits_until = NULL WHERE member_id = :member_id AND session_id = :session_id"
)
_WAIT = Statement("UPDATE member_session SET waits_until = :until WHERE member_id = :member_id AND id = :session_id")
_OTHERS_WAIT = Statement(
    "UPDATE member_session SET waits_until = :until WHERE member_id = :member_id AND id <> :session_id"
    " AND settled_at IS NULL AND waits_until IS NULL AND ended_at IS NULL"
)
_OF_MEMBER = Statement(
    "UPDATE member SET waits_until = (SELECT max(s.waits_until) FROM member_session s"
    " WHERE s.member_id = member.id AND s.ended_at IS NULL AND s.waits_until > :now) WHERE id = :member_id"
)


def waits(scope: Scope) -> bool:
    """Whether the scope's session may not spend yet."""
    return scope.waits_until is not None and scope.waits_until > scope.now


def require_no_wait(scope: Scope) -> None:
    """For every act that spends, or that changes what protects the member. Raises :class:`SpendingWaitsError`."""
    if waits(scope):
        raise SpendingWaitsError


def lock(tx: Executor, member_id: str) -> None:
    """Let nobody else sign the member in or install a phone of hers until the transaction ends. Before any card is
    locked."""
    tx.rows(LOCK, {"member_id": member_id})


def has_installation(tx: Executor, member_id: str) -> bool:
    """Whether any phone ever held a card of the member. One that was ended counts: a thief could have ended it."""
    return bool(tx.rows(_HAS_INSTALLATION, {"member_id": member_id}))


def note_installation(tx: Executor, now: datetime, member_id: str, session_id: str) -> datetime | None:
    """Before a session gets a phone installed, the member being locked: until when that installation waits, None for
    not at all.

    A phone settles its session, if that does not wait; and every other one that a code began and nothing settled waits
    from now on, so that nobody's but the first phone is spared.
    """
    who = {"member_id": member_id, "session_id": session_id, "now": now, "until": now + WAIT}
    rows = tx.rows(_SESSION, who)
    if not rows:
        return None
    settled_at, waits_until = rows[0]
    if waits_until is not None:
        return waits_until if waits_until > now else None
    if settled_at is None:
        tx.run(_SETTLE, who)
    if tx.run(_OTHERS_WAIT, who):
        tx.run(_OF_MEMBER, who)
    return None


def end_wait(tx: Executor, now: datetime, member_id: str, session_id: str) -> None:
    """The session is its member's beyond doubt: it and its phone may spend. A repeat changes nothing."""
    who = {"member_id": member_id, "session_id": session_id, "now": now}
    tx.run(_SETTLE, who)
    tx.run(_FREE, who)
    tx.run(_OF_MEMBER, who)


def reckon(tx: Executor, now: datetime, member_id: str) -> None:
    """Note on the member until when any of her open sessions waits, after one began or ended."""
    tx.run(_OF_MEMBER, {"member_id": member_id, "now": now})
