"""What a shop's own message may suggest to one of its members: of the shop's own first, else another shop, and never
one of the same trade.

The shop reads what it sends, so nothing here follows from what the member does elsewhere: another shop is chosen by
what ten members at least of both have in common, whoever is written to, and only where both agreed that such is made
use of (:mod:`app.insights.service.crossing`). A trade nobody knows (``general``) may be a competitor's, and counts as
the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.cards.queries import aliases
from app.common.database import Transaction
from app.common.sql import Statement, many
from app.insights.neighbours import is_wanted
from app.rewards.configuration import MerchantConfig, RewardConfig, document
from app.rewards.queries.standing import configurations

UNKNOWN_TRADE = "general"
_LATEST = 50

_HAD = Statement(
    """
    SELECT reward_id, count(*) FROM voucher
    WHERE member_id = ANY(CAST(:ids AS uuid[])) AND merchant_id = :merchant_id AND status = 'redeemed'
    GROUP BY reward_id
    """,
    sqlite="""
    SELECT reward_id, count(*) FROM voucher
    WHERE member_id IN (SELECT value FROM json_each(:ids)) AND merchant_id = :merchant_id AND status = 'redeemed'
    GROUP BY reward_id
    """,
)
_NEAR = Statement(
    """
    SELECT reward_id, other_id FROM reward_neighbour WHERE merchant_id = :merchant_id
    ORDER BY nearness DESC, reward_id, other_id
    """
)
_ITEMS = Statement(
    """
    SELECT items FROM visit
    WHERE member_id = ANY(CAST(:ids AS uuid[])) AND merchant_id = :merchant_id AND reversed_at IS NULL
    ORDER BY occurred_at DESC, id LIMIT :most
    """,
    sqlite="""
    SELECT items FROM visit
    WHERE member_id IN (SELECT value FROM json_each(:ids)) AND merchant_id = :merchant_id AND reversed_at IS NULL
    ORDER BY occurred_at DESC, id LIMIT :most
    """,
)
_PAIRS = Statement("SELECT one, other FROM product_pair WHERE merchant_id = :merchant_id ORDER BY place")
_ELSEWHERE = Statement(
    """
    SELECT o.id, o.name FROM shop_neighbour n
    JOIN merchant m ON m.id = n.merchant_id JOIN merchant o ON o.id = n.other_id
    JOIN crossing_consent c ON c.merchant_id = m.id JOIN crossing_consent d ON d.merchant_id = o.id
    WHERE n.merchant_id = :merchant_id AND o.category <> m.category
        AND m.category <> :unknown AND o.category <> :unknown
        AND o.status = 'active' AND EXISTS (SELECT 1 FROM shop_listing s WHERE s.merchant_id = o.id)
    ORDER BY n.nearness DESC, o.id LIMIT 1
    """
)


@dataclass(frozen=True, slots=True)
class Mention:
    """What a message may name, by ``kind``: a ``reward`` of the shop's, a ``product`` of the shop's that goes with
    ``because``, or another ``shop``."""

    kind: str
    reward: RewardConfig | None = None
    product: str | None = None
    because: str | None = None
    merchant_id: str | None = None
    name: str | None = None


def for_message(tx: Transaction, merchant_id: str, member_id: str, *, now: datetime) -> Mention | None:
    """What a message of this merchant's to a member may suggest, or None: a reward of its own like those that she had,
    a product of its own that goes with one she buys, or a shop of another trade that agreed. A member who switched
    recommendations off is suggested nothing. The transaction is the system's. The same is suggested again."""
    everybody = aliases(tx.session, member_id)
    if not is_wanted(tx, everybody):
        return None
    configs = configurations(tx, [merchant_id])
    if not configs:
        return None
    asked = {"ids": many(tx, everybody), "merchant_id": merchant_id}
    return (
        _reward(tx, asked, configs[0], now)
        or _product(tx, asked)
        or next((Mention("shop", merchant_id=other, name=name) for other, name in _elsewhere(tx, merchant_id)), None)
    )


def _reward(tx: Transaction, asked: dict[str, Any], config: MerchantConfig, now: datetime) -> Mention | None:
    """One she never had, near to one that she had; no more than what everybody may have."""
    had = {reward_id for reward_id, _ in tx.rows(_HAD, asked)}
    for because, other_id in tx.rows(_NEAR, asked) if had else ():
        reward = config.rewards.get(other_id)
        if because not in had or other_id in had or reward is None:
            continue
        if reward.tier is None and reward.segment_id is None and reward.is_offered(now):
            before = config.rewards.get(because)
            return Mention("reward", reward, because=None if before is None else before.name)
    return None


def _product(tx: Transaction, asked: dict[str, Any]) -> Mention | None:
    bought = {
        str(item["name"]).strip()
        for (items,) in tx.rows(_ITEMS, {**asked, "most": _LATEST})
        for item in document(items) or ()
        if item.get("name")
    }
    for one, other in tx.rows(_PAIRS, asked) if bought else ():
        if (one in bought) is not (other in bought):
            product, because = (other, one) if one in bought else (one, other)
            return Mention("product", product=product, because=because)
    return None


def _elsewhere(tx: Transaction, merchant_id: str) -> Sequence[tuple[Any, ...]]:
    return tx.rows(_ELSEWHERE, {"merchant_id": merchant_id, "unknown": UNKNOWN_TRADE})
