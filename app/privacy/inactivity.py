"""Who gave no sign of life for long: no visit, no booking of her own, no sign-in, no use of the app, no word to us.

Only members of whom something personal is kept are looked at. A printed card that nobody claimed holds none: its units
end by the programme's own rules, and there is nobody to be told or erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.common.sql import Executor, Statement

FIRST = "00000000-0000-0000-0000-000000000000"

# What is a sign of life after a moment, of a member m. Whoever was merged into her was heard of before the merge.
_SIGNS = """
    coalesce(m.last_seen_at, m.created_at) >= :since OR m.created_at >= :since
    OR EXISTS (SELECT 1 FROM visit v WHERE v.member_id = m.id AND v.occurred_at >= :since)
    OR EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.member_id = m.id AND t.kind = 'redeem'
        AND t.occurred_at >= :since)
    OR EXISTS (SELECT 1 FROM member_session s WHERE s.member_id = m.id AND s.last_used_at >= :since)
    OR EXISTS (SELECT 1 FROM consent_event c WHERE c.member_id = m.id AND c.occurred_at >= :since)
    OR EXISTS (SELECT 1 FROM merge g WHERE g.member_id = m.id AND g.merged_at >= :since)
    OR EXISTS (SELECT 1 FROM card d WHERE d.member_id = m.id AND d.claimed_at >= :since)
    OR EXISTS (SELECT 1 FROM support_question q WHERE q.member_id = m.id AND q.heard_at >= :since)
"""
_IS_SOMEBODY = """
    m.status IN ('anonymous', 'claimed') AND NOT m.is_sandbox
    AND (EXISTS (SELECT 1 FROM member_key k WHERE k.member_id = m.id)
        OR EXISTS (SELECT 1 FROM login l WHERE l.member_id = m.id)
        OR EXISTS (SELECT 1 FROM passkey p WHERE p.member_id = m.id))
"""
_SILENT = Statement(
    f"""SELECT m.id FROM member m WHERE m.id > :after AND {_IS_SOMEBODY} AND NOT ({_SIGNS})
    AND NOT EXISTS (SELECT 1 FROM retention_notice n WHERE n.member_id = m.id)
    ORDER BY m.id LIMIT :count"""  # noqa: S608  constants
)
_COUNT_SILENT = Statement(
    f"""SELECT count(*) FROM member m WHERE {_IS_SOMEBODY} AND NOT ({_SIGNS})
    AND NOT EXISTS (SELECT 1 FROM retention_notice n WHERE n.member_id = m.id)"""  # noqa: S608  constants
)
_IS_SILENT = Statement(
    f"SELECT 1 FROM member m WHERE m.id = :member_id AND {_IS_SOMEBODY} AND NOT ({_SIGNS})"  # noqa: S608  constants
)
# Held until the transaction ends: she may come back this very moment.
_HOLD = Statement(
    "SELECT 1 FROM member WHERE id = :member_id FOR UPDATE", sqlite="SELECT 1 FROM member WHERE id = :member_id"
)
_NOTICES = Statement(
    """SELECT n.member_id FROM retention_notice n WHERE n.member_id > :after
    ORDER BY n.member_id LIMIT :count"""
)
_TOLD = Statement(
    """INSERT INTO retention_notice (member_id, channel, told_at, erase_at)
    VALUES (:member_id, :channel, :now, :erase_at) ON CONFLICT (member_id) DO NOTHING"""
)
_FORGET = Statement("DELETE FROM retention_notice WHERE member_id = :member_id")


@dataclass(frozen=True, slots=True)
class Period:
    """So many months of silence, and so many days between being told and being erased."""

    months: int = 36
    grace_days: int = 30


USUAL = Period()


def silent_members(tx: Executor, *, since: datetime, after: str, count: int) -> list[str]:
    """Members without a sign of life since then who were not told yet, in order of their ids."""
    return [str(row[0]) for row in tx.rows(_SILENT, {"since": since, "after": after, "count": count})]


def count_silent(tx: Executor, *, since: datetime) -> int:
    """How many those are."""
    return int(tx.rows(_COUNT_SILENT, {"since": since})[0][0])


def told_members(tx: Executor, *, after: str, count: int) -> list[str]:
    """Members who were told, in order of their ids."""
    return [str(row[0]) for row in tx.rows(_NOTICES, {"after": after, "count": count})]


def hold(tx: Executor, member_id: str) -> None:
    """Let nobody change a member until the transaction ends."""
    tx.rows(_HOLD, {"member_id": member_id})


def is_silent(tx: Executor, member_id: str, *, since: datetime) -> bool:
    """Whether a member stands and gave no sign of life since then."""
    rows: Sequence[object] = tx.rows(_IS_SILENT, {"member_id": member_id, "since": since})
    return bool(rows)


def note_told(tx: Executor, member_id: str, *, channel: str, now: datetime, erase_at: datetime) -> bool:
    """Note that a member was told. False where she was already."""
    params = {"member_id": member_id, "channel": channel, "now": now, "erase_at": erase_at}
    return tx.run(_TOLD, params) == 1


def forget_notice(tx: Executor, member_id: str) -> None:
    """She came back, or was merged: she is told anew when it comes to that."""
    tx.run(_FORGET, {"member_id": member_id})
