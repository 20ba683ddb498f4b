"""Which shops were asked to join, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, select

from app.common.scope import Scope
from app.merchants.models import Merchant, Operator, ShopInvitation, StaffLogin

STATES = ("sent", "opened", "signed_up", "called_off", "expired")
SHOWN = 50
_PIECE = 500


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """One invitation; ``invited_by`` is an operator's name, ``merchant_id`` and ``shop`` what it led to."""

    invitation_id: str
    name: str
    email: str
    city: str | None
    state: str
    sent_at: datetime
    expires_at: datetime
    invited_by: str | None
    merchant_id: str | None
    shop: str | None


@dataclass(frozen=True, slots=True)
class InvitationsPage:
    """A page of them, how many there are in each state, and of how many pages it is one."""

    rows: list[InvitationRow]
    counts: Mapping[str, int]
    page: int
    pages: int


def list_invitations(scope: Scope, *, state: str | None = None, page: int = 1) -> InvitationsPage:
    """The invitations of shops, the newest first, in one state or all."""
    told = _state(scope.now)
    with scope.reading() as tx:
        counted = tx.session.execute(select(told, func.count()).group_by(told)).all()
        counts = {str(name): int(count) for name, count in counted}
        many = counts.get(state, 0) if state else sum(counts.values())
        pages = max(1, -(-many // SHOWN))
        page = min(max(1, page), pages)
        query = (
            select(ShopInvitation, told, Operator.name, Merchant.name)
            .outerjoin(Operator, Operator.id == ShopInvitation.invited_by)
            .outerjoin(Merchant, Merchant.id == ShopInvitation.merchant_id)
            .order_by(ShopInvitation.sent_at.desc(), ShopInvitation.id.desc())
            .limit(SHOWN)
            .offset((page - 1) * SHOWN)
        )
        found = tx.session.execute(query.where(told == state) if state else query)
        rows = [
            InvitationRow(
                row.id,
                row.name,
                row.email,
                row.city,
                stands,
                row.sent_at,
                row.expires_at,
                operator,
                row.merchant_id,
                shop,
            )
            for row, stands, operator, shop in found
        ]
    return InvitationsPage(rows, counts, page, pages)


def known_addresses(scope: Scope, addresses: Collection[str]) -> dict[str, str]:
    """Which of these addresses get no invitation, and why: ``invited`` within thirty days, or ``known`` since they sign
    somebody in or led to a shop."""
    wanted = sorted(addresses)
    found: dict[str, str] = {}
    with scope.reading() as tx:
        for start in range(0, len(wanted), _PIECE):
            piece = wanted[start : start + _PIECE]
            asked = select(ShopInvitation.email, ShopInvitation.signed_up_at).where(
                ShopInvitation.email.in_(piece),
                or_(ShopInvitation.expires_at > scope.now, ShopInvitation.signed_up_at.is_not(None)),
            )
            for email, signed_up_at in tx.session.execute(asked):
                found[email] = "invited" if signed_up_at is None else "known"
            signing_in = select(StaffLogin.email).where(StaffLogin.email.in_(piece))
            found.update(dict.fromkeys(tx.session.scalars(signing_in), "known"))
    return found


def invited_by(scope: Scope, merchant_id: str) -> tuple[str | None, datetime] | None:
    """Who asked a shop to join, and when; None for one that came by itself."""
    with scope.reading() as tx:
        row = tx.session.execute(
            select(Operator.name, ShopInvitation.sent_at)
            .select_from(ShopInvitation)
            .outerjoin(Operator, Operator.id == ShopInvitation.invited_by)
            .where(ShopInvitation.merchant_id == merchant_id)
        ).first()
        return None if row is None else (row[0], row[1])


def _state(now: datetime) -> ColumnElement[str]:
    return case(
        (ShopInvitation.signed_up_at.is_not(None), "signed_up"),
        (ShopInvitation.called_off_at.is_not(None), "called_off"),
        (ShopInvitation.expires_at <= now, "expired"),
        (ShopInvitation.opened_at.is_not(None), "opened"),
        else_="sent",
    )
