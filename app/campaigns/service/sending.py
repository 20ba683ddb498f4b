"""The moment in which a shop's mail or push leaves: whether it still may is asked once more, and that it is handed over
is written down first, so that whatever is killed afterwards, nothing goes out twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.campaigns.allowing import allowed
from app.campaigns.inbox import MessageView, worded
from app.campaigns.kinds import EMAIL, SHOP_NEWS
from app.campaigns.models import Campaign, CampaignMember, Contact, MemberMessage
from app.campaigns.news_mails import NewsMail, Shop, news_mail
from app.campaigns.quiet import free_from, quiet_end
from app.campaigns.reaching import manners_of, may_write, moments_of
from app.campaigns.telling import NEWS_FOR
from app.campaigns.unsubscribing import PATH, shop_token, token
from app.campaigns.wording import Worded, say
from app.cards.models import Member
from app.cards.profiles import read_profile
from app.cards.queries import aliases, member_in
from app.common import outbox
from app.common.branding import Brand
from app.common.clock import local_day_bounds
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.models import Location, Merchant
from app.rewards.configuration import current_configuration

UNSURE_AFTER = timedelta(minutes=15)  # a hand-over takes seconds; what is silent for so long was killed
UNKNOWN, LATE = "unknown", "late"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds of a contact now: it may leave, or waits (``until``), or is over (``reason``)."""

    contact: Contact | None
    until: datetime | None = None
    reason: str | None = None

    @property
    def contact_to_go(self) -> Contact | None:
        """The contact, where it may leave now."""
        return self.contact if self.until is None and self.reason is None else None


def prepare_mail(scope: Scope, message: outbox.Message, *, public_url: str, brand: Brand) -> NewsMail | None:
    """The mail of an outbox message, written now, so that nothing of it rests anywhere; None where it may not leave
    now: see :func:`put_off`. Changes nothing."""

    def work(tx: Transaction) -> NewsMail | None:
        contact = judge(tx, scope, message).contact_to_go
        address = None if contact is None else read_profile(tx, scope, contact.member_id).email
        if contact is None or address is None:
            return None
        locale = tx.session.scalar(select(Member.locale).where(Member.id == contact.member_id)) or ""
        view = worded_contact(tx, scope, contact, message.payload, locale)
        kind, ring = message.payload["kind"], scope.keys.secret
        is_notice = kind != SHOP_NEWS
        ends = token(ring, contact.member_id, kind)
        if not is_notice:
            ends = shop_token(ring, contact.member_id, contact.merchant_id)
        return news_mail(
            address,
            Worded(view.title, view.text),
            locale=locale,
            shop=shop_of(tx, contact.merchant_id),
            brand=brand,
            url=f"{public_url}/{view.link or ''}",
            has_offer=message.payload["params"].get("voucher_id") is not None,
            stop=f"{public_url}{PATH}{ends}",
            is_notice=is_notice,
        )

    with scope.reading() as tx:
        return work(tx)


def preview_mail(
    scope: Scope,
    *,
    title: Mapping[str, str],
    text: Mapping[str, str],
    locale: str,
    reward_id: str | None,
    offer_days: int | None,
    public_url: str,
    brand: Brand,
) -> NewsMail:
    """A campaign's mail as a member would get it today, to nobody: nothing is written, and its links lead nowhere."""
    with scope.reading() as tx:
        merchant_id = scope.merchant_id or ""
        params: dict[str, Any] = {"title": dict(title), "text": dict(text)}
        config = current_configuration(tx, merchant_id)
        reward = config.rewards.get(reward_id or "")
        if reward is not None:
            _, timezone = manners_of(tx, merchant_id)
            days = reward.voucher_days if offer_days is None else offer_days
            end = None if days is None else local_day_bounds(scope.now + timedelta(days=days), timezone)[1]
            until = None if end is None else end.isoformat()
            params |= {"voucher_id": "", "reward_name": reward.name, "offer_until": until, "timezone": timezone}
        shop = shop_of(tx, merchant_id)
        said = say(SHOP_NEWS, params, merchant=shop.name, locale=locale)
    return news_mail(
        "",
        said,
        locale=locale,
        shop=shop,
        brand=brand,
        url=f"{public_url}/#",
        has_offer=reward is not None,
        stop=f"{public_url}/#",
    )


def judge(tx: Transaction, scope: Scope, message: outbox.Message) -> Verdict:
    """Whether a contact may still leave now: her word, the shop's standing, the campaign, caps and quiet hours as they
    are at this moment. Changes nothing."""
    payload = message.payload
    member = member_in(tx.session, payload["member_id"])
    contact = None if member is None else tx.session.get(Contact, (member.member_id, payload["contact_id"]))
    if member is None or contact is None or contact.status == "dropped":
        return Verdict(None, reason="gone")
    if contact.way == EMAIL and contact.status != "queued":
        return Verdict(None, reason=UNKNOWN)
    if message.created_at < scope.now - NEWS_FOR:
        return Verdict(contact, reason=LATE)
    if contact.campaign_id is not None:
        status = tx.session.scalar(select(Campaign.status).where(Campaign.id == contact.campaign_id))
        if status in (None, "stopped"):
            return Verdict(contact, reason="stopped")
        if _is_left_out(tx, contact):
            return Verdict(contact, reason="gone")
    if not may_write(tx, contact.merchant_id, scope.now):
        return Verdict(contact, reason="not_approved")
    if not allowed(tx, contact.member_id, contact.merchant_id, (contact.way,), kind=payload["kind"]):
        return Verdict(contact, reason="no_consent")
    manners, timezone = manners_of(tx, contact.merchant_id)
    if contact.is_marketing:
        here, everywhere = moments_of(tx, contact.member_id, contact.merchant_id, scope.now, but=contact.source)
        free = free_from(here, everywhere, scope.now, manners)
        if free is not None:
            return Verdict(contact, until=quiet_end(free, timezone, manners) or free)
    return Verdict(contact, until=quiet_end(scope.now, timezone, manners))


def begin(scope: Scope, message: outbox.Message) -> bool:
    """Write down that a contact is being handed over, at the last moment before it is. False, and nothing may be
    handed over, where it may not leave any more or another worker has it."""

    def work(tx: Transaction) -> bool:
        contact = judge(tx, scope, message).contact_to_go
        if contact is None or not outbox.begin_once(tx, message, now=scope.now):
            return False
        _mark(tx, contact, "sending", at=scope.now, was=("queued",))
        return True

    return scope.run(work)


def note_sent(scope: Scope, message: outbox.Message) -> None:
    """Note that a contact has left. A repeat changes nothing but the time."""
    _end(scope, message, "sent", None)


def note_unknown(scope: Scope, message: outbox.Message) -> None:
    """Note that nobody knows whether a contact left: the connection broke while it was handed over. It is not tried
    again, since it might come twice."""
    _end(scope, message, "failed", UNKNOWN)


def note_refused(scope: Scope, message: outbox.Message, reason: str = "refused") -> None:
    """Note that a contact was refused for good."""
    _end(scope, message, "failed", reason)


def give_back(scope: Scope, message: outbox.Message) -> None:
    """Note that a contact certainly did not leave: it may be tried again."""

    def work(tx: Transaction) -> None:
        contact = _contact(tx, message.payload)
        if outbox.reopen(tx, message) and contact is not None:
            _mark(tx, contact, "queued", was=("sending",))

    scope.run(work)


def put_off(scope: Scope, message: outbox.Message) -> None:
    """Have a message that may not leave now wait until it may, or end it where it is over, which the contact then says.
    One that somebody else is handing over is left to them."""

    def work(tx: Transaction) -> None:
        verdict = judge(tx, scope, message)
        if verdict.until is not None:
            outbox.release(tx, [message], now=verdict.until)
        elif verdict.reason is not None and verdict.reason != UNKNOWN:
            _drop(tx, verdict.contact, verdict.reason)
            outbox.complete(tx, message, now=scope.now, forget=True)

    scope.run(work)


def close_silent(scope: Scope) -> int:
    """Note of contacts whose hand-over was killed that nobody knows, and of those that waited for longer than news are
    news that they are over. Returns how many. A repeat finds none."""

    def work(tx: Transaction) -> int:
        closed = 0
        for status, before, reason in (
            ("sending", scope.now - UNSURE_AFTER, UNKNOWN),
            ("queued", scope.now - NEWS_FOR - timedelta(days=1), LATE),
        ):
            silent = update(Contact).where(Contact.status == status, Contact.at < before)
            done = tx.session.execute(silent.values(status="failed", reason=reason))
            closed += int(getattr(done, "rowcount", 0))
        return closed

    return scope.run(work)


def worded_contact(
    tx: Transaction, scope: Scope, contact: Contact, payload: Mapping[str, Any], locale: str
) -> MessageView:
    """What a contact says in one language. ``message_id`` is the inbox's, where it is there too."""
    shown = MemberMessage(
        member_id=contact.member_id,
        id=contact.message_id or contact.id,
        kind=payload["kind"],
        merchant_id=contact.merchant_id,
        params=payload["params"],
        source=contact.source,
        created_at=contact.at,
        read_at=None,
    )
    return worded(tx, scope, [shown], locale)[0]


def shop_of(tx: Transaction, merchant_id: str) -> Shop:
    """A shop as its mails show it: its name, its colour, and where it is."""
    merchant = tx.session.get_one(Merchant, merchant_id)
    place = tx.session.scalars(
        select(Location)
        .where(Location.merchant_id == merchant_id, Location.city.is_not(None))
        .order_by(Location.id)
        .limit(1)
    ).first()
    address = ""
    if place is not None:
        town = " ".join(filter(None, (place.postcode, place.city)))
        address = ", ".join(filter(None, (place.street, town)))
    return Shop(merchant.name, merchant.hue, address)


def _is_left_out(tx: Transaction, contact: Contact) -> bool:
    """Whether the lot left her out: who was written to may since have become one with somebody who was not to be."""
    occasion = contact.source.removeprefix(f"automation:{contact.campaign_id}:")
    left_out = select(CampaignMember.member_id).where(
        CampaignMember.member_id.in_(aliases(tx.session, contact.member_id)),
        CampaignMember.campaign_id == contact.campaign_id,
        CampaignMember.occasion == ("" if occasion == contact.source else occasion),
        CampaignMember.arm == "control",
    )
    return tx.session.scalar(left_out.limit(1)) is not None


def _contact(tx: Transaction, payload: Mapping[str, Any]) -> Contact | None:
    member = member_in(tx.session, payload["member_id"])
    return None if member is None else tx.session.get(Contact, (member.member_id, payload["contact_id"]))


def _end(scope: Scope, message: outbox.Message, status: str, reason: str | None) -> None:
    def work(tx: Transaction) -> None:
        contact = _contact(tx, message.payload)
        if contact is not None:
            # Of several browsers one that was reached is enough, and the caps count from the last.
            was = ("queued", "sending", "sent", "failed") if status == "sent" else ("queued", "sending")
            _mark(tx, contact, status, reason, at=scope.now, was=was)
            if reason == UNKNOWN:
                _mark(tx, contact, "sent", at=scope.now, was=("sent",))
        outbox.complete(tx, message, now=scope.now)
        outbox.forget(tx, message)

    scope.run(work)


def _drop(tx: Transaction, contact: Contact | None, reason: str) -> None:
    if contact is not None:
        _mark(tx, contact, "dropped", reason, was=("queued",))


def _mark(
    tx: Transaction,
    contact: Contact,
    status: str,
    reason: str | None = None,
    *,
    at: datetime | None = None,
    was: tuple[str, ...],
) -> None:
    values: dict[str, Any] = {"status": status, "reason": reason} | ({} if at is None else {"at": at})
    tx.session.execute(
        update(Contact)
        .where(Contact.member_id == contact.member_id, Contact.id == contact.id, Contact.status.in_(was))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
