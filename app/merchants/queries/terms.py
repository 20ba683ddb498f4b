"""What the town and its shops agreed on: which versions there are, which hold, and who accepted them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.models import Merchant, Staff, StaffLogin, TermsAcceptance, TermsVersion

KINDS = ("terms", "dpa", "privacy")
ACCEPTED_KINDS = ("terms", "dpa")  # the statement about privacy is told, not agreed on


@dataclass(frozen=True, slots=True)
class Version:
    """A version of one kind. ``state``: ``planned``, ``in_force`` or ``past``. ``texts`` by language."""

    version_id: str
    kind: str
    number: int
    texts: Mapping[str, Any]
    effective_at: datetime
    created_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A version that a shop's owner has not accepted yet."""

    version: Version
    accepted_number: int | None  # the last one of its kind that was accepted


@dataclass(frozen=True, slots=True)
class Answered:
    """A shop and whether it accepted a version: by whom and when."""

    merchant_id: str
    name: str
    slug: str
    by: str | None
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A version that a shop accepted: by whom and when."""

    kind: str
    number: int
    by: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Count:
    """Of how many shops a version was accepted."""

    accepted: int
    shops: int


def list_versions(scope: Scope, kind: str | None = None) -> list[Version]:
    """All versions, or those of one kind; the newest of each kind first."""
    with scope.reading() as tx:
        return _versions(tx, scope.now, kind)


def find_version(scope: Scope, version_id: str) -> Version | None:
    """One version; None where there is none."""
    return next((one for one in list_versions(scope) if one.version_id == version_id), None)


def in_force(scope: Scope, kind: str) -> Version | None:
    """The version of this kind that holds now; None where there is none yet."""
    return next((one for one in list_versions(scope, kind) if one.state == "in_force"), None)


def asked_of(scope: Scope) -> list[Asked]:
    """What the scope's merchant has to accept: of each kind the version that holds and the one that is planned, where
    they are not accepted. A later version stands for all before it."""
    with scope.reading() as tx:
        return asked_in(tx, scope, scope.merchant_id or "")


def asked_in(tx: Transaction, scope: Scope, merchant_id: str) -> list[Asked]:
    """Like :func:`asked_of`, inside an open transaction."""
    rows = tx.session.execute(
        select(TermsVersion.kind, func.max(TermsVersion.number))
        .join(TermsAcceptance, TermsAcceptance.version_id == TermsVersion.id)
        .where(TermsAcceptance.merchant_id == merchant_id)
        .group_by(TermsVersion.kind)
    )
    accepted = {row[0]: row[1] for row in rows}
    found = [
        Asked(one, accepted.get(one.kind))
        for one in _versions(tx, scope.now)
        if one.kind in ACCEPTED_KINDS and one.state != "past" and one.number > accepted.get(one.kind, 0)
    ]
    return sorted(found, key=lambda one: (KINDS.index(one.version.kind), one.version.number))


def accepted_by(scope: Scope) -> list[Accepted]:
    """What the scope's merchant accepted, the newest first."""
    wanted = (
        select(TermsVersion.kind, TermsVersion.number, Staff.name, TermsAcceptance.accepted_at)
        .join(TermsAcceptance, TermsAcceptance.version_id == TermsVersion.id)
        .join(Staff, Staff.id == TermsAcceptance.staff_id)
        .where(TermsAcceptance.merchant_id == scope.merchant_id)
        .order_by(TermsAcceptance.accepted_at.desc(), TermsVersion.kind)
    )
    with scope.reading() as tx:
        return [Accepted(*row) for row in tx.session.execute(wanted)]


def who_accepted(scope: Scope, version_id: str) -> list[Answered]:
    """Every shop that works here, by name, and whether it accepted this version; those that did not come first."""
    wanted = (
        select(Merchant.id, Merchant.name, Merchant.slug, StaffLogin.email, Staff.name, TermsAcceptance.accepted_at)
        .outerjoin(
            TermsAcceptance,
            (TermsAcceptance.merchant_id == Merchant.id) & (TermsAcceptance.version_id == version_id),
        )
        .outerjoin(Staff, Staff.id == TermsAcceptance.staff_id)
        .outerjoin(StaffLogin, StaffLogin.id == Staff.login_id)
        .where(*_WORKING)
        .order_by(TermsAcceptance.accepted_at.is_not(None), func.lower(Merchant.name), Merchant.id)
    )
    with scope.reading() as tx:
        return [
            Answered(id_, name, slug, who or address, at)
            for id_, name, slug, address, who, at in tx.session.execute(wanted)
        ]


def count_accepted(scope: Scope) -> dict[str, Count]:
    """For each version, of how many of the shops that work here it was accepted."""
    with scope.reading() as tx:
        shops = tx.session.scalar(select(func.count()).select_from(Merchant).where(*_WORKING)) or 0
        rows = tx.session.execute(
            select(TermsAcceptance.version_id, func.count())
            .join(Merchant, Merchant.id == TermsAcceptance.merchant_id)
            .where(*_WORKING)
            .group_by(TermsAcceptance.version_id)
        )
        accepted = {row[0]: row[1] for row in rows}
        ids = tx.session.scalars(select(TermsVersion.id)).all()
    return {one: Count(accepted.get(one, 0), shops) for one in ids}


_WORKING = (Merchant.status != "closed", Merchant.sandbox_of.is_(None))


def _versions(tx: Transaction, now: datetime, kind: str | None = None) -> list[Version]:
    wanted = select(TermsVersion).order_by(TermsVersion.kind, TermsVersion.number.desc())
    if kind is not None:
        wanted = wanted.where(TermsVersion.kind == kind)
    found: list[Version] = []
    holding: set[str] = set()
    for row in tx.session.scalars(wanted):
        state = "planned" if row.effective_at > now else "past" if row.kind in holding else "in_force"
        if state == "in_force":
            holding.add(row.kind)
        found.append(
            Version(row.id, row.kind, row.number, row.texts, row.effective_at, row.created_at, state),
        )
    return found
