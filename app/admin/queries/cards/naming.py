"""Ids of shops, places, devices, people, programmes and vouchers made into names, one query for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app.admin.queries.cards.events import Event
from app.common.database import Transaction
from app.merchants.models import Device, Location, Merchant, Operator, Staff
from app.rewards.models import Programme, Reward, Voucher


class Names:
    """The names that a page of events needs."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._of: dict[str, str] = {}

    def load(self, events: Sequence[Event]) -> None:
        """Read them."""
        people: set[str | None] = {(event.person or "").rpartition(":")[2] for event in events}
        self._read(Merchant.id, Merchant.name, {event.shop_id for event in events})
        self._read(Location.id, Location.name, {event.place for event in events})
        self._read(Device.id, Device.name, {event.device for event in events} | people)
        self._read(Staff.id, Staff.name, people)
        self._read(Operator.id, Operator.name, people)
        self._read(Programme.id, Programme.name, {one.programme_id for event in events for one in event.units})
        about = {event.about for event in events if event.group != "cards"}
        rewards = self._tx.session.execute(
            select(Voucher.id, Reward.name)
            .join(Reward, Reward.id == Voucher.reward_id)
            .where(
                Voucher.member_id.in_({event.member_id for event in events}),
                Voucher.id.in_([one for one in about if one]),
            )
        )
        self._of.update({row[0]: row[1] for row in rewards})

    def put(self, event: Event) -> Event:
        """The event with names where it had ids. A person of another kind than staff, device or operator stays that
        kind's word: member, system."""
        kind, _, person = (event.person or "").partition(":")
        named = self._of.get(person or kind)
        if named is None and kind in ("member", "system", "login", "reports"):
            named = kind
        is_card = event.group == "cards"
        return replace(
            event,
            shop=self._of.get(event.shop_id or ""),
            place=self._of.get(event.place or ""),
            device=self._of.get(event.device or ""),
            person=named,
            about=event.about if is_card else self._of.get(event.about or ""),
            units=tuple(replace(one, programme=self._of.get(one.programme_id, "")) for one in event.units),
        )

    def _read(self, key: Any, name: Any, wanted: set[str | None]) -> None:
        ids = [one for one in wanted if one]
        if ids:
            self._of.update({row[0]: row[1] for row in self._tx.session.execute(select(key, name).where(key.in_(ids)))})
