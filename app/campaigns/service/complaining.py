"""Complaints: answered within the shop's own time, made good, judged by who complained, and closed."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.campaigns.complaint_words import owners_mail, unanswered
from app.campaigns.complaints import LATEST, SOONEST
from app.campaigns.errors import ComplaintClosedError, ComplaintOpenError, NothingOfferedError
from app.campaigns.kinds import REWARD_UNLOCKED, SHOP_NOTICE
from app.campaigns.models import ENDINGS, Complaint, FeedbackSetting
from app.campaigns.telling import Told, hold_member, tell
from app.common import audit
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.ids import is_id
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.merchants.addressees import addressees
from app.merchants.errors import SomebodyWasFasterError
from app.merchants.models import Merchant
from app.merchants.webhooks import announce
from app.rewards import vouchers
from app.rewards.configuration import current_configuration
from app.rewards.errors import RewardNotOfferedError, RewardSoldOutError
from app.rewards.spending import find_reward

_MAY = ("manager", "owner")
_AT_ONCE = 200
GIFT = "gift"


def set_feedback_setting(
    scope: Scope, *, answer_hours: int | None = None, takes_ideas: bool | None = None, revision: int
) -> int:
    """Set how the scope's shop deals with what members say; None leaves it. Running clocks go on as they began.

    Returns the new revision. Raises ``InvalidError``, ``SomebodyWasFasterError`` where it is not as ``revision`` says
    any more, ``ForbiddenError`` unless an owner or a manager of all locations asks.
    """
    if scope.merchant_id is None or scope.location_id is not None or scope.staff_role not in _MAY:
        raise ForbiddenError
    if answer_hours is not None and not SOONEST <= answer_hours <= LATEST:
        raise InvalidError(errors={"answer_hours": ["answer_hours_expected"]})

    def work(tx: Transaction) -> int:
        row = tx.session.get(FeedbackSetting, scope.merchant_id, with_for_update=True, populate_existing=True)
        if (0 if row is None else row.revision) != revision:
            raise SomebodyWasFasterError
        if row is None:
            row = FeedbackSetting(
                merchant_id=scope.merchant_id, answer_hours=48, takes_ideas=False, revision=0, changed_at=scope.now
            )
            tx.session.add(row)
        before = {"answer_hours": row.answer_hours, "takes_ideas": row.takes_ideas}
        if answer_hours is not None:
            row.answer_hours = answer_hours
        if takes_ideas is not None:
            row.takes_ideas = takes_ideas
        row.revision += 1
        row.changed_at, row.changed_by = scope.now, scope.staff_id
        tx.session.flush()
        after = {"answer_hours": row.answer_hours, "takes_ideas": row.takes_ideas}
        changed = {key for key in after if after[key] != before[key]}
        audit.record(
            tx,
            scope,
            "feedback.set",
            "merchant",
            scope.merchant_id,
            before={key: before[key] for key in changed},
            after={key: after[key] for key in changed},
        )
        return row.revision

    return scope.run(work)


def close_complaint(scope: Scope, *, feedback_id: str, ending: str) -> None:
    """Close an answered complaint of the scope's shop, with how it ended: one of ``ENDINGS``. A repeat changes nothing.

    Raises ``ForbiddenError`` unless a manager or the owner asks, ``NotFoundError``, ``InvalidError``,
    :class:`ComplaintOpenError` while nobody has answered.
    """
    if scope.staff_role not in _MAY:
        raise ForbiddenError
    if not is_id(feedback_id):
        raise NotFoundError(what="feedback")
    if ending not in ENDINGS:
        raise InvalidError(errors={"ending": ["ending_expected"]})

    def work(tx: Transaction) -> None:
        row = _held(tx, select(Complaint).where(Complaint.id == feedback_id, *_own(scope)))
        if row.closed_at is not None:
            return
        if row.answered_at is None:
            raise ComplaintOpenError
        row.closed_at, row.closed_by, row.ending = scope.now, scope.staff_id, ending
        audit.record(tx, scope, "complaint.closed", "feedback", feedback_id, after={"ending": ending})

    scope.run(work)


def judge_answer(scope: Scope, *, feedback_id: str, is_solved: bool) -> None:
    """What the scope's member says of the shop's answer to her complaint. What was solved is closed; she may change
    her word until it is, and a repeat changes nothing.

    Raises ``NotFoundError`` for a complaint that isn't hers, :class:`ComplaintOpenError` while nobody has answered,
    :class:`ComplaintClosedError` where the shop has closed it.
    """

    def work(tx: Transaction) -> None:
        row = _of_member(tx, scope, feedback_id)
        if row.answered_at is None:
            raise ComplaintOpenError
        if row.is_solved is is_solved:
            return
        if row.closed_at is not None:
            raise ComplaintClosedError
        row.is_solved, row.judged_at = is_solved, scope.now
        if is_solved:
            row.closed_at = scope.now
            row.ending = "made_good" if row.reward_id else "put_right"

    scope.run(work)


def take_offer(scope: Scope, *, feedback_id: str) -> str:
    """Take what the shop offers the scope's member to make good, and return the voucher's id. By that, and only by
    that, the shop can learn who complained, so it is hers to decide. A repeat gives the same voucher.

    Raises ``NotFoundError``, :class:`NothingOfferedError`, ``RewardNotOfferedError`` and ``RewardSoldOutError`` where
    it can't be had any more.
    """

    def work(tx: Transaction) -> str:
        row = _of_member(tx, scope, feedback_id)
        if row.voucher_id is not None:
            return row.voucher_id
        if row.reward_id is None:
            raise NothingOfferedError
        config = current_configuration(tx, row.merchant_id)
        reward, programme = find_reward(config, row.reward_id)
        if not reward.is_offered(scope.now):
            raise RewardNotOfferedError
        batch = Batch()
        if not vouchers.take_from_stock(tx, batch, reward):
            raise RewardSoldOutError
        issued = vouchers.issue(
            batch,
            reward=reward,
            member_id=row.member_id,
            merchant_id=config.id,
            currency=config.currency,
            timezone=programme.timezone,
            source=GIFT,
            cost=0,
            transaction_id=None,
            now=scope.now,
        )
        batch.write(tx)
        row.voucher_id = issued.id
        whose = {"voucher_id": issued.id, "reward_id": reward.id, "name": reward.name, "member_id": row.member_id}
        announce(tx, merchant_id=config.id, event="reward.unlocked", data=whose, now=scope.now)
        told = {"voucher_id": issued.id, "reward_name": reward.name}
        tell(tx, scope, row.member_id, Told(REWARD_UNLOCKED, f"voucher:{issued.id}", told, config.id))
        return issued.id

    return scope.run(work)


def mind_complaints(
    scope: Scope, *, public_url: str, on_progress: Callable[[], object] | None = None
) -> dict[str, int]:
    """Tell the owners of complaints that came, of those at half time, and of those whose time is over, and then the
    member too: each once, whoever else runs this meanwhile. Returns how many of each.
    """
    done = dict.fromkeys(("came", "half", "over"), 0)
    for kind in done:
        while found := scope.run(lambda tx, kind=kind: _mind(tx, scope, kind, public_url)):  # type: ignore[misc]
            done[kind] += found
            if on_progress is not None:
                on_progress()
    return done


def _mind(tx: Transaction, scope: Scope, kind: str, public_url: str) -> int:
    column = {"came": Complaint.told_at, "half": Complaint.reminded_at, "over": Complaint.ended_at}[kind]
    due = {"came": Complaint.opened_at, "half": Complaint.half_at, "over": Complaint.due_at}[kind]
    waiting = (Complaint.answered_at.is_(None), Complaint.closed_at.is_(None), Complaint.ended_at.is_(None))
    rows = tx.session.scalars(
        select(Complaint)
        .where(column.is_(None), due <= scope.now, *waiting)
        .order_by(Complaint.due_at, Complaint.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    by_shop: dict[str, list[Complaint]] = {}
    for row in rows:
        setattr(row, column.key, scope.now)
        if kind == "over":
            row.reminded_at = row.reminded_at or scope.now
        by_shop.setdefault(row.merchant_id, []).append(row)
    for merchant_id, mine in by_shop.items():
        # What is later than its next step is told by that alone.
        told = [row for row in mine if kind == "over" or scope.now < (row.due_at if kind == "half" else row.half_at)]
        if told:
            _write_owners(tx, scope, kind, merchant_id, min(row.due_at for row in told), public_url)
        if kind == "over":
            _tell_members(tx, scope, merchant_id, mine)
    return len(rows)


def _write_owners(tx: Transaction, scope: Scope, kind: str, merchant_id: str, due: Any, public_url: str) -> None:
    shop = tx.session.get_one(Merchant, merchant_id)
    link = f"{public_url.rstrip('/')}/office/{shop.slug}/feedback"
    hours = max(1, math.ceil((due - scope.now) / timedelta(hours=1)))
    for owner in addressees(tx, merchant_id=merchant_id):
        mail = owners_mail(kind, owner.address, owner.locale, shop=shop.name, hours=hours, link=link)
        queue_mail(tx, scope.keys.data, mail, now=scope.now, merchant_id=merchant_id)


def _tell_members(tx: Transaction, scope: Scope, merchant_id: str, rows: list[Complaint]) -> None:
    title, text = unanswered(tx.session.get_one(Merchant, merchant_id).name)
    for row in rows:
        member_id = hold_member(tx, row.member_id)
        if member_id is not None:
            params = {"title": title, "text": text, "link": "#/me/feedback"}
            tell(tx, scope, member_id, Told(SHOP_NOTICE, f"unanswered:{row.id}", params, merchant_id))


def _own(scope: Scope) -> list[Any]:
    mine = [Complaint.merchant_id == scope.merchant_id]
    return mine if scope.location_id is None else [*mine, Complaint.location_id == scope.location_id]


def _held(tx: Transaction, wanted: Any) -> Complaint:
    row: Complaint | None = tx.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFoundError(what="feedback")
    return row


def _of_member(tx: Transaction, scope: Scope, feedback_id: str) -> Complaint:
    member_id = hold_member(tx, scope.member_id or "")
    if member_id is None:
        raise NotFoundError(what="feedback")
    return _held(tx, select(Complaint).where(Complaint.member_id == member_id, Complaint.id == feedback_id))
