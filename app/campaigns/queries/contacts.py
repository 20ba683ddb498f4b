"""What a shop has told one member, by whatever way: part of her history as its office sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.campaigns.allowing import consented
from app.campaigns.kinds import SHOP_NEWS
from app.campaigns.models import Campaign, Contact
from app.campaigns.wording import say
from app.common.database import Transaction
from app.merchants.models import Merchant

SHOWN = 200
WALLET_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ContactView:
    """One message to a member, by all the ways it came (``ways``: each with its status). ``campaign`` is what the shop
    calls it, ``trigger`` which automation it was; both None for what was told for another reason."""

    at: datetime
    source: str
    is_marketing: bool
    ways: tuple[tuple[str, str], ...]
    campaign_id: str | None
    campaign: str | None
    trigger: str | None


def contacts_of(tx: Transaction, merchant_id: str, member_id: str, *, now: datetime) -> list[ContactView]:
    """What a shop has told a member, the newest first.

    A message whose effect is still being measured against people who were left out by lot is not among them: by who did
    not get it the shop could tell who they are, and treat them otherwise than the rest.
    """
    rows = tx.session.execute(
        select(Contact, Campaign.name, Campaign.trigger, Campaign.control_percent, Campaign.measure_days)
        .outerjoin(Campaign, Campaign.id == Contact.campaign_id)
        .where(Contact.member_id == member_id, Contact.merchant_id == merchant_id, Contact.status != "dropped")
        .order_by(Contact.at.desc(), Contact.id)
        .limit(SHOWN)
    ).all()
    found: dict[str, ContactView] = {}
    for contact, name, trigger, percent, days in rows:
        if percent and contact.at > now - timedelta(days=days):
            continue
        known = found.get(contact.source)
        ways = (() if known is None else known.ways) + ((contact.way, contact.status),)
        found[contact.source] = ContactView(
            at=contact.at if known is None else known.at,
            source=contact.source,
            is_marketing=contact.is_marketing,
            ways=ways,
            campaign_id=contact.campaign_id,
            campaign=name,
            trigger=trigger,
        )
    return list(found.values())


def wallet_news(tx: Transaction, member_id: str, locale: str, *, now: datetime) -> tuple[str, str] | None:
    """The latest that a shop told on a member's card in her phone's wallet: the shop's name and the title. None where
    there is none, it is older than a fortnight, its campaign was stopped, or she doesn't allow it any more."""
    found = tx.session.execute(
        select(Contact.merchant_id, Merchant.name, Campaign.title)
        .join(Campaign, Campaign.id == Contact.campaign_id)
        .join(Merchant, Merchant.id == Contact.merchant_id)
        .where(Contact.member_id == member_id, Contact.way == "wallet", Contact.status == "sent")
        .where(Contact.at > now - WALLET_FOR, Campaign.status != "stopped", Campaign.trigger.is_(None))
        .order_by(Contact.at.desc(), Contact.id)
        .limit(1)
    ).first()
    if found is None or "wallet" not in consented(tx, member_id, found.merchant_id):
        return None
    return found.name, say(SHOP_NEWS, {"title": found.title}, merchant=found.name, locale=locale).title
