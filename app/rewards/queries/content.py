"""Reports about what shops show, for whoever judges them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants.models import Merchant
from app.rewards.models import ContentReport, Reward

PAGE = 100


@dataclass(frozen=True, slots=True)
class Reported:
    """One report. ``shown`` is what stood there when it was reported; ``others`` counts further open reports about the
    same thing; ``same_now`` says whether it still stands there as it did."""

    report_id: str
    merchant_id: str
    shop: str
    slug: str
    what: str
    reward_id: str | None
    reason: str
    words: str | None
    shown: Mapping[str, Any]
    state: str
    decision: str | None
    created_at: datetime
    decided_at: datetime | None
    others: int
    same_now: bool


def list_reports(scope: Scope, *, is_open: bool = True, limit: int = PAGE) -> list[Reported]:
    """The reports that wait, the oldest first; or those that were decided, the newest first."""
    wanted = _SELECT.limit(limit)
    if is_open:
        wanted = wanted.where(ContentReport.status == "open").order_by(ContentReport.id)
    else:
        wanted = wanted.where(ContentReport.status != "open").order_by(
            ContentReport.decided_at.desc(), ContentReport.id.desc()
        )
    with scope.reading() as tx:
        return [_reported(row) for row in tx.session.execute(wanted)]


def find_report(scope: Scope, report_id: str) -> Reported:
    """One report. Raises NotFoundError."""
    with scope.reading() as tx:
        row = tx.session.execute(_SELECT.where(ContentReport.id == report_id)).first()
    if row is None:
        raise NotFoundError
    return _reported(row)


def count_reports(scope: Scope) -> int:
    """How many reports wait."""
    with scope.reading() as tx:
        return tx.session.scalar(select(func.count()).where(ContentReport.status == "open")) or 0


_OTHER = ContentReport.__table__.alias("other")
_OTHERS = (
    select(func.count())
    .select_from(_OTHER)
    .where(
        _OTHER.c.merchant_id == ContentReport.merchant_id,
        _OTHER.c.what == ContentReport.what,
        func.coalesce(_OTHER.c.reward_id, ContentReport.merchant_id)
        == func.coalesce(ContentReport.reward_id, ContentReport.merchant_id),
        _OTHER.c.status == "open",
        _OTHER.c.id != ContentReport.id,
    )
    .correlate(ContentReport)
    .scalar_subquery()
)
_SELECT = (
    select(ContentReport, Merchant, Reward, _OTHERS)
    .join(Merchant, Merchant.id == ContentReport.merchant_id)
    .outerjoin(Reward, Reward.id == ContentReport.reward_id)
)


def _reported(row: Any) -> Reported:
    report, merchant, reward, others = row
    return Reported(
        report.id,
        merchant.id,
        merchant.name,
        merchant.slug,
        report.what,
        report.reward_id,
        report.reason,
        report.words,
        report.shown,
        report.status,
        report.decision,
        report.created_at,
        report.decided_at,
        others,
        _is_same(report, merchant, reward),
    )


def _is_same(report: ContentReport, merchant: Merchant, reward: Reward | None) -> bool:
    shown = report.shown
    if report.what == "logo":
        return bool(merchant.logo_svg == shown.get("logo_svg"))
    if report.what == "story":
        return bool(merchant.story == shown.get("story"))
    if reward is None or not reward.is_active:
        return False
    if report.what == "picture":
        return bool(reward.picture_id == shown.get("picture_id"))
    return bool(
        (reward.name, reward.names, reward.texts) == (shown.get("name"), shown.get("names"), shown.get("texts"))
    )
