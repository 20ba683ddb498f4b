"""What is asked once more at the moment of sending: whether the reason to write still holds, and the words for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.campaigns.automations.automation import NO_GROUP, Automation
from app.campaigns.automations.filling import Facts
from app.campaigns.automations.visits import cycle_of, moment, silence_of, visits_of
from app.campaigns.models import Feedback, FeedbackQuestion
from app.campaigns.moments import id_from, quarter_of
from app.cards.queries import aliases
from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.models import Account
from app.merchants import closing
from app.rewards.configuration import current_configuration
from app.rewards.models import ShopMember, Visit
from app.rewards.segments import NEARLY_FULL

_ENDING = Statement(
    """
    SELECT a.id, p.id, p.kind, p.timezone, l.expires_at, sum(l.remaining)
    FROM account a JOIN programme p ON p.id = a.programme_id
    JOIN lot l ON l.member_id = a.member_id AND l.account_id = a.id
    WHERE a.member_id = :member_id AND p.merchant_id = :merchant_id
        AND l.remaining > 0 AND l.expires_at > :now AND l.expires_at <= :until
        AND NOT EXISTS (
            SELECT 1 FROM expiry_notice n
            WHERE n.member_id = a.member_id AND n.account_id = a.id AND n.expires_at = l.expires_at
        )
    GROUP BY a.id, p.id, p.kind, p.timezone, l.expires_at ORDER BY l.expires_at, a.id
    """
)
_TOLD = Statement(
    """
    INSERT INTO expiry_notice (member_id, account_id, expires_at, told_at)
    VALUES (:member_id, :account_id, :expires_at, :now) ON CONFLICT DO NOTHING
    """
)
_ASK = Statement(
    """
    INSERT INTO feedback_question (member_id, location_id, quarter, visit_id, asked_at)
    VALUES (:member_id, :location_id, :quarter, :visit_id, :now) ON CONFLICT DO NOTHING
    """
)
_LONGEST_SILENCE = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether there is reason to write: without one ``reason`` says why not. ``lots`` are what is to be noted as told
    once it was (account, end)."""

    facts: Facts | None = None
    reason: str | None = None
    lots: Sequence[tuple[str, Any]] = ()


def look_again(
    tx: Transaction,
    scope: Scope,
    automation: Automation,
    shop: str,
    *,
    member_id: str,
    occasion: str,
    years: int | None,
) -> Standing:
    """Whether an automation still has reason to write to a member who is held, in the caller's transaction.

    Reasons not to: ``not_a_member`` (any more), ``other_group``, ``came_meanwhile``, ``over`` (the card is full or
    begun anew, nothing ends any more, the visit was undone), ``told_before``, ``shut``.
    """
    row = tx.session.get(ShopMember, (member_id, automation.merchant_id), populate_existing=True)
    if row is None or row.visits == 0:
        return Standing(reason="not_a_member")
    if (row.relationship or NO_GROUP) not in automation.settings.groups and not automation.ready.is_for_everybody:
        return Standing(reason="other_group")
    match automation.trigger:
        case "come_back":
            return _still_silent(tx, scope, automation, row, shop, occasion)
        case "nearly_full":
            return _nearly_full(tx, scope, automation, row, shop, occasion)
        case "expiring":
            return _ending(tx, scope, automation, row, shop)
        case "thanks":
            return _question(tx, scope, automation, member_id, shop, occasion)
        case "birthday" if row.birth_month is None:
            return Standing(reason="no_birthday")  # not shared with this shop any more
        case "tip" if occasion != f"tip {automation.settings.edition}":
            return Standing(reason="over")
    return Standing(Facts(shop, years=years))


def note_told(tx: Transaction, scope: Scope, member_id: str, standing: Standing) -> None:
    """Note what was told of units that end, so that the platform does not tell it again."""
    for account_id, expires_at in standing.lots:
        values = {"member_id": member_id, "account_id": account_id, "expires_at": expires_at, "now": scope.now}
        tx.run(_TOLD, values)


def _still_silent(
    tx: Transaction, scope: Scope, automation: Automation, row: ShopMember, shop: str, occasion: str
) -> Standing:
    since = scope.now - _LONGEST_SILENCE
    own = visits_of(tx, automation.merchant_id, [row.member_id], since).get(row.member_id, [])
    # The list follows the counter a moment later: the visits themselves are asked too.
    if silence_of(row.seen_at, own) != occasion or (own and own[-1].occurred_at > row.seen_at):
        return Standing(reason="came_meanwhile")
    if closing.is_shut(tx, automation.merchant_id, scope.now.astimezone(zone(automation.timezone)).date()):
        return Standing(reason="shut")
    return Standing(Facts(shop))


def _nearly_full(
    tx: Transaction, scope: Scope, automation: Automation, row: ShopMember, shop: str, occasion: str
) -> Standing:
    account = tx.session.scalar(
        select(Account).where(Account.member_id == row.member_id, Account.programme_id == row.programme_id)
    )
    if account is None or not NEARLY_FULL <= row.fill < 1000:
        return Standing(reason="over")
    if cycle_of(account.programme_id, account.units_earned - account.balance) != occasion:
        return Standing(reason="over")
    found = aim_of(tx, automation.merchant_id, account.programme_id, scope.now)
    if found is None or account.balance >= found[0]:
        return Standing(reason="over")
    goal, kind, names = found
    return Standing(Facts(shop, left=goal - account.balance, unit_kind=kind, reward=names))


def aim_of(
    tx: Transaction, merchant_id: str, programme_id: str, now: datetime
) -> tuple[int, str, dict[str, str]] | None:
    """What a card of a programme fills up to: how many units, their kind, and the names of what it gives by language
    (under ``""`` the one without a language). None where it leads to nothing."""
    config = current_configuration(tx, merchant_id)
    programme = next((one for one in config.programmes if one.id == programme_id), None)
    if programme is None:
        return None
    offers = [one for one in config.rewards.values() if one.programme_id == programme_id and one.is_offered(now)]
    full = config.rewards.get(programme.full_card_reward_id or "")
    reward = full or min(offers, key=lambda one: (one.cost, one.id), default=None)
    if reward is None:
        return None
    names = {tongue: str(name) for tongue, name in reward.names.items()}
    return programme.goal or reward.cost, programme.kind, {**names, "": reward.name}


def _ending(tx: Transaction, scope: Scope, automation: Automation, row: ShopMember, shop: str) -> Standing:
    until = scope.now + timedelta(days=(automation.settings.days or 0) + 1)
    asked = {"member_id": row.member_id, "merchant_id": automation.merchant_id, "now": scope.now, "until": until}
    found = tx.rows(_ENDING, asked)
    if not found:
        return Standing(reason="over")
    lots = [
        {
            "programme_id": str(programme_id),
            "units": int(units),
            "unit_kind": kind,
            "at": moment(expires_at).isoformat(),
            "timezone": timezone,
        }
        for _, programme_id, kind, timezone, expires_at, units in found
    ]
    noted = [(str(account_id), moment(expires_at)) for account_id, _, _, _, expires_at, _ in found]
    return Standing(Facts(shop, lots=lots), lots=noted)


def _question(
    tx: Transaction, scope: Scope, automation: Automation, member_id: str, shop: str, visit_id: str
) -> Standing:
    """Asks about the visit, as :mod:`app.campaigns.service.answering` does: once for each shop and quarter."""
    everybody = aliases(tx.session, member_id)
    visit = tx.session.scalar(select(Visit).where(Visit.member_id.in_(everybody), Visit.id == visit_id))
    if visit is None or visit.reversed_at is not None:
        return Standing(reason="over")
    quarter = quarter_of(scope.now)
    said = tx.session.scalars(
        select(Feedback.created_at).where(
            Feedback.member_id == member_id,
            Feedback.location_id == visit.location_id,
            Feedback.id >= id_from(scope.now - timedelta(days=93)),
        )
    )
    if any(quarter_of(at) == quarter for at in said):
        return Standing(reason="told_before")
    asked = {"member_id": member_id, "location_id": visit.location_id, "quarter": quarter, "now": scope.now}
    if tx.run(_ASK, {**asked, "visit_id": visit_id}) != 1:
        known = tx.session.get(FeedbackQuestion, (member_id, visit.location_id, quarter), populate_existing=True)
        if known is None or known.visit_id != visit_id:
            return Standing(reason="told_before")
    return Standing(Facts(shop))
