"""Who looks, or looked, through a shop's eyes, and whether it lets the operators act for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select

from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.models import Merchant, Operator, OperatorSession, ShopConsent, ShopView, Staff


@dataclass(frozen=True, slots=True)
class Look:
    """A look that is on, and the shop that it shows."""

    view_id: str
    operator_id: str
    mode: str
    expires_at: datetime
    merchant_id: str
    slug: str
    name: str
    hue: int
    status: str
    currency: str
    timezone: str

    @property
    def acts(self) -> bool:
        """Whether it may change something."""
        return self.mode == "act"


@dataclass(frozen=True, slots=True)
class ConsentView:
    """That a shop lets the operators act for it."""

    given_by: str
    given_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PastLook:
    """A look at a shop; ``ended_at`` None: it is on."""

    operator: str
    mode: str
    reason: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None


def find_look(scope: Scope, token_hash: bytes) -> Look | None:
    """The look with this token's hash, if it is on: not ended, not over, its operator still at work and signed in, and
    where it acts, the shop's consent not withdrawn and not over."""
    now = scope.now
    is_signed_in = exists().where(
        OperatorSession.operator_id == ShopView.operator_id,
        OperatorSession.ended_at.is_(None),
        OperatorSession.expires_at > now,
        OperatorSession.proved_at.is_not(None),
    )
    wanted = (
        select(ShopView, Merchant)
        .join(Merchant, Merchant.id == ShopView.merchant_id)
        .join(Operator, Operator.id == ShopView.operator_id)
        .outerjoin(ShopConsent, ShopConsent.id == ShopView.consent_id)
        .where(
            ShopView.token_hash == token_hash,
            ShopView.ended_at.is_(None),
            ShopView.expires_at > now,
            Operator.is_active,
            is_signed_in,
            or_(ShopView.mode == "read", ShopConsent.withdrawn_at.is_(None) & (ShopConsent.expires_at > now)),
        )
    )
    with scope.reading() as tx:
        found = tx.session.execute(wanted).first()
        if found is None:
            return None
        view, merchant = found
        return Look(
            view_id=view.id,
            operator_id=view.operator_id,
            mode=view.mode,
            expires_at=view.expires_at,
            merchant_id=merchant.id,
            slug=merchant.slug,
            name=merchant.name,
            hue=merchant.hue,
            status=merchant.status,
            currency=merchant.currency,
            timezone=merchant.timezone,
        )


def consent_of(scope: Scope, merchant_id: str) -> ConsentView | None:
    """Whether the operators may act for a shop now, and who said so."""
    with scope.reading() as tx:
        found = tx.session.execute(
            select(ShopConsent, Staff.name)
            .join(Staff, Staff.id == ShopConsent.given_by)
            .where(
                ShopConsent.merchant_id == merchant_id,
                ShopConsent.withdrawn_at.is_(None),
                ShopConsent.expires_at > scope.now,
            )
        ).first()
        return None if found is None else ConsentView(found[1], found[0].given_at, found[0].expires_at)


def list_looks(scope: Scope, merchant_id: str, *, limit: int = 10) -> list[PastLook]:
    """The last looks at a shop, the newest first; for the operators."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(ShopView, Operator.name, Operator.email)
            .join(Operator, Operator.id == ShopView.operator_id)
            .where(ShopView.merchant_id == merchant_id)
            .order_by(ShopView.id.desc())
            .limit(limit)
        ).all()
        return [
            PastLook(
                name or email.partition("@")[0], row.mode, row.reason, row.created_at, row.expires_at, row.ended_at
            )
            for row, name, email in rows
        ]


def question_of(scope: Scope, merchant_id: str) -> tuple[str, datetime] | None:
    """What a shop on trial was asked last, and when; None where nothing was, or where it waits no more."""
    with scope.reading() as tx:
        merchant = tx.session.get(Merchant, merchant_id)
        if merchant is None or merchant.approved_at is not None or merchant.status != "active":
            return None
        event = tx.session.scalars(
            select(AuditEvent)
            .where(
                AuditEvent.merchant_id == merchant_id,
                AuditEvent.subject_kind == "merchant",
                AuditEvent.action == "merchant.asked",
            )
            .order_by(AuditEvent.id.desc())
            .limit(1)
        ).first()
        return None if event is None else (str((event.after or {}).get("question", "")), event.occurred_at)
