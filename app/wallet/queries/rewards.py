"""Rewards as the member sees them: what each costs, what it is worth, and how far she is from it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.common.scope import Scope
from app.merchants.models import Merchant
from app.rewards.queries import Offer, list_offers
from app.wallet.queries.accounts import MerchantView, merchant_view


@dataclass(frozen=True, slots=True)
class MemberReward:
    """An offer with its merchant."""

    offer: Offer
    merchant: MerchantView


def list_rewards(scope: Scope, *, merchant_id: str | None = None, ready: bool | None = None) -> list[MemberReward]:
    """Rewards of the programmes in which the scope's member has an account, or all of one merchant's, those first that
    she can have now. ``ready`` picks those that she can, or can't, have now.

    Raises ``NotFoundError`` for a merchant that is not there, or hidden from whoever has no account with it.
    """
    offers = list_offers(scope, merchant_id=merchant_id, ready=ready)
    with scope.reading() as tx:
        wanted = select(Merchant).where(Merchant.id.in_({offer.merchant_id for offer in offers}))
        merchants = {merchant.id: merchant_view(merchant) for merchant in tx.session.scalars(wanted)}
    return [MemberReward(offer, merchants[offer.merchant_id]) for offer in offers]
