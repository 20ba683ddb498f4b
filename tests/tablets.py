"""Tablets at a shop's counters and the phones that reserve vouchers for them, through the services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import service as merchants
from app.scanning.counter import Counter
from app.scanning.requests import QueuedEvent, RedemptionRequest, VisitRequest
from app.scanning.results import Synced
from app.wallet import service as wallet
from app.wallet.queries import VoucherView, get_voucher
from tests.factories import Holder, Shop, send_queue, who

_GAPS = Statement("SELECT first, last FROM device_gap WHERE device_id = :device_id ORDER BY first")


@dataclass
class Tablet:
    """A paired tablet. Each call acts in a scope of its own, so that threads may share it."""

    shop: Shop
    device_id: str

    @classmethod
    def paired(cls, shop: Shop, name: str = "Counter") -> Tablet:
        """One more tablet of the shop's location."""
        code = merchants.create_pairing_code(shop.scope, shop.location_id).code
        return cls(shop, merchants.pair_device(shop.scope, code, name).device_id)

    def counter(self, **changes: Any) -> Counter:
        """The tablet at work."""
        of_tablet: dict[str, Any] = {
            "device_id": self.device_id,
            "actor_id": self.device_id,
            "device_kind": "tablet",
            "scopes": frozenset(),
        }
        return self.shop.counter(**(of_tablet | changes))

    def sync(self, events: Sequence[QueuedEvent] = (), acks: Sequence[str] = (), **told: Any) -> Synced:
        return send_queue(self.counter(), events, acks=acks, **told)

    def missing(self) -> list[tuple[int, int]]:
        """What the service knows to be missing of its queue."""
        with self.shop.scope.reading() as tx:
            return [(first, last) for first, last in tx.rows(_GAPS, {"device_id": self.device_id})]


@dataclass
class Phone:
    """A member's phone. Each call acts in a scope of its own."""

    scope: Scope
    holder: Holder

    def own(self) -> Scope:
        """Its member's scope."""
        who = self.holder.member_id
        return replace(self.scope, actor_kind="member", actor_id=who, member_id=who)

    def take(self, reward_id: str) -> VoucherView:
        return self.see(wallet.take_voucher(self.own(), reward_id=reward_id))

    def see(self, voucher_id: str) -> VoucherView:
        return get_voucher(self.own(), voucher_id=voucher_id)

    def reserve(self, voucher_id: str, tablet: Tablet) -> str:
        """Reserve it, and return the reservation's id."""
        wallet.hold_voucher(
            self.own(), voucher_id=voucher_id, location_id=tablet.shop.location_id, device_id=tablet.device_id
        )
        hold = self.see(voucher_id).hold
        assert hold is not None
        return hold.hold_id

    def ask_back(self, voucher_id: str) -> None:
        wallet.release_voucher(self.own(), voucher_id=voucher_id)

    def give_back(self, voucher_id: str) -> None:
        wallet.give_back_voucher(self.own(), voucher_id=voucher_id)


def seen(card: Holder | str, sequence: int, at: datetime, event_id: str | None = None, **more: Any) -> QueuedEvent:
    """A visit in a queue."""
    return QueuedEvent(event_id or new_id(), sequence, visit=VisitRequest(who(card), occurred_at=at, **more))


def given(code: str, sequence: int, at: datetime, event_id: str | None = None, **more: Any) -> QueuedEvent:
    """A voucher's redemption in a queue."""
    request = RedemptionRequest(voucher_code=code, occurred_at=at, **more)
    return QueuedEvent(event_id or new_id(), sequence, redemption=request)
