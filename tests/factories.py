"""Shops, cards and what happens at the counter, made through the services as the faces do."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.cards import service as cards
from app.cards.rotating import code_at
from app.common.errors import DomainError
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants import service as merchants
from app.rewards import service as rewards
from app.rewards.rules import points_document, stamps_document
from app.scanning import service as scanning
from app.scanning.counter import Counter
from app.scanning.requests import Identification, QueuedEvent, RedemptionRequest, ReversalRequest, VisitRequest
from app.scanning.results import Reply, Synced, SyncResult

HOSTS = frozenset({"card.example"})


@dataclass
class Shop:
    """A merchant with one location, one programme, and one key that may approve."""

    scope: Scope
    merchant_id: str
    location_id: str
    programme_id: str
    device_id: str
    token: str
    reward_ids: list[str] = field(default_factory=list)

    def counter(self, **changes: Any) -> Counter:
        """A counter of this shop, each with a scope of its own, so that threads may have one each. ``changes`` go into
        the scope: ``scopes=frozenset()`` for a tablet that may not approve."""
        of_device: dict[str, Any] = {
            "actor_kind": "device",
            "actor_id": self.device_id,
            "merchant_id": self.merchant_id,
            "location_id": self.location_id,
            "device_id": self.device_id,
            "scopes": frozenset({"approve"}),
        }
        return Counter(replace(self.scope, **(of_device | changes)), HOSTS)

    def another_device(self) -> Counter:
        """The counter of one more device of this location."""
        device = merchants.create_key(self.scope, self.location_id, name="Second till", scopes=["approve"])
        return self.counter(device_id=device.device_id, actor_id=device.device_id)

    def same(self, counter: Counter) -> Counter:
        """The same device in another request: a scope serves one at a time."""
        return replace(counter, scope=replace(counter.scope))

    def another_location(self) -> Shop:
        """One more location of the merchant, with a key of its own."""
        location_id = merchants.add_location(self.scope, self.merchant_id, name="Station")
        device = merchants.create_key(self.scope, location_id, name="Till", scopes=["approve"])
        return replace(self, location_id=location_id, device_id=device.device_id, token=device.token)

    def add_reward(self, **fields: Any) -> str:
        """One more reward of the programme; 5 units unless told."""
        reward_id = rewards.create_reward(self.scope, self.programme_id, **{"name": "Coffee", "cost": 5, **fields})
        self.reward_ids.append(reward_id)
        return reward_id


def make_shop(
    scope: Scope,
    *,
    rules: Mapping[str, Any] | None = None,
    stamps: int | None = None,
    points: str | None = None,
    reward: Mapping[str, Any] | None = None,
    name: str = "Bakery",
) -> Shop:
    """A shop with ``stamps`` to a card (its full card gives a reward), ``points`` a euro, or ``rules`` of points."""
    merchant_id = merchants.create_merchant(scope, name=name)
    location_id = merchants.add_location(scope, merchant_id, name="Main street")
    device = merchants.create_key(scope, location_id, name="Till", scopes=["approve"])
    document = dict(rules) if rules is not None else points_document(points or "1")
    kind = "points"
    if stamps is not None:
        document, kind = {**(rules or stamps_document(stamps)), "goal": stamps}, "stamps"
    programme_id = rewards.create_programme(scope, merchant_id, name="Card", kind=kind, rules=document)
    shop = Shop(scope, merchant_id, location_id, programme_id, device.device_id, device.token)
    if stamps is not None:
        full = shop.add_reward(**{"name": "Full card", "cost": stamps, **(reward or {})})
        rewards.change_programme(scope, programme_id, full_card_reward_id=full)
    elif reward is not None:
        shop.add_reward(**reward)
    return shop


@dataclass(frozen=True)
class Holder:
    """A member with a digital card."""

    member_id: str
    card_id: str
    number: str


def make_holder(scope: Scope) -> Holder:
    made = cards.issue_anonymous_member(scope)
    return Holder(made.member_id, made.card_id, made.number)


def rotating_code(scope: Scope, holder: Holder, secret: bytes, at: datetime | None = None) -> str:
    """The address with digits that a phone shows at a moment."""
    return f"https://card.example/c/{holder.number}/{code_at(secret, at or scope.now)}"


def start_phone(scope: Scope, holder: Holder) -> bytes:
    """Install the card on a phone. Returns the secret that the phone keeps."""
    import base64

    told = cards.start_installation(scope, card_id=holder.card_id).totp["secret"]
    return base64.b32decode(told + "=" * (-len(told) % 8))


def render(result: Any) -> str:
    """A stored body: every field of the result."""
    return json.dumps(dataclasses.asdict(result), sort_keys=True, default=str)


def render_refusal(error: DomainError) -> tuple[int, str]:
    return 409, json.dumps({"type": f"https://card.example/problems/{error.code}", "params": error.params}, default=str)


@dataclass(frozen=True)
class Answer:
    """A reply taken apart."""

    reply: Reply

    @property
    def body(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.reply.body)
        return read

    @property
    def ok(self) -> bool:
        return self.reply.status < 400

    @property
    def code(self) -> str | None:
        """The refusal's code."""
        return None if self.ok else self.body["type"].rsplit("/", 1)[-1]

    @property
    def transaction_id(self) -> str:
        made: str = self.body["transaction_id"]
        return made

    @property
    def balance(self) -> int:
        return int(self.body["accounts"][0]["balance"])

    @property
    def owed(self) -> int:
        return int(self.body["accounts"][0]["owed"])


def who(card: Holder | str) -> Identification:
    return Identification(code=card if isinstance(card, str) else card.number)


def visit(counter: Counter, card: Holder | str, *, key: str | None = None, oldest: Any = None, **fields: Any) -> Answer:
    """Record a visit: ``amount_minor``, ``units``, ``items``, ``occurred_at`` as in a :class:`VisitRequest`."""
    return Answer(
        scanning.record_visit(
            counter,
            VisitRequest(who(card), **fields),
            key=key or new_id(),
            render=render,
            render_refusal=render_refusal,
            oldest=oldest,
        )
    )


def redeem(counter: Counter, card: Holder | str, reward_id: str, *, key: str | None = None, **fields: Any) -> Answer:
    """Give a reward for units."""
    return _keyed(scanning.redeem, counter, RedemptionRequest(who(card), reward_id, **fields), key)


def redeem_voucher(counter: Counter, code: str, *, key: str | None = None, **fields: Any) -> Answer:
    return _keyed(scanning.redeem, counter, RedemptionRequest(voucher_code=code, **fields), key)


def hold(counter: Counter, card: Holder | str, reward_id: str, *, key: str | None = None, **fields: Any) -> Answer:
    return _keyed(scanning.hold_reward, counter, RedemptionRequest(who(card), reward_id, **fields), key)


def commit(counter: Counter, redemption_id: str, *, key: str | None = None) -> Answer:
    return _keyed(scanning.commit_hold, counter, redemption_id, key)


def cancel(counter: Counter, redemption_id: str, *, key: str | None = None) -> Answer:
    return _keyed(scanning.cancel_hold, counter, redemption_id, key)


def reverse(
    counter: Counter, transaction_id: str, amount_minor: int | None = None, *, key: str | None = None
) -> Answer:
    """Undo a transaction, whole or by a refunded amount."""
    return _keyed(scanning.reverse, counter, ReversalRequest(transaction_id, "returned", amount_minor), key)


def sync(counter: Counter, events: Sequence[QueuedEvent], sent_at: datetime | None = None) -> list[SyncResult]:
    return list(send_queue(counter, events, sent_at).results)


def send_queue(
    counter: Counter, events: Sequence[QueuedEvent] = (), sent_at: datetime | None = None, **told: Any
) -> Synced:
    """A tablet's sync: ``facts``, ``acks``, ``unread`` as the service takes them."""
    return scanning.sync(
        counter,
        events,
        sent_at=sent_at or counter.scope.now,
        render_visit=render,
        render_redemption=render,
        render_refusal=render_refusal,
        document_of=dataclasses.asdict,
        **told,
    )


def _keyed(act: Any, counter: Counter, what: Any, key: str | None) -> Answer:
    return Answer(act(counter, what, key=key or new_id(), render=render, render_refusal=render_refusal))
