"""Promotions: time-bound extra earning rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.configuration import configuration_changed
from app.rewards.models import Promotion
from app.rewards.rows import merchant_in, programme_in, promotion_in
from app.rewards.rules import parse_promotion, promotion_document

LONGEST_NAME = 80
_FIELDS = ("name", "starts_at", "ends_at", "is_active")


def create_promotion(
    scope: Scope,
    programme_id: str,
    *,
    name: str,
    rule: Mapping[str, Any],
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> str:
    """Give a programme one more promotion and return its id.

    ``rule`` is the document that :func:`app.rewards.rules.parse_promotion` reads; ``starts_at`` and ``ends_at`` (aware;
    the end is excluded) bound when it runs. Raises NotFoundError, InvalidError, InvalidRulesError.
    """
    promotion_id = new_id()
    _check(name, starts_at, ends_at)

    def work(tx: Transaction) -> str:
        programme = programme_in(tx, scope, programme_id)
        merchant = merchant_in(tx, scope, programme.merchant_id)
        compiled = parse_promotion(rule, promotion_id=promotion_id, currency=merchant.currency)
        document = promotion_document(compiled)
        tx.session.add(
            Promotion(
                id=promotion_id,
                merchant_id=merchant.id,
                programme_id=programme_id,
                name=name.strip(),
                rule=document,
                starts_at=starts_at,
                ends_at=ends_at,
                is_active=True,
                created_at=scope.now,
            )
        )
        tx.session.flush()
        configuration_changed(tx, merchant.id)
        audit.record(
            tx,
            scope,
            "promotion.created",
            "promotion",
            promotion_id,
            merchant_id=merchant.id,
            after={"name": name.strip(), "rule": document},
        )
        return promotion_id

    return scope.run(work)


def change_promotion(scope: Scope, promotion_id: str, **changes: Any) -> None:
    """Change a promotion's name, starts_at, ends_at or is_active. Its rule never changes: a visit that it judged is
    reversed by it; another rule is another promotion. Raises NotFoundError, InvalidError."""
    unknown = sorted(set(changes) - set(_FIELDS))
    if unknown:
        raise InvalidError(errors={field: ["unknown_field"] for field in unknown})

    def work(tx: Transaction) -> None:
        promotion = promotion_in(tx, scope, promotion_id)
        _check(
            changes.get("name", promotion.name),
            changes.get("starts_at", promotion.starts_at),
            changes.get("ends_at", promotion.ends_at),
        )
        differing = {field: value for field, value in changes.items() if getattr(promotion, field) != value}
        if not differing:
            return
        before = {field: _told(getattr(promotion, field)) for field in differing}
        for field, value in differing.items():
            setattr(promotion, field, value)
        tx.session.flush()
        configuration_changed(tx, promotion.merchant_id)
        audit.record(
            tx,
            scope,
            "promotion.changed",
            "promotion",
            promotion_id,
            merchant_id=promotion.merchant_id,
            before=before,
            after={field: _told(value) for field, value in differing.items()},
        )

    scope.run(work)


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _check(name: str, starts_at: datetime | None, ends_at: datetime | None) -> None:
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise InvalidError(errors={"name": ["name_expected"]})
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise InvalidError(errors={"ends_at": ["before_start"]})
