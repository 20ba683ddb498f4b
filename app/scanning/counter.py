"""What all use cases of the counter share: who asks, from where, with which codes, and what is told afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.campaigns.news import unlocked_row
from app.common import outbox
from app.common.batch import Batch
from app.common.errors import ForbiddenError
from app.common.scope import Scope
from app.ledger.accounts import AccountState
from app.merchants import webhooks
from app.rewards.configuration import MerchantConfig
from app.rewards.outcomes import Balance, Unlocked
from app.scanning.errors import TooFarAheadError, TooOldError

AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Counter:
    """A device at work: its scope (merchant, location and device set) and the hosts under which cards were issued."""

    scope: Scope
    hosts: Collection[str]

    @property
    def location_id(self) -> str:
        return _set(self.scope.location_id)

    @property
    def merchant_id(self) -> str:
        return _set(self.scope.merchant_id)


def _set(value: str | None) -> str:
    if value is None:
        raise ForbiddenError  # a token that belongs to no location may not book
    return value


def moment(occurred_at: datetime | None, now: datetime, *, oldest: timedelta | None = None) -> datetime:
    """When it happened: now unless told. Raises :class:`TooFarAheadError` for more than five minutes ahead, and with
    ``oldest`` :class:`TooOldError` for longer ago."""
    if occurred_at is None:
        return now
    if occurred_at > now + AHEAD:
        raise TooFarAheadError
    if oldest is not None and occurred_at < now - oldest:
        raise TooOldError
    return occurred_at


def tell(batch: Batch, config: MerchantConfig, event: str, now: datetime, data: Mapping[str, Any]) -> None:
    """Put a webhook event into the batch, when some endpoint of the merchant wants to hear of it."""
    if event in config.events:
        batch.insert(outbox.TABLE, webhooks.event_row(merchant_id=config.id, event=event, data=data, now=now))


def tell_unlocked(batch: Batch, config: MerchantConfig, member_id: str, voucher: Unlocked, now: datetime) -> None:
    """Tell a member, whoever else listens, that a full card became a voucher."""
    row = unlocked_row(
        member_id=member_id,
        merchant_id=config.id,
        voucher_id=voucher.voucher_id,
        reward_name=voucher.name,
        now=now,
    )
    batch.insert(outbox.TABLE, row)


def balances(config: MerchantConfig, accounts: Mapping[str, AccountState]) -> tuple[Balance, ...]:
    """The member's balances in the merchant's programmes, those with an account."""
    return tuple(
        Balance(programme.id, accounts[programme.id].balance, accounts[programme.id].owed)
        for programme in config.programmes
        if programme.id in accounts
    )
