"""The documents that hold a merchant's earning rules, checked and compiled once. Pure: no database, no clock."""

from app.rewards.rules.dates import (
    collecting_period,
    expires_at,
    in_birthday_week,
    local_day,
    may_redeem,
    months_later,
    tier_for,
    version_at,
)
from app.rewards.rules.errors import InvalidRulesError
from app.rewards.rules.model import (
    Caps,
    EarnRule,
    Expiry,
    Period,
    ProgrammeRules,
    PromotionRules,
    Tier,
    Tiers,
)
from app.rewards.rules.programme import parse_programme, points_document, programme_document, stamps_document
from app.rewards.rules.promotion import parse_promotion, promotion_document

__all__ = [
    "Caps",
    "EarnRule",
    "Expiry",
    "InvalidRulesError",
    "Period",
    "ProgrammeRules",
    "PromotionRules",
    "Tier",
    "Tiers",
    "collecting_period",
    "expires_at",
    "in_birthday_week",
    "local_day",
    "may_redeem",
    "months_later",
    "parse_programme",
    "parse_promotion",
    "points_document",
    "programme_document",
    "promotion_document",
    "stamps_document",
    "tier_for",
    "version_at",
]
