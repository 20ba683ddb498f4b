"""Reading catalogues: what a merchant's programmes are, what they cost and what is on."""

from app.rewards.queries.catalogue import (
    ProgrammeView,
    PromotionView,
    RewardView,
    VersionView,
    list_programmes,
    list_versions,
)

__all__ = [
    "ProgrammeView",
    "PromotionView",
    "RewardView",
    "VersionView",
    "list_programmes",
    "list_versions",
]
