"""Full cards: each is turned into the voucher for its reward, whatever filled it."""

from __future__ import annotations

from datetime import datetime

from app.common.batch import Batch
from app.common.database import Transaction
from app.common.ids import new_id
from app.ledger.accounts import AccountState
from app.ledger.posting import Posting
from app.ledger.writing import load_lots
from app.rewards import vouchers
from app.rewards.configuration import MerchantConfig, ProgrammeConfig
from app.rewards.outcomes import Unlocked


def fill_cards(
    transaction: Transaction,
    posting: Posting,
    batch: Batch,
    config: MerchantConfig,
    programme: ProgrammeConfig,
    account: AccountState,
    *,
    occurred_at: datetime,
    location_id: str | None,
    device_id: str | None,
    staff_id: str | None,
    visit_id: str | None = None,
    reason: str | None = None,
    is_preview: bool = False,
) -> list[Unlocked]:
    """Plan a voucher for each full card of the account: ``goal`` stamps are redeemed for it, the rest stays on the next
    card. Where the reward can't be had (off, sold out), the stamps stay. ``visit_id`` or ``reason`` say what filled it.
    """
    reward = config.rewards.get(programme.full_card_reward_id or "")
    goal = programme.rules_at(posting.now)[1].goal
    filled: list[Unlocked] = []
    if reward is None or goal is None or account.balance < goal or not reward.is_offered(posting.now):
        return filled
    load_lots(transaction, account)
    while account.balance >= goal:
        if reward.tracks_stock and (is_preview or filled or not vouchers.take_from_stock(transaction, batch, reward)):
            break
        voucher_id = new_id()
        redemption = posting.book(
            "redeem",
            account.member_id,
            occurred_at=occurred_at,
            merchant_id=config.id,
            location_id=location_id,
            device_id=device_id,
            staff_id=staff_id,
            visit_id=visit_id,
            voucher_id=voucher_id,
            reason=reason,
        )
        redemption.redeem(account, goal)
        issued = vouchers.issue(
            batch,
            reward=reward,
            member_id=account.member_id,
            merchant_id=config.id,
            currency=config.currency,
            timezone=programme.timezone,
            source="full_card",
            cost=goal,
            transaction_id=redemption.id,
            now=posting.now,
            voucher_id=voucher_id,
        )
        filled.append(Unlocked(issued.id, issued.code, reward.id, reward.name))
    return filled
