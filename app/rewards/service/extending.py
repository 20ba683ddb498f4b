"""What would end while a shop is shut, or just after, ends a week after it has opened again.

A lot's end is covered by the seals of its transfers and is never changed: what is left in it moves into a new lot with
the same origin and the later end, by a ``move`` booking like that of a merge. No balance changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from app.common import audit
from app.common.batch import Batch
from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import expire_due, gather, load_lots, lock_accounts
from app.merchants import closing
from app.merchants.closing import GRACE, ONE_DAY, Closed

REASON = "closing_days"
AHEAD = timedelta(days=60)  # so far ahead are closing days looked at
BEHIND = timedelta(days=GRACE + 1)
_SLICE = 500
_FIRST = "00000000-0000-0000-0000-000000000000"

_MERCHANTS = Statement(
    """
    SELECT DISTINCT m.id FROM merchant m JOIN programme p ON p.merchant_id = m.id
    WHERE m.status <> 'closed' ORDER BY m.id
    """
)
_ZONES = Statement("SELECT id, timezone FROM programme WHERE merchant_id = :merchant_id")
_HOLDERS = Statement(
    """
    SELECT DISTINCT a.member_id FROM account a
    JOIN programme p ON p.id = a.programme_id
    JOIN lot l ON l.member_id = a.member_id AND l.account_id = a.id
    WHERE p.merchant_id = :merchant_id AND a.next_expiry_at <= :end AND a.member_id > :after
        AND l.remaining > 0 AND l.expires_at > :start AND l.expires_at <= :end AND l.expires_at > :now
    ORDER BY a.member_id LIMIT :count
    """
)
_VOUCHERS = Statement(
    """
    SELECT member_id, id, programme_id, expires_at FROM voucher
    WHERE merchant_id = :merchant_id AND status = 'issued'
        AND expires_at > :start AND expires_at <= :end AND expires_at > :now
    """
)
_LONGER = Statement(
    "UPDATE voucher SET expires_at = :later WHERE member_id = :member_id AND id = :id AND status = 'issued'"
    " AND expires_at = :was"
)


@dataclass(slots=True)
class Extended:
    """Of how many members units, and how many vouchers, end later now."""

    members: int = 0
    vouchers: int = 0


def extend_for_closings(
    scope: Scope, *, merchant_id: str | None = None, on_progress: Callable[[int], None] | None = None
) -> Extended:
    """Give a later end to what would end on a closing day of its merchant, or within seven days after: the seventh day
    after the last. For one merchant, or for all; closing days up to sixty days ahead.

    One transaction for each member. A repeat finds nothing more; closing days that are taken away again shorten
    nothing. ``on_progress`` is told how many members are done.
    """
    if merchant_id is None:
        with scope.reading() as tx:
            merchants = [str(row[0]) for row in tx.rows(_MERCHANTS, {})]
    else:
        merchants = [merchant_id]
    done = Extended()
    for one in merchants:
        _extend(scope, one, done, on_progress)
    return done


def _extend(scope: Scope, merchant_id: str, done: Extended, on_progress: Callable[[int], None] | None) -> None:
    today = scope.now.date()
    with scope.reading() as tx:
        days = closing.closed_days(tx, merchant_id, today - BEHIND, today + AHEAD)
        asked_of = {"merchant_id": merchant_id}
        zones: dict[str, str] = {str(row[0]): row[1] for row in tx.rows(_ZONES, asked_of)} if days else {}
    closings = closing.runs(days)
    before = Extended(done.members, done.vouchers)
    for closed in closings:
        for name in sorted(set(zones.values())):
            span = _span(closed, name)
            if span["end"] <= scope.now:
                continue
            after = _FIRST
            while True:
                asked = {**span, "merchant_id": merchant_id, "now": scope.now, "after": after, "count": _SLICE}
                with scope.reading() as tx:
                    members = [str(row[0]) for row in tx.rows(_HOLDERS, asked)]
                for member_id in members:
                    done.members += scope.run(partial(_move_lots, scope, merchant_id, member_id, zones, closings))
                    if on_progress is not None:
                        on_progress(done.members)
                if len(members) < _SLICE:
                    break
                after = members[-1]
            done.vouchers += scope.run(partial(_lengthen, scope, merchant_id, zones, closings, span))
    if done != before:
        counts = {"members": done.members - before.members, "vouchers": done.vouchers - before.vouchers}

        def note(tx: Transaction) -> None:
            audit.record(tx, scope, "expiry.extended", "merchant", merchant_id, merchant_id=merchant_id, after=counts)

        scope.run(note)


def _move_lots(
    scope: Scope,
    merchant_id: str,
    member_id: str,
    zones: Mapping[str, str],
    closings: Sequence[Closed],
    tx: Transaction,
) -> bool:
    """Whether anything of the member's ends later now."""
    posting = Posting(Sealer(scope.keys.ledger), scope.now)
    accounts = {key: one for key, one in lock_accounts(tx, member_id).items() if key in zones}
    expire_due(tx, posting, accounts.values(), posting.now)
    booking = None
    for programme_id, account in accounts.items():
        load_lots(tx, account)
        for lot in account.open_lots():
            later = _later(lot.expires_at, zones[programme_id], closings)
            if later is None:
                continue
            if booking is None:
                booking = posting.book(
                    "move", member_id, occurred_at=posting.now, merchant_id=merchant_id, reason=REASON
                )
            units = booking.move_lot(account, lot)
            booking.earn(
                account,
                units,
                earned_at=lot.earned_at,
                expires_at=later,
                counter="moved",
                origin_id=lot.origin_id,
            )
    batch = Batch()
    gather(posting, batch)
    batch.write(tx)
    return booking is not None


def _lengthen(
    scope: Scope,
    merchant_id: str,
    zones: Mapping[str, str],
    closings: Sequence[Closed],
    span: Mapping[str, datetime],
    tx: Transaction,
) -> int:
    done = 0
    for member_id, voucher_id, programme_id, expires_at in tx.rows(
        _VOUCHERS, {**span, "merchant_id": merchant_id, "now": scope.now}
    ):
        later = _later(expires_at, zones.get(programme_id, "UTC"), closings)
        if later is not None:
            values = {"member_id": member_id, "id": voucher_id, "later": later, "was": expires_at}
            done += tx.run(_LONGER, values)
    return done


def _later(expires_at: datetime | None, timezone: str, closings: Sequence[Closed]) -> datetime | None:
    """The later end of what ends at that moment, where closing days give it one."""
    if expires_at is None:
        return None
    there = zone(timezone)
    last_day = (expires_at.astimezone(there) - timedelta(microseconds=1)).date()
    extended = closing.extended(last_day, closings)
    return None if extended == last_day else _midnight_after(extended, timezone)


def _span(closed: Closed, timezone: str) -> dict[str, datetime]:
    """Between which moments must something end to be given a later end."""
    start = datetime.combine(closed.first, time(), zone(timezone)).astimezone(UTC)
    return {"start": start, "end": _midnight_after(closed.last + ONE_DAY * GRACE, timezone)}


def _midnight_after(day: date, timezone: str) -> datetime:
    return datetime.combine(day + ONE_DAY, time(), zone(timezone)).astimezone(UTC)
