"""The codes that a reward of the webshop hands out: added by the shop, each given once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import delete, insert, select

from app.common import audit
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.configuration import configuration_changed
from app.rewards.codes import LONGEST, MOST
from app.rewards.errors import CodesUnreadableError, RewardHasNoCodesError
from app.rewards.models import Reward, RewardCode
from app.rewards.rows import require_own_place, reward_in

_SLICE = 500
# Codes that are promised to vouchers which nobody has opened yet are not in the stock. Counted in one statement: a code
# that is shown at this moment is in both numbers or in none.
_LEFT = Statement(
    """
    SELECT (SELECT count(*) FROM reward_code WHERE reward_id = :reward_id AND voucher_id IS NULL)
        - (SELECT count(*) FROM voucher WHERE reward_id = :reward_id AND status = 'issued')
    """
)


@dataclass(frozen=True, slots=True)
class AddedCodes:
    """What became of a list: ``added`` are new, ``known`` were in the list before, given or not."""

    added: int
    known: int


def add_codes(scope: Scope, reward_id: str, codes: Sequence[str]) -> AddedCodes:
    """Put codes into a reward's list; its stock grows by those that are new. A repeat adds nothing.

    Raises NotFoundError, ForbiddenError, RewardHasNoCodesError, and CodesUnreadableError for a list that is empty, has
    more than 50,000, or one of more than 100 characters.
    """
    wanted = list(dict.fromkeys(codes))
    if not 0 < len(wanted) <= MOST or any(not 0 < len(code) <= LONGEST for code in wanted):
        raise CodesUnreadableError(line=1)

    def work(tx: Transaction) -> AddedCodes:
        reward = _of_codes(tx, scope, reward_id)
        known: set[str] = set()
        for start in range(0, len(wanted), _SLICE):
            some = wanted[start : start + _SLICE]
            known |= set(
                tx.session.scalars(
                    select(RewardCode.code).where(RewardCode.reward_id == reward_id, RewardCode.code.in_(some))
                )
            )
        new = [code for code in wanted if code not in known]
        rows = [
            {
                "reward_id": reward_id,
                "id": new_id(),
                "merchant_id": reward.merchant_id,
                "code": code,
                "added_at": scope.now,
            }
            for code in new
        ]
        if rows:
            tx.session.execute(insert(RewardCode), rows)
            _change_stock(tx, scope, reward, len(rows), "reward.codes_added")
        return AddedCodes(len(new), len(known))

    return scope.run(work)


def remove_codes(scope: Scope, reward_id: str) -> int:
    """Take the codes that are promised to nobody out of a reward's list. Returns how many; a repeat finds none.

    Raises NotFoundError, ForbiddenError, RewardHasNoCodesError.
    """

    def work(tx: Transaction) -> int:
        reward = _of_codes(tx, scope, reward_id)
        free = [
            *tx.session.scalars(
                select(RewardCode.id)
                .where(RewardCode.reward_id == reward_id, RewardCode.voucher_id.is_(None))
                .order_by(RewardCode.id.desc())
                .limit(reward.stock or 0)
                .with_for_update(skip_locked=True)
            )
        ]
        for start in range(0, len(free), _SLICE):
            tx.session.execute(
                delete(RewardCode).where(
                    RewardCode.reward_id == reward_id, RewardCode.id.in_(free[start : start + _SLICE])
                )
            )
        if free:
            _change_stock(tx, scope, reward, -len(free), "reward.codes_removed")
        return len(free)

    return scope.run(work)


def settle_stocks(scope: Scope) -> int:
    """Give the codes of vouchers that ended unopened back to their rewards' stocks. Returns how many rewards changed.

    A repeat finds nothing more.
    """
    with scope.reading() as tx:
        rewards = tx.session.scalars(select(Reward.id).where(Reward.has_codes.is_(True))).all()

    def work(tx: Transaction, *, reward_id: str) -> int:
        reward = tx.session.get(Reward, reward_id, with_for_update=True, populate_existing=True)
        if reward is None:
            return 0
        left = max(0, int(tx.rows(_LEFT, {"reward_id": reward_id})[0][0]))
        if left == reward.stock:
            return 0
        reward.stock = left
        tx.session.flush()
        return 1

    return sum(scope.run(partial(work, reward_id=one)) for one in rewards)


def _of_codes(tx: Transaction, scope: Scope, reward_id: str) -> Reward:
    reward = reward_in(tx, scope, reward_id, lock=True)
    require_own_place(scope, reward.location_ids)
    if not reward.has_codes:
        raise RewardHasNoCodesError
    return reward


def _change_stock(tx: Transaction, scope: Scope, reward: Reward, by: int, action: str) -> None:
    before = reward.stock or 0
    reward.stock = before + by
    tx.session.flush()
    configuration_changed(tx, reward.merchant_id)
    audit.record(
        tx,
        scope,
        action,
        "reward",
        reward.id,
        merchant_id=reward.merchant_id,
        before={"stock": before},
        after={"stock": reward.stock},
    )
