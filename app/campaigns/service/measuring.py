"""Measuring campaigns: while they run, marked as such, and for good when their time is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import or_, select, update

from app.campaigns.measures import Money, Offer, Outcomes, measure
from app.campaigns.models import Campaign, CampaignMember, ContactSetting
from app.campaigns.queries.outcomes import read_outcomes
from app.common.database import Transaction
from app.common.money import parse_amount
from app.common.scope import Scope
from app.insights.models.value import RelationshipSetting
from app.insights.valuing import usual_margin
from app.insights.worth import Basket, basket_of, worth_of_units
from app.merchants.models import Merchant
from app.rewards.models import Reward

FIRST_LOOK = timedelta(days=7)
"""So long after sending there is no estimate yet: hardly anybody can have come."""
AGAIN = timedelta(hours=20)
"""An estimate of a running campaign is made anew once a day."""
_RUNNING = ("sending", "sent", "stopped")


def measure_due(scope: Scope, *, on_progress: Callable[[int], None] | None = None) -> int:
    """Measure every campaign that has run for a week: a running estimate once a day, and the last word when its
    ``measure_days`` are over. Automations with a control group are measured once a day over the rounds that are over.

    One transaction each; returns how many were measured. A repeat measures nothing again that is measured for good.
    ``on_progress`` is told how many are done. The scope is the system's.
    """
    done = 0
    for campaign_id in _due(scope):
        done += scope.run(partial(_measure, scope, campaign_id))
        if on_progress is not None:
            on_progress(done)
    return done


def measure_campaign(scope: Scope, campaign_id: str) -> bool:
    """Measure one campaign now; False where there is nothing to measure (nobody was drawn, or it is measured)."""
    return bool(scope.run(partial(_measure, scope, campaign_id)))


def _due(scope: Scope) -> list[str]:
    with scope.reading() as tx:
        drawn = select(CampaignMember.member_id).where(CampaignMember.campaign_id == Campaign.id).exists()
        found = tx.session.execute(
            select(Campaign.id, Campaign.result)
            .where(
                Campaign.measured_at.is_(None),
                Campaign.control_percent > 0,
                or_(
                    (Campaign.trigger.is_(None))
                    & Campaign.status.in_(_RUNNING)
                    & (Campaign.send_at <= scope.now - FIRST_LOOK),
                    Campaign.trigger.is_not(None) & (Campaign.status == "on"),
                ),
                drawn,
            )
            .order_by(Campaign.id)
        )
        return [campaign_id for campaign_id, result in found if _is_stale(result, scope.now)]


def _is_stale(result: dict[str, Any] | None, now: datetime) -> bool:
    at = (result or {}).get("at")
    return at is None or datetime.fromisoformat(at) <= now - AGAIN


def _measure(scope: Scope, campaign_id: str, tx: Transaction) -> int:
    campaign = tx.session.scalars(select(Campaign).where(Campaign.id == campaign_id)).one()
    if campaign.measured_at is not None or (campaign.trigger is None and campaign.send_at is None):
        return 0
    found = read_outcomes(tx, campaign, until=scope.now)
    if not found.people or found.starts is None or found.ends is None:
        return 0
    is_over = campaign.trigger is None and found.starts + timedelta(days=campaign.measure_days) <= scope.now
    kept = {name: value for name, value in (campaign.result or {}).items() if name == "lists"}
    result = {
        **kept,
        **measure(found, _money(tx, scope, campaign, found)),
        "at": scope.now.isoformat(),
        "starts": found.starts.isoformat(),
        "ends": found.ends.isoformat(),
        "days": campaign.measure_days
        if campaign.trigger
        else max(1, round((found.ends - found.starts) / timedelta(1))),
        "is_final": is_over,
    }
    changed: dict[str, Any] = {"result": result}
    if is_over:
        changed |= {"measured_at": scope.now}
        if campaign.status != "stopped":
            changed |= {"status": "measured"}
    # Who stops it meanwhile is not overwritten: the next round finds it stopped.
    tx.session.execute(
        update(Campaign)
        .where(Campaign.id == campaign_id, Campaign.status == campaign.status, Campaign.measured_at.is_(None))
        .values(**changed)
    )
    return 1


def _money(tx: Transaction, scope: Scope, campaign: Campaign, found: Outcomes) -> Money:
    currency, trade = tx.session.execute(
        select(Merchant.currency, Merchant.category).where(Merchant.id == campaign.merchant_id)
    ).one()
    own = tx.session.scalar(
        select(RelationshipSetting.margin_percent).where(RelationshipSetting.merchant_id == campaign.merchant_id)
    )
    each = tx.session.scalar(
        select(ContactSetting.mail_cost_minor).where(ContactSetting.merchant_id == campaign.merchant_id)
    )
    basket = basket_of(tx, campaign.merchant_id, scope.now.date())
    margin = own or usual_margin(trade)
    costs = _offer_costs(tx, campaign.merchant_id, found.offers, basket, currency)
    return Money(
        currency=currency,
        sending_minor=campaign.cost_minor or (each or 0) * found.mails,
        offers_minor=sum(cost for cost in costs if cost is not None),
        unpriced=sum(cost is None for cost in costs),
        visit_minor=None if basket.minor is None else round(basket.minor * margin / 100),
        basket_minor=basket.minor,
        margin_percent=margin,
        is_estimated=own is None or basket.is_typed,
    )


def _offer_costs(
    tx: Transaction, merchant_id: str, offers: list[Offer], basket: Basket, currency: str
) -> list[int | None]:
    """What each redeemed voucher cost the shop: as much as it took off, or what its units are worth; None: unknown."""
    if not offers:
        return []
    worth = worth_of_units(tx, merchant_id, basket)
    rewards = {
        reward_id: (programme_id, cost)
        for reward_id, programme_id, cost in tx.session.execute(
            select(Reward.id, Reward.programme_id, Reward.cost).where(
                Reward.id.in_({offer.reward_id for offer in offers})
            )
        )
    }

    def of(offer: Offer) -> int | None:
        amount, percent = offer.value.get("amount"), offer.value.get("percent")
        if amount is not None:
            return parse_amount(str(amount), currency)
        if percent is not None:
            return None if basket.minor is None else round(basket.minor * percent / 100)
        programme_id, cost = rewards[offer.reward_id]
        return worth[programme_id].of(cost) if programme_id in worth else None

    return [of(offer) for offer in offers]
