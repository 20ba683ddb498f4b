"""Writing to one member on a shop's behalf: asked once, in one place, by campaigns, automations and whatever else a
shop tells a single person.

Who may be written to is decided here (:func:`weigh`) and once more at the moment in which a mail or a push leaves
(:mod:`app.campaigns.service.sending`). Nothing is sent here: what follows is written to the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from app.campaigns.allowing import allowed
from app.campaigns.kinds import EMAIL, PUSH, SHOP_NEWS, SHOP_NOTICE
from app.campaigns.models import MemberMessage, PushSubscription
from app.campaigns.quiet import MONTH, Manners, free_from, quiet_end
from app.campaigns.telling import hold_member
from app.cards.passes.kept import renew_passes
from app.common import outbox
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.common.types import decode_time
from app.merchants.webhooks import announce
from app.rewards import vouchers
from app.rewards.configuration import current_configuration
from app.rewards.errors import RewardUnknownError
from app.rewards.spending import find_reward

MAIL_TOPIC = "news.mail"
"""The outbox topic of one mail of a shop's: ``{member_id, contact_id, kind, params}``."""
PUSH_TOPIC = "push"
"""The outbox topic of one push; a shop's has ``{member_id, contact_id, subscription_id, kind, params}``."""
OFFER = "campaign"
"""The source of vouchers that come with a message."""
INBOX, WALLET = "inbox", "wallet"

# Of two that write to one member at once the second waits, and then counts what the first wrote. A counter that books
# for her meanwhile waits for neither.
_ONE_AT_A_TIME = Statement(
    "SELECT 1 FROM member WHERE id = :member_id FOR NO KEY UPDATE", sqlite="SELECT 1 FROM member WHERE id = :member_id"
)
_MAY_WRITE = Statement(
    """
    SELECT 1 FROM merchant WHERE id = :merchant_id AND status = 'active' AND approved_at IS NOT NULL
        AND sandbox_of IS NULL AND (paused_from IS NULL OR paused_from > :now)
        AND (frozen_from IS NULL OR frozen_from > :now)
    """
)
_MANNERS = Statement(
    """
    SELECT m.timezone, s.week_most, s.month_most, s.quiet_from, s.quiet_until
    FROM merchant m LEFT JOIN contact_setting s ON s.merchant_id = m.id WHERE m.id = :merchant_id
    """
)
_TOLD = Statement("SELECT 1 FROM contact WHERE member_id = :member_id AND source = :source LIMIT 1")
_WROTE = Statement(
    """
    SELECT merchant_id, max(at) FROM contact
    WHERE member_id = :member_id AND is_marketing = :yes AND source <> :but AND at > :since
        AND (status IN ('queued', 'sending', 'sent') OR reason = 'unknown')
    GROUP BY merchant_id, source
    """
)
# A lot stays with whom it was drawn for, also when she has become one with somebody else.
_LEFT_OUT = Statement(
    """
    SELECT merchant_id, sent_at FROM campaign_member
    WHERE (member_id = :member_id OR member_id IN (SELECT id FROM member WHERE merged_into = :member_id))
        AND status = 'held' AND sent_at > :since
    """
)
_CONTACT = Statement(
    """
    INSERT INTO contact (member_id, id, merchant_id, campaign_id, message_id, way, source, is_marketing, status, at)
    VALUES (:member_id, :id, :merchant_id, :campaign_id, :message_id, :way, :source, :is_marketing, :status, :now)
    ON CONFLICT (member_id, source, way) DO NOTHING
    """
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a shop wants to tell one member.

    ``source`` names the cause: of one cause a member hears once. ``title`` and ``text`` are by locale, in the shop's
    words. ``ways``: inbox, push, email, wallet. ``is_marketing``: it wants her consent for each way and counts against
    the caps; else it comes as a notice does. ``reward_id`` goes along as a voucher, good for ``offer_days`` days (as
    the reward says without). ``link``: a place in the app, ``#/…``, where there is no voucher to lead to.
    """

    merchant_id: str
    source: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    ways: tuple[str, ...]
    is_marketing: bool
    campaign_id: str | None = None
    reward_id: str | None = None
    offer_days: int | None = None
    link: str | None = None

    @property
    def kind(self) -> str:
        """The kind of message that it is."""
        return SHOP_NEWS if self.is_marketing else SHOP_NOTICE


@dataclass(frozen=True, slots=True)
class Weighed:
    """Whether a member may be written to now, and by which ways. ``member_id`` is the one under which she stands now;
    ``reason`` and ``not_before`` as in :class:`Reached`."""

    member_id: str | None
    ways: tuple[str, ...] = ()
    reason: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """What became of a wish: by which ``ways`` she hears, or the ``reason`` why she doesn't.

    Reasons: ``no_consent`` (or no way by which she can be reached), ``capped`` and ``quiet`` (try again at
    ``not_before``), ``gone`` (left, or of a sandbox), ``not_approved`` (the shop may not write), ``told_before``,
    ``offer_over`` (the reward can't be had any more; then nothing is said of it either).
    """

    message_id: str | None = None
    voucher_id: str | None = None
    ways: tuple[str, ...] = ()
    reason: str | None = None
    not_before: datetime | None = None


def may_write(tx: Transaction, merchant_id: str, now: datetime) -> bool:
    """Whether a shop may write to members at all: approved, open, no sandbox, not leaving, and its subscription not so
    far behind that it earns nothing any more."""
    return bool(tx.rows(_MAY_WRITE, {"merchant_id": merchant_id, "now": now}))


def manners_of(tx: Transaction, merchant_id: str) -> tuple[Manners, str]:
    """How often and when a shop writes, as it has set, and its time zone."""
    [(timezone, *set_so)] = tx.rows(_MANNERS, {"merchant_id": merchant_id})
    return (Manners() if set_so[0] is None else Manners(*set_so)), timezone


def weigh(tx: Transaction, scope: Scope, member_id: str, wish: Wish) -> Weighed:
    """Whether a member may be written to now, in the caller's transaction, in which she is held from here on. Changes
    nothing.

    Who was left out of a campaign by lot is asked the same, so that both sides of the comparison are alike.
    """
    standing = hold_member(tx, member_id)
    if standing is None:
        return Weighed(None, reason="gone")
    tx.rows(_ONE_AT_A_TIME, {"member_id": standing})
    if not may_write(tx, wish.merchant_id, scope.now):
        return Weighed(standing, reason="not_approved")
    if _was_told(tx, standing, wish.source):
        return Weighed(standing, reason="told_before")
    # A card in a wallet holds one line, which is the campaign's title.
    asked = wish.ways if wish.campaign_id is not None else tuple(way for way in wish.ways if way != WALLET)
    ways = allowed(tx, standing, wish.merchant_id, asked, kind=wish.kind)
    if not ways:
        return Weighed(standing, reason="no_consent")
    manners, timezone = manners_of(tx, wish.merchant_id)
    if wish.is_marketing:
        here, everywhere = moments_of(tx, standing, wish.merchant_id, scope.now)
        free = free_from(here, everywhere, scope.now, manners)
        if free is not None:
            return Weighed(standing, ways, "capped", quiet_end(free, timezone, manners) or free)
    end = quiet_end(scope.now, timezone, manners)
    if end is not None:
        return Weighed(standing, ways, "quiet", end)
    return Weighed(standing, ways)


def reach(tx: Transaction, scope: Scope, member_id: str, wish: Wish) -> Reached:
    """Tell one member what a shop wishes, in the caller's transaction: the message of her inbox, the voucher of the
    offer and a contact for each way are written together, and the outbox brings mails and pushes.

    A repeat, and another worker with the same wish, finds it done (``told_before``). The scope is the system's: the
    office's may not see who was left out by lot, whom the caps count too. A caller that reaches several members in one
    transaction takes them in the order of their ids.
    """
    weighed = weigh(tx, scope, member_id, wish)
    if weighed.member_id is None or weighed.reason is not None:
        return Reached(ways=weighed.ways, reason=weighed.reason, not_before=weighed.not_before)
    standing, batch, voucher = weighed.member_id, Batch(), None
    params: dict[str, Any] = {"title": dict(wish.title), "text": dict(wish.text)}
    if wish.reward_id is not None:
        voucher = _offer(tx, scope, batch, standing, wish)
        if voucher is None:
            return Reached(reason="offer_over")
        until = voucher.expires_at
        params |= {"voucher_id": voucher.id, "reward_name": current_name(tx, wish.merchant_id, wish.reward_id)}
        params |= {
            "offer_until": None if until is None else until.isoformat(),
            "timezone": manners_of(tx, wish.merchant_id)[1],
        }
    params["link"] = _link(wish, voucher)
    message_id = new_id() if INBOX in weighed.ways else None
    contacts = {way: new_id() for way in weighed.ways}
    for way, contact_id in contacts.items():
        row = {
            "member_id": standing,
            "id": contact_id,
            "merchant_id": wish.merchant_id,
            "campaign_id": wish.campaign_id,
            "message_id": message_id,
            "way": way,
            "source": wish.source,
            "is_marketing": wish.is_marketing,
            "status": "queued" if way in (EMAIL, PUSH) else "sent",
            "now": scope.now,
        }
        if tx.run(_CONTACT, row) != 1:
            raise RuntimeError("a member who is held was written to by somebody else")
    batch.write(tx)
    if voucher is not None:
        _announce(tx, scope, voucher, params["reward_name"])
    if message_id is not None:
        _put(tx, scope, standing, message_id, wish, params)
    _queue(tx, scope, standing, contacts, wish, params)
    return Reached(message_id, None if voucher is None else voucher.id, weighed.ways)


def moments_of(
    tx: Transaction, member_id: str, merchant_id: str, now: datetime, *, but: str = ""
) -> tuple[list[datetime], list[datetime]]:
    """When this shop, and when any shop, wrote to a member in the last thirty days, as the caps count: each message
    once however many ways it came by, and those that she would have got had the lot not left her out. So the caps treat
    both sides of a comparison alike, and nobody can tell by them who was left out. ``but``: a source that is left
    aside."""
    asked = {"member_id": member_id, "since": now - MONTH, "but": but, "yes": True}
    moments = [(shop, _moment(at)) for shop, at in (*tx.rows(_WROTE, asked), *tx.rows(_LEFT_OUT, asked))]
    return [at for shop, at in moments if shop == merchant_id], [at for _, at in moments]


def current_name(tx: Transaction, merchant_id: str, reward_id: str) -> str:
    """What a reward is called now."""
    return current_configuration(tx, merchant_id).rewards[reward_id].name


def _moment(at: datetime | str) -> datetime:
    # SQLite does not tell the type of what an aggregate gives.
    return decode_time(at) if isinstance(at, str) else at


def _was_told(tx: Transaction, member_id: str, source: str) -> bool:
    return bool(tx.rows(_TOLD, {"member_id": member_id, "source": source}))


def _offer(tx: Transaction, scope: Scope, batch: Batch, member_id: str, wish: Wish) -> vouchers.VoucherRow | None:
    config = current_configuration(tx, wish.merchant_id)
    try:
        reward, programme = find_reward(config, wish.reward_id or "")
    except RewardUnknownError:
        return None
    if not reward.is_offered(scope.now) or not vouchers.take_from_stock(tx, batch, reward):
        return None
    return vouchers.issue(
        batch,
        reward=reward if wish.offer_days is None else replace(reward, voucher_days=wish.offer_days),
        member_id=member_id,
        merchant_id=config.id,
        currency=config.currency,
        timezone=programme.timezone,
        source=OFFER,
        cost=0,
        transaction_id=None,
        now=scope.now,
    )


def _announce(tx: Transaction, scope: Scope, voucher: vouchers.VoucherRow, name: str) -> None:
    event = "reward.unlocked"
    if event in current_configuration(tx, voucher.merchant_id).events:
        whose = {"voucher_id": voucher.id, "reward_id": voucher.reward_id, "member_id": voucher.member_id}
        announce(tx, merchant_id=voucher.merchant_id, event=event, data={**whose, "name": name}, now=scope.now)


def _link(wish: Wish, voucher: vouchers.VoucherRow | None) -> str:
    if voucher is not None:
        return f"#/vouchers/{voucher.id}"
    return wish.link if wish.link is not None and wish.link.startswith("#/") else f"#/shops/{wish.merchant_id}"


def _put(tx: Transaction, scope: Scope, member_id: str, message_id: str, wish: Wish, params: Mapping[str, Any]) -> None:
    tx.session.execute(
        insert(MemberMessage).values(
            member_id=member_id,
            id=message_id,
            kind=wish.kind,
            merchant_id=wish.merchant_id,
            params=params,
            source=wish.source,
            created_at=scope.now,
        )
    )


def _queue(
    tx: Transaction, scope: Scope, member_id: str, contacts: Mapping[str, str], wish: Wish, params: Mapping[str, Any]
) -> None:
    now = scope.now
    told = {"member_id": member_id, "kind": wish.kind, "params": params}
    if EMAIL in contacts:
        payload = {**told, "contact_id": contacts[EMAIL]}
        outbox.enqueue(tx, topic=MAIL_TOPIC, payload=payload, merchant_id=wish.merchant_id, now=now)
    if PUSH in contacts:
        browsers = select(PushSubscription.id).where(PushSubscription.member_id == member_id)
        for subscription_id in tx.session.scalars(browsers.order_by(PushSubscription.id)).all():
            payload = {**told, "contact_id": contacts[PUSH], "subscription_id": subscription_id}
            outbox.enqueue(tx, topic=PUSH_TOPIC, payload=payload, now=now)
    if WALLET in contacts:
        renew_passes(tx, scope, member_id)
