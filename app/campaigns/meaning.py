"""For whom a shop's club and its events are."""

from __future__ import annotations

from sqlalchemy import select

from app.campaigns.models import ClubEvent, ClubMember
from app.common.database import Transaction
from app.common.sql import Statement
from app.rewards.models import ShopMember

_COLLECTS = Statement(
    """
    SELECT 1 FROM account a JOIN programme p ON p.id = a.programme_id
    WHERE a.member_id = :member_id AND p.merchant_id = :merchant_id LIMIT 1
    """
)


def collects(tx: Transaction, member_id: str, merchant_id: str) -> bool:
    """Whether a member collects at a shop."""
    return bool(tx.rows(_COLLECTS, {"member_id": member_id, "merchant_id": merchant_id}))


def is_meant(tx: Transaction, event: ClubEvent, member_id: str) -> bool:
    """Whether an event is for a member who collects at its shop."""
    if event.audience == "members":
        return True
    key = {"member_id": member_id, "merchant_id": event.merchant_id}
    if event.audience == "group":
        found = tx.session.scalar(
            select(ShopMember.relationship).where(
                ShopMember.member_id == member_id, ShopMember.place_id == event.merchant_id
            )
        )
        return found == event.wanted
    joined = tx.session.get(ClubMember, key)
    if joined is None:
        return False
    return event.audience == "club" or event.wanted in joined.interests
