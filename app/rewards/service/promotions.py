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
from app.rewards.errors import ChangedMeanwhileError
from app.rewards.models import Promotion
from app.rewards.rows import merchant_in, programme_in, promotion_in, require_own_place
from app.rewards.rules import parse_promotion, promotion_document

LONGEST_NAME = 80
LOCALES = ("nl", "fr", "en", "de")
_FIELDS = ("name", "names", "starts_at", "ends_at", "is_active")


def create_promotion(
    scope: Scope,
    programme_id: str,
    *,
    name: str,
    rule: Mapping[str, Any],
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """Give a programme one more promotion and return its id.

    ``rule`` is the document that :func:`app.rewards.rules.parse_promotion` reads; ``starts_at`` and ``ends_at`` (aware;
    the end is excluded) bound when it runs; ``names`` are by locale. Raises NotFoundError, InvalidError,
    InvalidRulesError, and ForbiddenError for somebody of one location whose promotion is not for that one alone.
    """
    _check(name, names or {}, starts_at, ends_at)

    def work(tx: Transaction) -> str:
        return _create(tx, scope, programme_id, name, rule, starts_at, ends_at, names or {})

    return scope.run(work)


def replace_promotion(
    scope: Scope,
    promotion_id: str,
    *,
    name: str,
    rule: Mapping[str, Any],
    starts_at: datetime | None,
    ends_at: datetime | None,
    names: Mapping[str, str],
    revision: int | None = None,
) -> str:
    """Let a promotion go on by another rule, and return the id under which it does.

    The old one ends now, so that visits of before are judged and reversed by it, and the new one begins now (or at
    ``starts_at`` if that is later); one that has not begun is simply put in the old one's place. Raises what
    :func:`create_promotion` and :func:`change_promotion` raise; a repeat is refused, since the old one has changed.
    """
    _check(name, names, starts_at, ends_at)

    def work(tx: Transaction) -> str:
        old = promotion_in(tx, scope, promotion_id, lock=True)
        require_own_place(scope, places_of(old.rule))
        if old.replaced_by is not None or (revision is not None and revision != old.revision):
            raise ChangedMeanwhileError(revision=revision, now=old.revision)
        now = scope.now
        has_begun = old.is_active and (old.starts_at is None or old.starts_at <= now)
        begins = max(starts_at or now, now) if has_begun else starts_at
        if ends_at is not None and begins is not None and ends_at <= begins:
            raise InvalidError(errors={"ends_at": ["before_start"]})
        made = _create(tx, scope, old.programme_id, name, rule, begins, ends_at, names)
        if not has_begun:
            old.is_active = False
        elif old.ends_at is None or old.ends_at > now:
            old.ends_at = now
        old.replaced_by = made
        old.revision += 1
        tx.session.flush()
        audit.record(
            tx,
            scope,
            "promotion.replaced",
            "promotion",
            promotion_id,
            merchant_id=old.merchant_id,
            before={"rule": old.rule},
            after={"replaced_by": made},
        )
        return made

    return scope.run(work)


def stop_promotion(scope: Scope, promotion_id: str, *, revision: int | None = None) -> None:
    """End a promotion now; one that has not begun is off. Visits of before keep what it gave them, also those that a
    tablet without a network still has to tell. A repeat changes nothing. Raises what :func:`change_promotion` raises.
    """
    with scope.reading() as tx:
        promotion = promotion_in(tx, scope, promotion_id)
        has_begun = promotion.starts_at is None or promotion.starts_at <= scope.now
        is_over = promotion.ends_at is not None and promotion.ends_at <= scope.now
    if not promotion.is_active or is_over:
        return
    change: dict[str, Any] = {"ends_at": scope.now} if has_begun else {"is_active": False}
    if has_begun and promotion.starts_at == scope.now:
        change = {"is_active": False}
    change_promotion(scope, promotion_id, revision=revision, **change)


def places_of(rule: Mapping[str, Any]) -> list[str]:
    """The locations that a promotion is for; none: all of them."""
    return list(rule.get("conditions", {}).get("locations", ()))


def _create(
    tx: Transaction,
    scope: Scope,
    programme_id: str,
    name: str,
    rule: Mapping[str, Any],
    starts_at: datetime | None,
    ends_at: datetime | None,
    names: Mapping[str, str],
) -> str:
    programme = programme_in(tx, scope, programme_id)
    merchant = merchant_in(tx, scope, programme.merchant_id)
    promotion_id = new_id()
    compiled = parse_promotion(rule, promotion_id=promotion_id, currency=merchant.currency)
    document = promotion_document(compiled)
    require_own_place(scope, places_of(document))
    tx.session.add(
        Promotion(
            id=promotion_id,
            merchant_id=merchant.id,
            programme_id=programme_id,
            name=name.strip(),
            names=dict(names),
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


def change_promotion(scope: Scope, promotion_id: str, *, revision: int | None = None, **changes: Any) -> None:
    """Change a promotion's name, names, starts_at, ends_at or is_active. Its rule never changes: a visit that it judged
    is reversed by it; another rule is another promotion (:func:`replace_promotion`).

    ``revision`` is that of the promotion as it was looked at: raises ChangedMeanwhileError when somebody has changed
    it since. Raises NotFoundError, InvalidError, ForbiddenError. What is already so leaves no event."""
    unknown = sorted(set(changes) - set(_FIELDS))
    if unknown:
        raise InvalidError(errors={field: ["unknown_field"] for field in unknown})

    def work(tx: Transaction) -> None:
        promotion = promotion_in(tx, scope, promotion_id, lock=True)
        require_own_place(scope, places_of(promotion.rule))
        if revision is not None and revision != promotion.revision:
            raise ChangedMeanwhileError(revision=revision, now=promotion.revision)
        _check(
            changes.get("name", promotion.name),
            changes.get("names", promotion.names),
            changes.get("starts_at", promotion.starts_at),
            changes.get("ends_at", promotion.ends_at),
        )
        differing = {field: value for field, value in changes.items() if getattr(promotion, field) != value}
        if not differing:
            return
        before = {field: _told(getattr(promotion, field)) for field in differing}
        promotion.revision += 1
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


def _check(name: str, names: Mapping[str, str], starts_at: datetime | None, ends_at: datetime | None) -> None:
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise InvalidError(errors={"name": ["name_expected"]})
    if any(locale not in LOCALES or not 0 < len(told) <= LONGEST_NAME for locale, told in names.items()):
        raise InvalidError(errors={"names": ["texts_by_locale_expected"]})
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise InvalidError(errors={"ends_at": ["before_start"]})
