"""What the counter tells of a member, for her messages: written to the outbox in the booking's own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.common import outbox
from app.common.batch import Batch, Row
from app.rewards.outcomes import Unlocked

NEWS = "member.news"
UNLOCKED = "reward_unlocked"
FIRST_VISIT = "first_visit"


def unlocked_row(*, member_id: str, merchant_id: str, voucher_id: str, reward_name: str, now: datetime) -> Row:
    """That a voucher was issued by itself, as a row for :data:`app.common.outbox.TABLE`."""
    return _row(member_id, merchant_id, UNLOCKED, {"voucher_id": voucher_id, "reward_name": reward_name}, now)


def queue_unlocked(
    batch: Batch, unlocked: Iterable[Unlocked], *, member_id: str, merchant_id: str, now: datetime
) -> None:
    """Tell in the booking's own batch which vouchers were issued by themselves."""
    for voucher in unlocked:
        row = unlocked_row(
            member_id=member_id,
            merchant_id=merchant_id,
            voucher_id=voucher.voucher_id,
            reward_name=voucher.name,
            now=now,
        )
        batch.insert(outbox.TABLE, row)


def first_visit_row(*, member_id: str, merchant_id: str, now: datetime) -> Row:
    """That a member had the first visit at a merchant, as a row for :data:`app.common.outbox.TABLE`."""
    return _row(member_id, merchant_id, FIRST_VISIT, {}, now)


def _row(member_id: str, merchant_id: str, event: str, params: Mapping[str, Any], now: datetime) -> Row:
    payload = {"member_id": member_id, "event": event, "params": dict(params)}
    return outbox.message(topic=NEWS, payload=payload, merchant_id=merchant_id, now=now)
