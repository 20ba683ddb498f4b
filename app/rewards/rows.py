"""Rows that a scope may touch: not yours and not there get the same answer."""

from __future__ import annotations

from collections.abc import Collection

from app.common.database import Transaction
from app.common.errors import ForbiddenError, NotFoundError
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


def promotion_in(tx: Transaction, scope: Scope, promotion_id: str, *, lock: bool = False) -> Promotion:
    """The promotion's row, with ``lock`` locked and read anew. Raises NotFoundError when it is not there or not the
    scope's."""
    promotion = tx.session.get(Promotion, promotion_id, with_for_update=lock, populate_existing=lock)
    if promotion is None or scope.merchant_id not in (None, promotion.merchant_id):
        raise NotFoundError
    return promotion


def require_own_place(scope: Scope, location_ids: Collection[str] | None) -> None:
    """Who works at one location changes what is for that location alone. Raises ForbiddenError."""
    if scope.location_id is not None and list(location_ids or ()) != [scope.location_id]:
        raise ForbiddenError


def is_seen_from(scope: Scope, location_ids: Collection[str] | None) -> bool:
    """Whether something for these locations (none: for all) concerns whoever works at the scope's location."""
    return scope.location_id is None or not location_ids or scope.location_id in location_ids


def reward_in(tx: Transaction, scope: Scope, reward_id: str, *, lock: bool = False) -> Reward:
    """The reward's row, with ``lock`` locked and read anew. Raises NotFoundError when it is not there or not the
    scope's."""
    reward = tx.session.get(Reward, reward_id, with_for_update=lock, populate_existing=lock)
    if reward is None or scope.merchant_id not in (None, reward.merchant_id):
        raise NotFoundError
    return reward
