"""What a merge must know of a programme's rules: how long a unit lasts, and which tier two histories reach together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from app.common.database import Transaction
from app.rewards.configuration import configuration
from app.rewards.models import Programme, TierMonth
from app.rewards.rules import ProgrammeRules, expires_at, tier_for

Months = Mapping[int, int]


def current_rules(tx: Transaction, programme_id: str, now: datetime) -> ProgrammeRules | None:
    """The rules in force now; None for a programme that was ended."""
    merchant_id = tx.session.scalar(select(Programme.merchant_id).where(Programme.id == programme_id))
    if merchant_id is None:
        return None
    programme = configuration(tx, merchant_id).programme(programme_id)
    return None if programme is None else programme.rules_at(now)[1]


def local_expiry(rules: ProgrammeRules, now: datetime) -> datetime | None:
    """When a unit credited now expires."""
    return expires_at(rules, now.astimezone(rules.zone).date())


def months_of(tx: Transaction, member_id: str, account_id: str) -> dict[int, int]:
    """What an account gathered towards tiers, by calendar month."""
    rows = tx.session.execute(
        select(TierMonth.month, TierMonth.gathered).where(
            TierMonth.member_id == member_id, TierMonth.account_id == account_id
        )
    )
    return {int(month): int(gathered) for month, gathered in rows}


def tier_reached(rules: ProgrammeRules | None, months: Months, now: datetime) -> str | None:
    """The key of the tier that these months reach together now."""
    if rules is None or rules.tiers is None:
        return None
    local = now.astimezone(rules.zone)
    first = local.year * 12 + local.month - 1 - rules.tiers.months
    tier = tier_for(rules, sum(gathered for month, gathered in months.items() if month >= first))
    return None if tier is None else tier.key


def move_months(tx: Transaction, months: Months, *, giver: tuple[str, str], taker: tuple[str, str]) -> None:
    """Take ``months`` from one account (member, account) and add them to another. What the giver has no more of, since
    a reversal took it, isn't made up."""
    for month, gathered in months.items():
        there = months_of(tx, *giver).get(month, 0)
        taken = min(there, gathered)
        here = months_of(tx, *taker).get(month)
        _set(tx, giver, month, there - taken)
        if here is None:
            tx.session.execute(
                insert(TierMonth).values(member_id=taker[0], account_id=taker[1], month=month, gathered=taken)
            )
        else:
            _set(tx, taker, month, here + taken)


def _set(tx: Transaction, owner: tuple[str, str], month: int, gathered: int) -> None:
    row = (TierMonth.member_id == owner[0], TierMonth.account_id == owner[1], TierMonth.month == month)
    if gathered:
        tx.session.execute(update(TierMonth).where(*row).values(gathered=gathered))
    else:
        tx.session.execute(delete(TierMonth).where(*row))
