"""Reading catalogues: what a merchant's programmes are, what they cost and what is on; and where a member stands."""

from app.rewards.queries.catalogue import (
    ProgrammeView,
    PromotionView,
    RewardView,
    VersionView,
    list_programmes,
    list_versions,
)
from app.rewards.queries.standing import Offer, OpenVoucher, Standing, list_offers, standing

__all__ = [
    "Offer",
    "OpenVoucher",
    "ProgrammeView",
    "PromotionView",
    "RewardView",
    "Standing",
    "VersionView",
    "list_offers",
    "list_programmes",
    "list_versions",
    "standing",
]
