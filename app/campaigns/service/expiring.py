"""Telling of units that end soon: once for each day on which some end, a fortnight ahead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from app.campaigns.kinds import UNITS_EXPIRING
from app.campaigns.telling import Told, hold_member, tell
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.common.types import decode_time

AHEAD = timedelta(days=14)
LAST_CALL = timedelta(days=2)
"""A shop whose own automation tells of what ends is left to it; what it did not tell by then is told here after all."""
_SLICE = 500

_ENDING = """
    FROM account a
    JOIN programme p ON p.id = a.programme_id
    JOIN lot l ON l.member_id = a.member_id AND l.account_id = a.id
    WHERE a.next_expiry_at IS NOT NULL AND a.next_expiry_at <= :until
        AND l.remaining > 0 AND l.expires_at > :now AND l.expires_at <= :until
        AND NOT EXISTS (
            SELECT 1 FROM expiry_notice n
            WHERE n.member_id = a.member_id AND n.account_id = a.id AND n.expires_at = l.expires_at
        )
        AND (l.expires_at <= :last_call OR NOT EXISTS (
            SELECT 1 FROM campaign c
            WHERE c.merchant_id = p.merchant_id AND c.trigger = 'expiring' AND c.status = 'on'
        ))
"""
# By the index of accounts whose next expiry is near; of who has left, was merged, or practises there is nobody to tell.
_MEMBERS = Statement(
    f"""
    SELECT DISTINCT a.member_id {_ENDING}
        AND a.member_id > :after
        AND a.member_id IN (
            SELECT m.id FROM member m WHERE m.status IN ('anonymous', 'claimed') AND NOT m.is_sandbox
        )
    ORDER BY a.member_id LIMIT :count
    """  # noqa: S608  constants
)
_OWN = Statement(
    f"""
    SELECT a.id, p.merchant_id, p.id, p.kind, p.timezone, l.expires_at, sum(l.remaining) {_ENDING}
        AND a.member_id = :member_id
    GROUP BY a.id, p.merchant_id, p.id, p.kind, p.timezone, l.expires_at
    ORDER BY p.merchant_id, l.expires_at, a.id
    """
)
_NOTE = Statement(
    """
    INSERT INTO expiry_notice (member_id, account_id, expires_at, told_at)
    VALUES (:member_id, :account_id, :expires_at, :now) ON CONFLICT DO NOTHING
    """
)
_FORGET = Statement("DELETE FROM expiry_notice WHERE expires_at < :before")
_FIRST = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class _Ending:
    account_id: str
    merchant_id: str
    programme_id: str
    kind: str
    timezone: str
    expires_at: datetime
    units: int


def tell_expiring(scope: Scope, *, on_progress: Callable[[int], None] | None = None) -> int:
    """Tell every member of units that end within a fortnight and were not told of: one message for each merchant.

    One transaction for each member; returns how many messages. A repeat tells nothing again. ``on_progress`` is told
    how far it is.
    """
    told, after = 0, _FIRST
    until = scope.now + AHEAD
    while True:
        with scope.reading() as tx:
            values = {
                "now": scope.now,
                "until": until,
                "last_call": scope.now + LAST_CALL,
                "after": after,
                "count": _SLICE,
            }
            members = [str(row[0]) for row in tx.rows(_MEMBERS, values)]
        for member_id in members:
            told += scope.run(partial(_tell, scope, member_id, until))
            if on_progress is not None:
                on_progress(told)
        if len(members) < _SLICE:
            return told
        after = members[-1]


def forget_notices(scope: Scope, *, before: datetime) -> int:
    """Delete the notes of units that ended before then. Returns how many."""
    with scope.transaction() as tx:
        return tx.run(_FORGET, {"before": before})


def _tell(scope: Scope, member_id: str, until: datetime, tx: Transaction) -> int:
    if hold_member(tx, member_id) != member_id:
        return 0  # merged or erased meanwhile: the survivor's own lots are found next time
    asked = {"member_id": member_id, "now": scope.now, "until": until, "last_call": scope.now + LAST_CALL}
    endings = [_ending(row) for row in tx.rows(_OWN, asked)]
    told = 0
    for merchant_id, group in groupby(endings, key=lambda ending: ending.merchant_id):
        fresh = [ending for ending in group if _note(tx, scope, member_id, ending)]
        if fresh:
            told += tell(tx, scope, member_id, _message(merchant_id, fresh)) is not None
    return told


def _note(tx: Transaction, scope: Scope, member_id: str, ending: _Ending) -> bool:
    """Whether this worker is the one to tell of it."""
    values = {
        "member_id": member_id,
        "account_id": ending.account_id,
        "expires_at": ending.expires_at,
        "now": scope.now,
    }
    return tx.run(_NOTE, values) == 1


def _message(merchant_id: str, endings: Sequence[_Ending]) -> Told:
    params = {
        "programme_id": endings[0].programme_id,
        "lots": [
            {
                "programme_id": ending.programme_id,
                "units": ending.units,
                "unit_kind": ending.kind,
                "at": ending.expires_at.isoformat(),
                "timezone": ending.timezone,
            }
            for ending in endings
        ],
    }
    source = f"expiring:{endings[0].account_id}:{endings[0].expires_at.isoformat()}"
    return Told(UNITS_EXPIRING, source, params, merchant_id)


def _ending(row: Sequence[Any]) -> _Ending:
    account_id, merchant_id, programme_id, kind, timezone, expires_at, units = row
    at = decode_time(expires_at) if isinstance(expires_at, str) else expires_at
    return _Ending(account_id, merchant_id, programme_id, kind, timezone, at, int(units))
