"""Scanning a card: who it is, as far as this shop may know, and what can be done for them now. Books nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.cards import personal_data
from app.cards.data_keys import data_keys
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.accounts import AccountState
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import SEE_HERE, accounts_by_programme, expire_due
from app.rewards import vouchers
from app.rewards.belonging import segments_of
from app.rewards.configuration import MerchantConfig, ProgrammeConfig, configuration
from app.rewards.history import History
from app.rewards.rules import in_birthday_week, may_redeem
from app.rewards.vouchers import value_of
from app.scanning.approving import still_needed
from app.scanning.counter import Counter
from app.scanning.identifying import (
    FOREIGN,
    STATIC,
    WAITING,
    KnownCard,
    context,
    present,
    prove,
    sign_scan,
    usable,
)
from app.scanning.refusing import SCAN, Shown, noting
from app.scanning.requests import Identification
from app.scanning.results import AccountView, PromotionView, RewardView, ScanResult, VoucherView

_LONG_AWAY = timedelta(days=60)
_NAME = Statement(
    "SELECT p.name, k.wrapped FROM member_profile p JOIN member_key k ON k.member_id = p.member_id"
    " WHERE p.member_id = :member_id AND p.shows_name = :shown AND p.name IS NOT NULL"
)


def scan(counter: Counter, code: str) -> ScanResult:
    """Identify a card and say what it holds at this merchant. A rotating code is used up by it: the ``scan_id`` then
    stands for it on this device for ten minutes. A blocked card is refused.

    Raises the errors of :mod:`app.scanning.identifying`. A repeat with a static code gives a new ``scan_id``; with the
    same rotating code it raises ``CodeUsedError``.
    """
    scope = counter.scope
    presented = present(Identification(code=code), scope=scope, hosts=counter.hosts)

    def look(transaction: Transaction) -> ScanResult:
        found = context(transaction, scope, presented.number, None)
        card = usable(found, earns=False)
        batch = Batch()
        proven = prove(transaction, scope, presented, batch, scope.now)
        config = configuration(transaction, counter.merchant_id, found.config_version)
        result = describe(
            transaction, counter, config, card, proven.proof, proven.reference, session_id=proven.session_id
        )
        batch.write(transaction)
        return result

    with noting(scope, Shown(SCAN, presented.number)):
        if presented.digits is not None:
            return scope.run(look)
        with scope.reading() as transaction:
            return look(transaction)


def describe(
    transaction: Transaction,
    counter: Counter,
    config: MerchantConfig,
    card: KnownCard,
    proof: str,
    reference: str | None = None,
    *,
    session_id: str | None = None,
) -> ScanResult:
    """What a scan is answered. The number of queries and rows does not grow with the visits behind the card."""
    scope = counter.scope
    now = scope.now
    accounts = accounts_by_programme(transaction, SEE_HERE, card.member_id, counter.merchant_id)
    # Shown as the next booking will find them; the posting is thrown away.
    expire_due(transaction, Posting(Sealer(scope.keys.ledger), now), accounts.values(), now)
    scan_id, expires_at = sign_scan(scope, number=card.number, proof=proof, now=now, session_id=session_id)
    needs = still_needed(counter, config, card, proof)
    held = vouchers.open_at(transaction, card.member_id, counter.merchant_id, now)
    return ScanResult(
        scan_id=scan_id,
        expires_at=expires_at,
        number=card.number,
        card_kind=FOREIGN if proof == FOREIGN else card.kind,
        card_status=card.status,
        display_name=_name(transaction, scope, card.member_id),
        is_new=not accounts,
        greeting=_greeting(transaction, scope, config, accounts, card.member_id, now),
        accounts=tuple(_account(config, programme, accounts.get(programme.id), now) for programme in config.programmes),
        rewards=tuple(_rewards(transaction, counter, config, accounts, card, needs, now)),
        vouchers=tuple(
            VoucherView(
                voucher.id,
                # A photograph of a printed card would redeem by it.
                None if needs else voucher.code,
                voucher.reward_id,
                config.rewards[voucher.reward_id].name,
                config.rewards[voucher.reward_id].kind,
                voucher.value,
                voucher.expires_at,
                voucher.is_held(now),
                needs,
            )
            for voucher in held
            if config.rewards[voucher.reward_id].is_at(counter.location_id)
        ),
        promotions=tuple(
            PromotionView(promotion.id, programme.id, promotion.name)
            for programme in config.programmes
            for promotion in programme.promotions
            if promotion.runs(now)
        ),
        proof=STATIC if proof in (FOREIGN, WAITING) else proof,
        reference=reference,
        has_pin=card.pin_hash is not None,
        currency=config.currency,
    )


def _account(
    config: MerchantConfig, programme: ProgrammeConfig, account: AccountState | None, now: datetime
) -> AccountView:
    balance = account.balance if account else 0
    return AccountView(
        programme_id=programme.id,
        name=programme.name,
        kind=programme.kind,
        unit=programme.unit,
        asks=asks_of(programme, now),
        counted=counted_of(programme, now),
        balance=balance,
        owed=account.owed if account else 0,
        goal=programme.rules_at(now)[1].goal,
        to_next_reward=to_next_reward(config, programme, balance),
        tier=account.tier if account else None,
    )


def asks_of(programme: ProgrammeConfig, now: datetime) -> str:
    """What booking a visit needs to earn anything: the ``amount``, the ``items`` that count, or only a ``visit``."""
    rules = programme.rules_at(now)[1]
    if rules.minimum_minor is not None or any(rule.per == "amount" for rule in rules.earn):
        return "amount"
    return "items" if all(rule.per == "item" for rule in rules.earn) else "visit"


def counted_of(programme: ProgrammeConfig, now: datetime) -> tuple[dict[str, str], ...]:
    """The products that count by the piece, each by its ``sku`` or ``category``."""
    return tuple(
        {"sku": rule.sku} if rule.sku is not None else {"category": str(rule.category)}
        for rule in programme.rules_at(now)[1].earn
        if rule.per == "item" and (rule.sku is not None or rule.category is not None)
    )


def to_next_reward(config: MerchantConfig, programme: ProgrammeConfig, balance: int) -> int | None:
    """Units missing to the next reward that the balance doesn't pay for yet; None when there is none."""
    goals = [
        reward.cost for reward in config.rewards.values() if reward.programme_id == programme.id and reward.is_active
    ]
    if programme.goal is not None:
        goals.append(programme.goal)
    missing = [goal - balance for goal in goals if goal > balance]
    return min(missing, default=None)


def _rewards(
    transaction: Transaction,
    counter: Counter,
    config: MerchantConfig,
    accounts: Mapping[str, AccountState],
    card: KnownCard,
    needs: tuple[str, ...],
    now: datetime,
) -> list[RewardView]:
    views = []
    offered = [
        reward for reward in config.rewards.values() if reward.is_offered(now) and reward.is_at(counter.location_id)
    ]
    is_asked = any(reward.segment_id is not None for reward in offered)
    mine = segments_of(transaction, card.member_id) if is_asked else frozenset()
    for reward in offered:
        programme = config.programme(reward.programme_id)
        if programme is None or (reward.segment_id is not None and reward.segment_id not in mine):
            continue
        account = accounts.get(programme.id)
        fits = reward.tier is None or (account is not None and account.tier == reward.tier)
        pays = account is not None and account.balance >= reward.cost and not account.owed
        left = vouchers.stock_left(transaction, reward)
        limit = reward.per_member_limit
        free = limit is None or vouchers.had(transaction, card.member_id, reward.id) < limit
        is_redeemable = (
            fits
            and pays
            and free
            and left != 0
            and not card.is_spending_locked
            and may_redeem(programme.rules_at(now)[1], now)
        )
        views.append(
            RewardView(
                reward.id,
                programme.id,
                reward.name,
                reward.kind,
                reward.cost,
                value_of(reward, config.currency),
                is_redeemable,
                needs,
            )
        )
    return views


def _name(transaction: Transaction, scope: Scope, member_id: str) -> str | None:
    for sealed, wrapped in transaction.rows(_NAME, {"member_id": member_id, "shown": True}):
        data_key = personal_data.unwrap_data_key(data_keys(scope.keys.data), member_id, bytes(wrapped))
        return personal_data.decrypt_text(data_key, member_id, "name", bytes(sealed))
    return None


def _greeting(
    transaction: Transaction,
    scope: Scope,
    config: MerchantConfig,
    accounts: Mapping[str, AccountState],
    member_id: str,
    now: datetime,
) -> str | None:
    if not accounts:
        return "first_visit"
    birthday = History(transaction, scope.keys).birthday(member_id)
    if birthday is not None and config.programmes:
        _, rules = config.programmes[0].rules_at(now)
        if in_birthday_week(birthday, now.astimezone(rules.zone).date()):
            return "birthday"
    last = max((account.last_visit_at for account in accounts.values() if account.last_visit_at), default=None)
    if last is not None and now - last > _LONG_AWAY:
        return "welcome_back"
    return None
