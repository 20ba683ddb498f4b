"""Visits at a kiosk, where nobody of the shop stands by: one for each member within the shop's time."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.common.clock import zone
from app.common.database import Transaction
from app.common.sql import Statement
from app.rewards.configuration import MerchantConfig
from app.scanning.errors import KioskWaitError

SOURCE = "kiosk"
# Two tablets at once meet here. It is compatible with what an ordinary visit asks of the member's row.
_LOCK = Statement(
    "SELECT id FROM member WHERE id = :member_id FOR NO KEY UPDATE",
    sqlite="SELECT id FROM member WHERE id = :member_id",  # one writer
)
_NEAR = Statement(
    """
    SELECT occurred_at FROM visit
    WHERE member_id IN (SELECT CAST(:member_id AS uuid) UNION ALL SELECT id FROM member WHERE merged_into = :member_id)
        AND merchant_id = :merchant_id AND occurred_at > :after AND occurred_at < :before AND source = 'kiosk'
        AND reversed_at IS NULL ORDER BY occurred_at DESC LIMIT 1
    """,
    sqlite="""
    SELECT occurred_at FROM visit
    WHERE member_id IN (SELECT :member_id UNION ALL SELECT id FROM member WHERE merged_into = :member_id)
        AND merchant_id = :merchant_id AND occurred_at > :after AND occurred_at < :before AND source = 'kiosk'
        AND reversed_at IS NULL ORDER BY occurred_at DESC LIMIT 1
    """,
)


def lock_member(transaction: Transaction, member_id: str) -> None:
    """Let no other kiosk's visit of this member be judged until the transaction ends."""
    transaction.rows(_LOCK, {"member_id": member_id})


def check_wait(
    transaction: Transaction, config: MerchantConfig, member_id: str, occurred_at: datetime, now: datetime
) -> None:
    """Raises :class:`KioskWaitError` when the member had a kiosk visit at this merchant within the shop's minutes of
    ``occurred_at`` that was not undone. Later ones count too: queues of two tablets arrive in any order."""
    wait = timedelta(minutes=config.counter.kiosk_wait)
    rows = transaction.rows(
        _NEAR,
        {
            "member_id": member_id,
            "merchant_id": config.id,
            "after": occurred_at - wait,
            "before": occurred_at + wait,
        },
    )
    if not rows:
        return
    place = zone(config.timezone)
    again = (rows[0][0] + wait).astimezone(place)
    is_today = again.date() == now.astimezone(place).date()
    raise KioskWaitError(again=f"{again:%H:%M}" if is_today else f"{again:%d/%m %H:%M}")
