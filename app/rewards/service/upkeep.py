"""What time does by itself: lots and vouchers that are over are booked so, and answers told long ago are pruned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from app.cards import changes
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import expire_due, gather, lock_accounts
from app.merchants.configuration import configuration_changed
from app.rewards.models import Programme, ProgrammeVersion
from app.rewards.rules import version_at
from app.rewards.service.programmes import hold_goal

REPLIES_KEPT = timedelta(days=90)
_SLICE = 500
_DUE_LOTS = Statement(
    "SELECT DISTINCT member_id FROM account WHERE next_expiry_at <= :now AND member_id > :after"
    " ORDER BY member_id LIMIT :count"
)
_EXPIRE_VOUCHERS = Statement(
    "UPDATE voucher SET status = 'expired', ended_at = :now, hold_location_id = NULL, hold_device_id = NULL,"
    " hold_until = NULL WHERE status = 'issued' AND expires_at <= :now AND hold_id IS NULL"
)
# A tablet may have redeemed it in time and not told yet, so it only asks that tablet to let go of it.
_ASK_BACK = Statement(
    "UPDATE voucher SET hold_release_at = :now WHERE status = 'issued' AND expires_at <= :now AND hold_id IS NOT NULL"
    " AND hold_release_at IS NULL"
)
_PRUNE = Statement(
    "UPDATE idempotency_key SET body = NULL WHERE body IS NOT NULL AND answer_to IS NOT NULL AND created_at < :before"
)
_BEGUN = Statement(
    "SELECT DISTINCT v.programme_id FROM programme_version v JOIN programme p ON p.id = v.programme_id"
    " WHERE v.valid_from > :since AND v.valid_from <= :now AND p.kind = 'stamps'"
)
_LOOKED_BACK = timedelta(days=30)  # so long may no worker have run
_NOBODY = "00000000-0000-0000-0000-000000000000"


def expire_lots(scope: Scope, *, on_progress: Callable[[int], None] | None = None) -> int:
    """Book as expired whatever lot is due, one transaction for each member. Returns the units that expired.

    A repeat finds nothing more. ``on_progress`` is told how many members are done.
    """
    gone = done = 0
    after = _NOBODY
    while True:
        with scope.reading() as reading:
            due = [row[0] for row in reading.rows(_DUE_LOTS, {"now": scope.now, "after": after, "count": _SLICE})]
        for member_id in due:
            gone += _expire_member(scope, member_id)
            done += 1
            if on_progress is not None:
                on_progress(done)
        if len(due) < _SLICE:
            return gone
        after = due[-1]


def _expire_member(scope: Scope, member_id: str) -> int:
    def work(transaction: Transaction) -> int:
        posting = Posting(Sealer(scope.keys.ledger), scope.now)
        accounts = lock_accounts(transaction, member_id)
        gone = expire_due(transaction, posting, accounts.values(), posting.now)
        batch = Batch()
        gather(posting, batch)
        batch.write(transaction)
        if gone:
            changes.changed(transaction, member_id, now=posting.now)
        return gone

    return scope.run(work)


def expire_vouchers(scope: Scope) -> int:
    """Mark the vouchers whose time is over; their units were spent when they were issued. Returns how many. A repeat
    finds nothing more.

    One that is reserved for a tablet stays until that tablet has answered, which it is asked to: a redemption without a
    network, in time, may be on its way.
    """
    now = scope.now

    def work(transaction: Transaction) -> int:
        transaction.run(_ASK_BACK, {"now": now})
        return transaction.run(_EXPIRE_VOUCHERS, {"now": now})

    return scope.run(work)


def begin_versions(scope: Scope) -> int:
    """Note what fills a card since planned rules came into force, for lists and screens: what a visit earns is judged
    by the version of its moment anyway. Returns how many programmes changed. A repeat finds nothing more."""
    now = scope.now

    def work(transaction: Transaction) -> int:
        begun = 0
        for (programme_id,) in transaction.rows(_BEGUN, {"since": now - _LOOKED_BACK, "now": now}):
            programme = transaction.session.get(Programme, programme_id)
            if programme is None:
                continue
            versions = transaction.session.scalars(
                select(ProgrammeVersion)
                .where(ProgrammeVersion.programme_id == programme_id)
                .order_by(ProgrammeVersion.version)
            ).all()
            goal = version_at([(one.valid_from, one) for one in versions], now).rules.get("goal")
            if goal == programme.goal:
                continue
            hold_goal(transaction, programme, goal)
            transaction.session.flush()
            configuration_changed(transaction, programme.merchant_id)
            begun += 1
        return begun

    return scope.run(work)


def prune_replies(scope: Scope) -> int:
    """Drop the stored bodies of bookings older than 90 days; they are rebuilt from the ledger when somebody asks again.
    Keys, fingerprints and refusals stay. Returns how many were dropped."""
    before = scope.now - REPLIES_KEPT
    return scope.run(lambda transaction: transaction.run(_PRUNE, {"before": before}))
