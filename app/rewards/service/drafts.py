"""Rules in the making: saved as a draft, put into force from a moment on, or thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants.errors import SomebodyWasFasterError
from app.rewards.errors import VersionInForceError
from app.rewards.models import Programme, ProgrammeDraft, ProgrammeVersion
from app.rewards.rows import merchant_in, programme_in
from app.rewards.rules import parse_programme, programme_document, version_at
from app.rewards.service.programmes import add_version


def save_draft(scope: Scope, programme_id: str, rules: Mapping[str, Any], *, revision: int) -> int:
    """Keep ``rules`` as the programme's draft and return its new revision.

    ``revision`` is that of the draft which the writer saw, 0 where there was none. Raises NotFoundError,
    InvalidRulesError, and SomebodyWasFasterError when somebody saved or threw away another draft meanwhile; then
    nothing is changed. The same rules again leave the draft as it is.
    """

    def work(tx: Transaction) -> int:
        programme = programme_in(tx, scope, programme_id)
        document = _document(tx, scope, programme, rules)
        draft = tx.session.get(ProgrammeDraft, programme_id, populate_existing=True)
        seen = 0 if draft is None else draft.revision
        if seen != revision:
            if draft is not None and draft.rules == document:
                return draft.revision
            raise SomebodyWasFasterError
        if draft is not None and draft.rules == document:
            return draft.revision
        before = None if draft is None else {"rules": draft.rules}
        told = {"rules": document, "changed_by": scope.staff_id, "changed_at": scope.now}
        if draft is None:
            # A draft that was thrown away and begun anew must not have the number that somebody still holds.
            number = _begin(scope)
            tx.session.execute(
                insert(ProgrammeDraft).values(
                    programme_id=programme_id, merchant_id=programme.merchant_id, revision=number, **told
                )
            )
        else:
            number = revision + 1
            changed = tx.session.scalars(
                update(ProgrammeDraft)
                .where(ProgrammeDraft.programme_id == programme_id, ProgrammeDraft.revision == revision)
                .values(revision=number, **told)
                .returning(ProgrammeDraft.revision)
            ).all()
            if not changed:
                raise SomebodyWasFasterError
        audit.record(
            tx,
            scope,
            "programme.draft_saved",
            "programme",
            programme_id,
            merchant_id=programme.merchant_id,
            before=before,
            after={"rules": document},
        )
        return number

    return scope.run(work)


def drop_draft(scope: Scope, programme_id: str, *, revision: int) -> None:
    """Throw the programme's draft away. Raises NotFoundError, and SomebodyWasFasterError for another revision than the
    one that the caller saw. A repeat finds nothing and changes nothing."""

    def work(tx: Transaction) -> None:
        programme = programme_in(tx, scope, programme_id)
        if _drop(tx, programme_id, revision):
            audit.record(
                tx, scope, "programme.draft_dropped", "programme", programme_id, merchant_id=programme.merchant_id
            )

    scope.run(work)


def publish_draft(scope: Scope, programme_id: str, *, revision: int, valid_from: datetime | None = None) -> int:
    """Put the draft into force from ``valid_from`` on (aware; now unless told) and return the version's number.

    What is booked stays as it was booked. The draft is gone afterwards. Raises NotFoundError when there is no draft,
    SomebodyWasFasterError for another revision than the one that the caller saw, and what
    :func:`~app.rewards.service.programmes.add_version` raises.
    """

    def work(tx: Transaction) -> int:
        programme_in(tx, scope, programme_id)
        draft = tx.session.get(ProgrammeDraft, programme_id, populate_existing=True)
        if draft is None:
            raise NotFoundError(what="draft")
        rules = dict(draft.rules)
        if not _drop(tx, programme_id, revision):
            raise SomebodyWasFasterError
        return add_version(scope, programme_id, rules, valid_from=valid_from)

    return scope.run(work)


def withdraw_version(scope: Scope, programme_id: str, *, version: int) -> int:
    """Call off rules that are planned and not in force yet: from that moment on the rules before them go on.

    Returns the number of the version that takes their place.

    Nothing is deleted: of two versions that begin at one moment the later one holds. Raises NotFoundError, and
    VersionInForceError for one that has begun, was called off before, or is not the last one planned.
    """

    def work(tx: Transaction) -> int:
        programme_in(tx, scope, programme_id)
        versions = tx.session.scalars(
            select(ProgrammeVersion)
            .where(ProgrammeVersion.programme_id == programme_id)
            .order_by(ProgrammeVersion.version)
        ).all()
        planned = next((one for one in versions if one.version == version), None)
        if planned is None:
            raise NotFoundError(what="version")
        begins = planned.valid_from
        if begins is None or begins <= scope.now or planned is not versions[-1]:
            raise VersionInForceError
        earlier = [(one.valid_from, one) for one in versions if one.valid_from is None or one.valid_from < begins]
        rules = version_at(earlier, begins).rules
        if rules == planned.rules:
            raise VersionInForceError
        return add_version(scope, programme_id, rules, valid_from=begins)

    return scope.run(work)


def _document(tx: Transaction, scope: Scope, programme: Programme, rules: Mapping[str, Any]) -> dict[str, Any]:
    merchant = merchant_in(tx, scope, programme.merchant_id)
    return programme_document(
        parse_programme(rules, kind=programme.kind, currency=merchant.currency, timezone=programme.timezone)
    )


def _begin(scope: Scope) -> int:
    return int(scope.now.timestamp() * 1000)


def _drop(tx: Transaction, programme_id: str, revision: int) -> bool:
    """Whether the draft that the caller saw was there and is gone now."""
    gone = tx.session.scalars(
        delete(ProgrammeDraft)
        .where(ProgrammeDraft.programme_id == programme_id, ProgrammeDraft.revision == revision)
        .returning(ProgrammeDraft.revision)
    ).all()
    if gone:
        return True
    left = tx.session.scalar(select(ProgrammeDraft.revision).where(ProgrammeDraft.programme_id == programme_id))
    if left is not None:
        raise SomebodyWasFasterError
    return False
