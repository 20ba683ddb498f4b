"""Where a member stands: in which merchants' programmes she collects, and which of their rewards she can have.

Costs a few queries however many programmes there are, once this process has compiled their rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.rewards.belonging import segments_of
from app.rewards.configuration import MerchantConfig, ProgrammeConfig, RewardConfig, configuration
from app.rewards.rules import may_redeem

# Units that are due but not yet booked as expired are left out, as in the list of accounts.
_ACCOUNTS = Statement(
    """
    SELECT a.programme_id, a.balance, a.tier, p.merchant_id, m.config_version,
        CASE WHEN a.next_expiry_at <= :now THEN (
            SELECT sum(l.remaining) FROM lot l
            WHERE l.member_id = a.member_id AND l.account_id = a.id AND l.remaining > 0 AND l.expires_at <= :now
        ) END
    FROM account a JOIN programme p ON p.id = a.programme_id JOIN merchant m ON m.id = p.merchant_id
    WHERE a.member_id = :member_id
    """
)
_VERSIONS = Statement(
    "SELECT id, config_version FROM merchant WHERE id = ANY(CAST(:ids AS uuid[]))",
    sqlite="SELECT id, config_version FROM merchant WHERE id IN (SELECT value FROM json_each(:ids))",
)
_PUBLIC = Statement(
    "SELECT id FROM merchant WHERE id = :merchant_id AND status = 'active' AND is_listed = :yes"
    " AND (sandbox_of IS NOT NULL) = :is_sandbox"
)
_STOCKS = Statement(
    "SELECT id, stock FROM reward WHERE id = ANY(CAST(:ids AS uuid[]))",
    sqlite="SELECT id, stock FROM reward WHERE id IN (SELECT value FROM json_each(:ids))",
)
_HAD = Statement(
    """
    SELECT reward_id, sum(quantity) FROM voucher
    WHERE member_id = :member_id AND reward_id = ANY(CAST(:ids AS uuid[])) AND status <> 'cancelled' GROUP BY reward_id
    """,
    sqlite="""
    SELECT reward_id, sum(quantity) FROM voucher
    WHERE member_id = :member_id AND reward_id IN (SELECT value FROM json_each(:ids)) AND status <> 'cancelled'
    GROUP BY reward_id
    """,
)
_VOUCHERS = Statement(
    """
    SELECT id, merchant_id, reward_id, expires_at FROM voucher
    WHERE member_id = :member_id AND status = 'issued' AND (expires_at IS NULL OR expires_at > :now)
    ORDER BY id
    """
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward that is on, and how far the member is from it. ``limit_left`` is how often she may still have it, None
    without a limit; ``needs_tier`` the tier that she lacks; ``is_open`` whether units may be redeemed today."""

    merchant_id: str
    currency: str
    programme: ProgrammeConfig
    reward: RewardConfig
    balance: int
    needs_tier: str | None
    is_sold_out: bool
    limit_left: int | None
    is_open: bool

    @property
    def missing(self) -> int:
        """Units that she lacks."""
        return max(0, self.reward.cost - self.balance)

    @property
    def is_attainable(self) -> bool:
        """Whether nothing but units stands between her and it."""
        return self.needs_tier is None and not self.is_sold_out and self.limit_left != 0 and self.is_open

    @property
    def is_ready(self) -> bool:
        """Whether she can have it now. Her own spending lock is left aside."""
        return self.is_attainable and not self.missing


@dataclass(frozen=True, slots=True)
class OpenVoucher:
    """A voucher that can be redeemed."""

    voucher_id: str
    merchant_id: str
    reward_id: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Merchants by id: where the member collects, and where something waits for her, a reward or a voucher."""

    earns: frozenset[str]
    ready: frozenset[str]


class _Account(NamedTuple):
    balance: int
    tier: str | None
    merchant_id: str
    version: int  # of the merchant's rules


_NONE = _Account(0, None, "", 0)


def list_offers(scope: Scope, *, merchant_id: str | None = None, ready: bool | None = None) -> list[Offer]:
    """Rewards that are on, of the programmes in which the scope's member has an account; with ``merchant_id`` all of
    that merchant's, account or not. ``ready`` picks those that she can have now, or cannot.

    First what she can have, then by how much of it is missing. Raises NotFoundError for a merchant that is not there,
    or hidden from whoever has no account with it.
    """
    with scope.reading() as tx:
        found = offers_in(tx, scope, merchant_id=merchant_id)
    if ready is not None:
        found = [offer for offer in found if offer.is_ready is ready]
    return sorted(found, key=_nearness)


def standing(scope: Scope) -> Standing:
    """Where the scope's member collects, and where something waits for her."""

    def work(tx: Transaction) -> Standing:
        accounts = _accounts_in(tx, scope)
        offers = _offers_in(tx, scope, accounts, None)
        ready = {offer.merchant_id for offer in offers if offer.is_ready}
        ready |= {voucher.merchant_id for voucher in vouchers_in(tx, scope)}
        return Standing(frozenset(account.merchant_id for account in accounts.values()), frozenset(ready))

    return scope.look(work)


def vouchers_in(tx: Transaction, scope: Scope) -> list[OpenVoucher]:
    """The vouchers that the scope's member can redeem, the oldest first."""
    return [OpenVoucher(*row) for row in tx.rows(_VOUCHERS, {"member_id": scope.member_id, "now": scope.now})]


def offers_in(tx: Transaction, scope: Scope, *, merchant_id: str | None = None) -> list[Offer]:
    """As :func:`list_offers` in an open transaction, in no order. Raises NotFoundError."""
    return _offers_in(tx, scope, _accounts_in(tx, scope), merchant_id)


def configurations(tx: Transaction, merchant_ids: Iterable[str]) -> list[MerchantConfig]:
    """The compiled rules of those merchants that are there."""
    rows = tx.rows(_VERSIONS, {"ids": many(tx, sorted(set(merchant_ids)))})
    return [configuration(tx, merchant_id, version) for merchant_id, version in rows]


def _accounts_in(tx: Transaction, scope: Scope) -> dict[str, _Account]:
    rows = tx.rows(_ACCOUNTS, {"member_id": scope.member_id, "now": scope.now})
    return {
        programme_id: _Account(balance - int(due or 0), tier, merchant_id, version)
        for programme_id, balance, tier, merchant_id, version, due in rows
    }


def _offers_in(tx: Transaction, scope: Scope, accounts: Mapping[str, _Account], merchant_id: str | None) -> list[Offer]:
    now = scope.now
    if merchant_id is not None and all(account.merchant_id != merchant_id for account in accounts.values()):
        asked = {"merchant_id": merchant_id, "yes": True, "is_sandbox": scope.is_sandbox}
        if not tx.rows(_PUBLIC, asked):
            raise NotFoundError(what="merchant")
    versions = {account.merchant_id: account.version for account in accounts.values()}
    if merchant_id is None:
        configs = [configuration(tx, one, version) for one, version in versions.items()]
    else:
        configs = configurations(tx, [merchant_id])
    on = [
        (config, programme, reward)
        for config in configs
        for programme in config.programmes
        if merchant_id is not None or programme.id in accounts
        for reward in config.rewards.values()
        if reward.programme_id == programme.id and reward.is_offered(now)
    ]
    if any(reward.segment_id is not None for _, _, reward in on):
        # What is for some members alone is not shown to the others.
        mine = segments_of(tx, scope.member_id or "")
        on = [one for one in on if one[2].segment_id is None or one[2].segment_id in mine]
    stocks = _counts(tx, _STOCKS, {}, [reward.id for _, _, reward in on if reward.tracks_stock])
    limited = [reward.id for _, _, reward in on if reward.per_member_limit is not None]
    had = _counts(tx, _HAD, {"member_id": scope.member_id}, limited)
    found = []
    for config, programme, reward in on:
        account = accounts.get(programme.id, _NONE)
        limit = reward.per_member_limit
        found.append(
            Offer(
                merchant_id=config.id,
                currency=config.currency,
                programme=programme,
                reward=reward,
                balance=account.balance,
                needs_tier=None if reward.tier in (None, account.tier) else reward.tier,
                is_sold_out=stocks.get(reward.id) == 0,
                limit_left=None if limit is None else max(0, limit - had.get(reward.id, 0)),
                is_open=may_redeem(programme.rules_at(now)[1], now),
            )
        )
    return found


def _counts(tx: Transaction, statement: Statement, params: dict[str, Any], ids: list[str]) -> dict[str, int]:
    if not ids:
        return {}
    return {row[0]: int(row[1]) for row in tx.rows(statement, {**params, "ids": many(tx, ids)}) if row[1] is not None}


def _nearness(offer: Offer) -> tuple[Any, ...]:
    return (not offer.is_ready, not offer.is_attainable, offer.missing / offer.reward.cost, offer.reward.id)
