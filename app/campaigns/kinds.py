"""What holds for each kind of message and channel while a member has said nothing, and what can't be switched off."""

from __future__ import annotations

from app.campaigns.models import CHANNELS, KINDS, SECURITY

PUSH, EMAIL = CHANNELS
REWARD_UNLOCKED, UNITS_EXPIRING = KINDS[:2]
FEEDBACK_ANSWERED, INVITATION_REWARDED, SHOP_NEWS, SHOP_NOTICE = KINDS[-4:]
SPENT, SPENDING_ASKED = SPENDING = ("spent", "spending_asked")
EMAIL_CHANGED = "email_changed"

__all__ = [
    "CHANNELS",
    "EMAIL",
    "EMAIL_CHANGED",
    "FEEDBACK_ANSWERED",
    "INVITATION_REWARDED",
    "KINDS",
    "PUSH",
    "REWARD_UNLOCKED",
    "SECURITY",
    "SHOP_NEWS",
    "SHOP_NOTICE",
    "SPENDING",
    "SPENDING_ASKED",
    "SPENT",
    "UNITS_EXPIRING",
    "is_fixed",
    "is_on_by_default",
    "stops_by_click",
]


def is_fixed(kind: str, channel: str) -> bool:
    """Whether a member can't switch it off: that her address was changed is always mailed to the old one, which is the
    last that an owner hears if it wasn't her."""
    return channel == EMAIL and kind == EMAIL_CHANGED


def stops_by_click(kind: str) -> bool:
    """Whether a mail of this kind carries a link that switches it off. Who reads her mails may be who gets at her card:
    mails about that are switched off in the app alone. What is spent is told as long as she wants to hear of it."""
    return kind not in SECURITY or kind in SPENDING


def is_on_by_default(kind: str, channel: str) -> bool:
    """What holds without a word of the member's: all but mails about a question that is over before they are read. A
    shop's news want her yes to that shop besides (:mod:`app.campaigns.allowing`); this is the switch for all shops."""
    return (kind, channel) != (SPENDING_ASKED, EMAIL)
