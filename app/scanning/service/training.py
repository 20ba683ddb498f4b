"""Practising at the counter: the same screens against the shop's sandbox, with cards in the states that people meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.cards.service import block_card, issue_printed_cards
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.service import NewDevice
from app.rewards import vouchers
from app.rewards.configuration import MerchantConfig, ProgrammeConfig, RewardConfig, current_configuration
from app.rewards.sandbox import keep_practice_cards, open_training
from app.rewards.service.adjusting import adjust
from app.scanning.errors import TrainingAlreadyError

NEW, HALF, ALMOST_FULL, VOUCHER, BLOCKED = "new", "half", "almost_full", "voucher", "blocked"
_STATES = (NEW, HALF, ALMOST_FULL, VOUCHER, BLOCKED)  # as they are told
_REASON = "training"
_STATE = Statement(
    """
    SELECT c.status, c.pin_hash IS NOT NULL OR c.claimed_at IS NOT NULL,
        (SELECT count(*) FROM ledger_transaction t WHERE t.member_id = c.member_id),
        (SELECT coalesce(sum(a.balance), 0) FROM account a
            WHERE a.member_id = c.member_id AND a.programme_id = :programme_id),
        (SELECT count(*) FROM voucher v WHERE v.member_id = c.member_id AND v.status = 'issued'
            AND v.reward_id = :reward_id)
    FROM card c JOIN member m ON m.id = c.member_id WHERE c.number = :number AND m.is_sandbox = :sandbox
    """
)


@dataclass(frozen=True, slots=True)
class Training:
    """Where people practise: the sandbox's device, and the number of a card in each state (``new``, ``half``,
    ``almost_full``, ``voucher``, ``blocked``) that the shop's rules know."""

    device: NewDevice
    cards: tuple[tuple[str, str], ...]  # state and number


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the practice cards hold: units of ``programme``, and a voucher for ``reward``."""

    programme: ProgrammeConfig | None
    reward: RewardConfig | None
    units: Mapping[str, int]  # by state; a state that can't be had is left out
    currency: str

    @classmethod
    def of(cls, config: MerchantConfig, scope: Scope) -> _Plan:
        offered = [
            reward
            for reward in config.rewards.values()
            if reward.is_offered(scope.now) and reward.is_at(scope.location_id or "")
        ]
        units = {NEW: 0, BLOCKED: 0}
        for programme in config.programmes:
            rewards = [reward for reward in offered if reward.programme_id == programme.id]
            goal = programme.goal or min((reward.cost for reward in rewards), default=0)
            if goal < 1:
                continue
            units |= {state: held for state, held in ((HALF, goal // 2), (ALMOST_FULL, goal - 1)) if held}
            full = [reward for reward in rewards if reward.id == programme.full_card_reward_id] or rewards
            if full:
                units[VOUCHER] = 0
            return cls(programme, full[0] if full else None, units, config.currency)
        return cls(None, None, units, config.currency)

    def is_untouched(self, state: str, row: tuple[object, ...]) -> bool:
        """Whether nobody has practised with a card in this state yet, and the rules it was made for still stand."""
        held = self.units[state]
        return row == (
            "blocked" if state == BLOCKED else "active",
            False,
            1 if held else 0,
            held,
            1 if state == VOUCHER else 0,
        )


def start_training(scope: Scope) -> Training:
    """Let the people at this device practise. The first time the sandbox is made; it follows the shop's rules, and only
    cards that somebody has practised with are made anew, so that a repeat is cheap.

    Raises :class:`TrainingAlreadyError` for a device that is a sandbox's, ``NotFoundError`` for a closed shop's.
    """
    if scope.is_sandbox:
        raise TrainingAlreadyError
    opened = open_training(scope)
    practice = replace(
        scope,
        merchant_id=opened.device.merchant_id,
        location_id=None,
        device_id=None,
        staff_id=None,
        is_sandbox=True,
    )
    with practice.reading() as transaction:
        plan = _Plan.of(current_configuration(transaction, opened.device.merchant_id), practice)
        cards = {
            state: opened.practice_cards[state]
            for state in plan.units
            if state in opened.practice_cards and _is_ready(transaction, plan, state, opened.practice_cards[state])
        }
    missing = [state for state in plan.units if state not in cards]
    if missing:
        made = issue_printed_cards(practice, len(missing), batch_name=f"training {scope.device_id}", is_sandbox=True)
        for state, card in zip(missing, made, strict=True):
            _prepare(practice, plan, state, card.card_id, card.member_id)
            cards[state] = card.number
        keep_practice_cards(practice, opened.device, cards)
    return Training(opened.device, tuple((state, cards[state]) for state in _STATES if state in cards))


def _is_ready(transaction: Transaction, plan: _Plan, state: str, number: str) -> bool:
    asked = {
        "number": number,
        "programme_id": plan.programme.id if plan.programme else None,
        "reward_id": plan.reward.id if plan.reward else None,
        "sandbox": True,
    }
    rows = transaction.rows(_STATE, asked)
    return any(
        plan.is_untouched(state, (status, bool(is_somebodys), int(booked), int(balance), int(issued)))
        for status, is_somebodys, booked, balance, issued in rows
    )


def _prepare(practice: Scope, plan: _Plan, state: str, card_id: str, member_id: str) -> None:
    if state == BLOCKED:
        block_card(practice, card_id=card_id)
    if plan.units[state] and plan.programme is not None:
        adjust(
            practice,
            member_id=member_id,
            programme_id=plan.programme.id,
            units=plan.units[state],
            reason=_REASON,
        )
    if state == VOUCHER and plan.programme is not None and plan.reward is not None:
        programme, reward = plan.programme, plan.reward

        def give(transaction: Transaction) -> None:
            batch = Batch()
            vouchers.issue(
                batch,
                reward=reward,
                member_id=member_id,
                merchant_id=practice.merchant_id or "",
                currency=plan.currency,
                timezone=programme.timezone,
                source="gift",
                cost=0,
                transaction_id=None,
                now=practice.now,
            )
            batch.write(transaction)

        practice.run(give)
