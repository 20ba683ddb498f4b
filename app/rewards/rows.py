"""Rows that a scope may touch: not yours and not there get the same answer."""

from __future__ import annotations

from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants.models import Merchant
from app.rewards.models import Programme, Promotion, Reward


def merchant_in(tx: Transaction, scope: Scope, merchant_id: str) -> Merchant:
    """The merchant's row. Raises NotFoundError when it is not there or not the scope's."""
    merchant = tx.session.get(Merchant, merchant_id)
    if merchant is None or scope.merchant_id not in (None, merchant_id):
        raise NotFoundError
    return merchant


def programme_in(tx: Transaction, scope: Scope, programme_id: str) -> Programme:
    """The programme's row. Raises NotFoundError when it is not there or not the scope's."""
    programme = tx.session.get(Programme, programme_id)
    if programme is None or scope.merchant_id not in (None, programme.merchant_id):
        raise NotFoundError
    return programme


def promotion_in(tx: Transaction, scope: Scope, promotion_id: str) -> Promotion:
    """The promotion's row. Raises NotFoundError when it is not there or not the scope's."""
    promotion = tx.session.get(Promotion, promotion_id)
    if promotion is None or scope.merchant_id not in (None, promotion.merchant_id):
        raise NotFoundError
    return promotion


def reward_in(tx: Transaction, scope: Scope, reward_id: str) -> Reward:
    """The reward's row. Raises NotFoundError when it is not there or not the scope's."""
    reward = tx.session.get(Reward, reward_id)
    if reward is None or scope.merchant_id not in (None, reward.merchant_id):
        raise NotFoundError
    return reward
