"""An operator looks through a shop's eyes, or acts for it with its consent. Begin and end stand in the shop's audit
list; whoever looks changes nothing, and whoever acts is told apart from the shop's own people."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from app.common import audit
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import tokens
from app.merchants.errors import ConsentMissingError
from app.merchants.models import Merchant, ShopConsent, ShopView
from app.merchants.queries.looking import Look, find_look
from app.merchants.rows import merchant_of
from app.merchants.service.approving import checked_reason

LOOK_FOR = timedelta(minutes=30)
CONSENT_FOR = timedelta(hours=24)
MODES = ("read", "act")

# Guarded: a look ends once, and is told once.
_END = Statement("UPDATE shop_view SET ended_at = :at WHERE id = :id AND ended_at IS NULL")
_WITHDRAW = Statement("UPDATE shop_consent SET withdrawn_at = :now WHERE id = :id AND withdrawn_at IS NULL")


@dataclass(frozen=True, slots=True)
class OpenedLook:
    """A look's token, told this once, and where it leads."""

    token: str = field(repr=False)
    slug: str
    expires_at: datetime


def begin_looking(scope: Scope, merchant_id: str, *, mode: str, reason: str) -> OpenedLook:
    """Open a look at a shop for the scope's operator: ``read``, or ``act`` while the shop's consent is there. It ends
    after thirty minutes at the latest, one that acts with the consent. Who looked elsewhere looks there no more.

    Raises ForbiddenError for anybody but an operator, InvalidError without a reason or for another mode, NotFoundError,
    and ConsentMissingError. Each call opens another look.
    """
    if scope.actor_kind != "operator" or scope.actor_id is None:
        raise ForbiddenError
    operator_id = scope.actor_id
    if mode not in MODES:
        raise InvalidError(errors={"mode": ["not_one_of"]})
    checked = checked_reason(reason)
    token = tokens.new_token(tokens.LOOK_PREFIX)

    def work(tx: Transaction) -> OpenedLook:
        merchant = merchant_of(tx, scope, merchant_id)
        expires_at = scope.now + LOOK_FOR
        consent_id = None
        if mode == "act":
            consent = _open_consent(tx, scope, merchant_id)
            if consent is None:
                raise ConsentMissingError
            consent_id, expires_at = consent.id, min(expires_at, consent.expires_at)
        elsewhere = select(ShopView).where(ShopView.operator_id == operator_id, ShopView.ended_at.is_(None))
        for view in tx.session.scalars(elsewhere).all():
            _end(tx, scope, view, "left")
        tx.session.add(
            ShopView(
                id=new_id(),
                operator_id=operator_id,
                merchant_id=merchant_id,
                mode=mode,
                reason=checked,
                consent_id=consent_id,
                created_at=scope.now,
                expires_at=expires_at,
                token_hash=tokens.token_hash(token),
            )
        )
        audit.record(
            tx,
            scope,
            "look.begun",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            after={
                "mode": mode,
                "reason": checked,
                "minutes": max(1, round((expires_at - scope.now).total_seconds() / 60)),
            },
        )
        return OpenedLook(token, merchant.slug, expires_at)

    return scope.run(work)


def resume_looking(scope: Scope, token: str) -> Look | None:
    """The look behind a cookie's token; None where it is unknown, over or ended, where its operator left or signed out,
    and where the consent that it acts by is over or withdrawn."""
    return find_look(scope, tokens.token_hash(token))


def end_looking(scope: Scope, token: str) -> str | None:
    """End the look behind a token, in the name of its operator. Returns its merchant's id, None where there is no such
    look. A repeat changes nothing."""

    def work(tx: Transaction) -> str | None:
        view = tx.session.scalars(select(ShopView).where(ShopView.token_hash == tokens.token_hash(token))).first()
        if view is None:
            return None
        _end(tx, replace(scope, actor_kind="operator", actor_id=view.operator_id), view, "left")
        return view.merchant_id

    return scope.run(work)


def end_looks_over(scope: Scope) -> int:
    """End the looks whose time is over, and say so in the audit lists. Returns how many; a repeat finds none."""

    def work(tx: Transaction) -> int:
        over = select(ShopView).where(ShopView.ended_at.is_(None), ShopView.expires_at <= scope.now)
        return sum(_end(tx, scope, view, "time", at=view.expires_at) for view in tx.session.scalars(over).all())

    return scope.run(work)


def give_consent(scope: Scope) -> datetime:
    """Let the operators act for the scope's shop for a day, by one of its own people. Returns until when.

    Raises ForbiddenError for anybody but a member of its staff. While one is open a repeat changes nothing.
    """
    if scope.actor_kind != "staff" or scope.staff_id is None:
        raise ForbiddenError
    given_by, merchant_id = scope.staff_id, scope.merchant_id or ""

    def work(tx: Transaction) -> datetime:
        # Of two who give it at once the second finds the first one's.
        tx.session.get(Merchant, merchant_of(tx, scope, merchant_id).id, with_for_update=True)
        known = _open_consent(tx, scope, merchant_id)
        if known is not None:
            return known.expires_at
        row = ShopConsent(
            id=new_id(),
            merchant_id=merchant_id,
            given_by=given_by,
            given_at=scope.now,
            expires_at=scope.now + CONSENT_FOR,
        )
        tx.session.add(row)
        audit.record(
            tx,
            scope,
            "consent.given",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before={"may_act": False},
            after={"may_act": True, "hours": int(CONSENT_FOR.total_seconds() // 3600)},
        )
        return row.expires_at

    return scope.run(work)


def withdraw_consent(scope: Scope) -> bool:
    """Take back that the operators may act for the scope's shop, at once: whoever acts is put out. False where there
    was nothing to take back, which a repeat finds too. Raises ForbiddenError for anybody but a member of its staff."""
    if scope.actor_kind != "staff" or scope.staff_id is None:
        raise ForbiddenError
    merchant_id = scope.merchant_id or ""

    def work(tx: Transaction) -> bool:
        known = _open_consent(tx, scope, merchant_id)
        if known is None or tx.run(_WITHDRAW, {"id": known.id, "now": scope.now}) != 1:
            return False
        acting = select(ShopView).where(ShopView.consent_id == known.id, ShopView.ended_at.is_(None))
        for view in tx.session.scalars(acting).all():
            _end(tx, scope, view, "consent")
        audit.record(
            tx,
            scope,
            "consent.withdrawn",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before={"may_act": True},
            after={"may_act": False},
        )
        return True

    return scope.run(work)


def _open_consent(tx: Transaction, scope: Scope, merchant_id: str) -> ShopConsent | None:
    # Locked: a look that begins to act and a withdrawal at the same moment come one after the other.
    return tx.session.scalars(
        select(ShopConsent)
        .where(
            ShopConsent.merchant_id == merchant_id,
            ShopConsent.withdrawn_at.is_(None),
            ShopConsent.expires_at > scope.now,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _end(tx: Transaction, scope: Scope, view: ShopView, why: str, *, at: datetime | None = None) -> bool:
    if tx.run(_END, {"id": view.id, "at": at or scope.now}) != 1:
        return False
    audit.record(
        tx,
        scope,
        "look.ended",
        "merchant",
        view.merchant_id,
        merchant_id=view.merchant_id,
        after={"mode": view.mode, "ended_by": why},
    )
    return True
