"""Does a promotion apply to this visit of this member?"""

from __future__ import annotations

from datetime import datetime

from app.rewards.evaluator.facts import MemberFacts, VisitFacts
from app.rewards.rules import PromotionRules, in_birthday_week
from app.rewards.rules.dates import ONE_DAY


def applies(promotion: PromotionRules, visit: VisitFacts, member: MemberFacts, local: datetime) -> bool:
    """Whether all conditions hold that concern the time, the place and the member; ``local`` is the visit's time.

    The conditions on the amount and the categories are judged with the amount that counts, see ``combine``.
    """
    if promotion.locations and visit.location_id not in promotion.locations:
        return False
    if promotion.first_visit and member.visits:
        return False
    if promotion.tiers and member.tier not in promotion.tiers:
        return False
    if not promotion.needs_local:
        return True
    day = local.date()
    if promotion.hours is not None:
        start, end = promotion.hours
        minute = local.hour * 60 + local.minute
        if start < end:
            if not start <= minute < end:
                return False
        elif minute < end:
            day -= ONE_DAY  # a window over midnight belongs to the day on which it began
        elif minute < start:
            return False
    if promotion.weekdays and day.isoweekday() not in promotion.weekdays:
        return False
    if promotion.date_from is not None and day < promotion.date_from:
        return False
    if promotion.date_to is not None and day > promotion.date_to:
        return False
    if promotion.birthday_week and (member.birthday is None or not in_birthday_week(member.birthday, local.date())):
        return False
    if promotion.comeback_days is not None:
        if member.last_visit_at is None:
            return False
        away = local.date() - member.last_visit_at.astimezone(local.tzinfo).date()
        return away.days >= promotion.comeback_days
    return True
