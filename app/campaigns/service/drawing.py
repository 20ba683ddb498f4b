"""Whom a campaign writes to, fixed once: who fits and said yes, in which order, and who is left out by lot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from app.campaigns.lots import left_out, stratum
from app.campaigns.models import Campaign, CampaignMember
from app.campaigns.queries.audience import chunks, list_members, ways_of
from app.campaigns.service.learning import rank
from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.models import Merchant
from app.rewards.segments import read_filter

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Drawn:
    """Whom a campaign means: how many fit, how many of them said yes to one of its ways, how many were taken."""

    fit: int
    with_consent: int
    taken: int


def prepare(scope: Scope, campaign_id: str, *, on_progress: Callable[[int], None] | None = None) -> Drawn | None:
    """Fix whom a planned campaign means and draw its lot, and let the sending begin. None where it isn't planned (any
    more): it was drawn before, changed back, or stopped.

    Members are written a few hundred at a time. Broken off and begun again, what is written stays, the lot says the
    same of all others, and nobody changes sides. The scope is the system's. ``on_progress`` is told how many are
    written, and may raise to break off.
    """
    with scope.reading() as tx:
        campaign = tx.session.get(Campaign, campaign_id)
        if campaign is None or campaign.trigger is not None or campaign.status != "scheduled":
            return None
        revision, merchant_id, percent = campaign.revision, campaign.merchant_id, campaign.control_percent
        today = scope.now.astimezone(zone(tx.session.get_one(Merchant, merchant_id).timezone)).date()
        members = {row.member_id: row for row in list_members(tx, scope, merchant_id, read_filter(campaign.wanted))}
        willing: list[str] = []
        for ids in chunks(list(members)):
            willing += ways_of(tx, merchant_id, ids, tuple(campaign.ways))
        ranked = rank(tx, merchant_id, willing, scope.now, order_by=campaign.order_by)
        taken = ranked.first(campaign.most)
        drawn = dict(
            tx.session.execute(
                select(CampaignMember.member_id, CampaignMember.arm == "control").where(
                    CampaignMember.campaign_id == campaign_id
                )
            ).all()
        )
        lists, seed = ranked.lists(campaign.most), campaign.seed
    strata = {one: stratum(members[one].recent, members[one].relationship, today) for one in taken}
    out = left_out(strata, percent=percent, seed=seed, drawn=drawn)
    # Who was written down before the campaign was changed, and is not meant any more: nothing has been sent yet.
    for ids in chunks(sorted(set(drawn) - set(taken)), AT_ONCE):
        scope.run(lambda tx, ids=ids: _forget(tx, campaign_id, revision, ids))  # type: ignore[misc]
    fresh = [member_id for member_id in sorted(taken) if member_id not in drawn]
    for done, ids in enumerate(chunks(fresh, AT_ONCE)):
        rows = [
            {
                "member_id": member_id,
                "campaign_id": campaign_id,
                "occasion": "",
                "merchant_id": merchant_id,
                "arm": "control" if member_id in out else "treated",
                "status": "waiting",
                "stratum": strata[member_id],
                "score": ranked.score.get(member_id),
                "facts": ranked.facts.get(member_id),
                "assigned_at": scope.now,
                "due_at": scope.now,
            }
            for member_id in ids
        ]
        if not scope.run(lambda tx, rows=rows: _write(tx, campaign_id, revision, rows)):  # type: ignore[misc]
            return None
        if on_progress is not None:
            on_progress(done * AT_ONCE + len(rows))
    result = Drawn(len(members), len(willing), len(taken))
    return result if scope.run(lambda tx: _begin(tx, scope, campaign_id, revision, result, lists)) else None


def _write(tx: Transaction, campaign_id: str, revision: int, rows: list[dict[str, Any]]) -> bool:
    if not _is_planned(tx, campaign_id, revision):
        return False
    known = set(
        tx.session.scalars(
            select(CampaignMember.member_id).where(
                CampaignMember.campaign_id == campaign_id,
                CampaignMember.member_id.in_([row["member_id"] for row in rows]),
            )
        )
    )
    missing = [row for row in rows if row["member_id"] not in known]
    if missing:
        tx.session.execute(insert(CampaignMember.__table__), missing)  # type: ignore[arg-type]
    return True


def _forget(tx: Transaction, campaign_id: str, revision: int, member_ids: Sequence[str]) -> None:
    if _is_planned(tx, campaign_id, revision):
        gone = delete(CampaignMember).where(
            CampaignMember.campaign_id == campaign_id, CampaignMember.member_id.in_(member_ids)
        )
        tx.session.execute(gone)


def _begin(
    tx: Transaction, scope: Scope, campaign_id: str, revision: int, drawn: Drawn, lists: Mapping[str, Any]
) -> bool:
    if not _is_planned(tx, campaign_id, revision):
        return False
    told = {"fit": drawn.fit, "with_consent": drawn.with_consent, "taken": drawn.taken}
    tx.session.execute(
        update(Campaign)
        .where(Campaign.id == campaign_id)
        .values(status="sending", settings={"drawn": told}, result={"lists": dict(lists)}, changed_at=scope.now)
        .execution_options(synchronize_session=False)
    )
    return True


def _is_planned(tx: Transaction, campaign_id: str, revision: int) -> bool:
    """Whether the campaign is still as it was read; held until the transaction ends, so that of two that draw it the
    second sees what the first wrote."""
    row = tx.session.execute(
        select(Campaign.status, Campaign.revision).where(Campaign.id == campaign_id).with_for_update()
    ).first()
    return row is not None and tuple(row) == ("scheduled", revision)
