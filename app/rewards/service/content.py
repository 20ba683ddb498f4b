"""What people find wrong with what a shop shows: reported by anybody, judged by the operator, taken down and put back.

Who reported something is not kept. What is taken down is kept with the report, so that the decision can be undone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from app.cards import attempts
from app.cards.attempts import Limit
from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import new_id
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.addressees import addressees
from app.merchants.configuration import configuration_changed
from app.merchants.mails import FALLBACK, mail
from app.merchants.mails.town import CONTENT
from app.merchants.models import Merchant
from app.merchants.queries import find_shop
from app.rewards.errors import ReportDecidedError
from app.rewards.models import ContentReport, Reward
from app.rewards.service.rewards import change_reward

WHATS = ("logo", "story", "reward", "picture")
REASONS = ("illegal", "offensive", "misleading", "rights", "other")
LONGEST_WORDS, LONGEST_DECISION = 1_000, 600
REPORTS_OF_NETWORK = Limit("content reports of network", 10, timedelta(hours=1))
REPORTS_OF_SHOP = Limit("content reports of shop", 60, timedelta(hours=24))


@dataclass(frozen=True, slots=True)
class _Told:
    what: str
    merchant_id: str
    reward_id: str | None


def report_content(
    scope: Scope,
    location_id: str,
    *,
    what: str,
    reason: str,
    reward_id: str | None = None,
    words: str | None = None,
    network: str | None = None,
) -> str:
    """Report what a public shop shows: one of :data:`WHATS`, for one of :data:`REASONS`; a reward, or its picture, by
    ``reward_id``. Returns the report's id.

    Each call makes another, within a limit for each network and shop. Raises NotFoundError for a shop or reward that
    is not shown there, InvalidError, TriesUsedUpError.
    """
    said = (words or "").strip() or None
    errors: dict[str, list[str]] = {}
    if what not in WHATS:
        errors["what"] = ["not_one_of"]
    if reason not in REASONS:
        errors["reason"] = ["not_one_of"]
    if said is not None and len(said) > LONGEST_WORDS:
        errors["words"] = ["words_too_long"]
    if (what in ("reward", "picture")) != (reward_id is not None):
        errors["reward_id"] = ["not_one_of"]
    if errors:
        raise InvalidError(errors=errors)
    shop = find_shop(scope, location_id)
    if network is not None:
        attempts.spend(scope, REPORTS_OF_NETWORK, network)
    attempts.spend(scope, REPORTS_OF_SHOP, shop.merchant_id)

    def work(tx: Transaction) -> str:
        shown = _shown(tx, _Told(what, shop.merchant_id, reward_id))
        row = ContentReport(
            id=new_id(),
            merchant_id=shop.merchant_id,
            what=what,
            reward_id=reward_id,
            reason=reason,
            words=said,
            shown=shown,
            status="open",
            created_at=scope.now,
        )
        tx.session.add(row)
        return row.id

    return scope.run(work)


def take_down(scope: Scope, report_id: str, *, reason: str) -> None:
    """Hide what was reported, and tell the shop's owners by mail why, in ``reason``'s words, and how to object.

    Every other open report about the same thing is decided with it. Raises NotFoundError, ReportDecidedError, and
    InvalidError without a reason.
    """
    told = _reason(reason)

    def work(tx: Transaction) -> None:
        row = _decide(tx, scope, report_id, ("open",), "taken_down", told)
        kept = _hide(tx, scope, _Told(row.what, row.merchant_id, row.reward_id))
        row.kept = kept
        tx.session.flush()
        tx.session.execute(
            update(ContentReport)
            .where(
                ContentReport.merchant_id == row.merchant_id,
                ContentReport.what == row.what,
                ContentReport.reward_id.is_(None)
                if row.reward_id is None
                else ContentReport.reward_id == row.reward_id,
                ContentReport.status == "open",
            )
            .values(status="dismissed", decided_by=scope.actor_id, decided_at=scope.now, decision=told)
        )
        _record(tx, scope, row, "content.taken_down", "open", "taken_down")
        _tell(tx, scope, row, "content_taken_down", told)

    scope.run(work)


def restore(scope: Scope, report_id: str) -> None:
    """Undo a taking down: what was hidden is shown again, unless the shop has put something else in its place. The
    owners are told. Raises NotFoundError, and ReportDecidedError for one that is not taken down."""

    def work(tx: Transaction) -> None:
        row = _decide(tx, scope, report_id, ("taken_down",), "restored", None)
        _show(tx, scope, row)
        _record(tx, scope, row, "content.restored", "taken_down", "restored")
        _tell(tx, scope, row, "content_restored", "")

    scope.run(work)


def dismiss(scope: Scope, report_id: str) -> None:
    """Leave things as they are. Nobody is told. Raises NotFoundError, ReportDecidedError."""

    def work(tx: Transaction) -> None:
        row = _decide(tx, scope, report_id, ("open",), "dismissed", None)
        _record(tx, scope, row, "content.dismissed", "open", "dismissed")

    scope.run(work)


def _decide(
    tx: Transaction, scope: Scope, report_id: str, before: tuple[str, ...], after: str, decision: str | None
) -> ContentReport:
    """Of two who decide at once one finds it as it was."""
    values: dict[str, Any] = {"status": after, "decided_by": scope.actor_id, "decided_at": scope.now}
    if decision is not None:
        values["decision"] = decision
    found = tx.session.scalars(
        update(ContentReport)
        .where(ContentReport.id == report_id, ContentReport.status.in_(before))
        .values(**values)
        .returning(ContentReport.id)
        .execution_options(synchronize_session=False)
    ).all()
    row = tx.session.get(ContentReport, report_id, populate_existing=True)
    if row is None:
        raise NotFoundError
    if not found:
        raise ReportDecidedError
    return row


def _reason(reason: str) -> str:
    told = " ".join(reason.split())
    if not 0 < len(told) <= LONGEST_DECISION:
        raise InvalidError(errors={"reason": ["reason_expected"]})
    return told


def _shown(tx: Transaction, told: _Told) -> dict[str, Any]:
    """What stands there now. Raises NotFoundError where nothing does."""
    merchant = tx.session.get_one(Merchant, told.merchant_id)
    if told.what == "logo":
        shown: Any = {"logo_svg": merchant.logo_svg} if merchant.logo_svg else None
    elif told.what == "story":
        shown = {"story": merchant.story} if merchant.story else None
    else:
        reward = _reward(tx, told)
        shown = {"name": reward.name, "names": reward.names, "texts": reward.texts, "picture_id": reward.picture_id}
        if not reward.is_active or (told.what == "picture" and reward.picture_id is None):
            shown = None
    if shown is None:
        raise NotFoundError
    return dict(shown)


def _reward(tx: Transaction, told: _Told) -> Reward:
    reward = tx.session.get(Reward, told.reward_id, with_for_update=True, populate_existing=True)
    if reward is None or reward.merchant_id != told.merchant_id:
        raise NotFoundError
    return reward


def _hide(tx: Transaction, scope: Scope, told: _Told) -> dict[str, Any]:
    """Hide it and return what it was; where the shop has taken it away itself meanwhile there is nothing to hide."""
    merchant = tx.session.get_one(Merchant, told.merchant_id, populate_existing=True)
    if told.what == "logo":
        kept: dict[str, Any] = {"logo_svg": merchant.logo_svg}
        merchants.change_merchant(scope, told.merchant_id, logo_svg=None)
    elif told.what == "story":
        kept = {"story": merchant.story}
        merchants.change_merchant(scope, told.merchant_id, story={})
    elif told.what == "reward":
        kept = {"is_active": _reward(tx, told).is_active}
        change_reward(scope, told.reward_id or "", is_active=False)
    else:
        reward = _reward(tx, told)
        kept = {"picture_id": reward.picture_id}
        _put_picture(tx, reward, None)
    return kept


def _show(tx: Transaction, scope: Scope, row: ContentReport) -> None:
    told, kept = _Told(row.what, row.merchant_id, row.reward_id), row.kept or {}
    merchant = tx.session.get_one(Merchant, row.merchant_id, populate_existing=True)
    if row.what == "logo":
        if merchant.logo_svg is None and kept.get("logo_svg"):
            merchants.change_merchant(scope, row.merchant_id, logo_svg=kept["logo_svg"])
    elif row.what == "story":
        if not merchant.story and kept.get("story"):
            merchants.change_merchant(scope, row.merchant_id, story=kept["story"])
    elif row.what == "reward":
        if kept.get("is_active"):
            change_reward(scope, row.reward_id or "", is_active=True)
    else:
        reward = _reward(tx, told)
        if reward.picture_id is None and kept.get("picture_id"):
            _put_picture(tx, reward, kept["picture_id"])


def _put_picture(tx: Transaction, reward: Reward, picture_id: str | None) -> None:
    # The picture itself stays: it is what a decision that is undone puts back.
    reward.picture_id = picture_id
    reward.revision += 1
    tx.session.flush()
    configuration_changed(tx, reward.merchant_id)


def _record(tx: Transaction, scope: Scope, row: ContentReport, action: str, before: str, after: str) -> None:
    told = {"what": row.what, "reward_id": row.reward_id} if row.reward_id else {"what": row.what}
    audit.record(
        tx,
        scope,
        action,
        "content_report",
        row.id,
        merchant_id=row.merchant_id,
        before={"status": before},
        after={"status": after, **told},
    )


def _tell(tx: Transaction, scope: Scope, row: ContentReport, kind: str, reason: str) -> None:
    name = str(row.shown.get("name", ""))
    shop = tx.session.get_one(Merchant, row.merchant_id).name
    words: Callable[[str], str] = lambda code: CONTENT[row.what].get(code, CONTENT[row.what][FALLBACK])  # noqa: E731
    for owner in addressees(tx, merchant_id=row.merchant_id):
        code = (owner.locale or FALLBACK).lower()[:2]
        queue_mail(
            tx,
            scope.keys.data,
            mail(kind, owner.address, owner.locale, shop=shop, what=words(code).format(name=name), reason=reason),
            now=scope.now,
            merchant_id=row.merchant_id,
        )
