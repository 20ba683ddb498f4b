"""How many members a campaign means, and how many of them may be written to: totals, never who."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from app.campaigns.kinds import EMAIL, PUSH, SHOP_NEWS
from app.campaigns.models import CampaignMember, Contact, MessageSetting, PushSubscription
from app.campaigns.quiet import MONTH, free_from
from app.campaigns.reaching import manners_of
from app.cards.models import Card, ConsentEvent, Member, MemberProfile, WalletPass
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants.models import Location, Merchant
from app.rewards.models import ShopMember
from app.rewards.segments import MemberFilter, conditions

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Audience:
    """``fit``: how many members a filter means. ``by_way``: how many of them said yes to each way and can be reached by
    it; ``with_consent``: by at least one of the ways. ``capped``: how many of those have heard enough for now."""

    fit: int
    with_consent: int
    capped: int
    by_way: Mapping[str, int] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """How many could be written to this very moment, quiet hours left aside."""
        return self.with_consent - self.capped


def audience(scope: Scope, wanted: MemberFilter, ways: Sequence[str]) -> Audience:
    """Count whom a filter of the scope's merchant means, and who of them may be written to by these ways.

    Whoever was left out by lot of a campaign counts as written to, so that no total tells who that was.
    """
    beyond = unwalled(scope)
    with beyond.reading() as tx:
        merchant_id = scope.merchant_id or ""
        manners, _ = manners_of(tx, merchant_id)
        fit, reached, capped = 0, 0, 0
        by_way = dict.fromkeys(ways, 0)
        for rows in chunks(list_members(tx, scope, merchant_id, wanted)):
            ids = [row.member_id for row in rows]
            allowed = ways_of(tx, merchant_id, ids, ways)
            fit += len(ids)
            reached += len(allowed)
            for mine in allowed.values():
                for way in mine:
                    by_way[way] += 1
            for here, everywhere in moments_of_many(tx, merchant_id, list(allowed), scope.now).values():
                capped += free_from(here, everywhere, scope.now, manners) is not None
    return Audience(fit, reached, capped, by_way)


def unwalled(scope: Scope) -> Scope:
    """The scope of totals over what the office may not see row by row."""
    return scope if scope.wall is None else replace(scope, actor_kind="system", is_walled=False, _open=None)


def list_members(tx: Transaction, scope: Scope, merchant_id: str, wanted: MemberFilter) -> list[Any]:
    """The members whom a filter means, with what layers and orders are made of: ``member_id, recent, relationship,
    seen_at``, by their ids. Raises ``NotFoundError`` for another merchant's location."""
    merchant = tx.session.get(Merchant, merchant_id)
    if merchant is None:
        raise NotFoundError(what="merchant")
    if wanted.location_id is not None:
        location = tx.session.get(Location, wanted.location_id)
        if location is None or location.merchant_id != merchant_id:
            raise NotFoundError(what="location")
    own = (
        select(ShopMember.member_id, ShopMember.recent, ShopMember.relationship, ShopMember.seen_at)
        .join(Member, Member.id == ShopMember.member_id)
        .where(ShopMember.place_id == (wanted.location_id or merchant_id), ShopMember.merchant_id == merchant_id)
        .where(Member.status.in_(("anonymous", "claimed")), Member.is_sandbox.is_(False))
        .where(*conditions(wanted, now=scope.now, timezone=merchant.timezone))
        .order_by(ShopMember.member_id)
    )
    return list(tx.session.execute(own))


def ways_of(
    tx: Transaction, merchant_id: str, member_ids: Sequence[str], ways: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """For each of some members by which of the ways the shop may send her news; who has none is left out. The same
    answer as :func:`app.campaigns.allowing.allowed`, for many at once."""
    latest: dict[tuple[str, str], bool] = {}
    family = _family(tx, member_ids)
    said = (
        select(ConsentEvent.member_id, ConsentEvent.channel, ConsentEvent.is_given)
        .where(ConsentEvent.member_id.in_(family))
        .where(ConsentEvent.merchant_id == merchant_id, ConsentEvent.channel.in_(list(ways)))
        .order_by(ConsentEvent.id)
    )
    for member_id, channel, is_given in tx.session.execute(said):
        latest[family[member_id], channel] = bool(is_given)
    yes = [key for key, is_given in latest.items() if is_given]
    who = {member_id for member_id, _ in yes}
    off = {
        (member_id, channel)
        for member_id, channel in tx.session.execute(
            select(MessageSetting.member_id, MessageSetting.channel).where(
                MessageSetting.member_id.in_(who), MessageSetting.kind == SHOP_NEWS, MessageSetting.is_on.is_(False)
            )
        )
    }
    there = {
        EMAIL: select(MemberProfile.member_id).where(
            MemberProfile.member_id.in_(who), MemberProfile.email.is_not(None)
        ),
        PUSH: select(PushSubscription.member_id).where(PushSubscription.member_id.in_(who)).distinct(),
        "wallet": select(Card.member_id).join(WalletPass, WalletPass.card_id == Card.id).where(Card.member_id.in_(who)),
    }
    reached = {way: set(tx.session.scalars(there[way])) for way in ways if way in there}
    found: dict[str, list[str]] = defaultdict(list)
    for way in ways:
        for member_id, channel in yes:
            if channel == way and (member_id, way) not in off and member_id in reached.get(way, who):
                found[member_id].append(way)
    return {member_id: tuple(mine) for member_id, mine in found.items()}


def moments_of_many(
    tx: Transaction, merchant_id: str, member_ids: Sequence[str], now: datetime
) -> dict[str, tuple[list[datetime], list[datetime]]]:
    """As :func:`app.campaigns.reaching.moments_of`, for many at once; who never heard anything is left out."""
    wrote = tx.session.execute(
        select(Contact.member_id, Contact.merchant_id, func.max(Contact.at))
        .where(
            Contact.member_id.in_(member_ids),
            Contact.is_marketing,
            Contact.at > now - MONTH,
            or_(Contact.status.in_(("queued", "sending", "sent")), Contact.reason == "unknown"),
        )
        .group_by(Contact.member_id, Contact.merchant_id, Contact.source)
    ).all()
    family = _family(tx, member_ids)
    out = tx.session.execute(
        select(CampaignMember.member_id, CampaignMember.merchant_id, CampaignMember.sent_at)
        .where(CampaignMember.member_id.in_(family))
        .where(CampaignMember.status == "held", CampaignMember.sent_at > now - MONTH)
    ).all()
    found: dict[str, tuple[list[datetime], list[datetime]]] = {}
    for member_id, shop, at in (*wrote, *out):
        here, everywhere = found.setdefault(family[member_id], ([], []))
        if at is None:
            continue
        everywhere.append(at)
        if shop == merchant_id:
            here.append(at)
    return found


def _family(tx: Transaction, member_ids: Sequence[str]) -> dict[str, str]:
    """From each of the members, and from all who became one of them, to that member."""
    merged = select(Member.id, Member.merged_into).where(Member.merged_into.in_(member_ids))
    became = {alias: into for alias, into in tx.session.execute(merged) if into is not None}
    return {own: own for own in member_ids} | became


def chunks(rows: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """The rows, so many at a time."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
