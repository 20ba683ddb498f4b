"""Tables of reports and of customer value: all of it computed, none of it the truth itself."""

from __future__ import annotations

from app.insights.models.reports import (
    LedgerDay,
    LedgerTotal,
    MonthReportWish,
    PlatformDay,
    ProgrammeBalance,
    ProgrammeDay,
    ProgrammeStanding,
    PromotionDay,
    RewardDay,
    RollupProgress,
    SetAside,
    VisitHour,
)
from app.insights.models.value import (
    BASES,
    GROUPS,
    RUNGS,
    MemberValue,
    MerchantModel,
    RelationshipMonth,
    RelationshipSetting,
    RungMonth,
    TradeModel,
)

__all__ = [
    "BASES",
    "GROUPS",
    "RUNGS",
    "LedgerDay",
    "LedgerTotal",
    "MemberValue",
    "MerchantModel",
    "MonthReportWish",
    "PlatformDay",
    "ProgrammeBalance",
    "ProgrammeDay",
    "ProgrammeStanding",
    "PromotionDay",
    "RelationshipMonth",
    "RelationshipSetting",
    "RewardDay",
    "RollupProgress",
    "RungMonth",
    "SetAside",
    "TradeModel",
    "VisitHour",
]
