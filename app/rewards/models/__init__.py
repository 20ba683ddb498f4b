"""Tables of programmes, promotions, rewards, vouchers, and the visits that the rules judged."""

from __future__ import annotations

from app.rewards.models.adjustments import AdjustmentLimit, LedgerAdjustment
from app.rewards.models.catalogue import (
    MemberSegment,
    Picture,
    Reward,
    RewardCode,
    RewardCount,
    SpendingRequest,
    Voucher,
    VoucherCode,
)
from app.rewards.models.content import ContentReport
from app.rewards.models.drafts import ProgrammeDraft, Simulation
from app.rewards.models.imports import ImportedVisit, ImportRun
from app.rewards.models.members import (
    MemberFeed,
    MemberImport,
    MemberImportRow,
    MemberNote,
    Segment,
    ShopMember,
    ShopMemberWord,
    ShopPlace,
)
from app.rewards.models.programmes import Programme, ProgrammeVersion, Promotion
from app.rewards.models.visits import CardRefusal, OfflineEvent, OpeningBalance, TierMonth, Visit, VisitClaim

__all__ = [
    "AdjustmentLimit",
    "CardRefusal",
    "ContentReport",
    "ImportRun",
    "ImportedVisit",
    "LedgerAdjustment",
    "MemberFeed",
    "MemberImport",
    "MemberImportRow",
    "MemberNote",
    "MemberSegment",
    "OfflineEvent",
    "OpeningBalance",
    "Picture",
    "Programme",
    "ProgrammeDraft",
    "ProgrammeVersion",
    "Promotion",
    "Reward",
    "RewardCode",
    "RewardCount",
    "Segment",
    "ShopMember",
    "ShopMemberWord",
    "ShopPlace",
    "Simulation",
    "SpendingRequest",
    "TierMonth",
    "Visit",
    "VisitClaim",
    "Voucher",
    "VoucherCode",
]
