"""What became of the members of a campaign: of those written to and of those whom the lot left out, alike.

Everybody counts in the group in which the lot put her, whether a message reached her or not: whoever changes who
counts after the lot compares unlike people. Who was merged meanwhile counts with all that is booked under the member
she is now; where two members of one campaign turned out to be one person, she counts once, by her oldest member id:
a rule that doesn't look at the group. Visits of who had her data erased stay in the books and count on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, select

from app.campaigns.measures import Offer, Outcomes
from app.campaigns.models import Campaign, CampaignMember, Contact
from app.cards.models import ConsentEvent, Member
from app.common.database import Transaction
from app.rewards.models import Visit, Voucher

LEAST_BEFORE = timedelta(days=84)
"""So far back at least is looked for what people did anyhow."""
_SLICE = 500
_NEWS = ("email", "push", "wallet", "inbox")


@dataclass(slots=True)
class _Row:
    member_id: str
    root: str
    is_treated: bool
    is_reached: bool
    voucher_id: str | None
    score: float | None
    facts: dict[str, Any] | None
    starts: datetime


@dataclass(frozen=True, slots=True)
class _Frame:
    """Who is counted (``places``: by whom she is now) and how long."""

    merchant_id: str
    rows: list[_Row]
    places: dict[str, int]
    length: timedelta
    until: datetime

    def is_within(self, row: _Row, at: datetime) -> bool:
        return row.starts <= at < row.starts + self.length


def read_outcomes(tx: Transaction, campaign: Campaign, *, until: datetime) -> Outcomes:
    """What the members of a campaign did from its sending on, for its ``measure_days``, or up to ``until`` where that
    is earlier. An automation's rounds count from the day on which each was drawn, the first of each member, and only
    those whose time is over by ``until``. Needs the system's scope: the shop's own may not see the lot."""
    rows, merged, erased = _drawn(tx, campaign)
    length = timedelta(days=campaign.measure_days)
    if campaign.trigger is not None:
        rows = [row for row in rows if row.starts + length <= until]
    count = len(rows)
    found = Outcomes(
        is_treated=np.array([row.is_treated for row in rows], bool),
        visits=np.zeros(count),
        spend=np.zeros(count),
        redeemed=np.zeros(count),
        before=np.zeros(count),
        spend_before=np.zeros(count),
        away=np.full(count, np.nan),
        score=np.array([np.nan if row.score is None else row.score for row in rows]),
        facts=[row.facts for row in rows],
        starts=min((row.starts for row in rows), default=None),
        ends=min(max((row.starts for row in rows), default=until) + length, until),
        reached=sum(row.is_reached for row in rows),
        merged=merged,
        erased=erased,
    )
    frame = _Frame(campaign.merchant_id, rows, {row.root: place for place, row in enumerate(rows)}, length, until)
    for roots in _slices(sorted(frame.places)):
        family = _family(tx, roots)
        _count_visits(tx, frame, family, found)
        _count_redeemed(tx, frame, family, found)
        found.left += _left(tx, frame, family)
    mails = select(func.count()).where(
        Contact.campaign_id == campaign.id, Contact.way == "email", Contact.status == "sent"
    )
    found.mails = tx.session.scalar(mails) or 0
    return found


def _drawn(tx: Transaction, campaign: Campaign) -> tuple[list[_Row], int, int]:
    """Whom the lot put where, one row a person, with how many merges there were and how many are erased."""
    drawn = tx.session.execute(
        select(CampaignMember, Member.merged_into, Member.status)
        .join(Member, Member.id == CampaignMember.member_id)
        .where(CampaignMember.campaign_id == campaign.id)
        .order_by(CampaignMember.member_id, CampaignMember.assigned_at, CampaignMember.occasion)
    )
    rows: dict[str, _Row] = {}
    merged = erased = 0
    for row, merged_into, status in drawn:
        root = str(merged_into or row.member_id)
        merged += merged_into is not None
        erased += status == "erased"
        starts = campaign.send_at if campaign.trigger is None and campaign.send_at is not None else row.assigned_at
        if root in rows:
            continue
        rows[root] = _Row(
            member_id=row.member_id,
            root=root,
            is_treated=row.arm == "treated",
            is_reached=row.arm == "treated" and row.status == "sent",
            voucher_id=row.voucher_id,
            score=row.score,
            facts=row.facts,
            starts=starts,
        )
    return list(rows.values()), merged, erased


def _slices(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(ids), _SLICE):
        yield ids[begin : begin + _SLICE]


def _family(tx: Transaction, roots: Sequence[str]) -> dict[str, str]:
    """Every member id under which these people's history stands, with whose it is."""
    aliases = tx.session.execute(select(Member.id, Member.merged_into).where(Member.merged_into.in_(roots)))
    return {root: root for root in roots} | {str(alias): str(root) for alias, root in aliases}


def _count_visits(tx: Transaction, frame: _Frame, family: dict[str, str], found: Outcomes) -> None:
    visits = tx.session.execute(
        select(Visit.member_id, Visit.occurred_at, Visit.amount_minor, Visit.refunded_minor)
        .where(
            Visit.member_id.in_(list(family)),
            Visit.merchant_id == frame.merchant_id,
            Visit.reversed_at.is_(None),
            Visit.occurred_at < frame.until,
        )
        .order_by(Visit.occurred_at)
    )
    back = max(frame.length, LEAST_BEFORE)
    for member_id, at, amount, refunded in visits:
        place = frame.places[family[member_id]]
        row = frame.rows[place]
        spent = 0 if amount is None else amount - refunded
        if at < row.starts:
            found.away[place] = (row.starts - at) / timedelta(days=1)
            if at >= row.starts - back:
                found.before[place] += 1
                found.spend_before[place] += spent
        elif frame.is_within(row, at):
            found.visits[place] += 1
            found.spend[place] += spent
            found.priced += amount is not None


def _count_redeemed(tx: Transaction, frame: _Frame, family: dict[str, str], found: Outcomes) -> None:
    redeemed = tx.session.execute(
        select(Voucher.member_id, Voucher.id, Voucher.redeemed_at, Voucher.reward_id, Voucher.value).where(
            Voucher.member_id.in_(list(family)),
            Voucher.merchant_id == frame.merchant_id,
            Voucher.status == "redeemed",
            Voucher.redeemed_at < frame.until,
        )
    )
    for member_id, voucher_id, at, reward_id, value in redeemed:
        place = frame.places[family[member_id]]
        row = frame.rows[place]
        if at is not None and frame.is_within(row, at):
            found.redeemed[place] += 1
            if voucher_id == row.voucher_id:
                found.offers.append(Offer(reward_id, value))


def _left(tx: Transaction, frame: _Frame, family: dict[str, str]) -> int:
    """How many of those who were reached took a consent back since then."""
    withdrawn = tx.session.execute(
        select(ConsentEvent.member_id, ConsentEvent.occurred_at).where(
            ConsentEvent.member_id.in_(list(family)),
            ConsentEvent.merchant_id == frame.merchant_id,
            ConsentEvent.channel.in_(_NEWS),
            ConsentEvent.is_given.is_(False),
            ConsentEvent.occurred_at < frame.until,
        )
    )
    gone = set()
    for member_id, at in withdrawn:
        row = frame.rows[frame.places[family[member_id]]]
        if row.is_reached and frame.is_within(row, at):
            gone.add(row.root)
    return len(gone)
