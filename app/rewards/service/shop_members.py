"""Keeping each business's view of its members in step with what is booked: behind the counter, never in its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.rewards import shop_members

AT_ONCE = 100  # members in one transaction: other writers wait for it, on SQLite all of them
BOOKINGS = 5_000  # followed in one go
OVERLAP = timedelta(minutes=2)  # a booking gets its id before it is committed; longer than any transaction may take
_FEED = "bookings"
_FIRST = "00000000-0000-0000-0000-000000000000"

_READ = Statement("SELECT transaction_id FROM member_feed WHERE name = :name")
_NOTE = Statement(
    "INSERT INTO member_feed (name, transaction_id, followed_at) VALUES (:name, :transaction_id, :now)"
    " ON CONFLICT (name) DO UPDATE SET transaction_id = excluded.transaction_id, followed_at = excluded.followed_at"
    " WHERE member_feed.transaction_id < excluded.transaction_id"
)
# One look into each location's index, whatever the planner thinks of how many rows there are.
_BOOKED = Statement(
    """
    SELECT x.transaction_id, x.member_id, l.merchant_id FROM location l CROSS JOIN LATERAL (
        SELECT t.transaction_id, t.member_id FROM location_transaction t
        WHERE t.location_id = l.id AND t.transaction_id > :after ORDER BY t.transaction_id LIMIT :count
    ) x ORDER BY x.transaction_id LIMIT :count
    """,
    sqlite="""
    SELECT x.transaction_id, x.member_id, l.merchant_id FROM location l CROSS JOIN location_transaction x
    WHERE x.location_id = l.id AND x.transaction_id > :after ORDER BY x.transaction_id LIMIT :count
    """,
)
_MERCHANTS = Statement("SELECT id FROM merchant ORDER BY id")
_MEMBERS = Statement(
    """
    SELECT x.member_id FROM location l JOIN location_transaction x ON x.location_id = l.id
    WHERE l.merchant_id = :merchant_id
    UNION SELECT a.member_id FROM programme p JOIN account a ON a.programme_id = p.id
    WHERE p.merchant_id = :merchant_id
    UNION SELECT member_id FROM shop_member WHERE place_id = :merchant_id
    ORDER BY 1
    """
)


class Follower:
    """Follows the counters' bookings, in their order. One of them keeps in mind what it has seen of the last minutes,
    which it reads again each time: a booking may be committed after one that is younger."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def follow(self, scope: Scope) -> int:
        """Bring up to date the members of the bookings that came since. Returns how many bookings those were.

        The first time ever everybody is counted (:func:`rebuild`). A repeat finds nothing more.
        """
        with scope.reading() as tx:
            noted = tx.rows(_READ, {"name": _FEED})
        if not noted:
            begun = _before(new_id())
            rebuild(scope)
            scope.run(lambda tx: _note(tx, scope, begun))
            return 0
        floor = _before(str(noted[0][0]))
        self._seen = {known for known in self._seen if known > floor}
        done = 0
        after = floor
        while True:
            with scope.reading() as tx:
                rows = tx.rows(_BOOKED, {"after": after, "count": BOOKINGS})
            fresh = [row for row in rows if row[0] not in self._seen]
            if fresh:
                _refresh_all(scope, sorted({(merchant_id, member_id) for _, member_id, merchant_id in fresh}))
                last = fresh[-1][0]
                scope.run(lambda tx, last=last: _note(tx, scope, last))  # type: ignore[misc]
                self._seen.update(row[0] for row in fresh)
                done += len(fresh)
            if len(rows) < BOOKINGS:
                return done
            after = rows[-1][0]


def handle(scope: Scope, payload: Mapping[str, Any]) -> None:
    """Do what a message of :data:`app.cards.changes.TOPIC` asks for; in its transaction. A repeat does no harm."""

    def work(tx: Transaction) -> None:
        member_id, merchant_id = payload["member_id"], payload.get("merchant_id")
        merchants = [merchant_id] if merchant_id else shop_members.merchants_of(tx, member_id)
        shop_members.refresh(tx, scope, [(one, member_id) for one in merchants])

    scope.run(work)


def rebuild(
    scope: Scope, merchant_id: str | None = None, *, on_progress: Callable[[int, int], None] | None = None
) -> int:
    """Count all members of one merchant, or of all of them, anew. Returns how many there were.

    ``on_progress`` is told how many of how many merchants are done. A repeat changes nothing.
    """
    with scope.reading() as tx:
        merchants = [merchant_id] if merchant_id else [row[0] for row in tx.rows(_MERCHANTS, {})]
    counted = 0
    for done, one in enumerate(merchants):
        if on_progress is not None:
            on_progress(done, len(merchants))
        with scope.reading() as tx:
            members = [row[0] for row in tx.rows(_MEMBERS, {"merchant_id": one})]
        counted += len(members)
        _refresh_all(scope, [(one, member_id) for member_id in members])
    return counted


def _refresh_all(scope: Scope, pairs: Sequence[tuple[str, str]]) -> None:
    for start in range(0, len(pairs), AT_ONCE):
        chunk = pairs[start : start + AT_ONCE]
        scope.run(lambda tx, chunk=chunk: shop_members.refresh(tx, scope, chunk))  # type: ignore[misc]


def _note(tx: Transaction, scope: Scope, transaction_id: str) -> None:
    tx.run(_NOTE, {"name": _FEED, "transaction_id": transaction_id, "now": scope.now})


def _before(transaction_id: str) -> str:
    """The lowest id that can have been made within the overlap before this one (UUIDv7 begins with milliseconds)."""
    made = int(transaction_id.replace("-", "")[:12], 16) - int(OVERLAP.total_seconds() * 1000)
    if made <= 0:
        return _FIRST
    digits = f"{made:012x}"
    return f"{digits[:8]}-{digits[8:]}-0000-0000-000000000000"
