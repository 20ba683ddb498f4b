"""A member's word on what a counter wants to spend: yes or no, while the shop waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.cards import waiting
from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.money import format_amount
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.models import Location, Merchant
from app.rewards.models import Reward, SpendingRequest
from app.wallet.errors import SpendingRequestOverError
from app.wallet.queries.accounts import MerchantView, merchant_view

SHOWN = timedelta(days=1)

# Guarded by what it was: of yes, no and the redemption itself, each finds the others' word or comes first.
DECIDE = Statement(
    "UPDATE spending_request SET status = :status, decided_at = :now WHERE member_id = :member_id AND id = :id"
    " AND expires_at > :now AND (status = 'asked' OR (status = 'approved' AND :status = 'refused'))"
)


@dataclass(frozen=True, slots=True)
class SpendingRequestView:
    """What a counter wants to spend. ``worth`` is a decimal text in ``currency``, None where the shop never said;
    ``status`` is ``asked``, ``approved``, ``refused``, ``used`` or ``expired``."""

    request_id: str
    merchant: MerchantView
    location_name: str
    reward_name: str
    worth: str | None
    currency: str
    asked_at: datetime
    expires_at: datetime
    status: str


def list_spending_requests(scope: Scope) -> list[SpendingRequestView]:
    """What the scope's member was asked within the last day, the newest first."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(SpendingRequest, Merchant, Location, Reward.name)
            .join(Merchant, Merchant.id == SpendingRequest.merchant_id)
            .join(Location, Location.id == SpendingRequest.location_id)
            .join(Reward, Reward.id == SpendingRequest.reward_id)
            .where(SpendingRequest.member_id == scope.member_id, SpendingRequest.asked_at > scope.now - SHOWN)
            .order_by(SpendingRequest.id.desc())
        ).all()
        return [_view(scope, *row) for row in rows]


def approve_spending(scope: Scope, *, request_id: str) -> None:
    """Let the shop spend what it asked for, once, until the question's ten minutes are over. A repeat changes nothing.

    Raises ``NotFoundError``, ``SpendingWaitsError``, and :class:`SpendingRequestOverError` where nobody waits for it
    any more.
    """
    waiting.require_no_wait(scope)
    scope.run(lambda tx: _decide(tx, scope, request_id, "approved"))


def refuse_spending(scope: Scope, *, request_id: str) -> None:
    """Let nothing be spent; also after a yes, as long as the shop has not used it. A repeat changes nothing.

    Raises ``NotFoundError`` and :class:`SpendingRequestOverError`.
    """
    scope.run(lambda tx: _decide(tx, scope, request_id, "refused"))


def _decide(tx: Transaction, scope: Scope, request_id: str, status: str) -> None:
    now = scope.now
    wanted = {"member_id": scope.member_id, "id": request_id, "status": status, "now": now}
    if not is_id(request_id):
        raise NotFoundError(what="spending request")
    if tx.run(DECIDE, wanted) == 1:
        audit.record(tx, scope, f"spending.{status}", "spending_request", request_id)
        return
    found = tx.session.execute(
        select(SpendingRequest.status, SpendingRequest.expires_at).where(
            SpendingRequest.member_id == scope.member_id, SpendingRequest.id == request_id
        )
    ).first()
    if found is None:
        raise NotFoundError(what="spending request")
    is_said = found.status == status or (status == "approved" and found.status == "used")
    if not is_said or (found.status == status and found.expires_at <= now):
        raise SpendingRequestOverError


def _view(
    scope: Scope, request: SpendingRequest, merchant: Merchant, location: Location, reward_name: str
) -> SpendingRequestView:
    is_over = request.status in ("asked", "approved") and request.expires_at <= scope.now
    worth = request.worth_minor
    return SpendingRequestView(
        request_id=request.id,
        merchant=merchant_view(merchant),
        location_name=location.name,
        reward_name=reward_name,
        worth=None if worth is None else format_amount(worth, request.currency),
        currency=request.currency,
        asked_at=request.asked_at,
        expires_at=request.expires_at,
        status="expired" if is_over else request.status,
    )
