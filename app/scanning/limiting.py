"""Hard limits, held at the counter: how often one card may earn at one device, and of one person's hand.

Where a shop has none, which its compiled configuration tells, nothing is asked.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.common.database import Transaction
from app.common.sql import Statement
from app.rewards.configuration import MerchantConfig
from app.scanning.counter import Counter
from app.scanning.errors import LimitReachedError

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
# Later ones count too: a queue's visits arrive in any order.
_NEAR = Statement(
    """
    SELECT device_id, staff_id, occurred_at FROM visit
    WHERE member_id = :member_id AND merchant_id = :merchant_id AND occurred_at > :after AND occurred_at < :before
        AND number = :number AND reversed_at IS NULL
    """
)


def check_limits(
    transaction: Transaction,
    counter: Counter,
    config: MerchantConfig,
    *,
    member_id: str,
    number: str,
    staff_id: str | None,
    at: datetime,
) -> None:
    """Raises :class:`LimitReachedError` when one more visit of this card is one too many: at this device within an
    hour, or by this member of staff within a day."""
    limits = config.limits
    if limits.card_device_hour is None and (limits.staff_card_day is None or staff_id is None):
        return
    asked = {
        "member_id": member_id,
        "merchant_id": config.id,
        "number": number,
        "after": at - _DAY,
        "before": at + _DAY,
    }
    rows = transaction.rows(_NEAR, asked)
    here = sum(1 for row in rows if row[0] == counter.scope.device_id and abs(row[2] - at) < _HOUR)
    if limits.card_device_hour is not None and here >= limits.card_device_hour:
        raise LimitReachedError
    by_hand = sum(1 for row in rows if row[1] == staff_id)
    if limits.staff_card_day is not None and staff_id is not None and by_hand >= limits.staff_card_day:
        raise LimitReachedError
