"""Programmes and the dated versions of their rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.configuration import configuration_changed
from app.rewards.errors import RewardElsewhereError, VersionInThePastError, VersionTooEarlyError
from app.rewards.models import Programme, ProgrammeVersion, Reward
from app.rewards.rows import merchant_in, programme_in, reward_in
from app.rewards.rules import parse_programme, programme_document

LONGEST_NAME = 80
LONGEST_UNIT = 24
_FIELDS = ("name", "unit", "position", "is_active", "full_card_reward_id")


def create_programme(
    scope: Scope,
    merchant_id: str,
    *,
    name: str,
    kind: str,
    rules: Mapping[str, Any],
    unit: str | None = None,
    timezone: str | None = None,
    position: int = 0,
    is_active: bool = True,
) -> str:
    """Give a merchant one more programme and return its id. Its first version counts from the beginning of time; one
    that is not ``is_active`` waits to be opened.

    ``kind`` is stamps or points, ``rules`` the document that :func:`app.rewards.rules.parse_programme` reads, ``unit``
    the word for one unit ("stamp", "point" unless told), ``timezone`` the merchant's unless told. Raises NotFoundError,
    InvalidError, InvalidRulesError. Each call makes another programme.
    """
    _check({"name": name, "unit": unit or kind, "position": position})

    def work(tx: Transaction) -> str:
        merchant = merchant_in(tx, scope, merchant_id)
        where = timezone or merchant.timezone
        compiled = parse_programme(rules, kind=kind, currency=merchant.currency, timezone=where)
        programme = Programme(
            id=new_id(),
            merchant_id=merchant_id,
            name=name.strip(),
            kind=kind,
            unit=unit or compiled.kind.removesuffix("s"),
            goal=compiled.goal,
            timezone=where,
            position=position,
            is_active=is_active,
            created_at=scope.now,
        )
        document = programme_document(compiled)
        tx.session.add(programme)
        tx.session.flush()
        tx.session.add(
            ProgrammeVersion(
                programme_id=programme.id, version=1, valid_from=None, rules=document, created_at=scope.now
            )
        )
        configuration_changed(tx, merchant_id)
        audit.record(
            tx,
            scope,
            "programme.created",
            "programme",
            programme.id,
            merchant_id=merchant_id,
            after={"name": programme.name, "kind": kind, "rules": document},
        )
        return programme.id

    return scope.run(work)


def add_version(
    scope: Scope, programme_id: str, rules: Mapping[str, Any], *, valid_from: datetime | None = None
) -> int:
    """Give a programme new rules from ``valid_from`` (aware; now unless told) and return the version's number.

    What is booked stays as it was booked. Raises NotFoundError, InvalidRulesError, VersionInThePastError, and
    VersionTooEarlyError when another version is planned for later. The rules in force again: another version.
    """

    def work(tx: Transaction) -> int:
        programme = programme_in(tx, scope, programme_id)
        merchant = merchant_in(tx, scope, programme.merchant_id)
        now = scope.now
        begins = now if valid_from is None else valid_from
        if begins < now:
            raise VersionInThePastError
        compiled = parse_programme(rules, kind=programme.kind, currency=merchant.currency, timezone=programme.timezone)
        last, newest = tx.session.execute(
            select(func.max(ProgrammeVersion.valid_from), func.max(ProgrammeVersion.version)).where(
                ProgrammeVersion.programme_id == programme_id
            )
        ).one()
        if last is not None and begins < last:
            raise VersionTooEarlyError
        document = programme_document(compiled)
        number = int(newest) + 1
        tx.session.add(
            ProgrammeVersion(
                programme_id=programme_id, version=number, valid_from=begins, rules=document, created_at=now
            )
        )
        if begins <= now:
            hold_goal(tx, programme, compiled.goal)
        tx.session.flush()
        configuration_changed(tx, programme.merchant_id)
        audit.record(
            tx,
            scope,
            "programme.version_added",
            "programme",
            programme_id,
            merchant_id=programme.merchant_id,
            after={"version": number, "valid_from": begins.isoformat(), "rules": document},
        )
        return number

    return scope.run(work)


def hold_goal(tx: Transaction, programme: Programme, goal: int | None) -> None:
    """Note what fills a card now, in the caller's transaction. The reward of a full card costs that many too, where it
    did so before."""
    reward_id, before = programme.full_card_reward_id, programme.goal
    programme.goal = goal
    if goal is None or goal == before or reward_id is None:
        return
    reward = tx.session.get(Reward, reward_id)
    if reward is not None and reward.cost == before:
        reward.cost = goal


def change_programme(scope: Scope, programme_id: str, **changes: Any) -> None:
    """Change a programme's name, unit, position, is_active, or full_card_reward_id (the reward that a full stamp card
    gives; ``None`` for none). Raises NotFoundError, InvalidError, RewardElsewhereError. What is already so leaves no
    event."""
    unknown = sorted(set(changes) - set(_FIELDS))
    if unknown:
        raise InvalidError(errors={field: ["unknown_field"] for field in unknown})
    _check(changes)

    def work(tx: Transaction) -> None:
        programme = programme_in(tx, scope, programme_id)
        reward_id = changes.get("full_card_reward_id")
        if reward_id is not None and reward_in(tx, scope, reward_id).programme_id != programme_id:
            raise RewardElsewhereError
        differing = {field: value for field, value in changes.items() if getattr(programme, field) != value}
        if not differing:
            return
        before = {field: getattr(programme, field) for field in differing}
        for field, value in differing.items():
            setattr(programme, field, value)
        tx.session.flush()
        configuration_changed(tx, programme.merchant_id)
        audit.record(
            tx,
            scope,
            "programme.changed",
            "programme",
            programme_id,
            merchant_id=programme.merchant_id,
            before=before,
            after=differing,
        )

    scope.run(work)


def order_programmes(scope: Scope, programme_ids: Sequence[str]) -> None:
    """Put programmes of one merchant in this order. Raises NotFoundError. The order that is there already leaves no
    event."""

    def work(tx: Transaction) -> None:
        found = [programme_in(tx, scope, programme_id) for programme_id in programme_ids]
        if len({one.merchant_id for one in found}) > 1:
            raise NotFoundError
        if not found or [one.position for one in found] == list(range(len(found))):
            return
        for position, programme in enumerate(found):
            programme.position = position
        tx.session.flush()
        configuration_changed(tx, found[0].merchant_id)
        audit.record(
            tx,
            scope,
            "programmes.ordered",
            "merchant",
            found[0].merchant_id,
            merchant_id=found[0].merchant_id,
            after={"order": [one.name for one in found]},
        )

    scope.run(work)


def _check(fields: Mapping[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    for field, longest in (("name", LONGEST_NAME), ("unit", LONGEST_UNIT)):
        if field in fields and not 0 < len(str(fields[field]).strip()) <= longest:
            errors[field] = ["name_expected"]
    if errors:
        raise InvalidError(errors=errors)
