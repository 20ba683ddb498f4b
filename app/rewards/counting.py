"""How often each reward was taken and redeemed: counted whole by a job, and since then voucher by voucher when somebody
looks, so that a page costs the same however many there were. The job comes every night, and within two
hours where many were issued, as by an import."""

from __future__ import annotations

from dataclasses import dataclass

from app.common.database import Transaction
from app.common.sql import Statement

NONE_YET = "00000000-0000-0000-0000-000000000000"
# Vouchers of one reward since its count that are looked at. What is beyond shows after the next count.
AT_ONCE = 1_000

# A voucher that was given back was not taken. Those since the count have larger ids, as they are made in time's order.
# No id begins with a g. Not coalesce: PostgreSQL does not trust it behind the shop's wall, and would read all vouchers.
_SINCE = Statement(
    """
    SELECT r.id, coalesce(c.taken, 0) + since.taken, coalesce(c.redeemed, 0) + since.redeemed
    FROM reward r LEFT JOIN reward_count c ON c.reward_id = r.id CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE v.status <> 'cancelled') AS taken,
            count(*) FILTER (WHERE v.status = 'redeemed') AS redeemed
        FROM (
            SELECT o.status FROM voucher o
            WHERE o.reward_id = r.id
                AND o.id > CASE WHEN c.counted_to IS NULL THEN CAST(:none AS uuid) ELSE c.counted_to END
            ORDER BY o.id LIMIT :most
        ) v
    ) since
    WHERE r.merchant_id = :merchant_id
    """,
    sqlite="""
    SELECT r.id, coalesce(c.taken, 0) + count(v.id),
        coalesce(c.redeemed, 0) + count(CASE WHEN v.status = 'redeemed' THEN 1 END)
    FROM reward r LEFT JOIN reward_count c ON c.reward_id = r.id
        LEFT JOIN voucher v ON v.reward_id = r.id AND v.status <> 'cancelled' AND v.id > coalesce(c.counted_to, :none)
            AND v.id < coalesce((
                SELECT o.id FROM voucher o WHERE o.reward_id = r.id AND o.id > coalesce(c.counted_to, :none)
                ORDER BY o.id LIMIT 1 OFFSET :most
            ), 'g')
    WHERE r.merchant_id = :merchant_id
    GROUP BY r.id, c.taken, c.redeemed
    """,
)
_BEHIND = Statement(
    """
    SELECT id FROM voucher WHERE reward_id = :reward_id AND id < :before AND id > coalesce(
        (SELECT counted_to FROM reward_count WHERE reward_id = :reward_id), CAST(:none AS uuid)
    ) ORDER BY id LIMIT 1 OFFSET :most
    """,
    sqlite="""
    SELECT id FROM voucher WHERE reward_id = :reward_id AND id < :before AND id > coalesce(
        (SELECT counted_to FROM reward_count WHERE reward_id = :reward_id), :none
    ) ORDER BY id LIMIT 1 OFFSET :most
    """,
)
_COUNT = Statement(
    """
    SELECT count(*), coalesce(sum(CASE WHEN status = 'redeemed' THEN 1 ELSE 0 END), 0) FROM voucher
    WHERE reward_id = :reward_id AND status <> 'cancelled' AND id <= :last
    """
)
_LAST = Statement("SELECT id FROM voucher WHERE reward_id = :reward_id AND id < :before ORDER BY id DESC LIMIT 1")
_REWARDS = Statement("SELECT id, merchant_id FROM reward ORDER BY id")


@dataclass(frozen=True, slots=True)
class Taken:
    """How often a reward was taken, and how often it was redeemed."""

    taken: int
    redeemed: int


def taken_of(transaction: Transaction, merchant_id: str) -> dict[str, Taken]:
    """By reward. What was redeemed or given back of what the last night had counted shows after the next one."""
    rows = transaction.rows(_SINCE, {"merchant_id": merchant_id, "none": NONE_YET, "most": AT_ONCE})
    return {row[0]: Taken(int(row[1]), int(row[2])) for row in rows}


def rewards_to_count(transaction: Transaction) -> list[tuple[str, str]]:
    """Every reward with its merchant."""
    return [(row[0], row[1]) for row in transaction.rows(_REWARDS, {})]


def is_behind(transaction: Transaction, reward_id: str, before: str) -> bool:
    """Whether more of a reward's vouchers were issued since its count, and before the id ``before``, than half of those
    that are looked at."""
    asked = {"reward_id": reward_id, "before": before, "none": NONE_YET, "most": AT_ONCE // 2}
    return bool(transaction.rows(_BEHIND, asked))


def last_voucher(transaction: Transaction, reward_id: str, before: str) -> str | None:
    """The latest voucher of a reward whose id is smaller than ``before``: so old that none with a smaller id can still
    be written by a transaction that is under way."""
    rows = transaction.rows(_LAST, {"reward_id": reward_id, "before": before})
    return rows[0][0] if rows else None


def count_taken(transaction: Transaction, reward_id: str, last: str) -> Taken:
    """Count a reward's vouchers up to one."""
    taken, redeemed = transaction.rows(_COUNT, {"reward_id": reward_id, "last": last})[0]
    return Taken(int(taken), int(redeemed))
