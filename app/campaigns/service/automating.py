"""Running the shops' automations: finding who is due, and writing to each when her moment has come.

Finding writes a row for each member and occasion (:class:`~app.campaigns.models.CampaignMember`), which the database
holds once. Sending takes a row that waits, asks everything again in the same transaction, and writes. So two workers,
a worker that is killed, and a repeat never write twice, and a stop or other words hold for whoever waits.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.campaigns.automations.automation import Automation, automation_of
from app.campaigns.automations.filling import filled
from app.campaigns.automations.finding import Due, Look
from app.campaigns.automations.lots import arm_of
from app.campaigns.automations.sending import Standing, look_again, note_told
from app.campaigns.automations.visits import moment
from app.campaigns.models import Campaign
from app.campaigns.reaching import Reached, Wish, may_write, reach, weigh
from app.campaigns.telling import hold_member
from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.models import Merchant

log = logging.getLogger("zegel.automations")

AT_ONCE = 200
"""Rows in one transaction of finding, and in one look for who waits."""
AFTER_FAILURE = timedelta(minutes=30)
_TRIED_AGAIN = ("capped", "quiet", "shut")

_ON = Statement("SELECT c.id FROM campaign c WHERE c.trigger IS NOT NULL AND c.status = 'on' ORDER BY c.id")
# Held until the transaction ends: whoever stops it, or changes its words, comes before or after, never in between.
_HOLD = Statement(
    "SELECT status FROM campaign WHERE id = :id FOR SHARE", sqlite="SELECT status FROM campaign WHERE id = :id"
)
_PLANNED = Statement("SELECT day FROM automation_progress WHERE campaign_id = :id")
_NOTE_PLANNED = Statement(
    """
    INSERT INTO automation_progress (campaign_id, merchant_id, day, tomorrow, planned_at)
    VALUES (:id, :merchant_id, :day, :tomorrow, :now)
    ON CONFLICT (campaign_id) DO UPDATE
    SET day = excluded.day, tomorrow = excluded.tomorrow, planned_at = excluded.planned_at
    """
)
_PUT = Statement(
    """
    INSERT INTO campaign_member
        (member_id, campaign_id, occasion, merchant_id, arm, status, stratum, facts, assigned_at, due_at)
    VALUES (:member_id, :campaign_id, :occasion, :merchant_id, :arm, 'waiting', 0, :facts, :now, :due_at)
    ON CONFLICT DO NOTHING
    """
)
_WAITING = Statement(
    """
    SELECT member_id, occasion FROM campaign_member
    WHERE campaign_id = :id AND status = 'waiting' AND due_at <= :now ORDER BY due_at, member_id LIMIT :count
    """
)
_TAKE = Statement(
    """
    UPDATE campaign_member SET status = 'skipped'
    WHERE member_id = :member_id AND campaign_id = :id AND occasion = :occasion AND status = 'waiting'
        AND due_at <= :now
    """
)
_READ = Statement(
    """
    SELECT arm, facts, assigned_at FROM campaign_member
    WHERE member_id = :member_id AND campaign_id = :id AND occasion = :occasion
    """
)
_SETTLE = Statement(
    """
    UPDATE campaign_member SET status = :status, reason = :reason, message_id = :message_id, voucher_id = :voucher_id,
        sent_at = :sent_at, due_at = coalesce(:due_at, due_at)
    WHERE member_id = :member_id AND campaign_id = :id AND occasion = :occasion
    """
)
# Who was tried already goes on waiting for the moment that was found then.
_FORGET = Statement("DELETE FROM campaign_member WHERE campaign_id = :id AND status = 'waiting' AND reason IS NULL")
_LATER = Statement(
    """
    UPDATE campaign_member SET due_at = :due_at, reason = 'failed'
    WHERE member_id = :member_id AND campaign_id = :id AND occasion = :occasion AND status = 'waiting'
    """
)


@dataclass(slots=True)
class Ran:
    """What one round did: occasions found, messages sent, left out by lot, skipped, put off, and what failed."""

    found: int = 0
    sent: int = 0
    held: int = 0
    skipped: int = 0
    put_off: int = 0
    failed: int = 0


def run_automations(scope: Scope, *, on_progress: Callable[[int], None] | None = None) -> Ran:
    """Find whoever is due by now in every automation that is on, and write to everybody whose moment has come.

    The scope is the system's. Each member is a transaction of her own; ``on_progress`` is told how many were settled
    and may raise to break off: the next round goes on from there. A repeat writes to nobody again. What fails for one
    member is logged, tried again half an hour later, and holds up nobody else.
    """
    ran = Ran()
    with scope.reading() as tx:
        campaign_ids = [str(row[0]) for row in tx.rows(_ON, {})]
    for campaign_id in campaign_ids:
        ran.found += find_due(scope, campaign_id)
        _send_all(scope, campaign_id, ran, on_progress)
    return ran


def find_due(scope: Scope, campaign_id: str) -> int:
    """Write down who is due in one automation by now. Returns how many that are new. What is looked for by the day is
    looked for once in each local day; a repeat, or another worker, adds nothing."""
    with scope.reading() as tx:
        automation = _automation(tx, campaign_id)
        if automation is None or not may_write(tx, automation.merchant_id, scope.now):
            return 0
        today = scope.now.astimezone(zone(automation.timezone)).date()
        planned = tx.rows(_PLANNED, {"id": campaign_id})
        if automation.ready.by_day and planned == [(today.isoformat(),)]:
            return 0
    if not planned:
        # It was turned on, or changed, since: whoever waits was found by what holds no more.
        scope.run(lambda tx: tx.run(_FORGET, {"id": campaign_id}))
    with scope.reading() as tx:
        due = Look(tx, scope, automation, today, scope.now).due()
    found = 0
    for start in range(0, len(due), AT_ONCE):
        chunk = due[start : start + AT_ONCE]
        found += scope.run(lambda tx, chunk=chunk: _put(tx, scope, automation, chunk))  # type: ignore[misc]
    if planned == [(today.isoformat(),)]:
        return found
    noted = {
        "id": campaign_id,
        "merchant_id": automation.merchant_id,
        "day": today.isoformat(),
        "tomorrow": _count_tomorrow(scope, automation),
        "now": scope.now,
    }

    def note(tx: Transaction) -> None:
        tx.rows(_HOLD, {"id": campaign_id})
        # Who changed it meanwhile wants today looked at again.
        if _automation(tx, campaign_id) == automation:
            tx.run(_NOTE_PLANNED, noted)

    scope.run(note)
    return found


def _count_tomorrow(scope: Scope, automation: Automation) -> int | None:
    """To how many it would write tomorrow, for the shop's page, which looks through nobody itself."""
    if not automation.ready.by_day:
        return None
    with scope.reading() as tx:
        now = scope.now + timedelta(days=1)
        return len(Look(tx, scope, automation, now.astimezone(zone(automation.timezone)).date(), now).due())


def _put(tx: Transaction, scope: Scope, automation: Automation, chunk: Sequence[Due]) -> int:
    held = tx.rows(_HOLD, {"id": automation.id})
    if not held or held[0][0] != "on":
        return 0
    put = 0
    for one in chunk:
        row = {
            "member_id": one.member_id,
            "campaign_id": automation.id,
            "occasion": one.occasion,
            "merchant_id": automation.merchant_id,
            "arm": arm_of(automation.seed, one.member_id, one.occasion, automation.control_percent),
            "facts": json.dumps(dict(one.facts)),
            "now": scope.now,
            "due_at": one.at,
        }
        put += tx.run(_PUT, row)
    return put


def _send_all(scope: Scope, campaign_id: str, ran: Ran, on_progress: Callable[[int], None] | None) -> None:
    settled = 0
    while True:
        with scope.reading() as tx:
            values = {"id": campaign_id, "now": scope.now, "count": AT_ONCE}
            waiting = [(str(member_id), str(occasion)) for member_id, occasion in tx.rows(_WAITING, values)]
        for member_id, occasion in waiting:
            _count(ran, _send_safely(scope, campaign_id, member_id, occasion))
            settled += 1
            if on_progress is not None:
                on_progress(settled)
        if len(waiting) < AT_ONCE:
            return


def _send_safely(scope: Scope, campaign_id: str, member_id: str, occasion: str) -> str:
    try:
        return scope.run(lambda tx: send_one(tx, scope, campaign_id, member_id, occasion))
    except Exception:
        log.exception("an automation's message could not be written")
    later = {"member_id": member_id, "id": campaign_id, "occasion": occasion, "due_at": scope.now + AFTER_FAILURE}
    scope.run(lambda tx: tx.run(_LATER, later))
    return "failed"


def send_one(tx: Transaction, scope: Scope, campaign_id: str, member_id: str, occasion: str) -> str:
    """Write to one member who waits, in the caller's transaction, if everything still holds. Returns what became of
    it: ``sent``, ``held`` (left out by lot), ``skipped``, ``put_off``, or ``none`` where there was nothing to do:
    another worker has it, or the automation was stopped."""
    # The member first, then what belongs to her: the order of a merge.
    standing_id = hold_member(tx, member_id)
    held = tx.rows(_HOLD, {"id": campaign_id})
    if not held or held[0][0] != "on":
        return "none"
    key = {"member_id": member_id, "id": campaign_id, "occasion": occasion}
    if tx.run(_TAKE, {**key, "now": scope.now}) != 1:
        return "none"
    [(arm, facts, assigned_at)] = tx.rows(_READ, key)
    row = tx.session.get_one(Campaign, campaign_id, populate_existing=True)
    merchant = tx.session.get_one(Merchant, row.merchant_id)
    automation = automation_of(row, merchant.timezone)
    if standing_id != member_id:
        return _settle(tx, key, "skipped", "gone")
    if _is_too_late(scope.now, moment(assigned_at), automation):
        return _settle(tx, key, "skipped", "too_late")
    known = json.loads(facts) if isinstance(facts, str) else facts or {}
    standing = look_again(
        tx,
        scope,
        automation,
        merchant.name,
        member_id=member_id,
        occasion=occasion,
        years=known.get("years"),
    )
    if standing.facts is None:
        if standing.reason in _TRIED_AGAIN:
            return _settle(tx, key, "waiting", standing.reason, due_at=_tomorrow(scope.now, automation))
        return _settle(tx, key, "skipped", standing.reason)
    wish = _wish(row, automation, standing, occasion)
    return _write(tx, scope, key, wish, standing, is_control=arm == "control")


def _write(
    tx: Transaction, scope: Scope, key: dict[str, Any], wish: Wish, standing: Standing, *, is_control: bool
) -> str:
    member_id = str(key["member_id"])
    if is_control:
        # Asked the same as the others, so that both sides of the comparison are alike.
        weighed = weigh(tx, scope, member_id, wish)
        reached = Reached(ways=weighed.ways, reason=weighed.reason, not_before=weighed.not_before)
    else:
        reached = reach(tx, scope, member_id, wish)
    if reached.reason is not None:
        if reached.reason in _TRIED_AGAIN and reached.not_before is not None:
            return _settle(tx, key, "waiting", reached.reason, due_at=reached.not_before)
        return _settle(tx, key, "skipped", reached.reason)
    note_told(tx, scope, member_id, standing)
    return _settle(tx, key, "held" if is_control else "sent", None, reached=reached, sent_at=scope.now)


def _settle(
    tx: Transaction,
    key: dict[str, Any],
    status: str,
    reason: str | None,
    *,
    reached: Reached | None = None,
    sent_at: datetime | None = None,
    due_at: datetime | None = None,
) -> str:
    values = {
        **key,
        "status": status,
        "reason": reason,
        "message_id": None if reached is None else reached.message_id,
        "voucher_id": None if reached is None else reached.voucher_id,
        "sent_at": sent_at,
        "due_at": due_at,
    }
    tx.run(_SETTLE, values)
    return "put_off" if status == "waiting" else status


def _wish(row: Campaign, automation: Automation, standing: Standing, occasion: str) -> Wish:
    assert standing.facts is not None
    # What wants no consent is at the least where the member keeps her card.
    ways = automation.ways if automation.is_news or "inbox" in automation.ways else ("inbox", *automation.ways)
    return Wish(
        merchant_id=row.merchant_id,
        source=f"automation:{row.id}:{occasion}",
        title=filled(row.title, standing.facts),
        text=filled(row.text, standing.facts),
        ways=ways,
        is_marketing=automation.is_news,
        campaign_id=row.id,
        reward_id=row.reward_id,
        offer_days=row.offer_days,
        link=automation.ready.link,
    )


def _is_too_late(now: datetime, assigned_at: datetime, automation: Automation) -> bool:
    if automation.trigger == "birthday":
        there = zone(automation.timezone)
        return now.astimezone(there).date() != assigned_at.astimezone(there).date()
    return now - assigned_at > automation.ready.lasts


def _tomorrow(now: datetime, automation: Automation) -> datetime:
    there = zone(automation.timezone)
    hour = automation.settings.hour
    local = now.astimezone(there)
    next_day = local.date() + timedelta(days=1)
    return datetime.combine(next_day, time(local.hour if hour is None else hour), there)


def _automation(tx: Transaction, campaign_id: str) -> Automation | None:
    row = tx.session.scalar(select(Campaign).where(Campaign.id == campaign_id, Campaign.status == "on"))
    if row is None or row.trigger is None:
        return None
    return automation_of(row, tx.session.get_one(Merchant, row.merchant_id).timezone)


def _count(ran: Ran, became: str) -> None:
    if became != "none":
        setattr(ran, became, getattr(ran, became) + 1)
