"""Writing to the members of campaigns that are under way, a few at a time: each member is settled for good by one
transaction, whoever else is at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.campaigns.models import Campaign, CampaignMember
from app.campaigns.reaching import Wish, reach, weigh
from app.campaigns.service.drawing import prepare
from app.campaigns.telling import hold_member
from app.cards.queries import aliases
from app.common.database import Transaction
from app.common.scope import Scope

AT_ONCE = 5
"""Members in one transaction: on SQLite whoever scans meanwhile waits for it."""
PATIENCE = timedelta(days=3)
"""So long a campaign waits for who has heard enough for now; after that its news is old."""
_LATER = ("capped", "quiet")


@dataclass(slots=True)
class Written:
    """How many campaigns were begun or gone on with, and how many members were settled."""

    campaigns: int = 0
    members: int = 0


def send_due(scope: Scope, *, on_progress: Callable[[int], None] | None = None) -> Written:
    """Draw the lots of campaigns whose time has come, and write to everybody who can be written to now.

    The scope is the system's. Who has heard enough, or sleeps, is asked again later; when nobody waits any more the
    campaign is sent. ``on_progress`` is told how many members were settled, and may raise to break off. A repeat, and
    another worker, writes to nobody twice.
    """
    done = Written()
    with scope.reading() as tx:
        due = tx.session.scalars(
            select(Campaign.id)
            .where(Campaign.status.in_(("scheduled", "sending")), Campaign.send_at <= scope.now)
            .where(Campaign.trigger.is_(None))
            .order_by(Campaign.send_at, Campaign.id)
        ).all()
    for campaign_id in due:
        done.campaigns += 1

        def progress(_: int) -> None:
            if on_progress is not None:
                on_progress(done.members)

        prepare(scope, campaign_id, on_progress=progress)
        while True:
            settled, is_last = scope.run(lambda tx, campaign_id=campaign_id: _some(tx, scope, campaign_id))  # type: ignore[misc]
            done.members += settled
            progress(0)
            if is_last:
                break
        scope.run(lambda tx, campaign_id=campaign_id: _end(tx, scope, campaign_id))  # type: ignore[misc]
    return done


def wish_of(campaign: Campaign) -> Wish:
    """What a campaign wishes each of its members to hear."""
    return Wish(
        merchant_id=campaign.merchant_id,
        source=f"campaign:{campaign.id}",
        title=campaign.title,
        text=campaign.text,
        ways=tuple(campaign.ways),
        is_marketing=True,
        campaign_id=campaign.id,
        reward_id=campaign.reward_id,
        offer_days=campaign.offer_days,
    )


def settle(tx: Transaction, scope: Scope, campaign: Campaign, member_id: str) -> str:
    """Settle one member of a campaign under way, in the caller's transaction: write to her, leave her out, put her off,
    or pass her over. Returns her status then; a member who is settled stays so.

    Who was left out by lot is asked just what the others are asked, so that both sides of the comparison are alike.
    """
    # The member first, then what belongs to her: the order of a merge, and of whoever else writes to her.
    standing = hold_member(tx, member_id)
    row = tx.session.scalar(
        select(CampaignMember)
        .where(
            CampaignMember.member_id == member_id,
            CampaignMember.campaign_id == campaign.id,
            CampaignMember.occasion == "",
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None or row.status != "waiting":
        return "none" if row is None else row.status
    # A lot stays with whom it was drawn for: who is part of somebody else now is reached as her, or left out with her.
    if standing is None or standing != member_id or _is_left_out(tx, standing, campaign.id, row.arm):
        return _put(tx, row, "skipped", reason="gone")
    wish = wish_of(campaign)
    if row.arm == "control":
        weighed = weigh(tx, scope, member_id, wish)
        if weighed.reason is not None:
            return _not_now(tx, scope, campaign, row, weighed.reason, weighed.not_before)
        return _put(tx, row, "held", sent_at=scope.now)
    reached = reach(tx, scope, member_id, wish)
    if reached.reason is not None:
        return _not_now(tx, scope, campaign, row, reached.reason, reached.not_before)
    return _put(tx, row, "sent", sent_at=scope.now, message_id=reached.message_id, voucher_id=reached.voucher_id)


def _some(tx: Transaction, scope: Scope, campaign_id: str) -> tuple[int, bool]:
    campaign = _under_way(tx, campaign_id)
    if campaign is None:
        return 0, True
    waiting = tx.session.scalars(
        select(CampaignMember.member_id)
        .where(
            CampaignMember.campaign_id == campaign_id,
            CampaignMember.status == "waiting",
            CampaignMember.due_at <= scope.now,
        )
        .order_by(CampaignMember.due_at, CampaignMember.member_id)
        .limit(AT_ONCE)
    ).all()
    for member_id in sorted(waiting):
        settle(tx, scope, campaign, member_id)
    return len(waiting), len(waiting) < AT_ONCE


def _under_way(tx: Transaction, campaign_id: str) -> Campaign | None:
    """The campaign, held until the transaction ends: who stops it comes before these members, or after them."""
    return tx.session.scalar(
        select(Campaign)
        .where(Campaign.id == campaign_id, Campaign.status == "sending")
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )


def _end(tx: Transaction, scope: Scope, campaign_id: str) -> None:
    waiting = select(CampaignMember.member_id).where(
        CampaignMember.campaign_id == campaign_id, CampaignMember.status == "waiting"
    )
    if tx.session.scalar(waiting.limit(1)) is None:
        tx.session.execute(
            update(Campaign)
            .where(Campaign.id == campaign_id, Campaign.status == "sending")
            .values(status="sent", sent_at=scope.now)
            .execution_options(synchronize_session=False)
        )


def _is_left_out(tx: Transaction, member_id: str, campaign_id: str, arm: str) -> bool:
    others = [one for one in aliases(tx.session, member_id) if one != member_id]
    if arm == "control" or not others:
        return False
    left_out = select(CampaignMember.member_id).where(
        CampaignMember.member_id.in_(others),
        CampaignMember.campaign_id == campaign_id,
        CampaignMember.arm == "control",
    )
    return tx.session.scalar(left_out.limit(1)) is not None


def _not_now(
    tx: Transaction, scope: Scope, campaign: Campaign, row: CampaignMember, reason: str, not_before: datetime | None
) -> str:
    begun = campaign.send_at or scope.now
    if reason in _LATER and not_before is not None and not_before <= begun + PATIENCE:
        return _put(tx, row, "waiting", reason=reason, due_at=not_before)
    return _put(tx, row, "skipped", reason=reason)


def _put(tx: Transaction, row: CampaignMember, status: str, *, reason: str | None = None, **values: Any) -> str:
    row.status, row.reason = status, reason
    for name, value in values.items():
        setattr(row, name, value)
    tx.session.flush()
    return status
