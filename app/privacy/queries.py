"""What the privacy desk reads: requests, who is near the end of the clock, and how somebody consented."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.cards.models import ConsentEvent, Member
from app.cards.profiles import read_profile
from app.cards.queries import aliases, find_card, find_member_by_login, read_number
from app.common.database import Transaction
from app.common.errors import DomainError, InvalidError, NotFoundError
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.models import Merchant
from app.merchants.models.people import Operator
from app.privacy import inactivity
from app.privacy.inactivity import USUAL, Period
from app.privacy.models import PrivacyLink, PrivacyRequest, RetentionNotice, RetentionSetting
from app.privacy.sealed import CONTACT, WORDS, show
from app.privacy.terms import months_after
from app.support.sealed import masked

PAGE = 100
_SOON = timedelta(days=7)
_NEAR_MONTHS = 3
_LIKE_THIS = ("open", "waiting")


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request in the list. ``standing``: late, soon, in time, or how it ended."""

    request_id: str
    kind: str
    channel: str
    status: str
    standing: str
    received_at: datetime
    due_at: datetime
    done_at: datetime | None
    is_identified: bool
    contact: str | None


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done for a request, and by whom."""

    at: datetime
    action: str
    actor: str | None
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A request with all that is known about it. ``address`` is masked: where the record would go."""

    line: RequestLine
    words: str | None
    member_id: str | None
    member_status: str | None
    identity_check: str | None
    identified_at: datetime | None
    address: str | None
    can_extend: bool
    outcome: dict[str, Any]
    link_used_at: datetime | None
    link_until: datetime | None
    acts: list[Act]


@dataclass(frozen=True, slots=True)
class Retention:
    """The clock: what is set, and how many are where. ``near``: silent long enough to be told within three months;
    ``due``: to be told tonight."""

    period: Period
    near: int
    due: int
    told: int
    erased: int
    next_erasure: datetime | None
    last_run: datetime | None


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent that was given or withdrawn. ``digest`` is the hash of the words that were shown."""

    event_id: str
    merchant_id: str
    merchant_name: str
    channel: str
    is_given: bool
    how: str
    wording: str
    digest: str
    occurred_at: datetime


def list_requests(scope: Scope, *, view: str = "open") -> list[RequestLine]:
    """Requests by their deadline: the ``open`` ones, or the ``done`` ones, the newest first."""
    wanted = select(PrivacyRequest).limit(PAGE)
    if view == "open":
        wanted = wanted.where(PrivacyRequest.status.in_(_LIKE_THIS)).order_by(PrivacyRequest.due_at, PrivacyRequest.id)
    else:
        wanted = wanted.where(PrivacyRequest.status.not_in(_LIKE_THIS)).order_by(
            PrivacyRequest.done_at.desc(), PrivacyRequest.id.desc()
        )
    with scope.reading() as tx:
        return [_line(scope, row) for row in tx.session.scalars(wanted)]


def count_requests(scope: Scope) -> dict[str, int]:
    """How many requests there are by their status, and how many are ``late``."""
    with scope.reading() as tx:
        counted = dict(
            tx.session.execute(select(PrivacyRequest.status, func.count()).group_by(PrivacyRequest.status)).all()
        )
        late = tx.session.scalar(
            select(func.count())
            .select_from(PrivacyRequest)
            .where(PrivacyRequest.status.in_(_LIKE_THIS), PrivacyRequest.due_at < scope.now)
        )
    return {**{str(key): int(value) for key, value in counted.items()}, "late": late or 0}


def get_request(scope: Scope, request_id: str) -> RequestPage:
    """One request. Raises ``NotFoundError``."""
    with scope.reading() as tx:
        row = tx.session.get(PrivacyRequest, request_id)
        if row is None:
            raise NotFoundError(what="request")
        member = None if row.member_id is None else tx.session.get(Member, row.member_id)
        address = None
        if member is not None and member.status in ("anonymous", "claimed"):
            address = masked(read_profile(tx, scope, member.id).email)
        link = tx.session.scalars(
            select(PrivacyLink)
            .where(PrivacyLink.request_id == request_id)
            .order_by(PrivacyLink.created_at.desc())
            .limit(1)
        ).first()
        return RequestPage(
            line=_line(scope, row),
            words=show(scope, WORDS, row.id, row.words),
            member_id=row.member_id,
            member_status=None if member is None else member.status,
            identity_check=row.identity_check,
            identified_at=row.identified_at,
            address=address,
            can_extend=row.status in _LIKE_THIS and row.due_at == months_after(row.received_at, 1),
            outcome=dict(row.outcome or {}),
            link_used_at=None if link is None else link.used_at,
            link_until=None if link is None else link.expires_at,
            acts=_acts(tx, "privacy_request", row.id),
        )


def read_retention(scope: Scope) -> Retention:
    """The clock as it stands now. The counts are worked out anew: for a page, not for a list of all pages."""
    with scope.reading() as tx:
        row = tx.session.get(RetentionSetting, 1)
        period = USUAL if row is None else Period(row.months, row.grace_days)
        due = inactivity.count_silent(tx, since=months_after(scope.now, -period.months))
        near = inactivity.count_silent(tx, since=months_after(scope.now, _NEAR_MONTHS - period.months))
        told, first = tx.session.execute(select(func.count(), func.min(RetentionNotice.erase_at))).one()
        erased, last = tx.session.execute(
            select(func.count(), func.max(PrivacyRequest.done_at)).where(PrivacyRequest.channel == "retention")
        ).one()
    return Retention(period, near - due, due, told, erased, first, last)


def find_sought(scope: Scope, sought: str) -> str | None:
    """The id of the member whose card's number or e-mail address this is, or None. Raises ``InvalidError`` for what is
    neither."""
    if "@" in sought:
        try:
            return find_member_by_login(scope, kind="email", value=sought)
        except DomainError:
            raise InvalidError(errors={"sought": ["not_an_address"]}) from None
    try:
        card = find_card(scope, number=read_number(sought))
    except DomainError:
        raise InvalidError(errors={"sought": ["not_a_number"]}) from None
    return None if card is None else card.member_id


def list_consent_rows(scope: Scope, *, member_id: str, merchant_id: str | None = None) -> list[ConsentRow]:
    """Every word that a member gave or withdrew, of one shop or of all, the newest first; those of members who were
    merged into her too."""
    with scope.reading() as tx:
        wanted = (
            select(ConsentEvent, Merchant.name)
            .join(Merchant, Merchant.id == ConsentEvent.merchant_id)
            .where(ConsentEvent.member_id.in_(aliases(tx.session, member_id)))
            .order_by(ConsentEvent.id.desc())
        )
        if merchant_id is not None:
            wanted = wanted.where(ConsentEvent.merchant_id == merchant_id)
        return [
            ConsentRow(
                event_id=row.id,
                merchant_id=row.merchant_id,
                merchant_name=name,
                channel=row.channel,
                is_given=row.is_given,
                how=row.how,
                wording=row.wording,
                digest=hashlib.sha256(row.wording.encode()).hexdigest(),
                occurred_at=row.occurred_at,
            )
            for row, name in tx.session.execute(wanted)
        ]


def standing_of(status: str, due_at: datetime, now: datetime) -> str:
    """How a request stands in time: late, soon (within a week), in_time, or its end."""
    if status not in _LIKE_THIS:
        return status
    if due_at < now:
        return "late"
    return "soon" if due_at - now <= _SOON else "in_time"


def _line(scope: Scope, row: PrivacyRequest) -> RequestLine:
    return RequestLine(
        request_id=row.id,
        kind=row.kind,
        channel=row.channel,
        status=row.status,
        standing=standing_of(row.status, row.due_at, scope.now),
        received_at=row.received_at,
        due_at=row.due_at,
        done_at=row.done_at,
        is_identified=row.identity_check is not None,
        contact=masked(show(scope, CONTACT, row.id, row.contact)),
    )


def _acts(tx: Transaction, kind: str, subject_id: str) -> list[Act]:
    rows = tx.session.execute(
        select(AuditEvent, Operator.name, Operator.email)
        .outerjoin(Operator, Operator.id == AuditEvent.actor_id)
        .where(AuditEvent.subject_kind == kind, AuditEvent.subject_id == subject_id)
        .order_by(AuditEvent.id)
    )
    return [Act(row.occurred_at, row.action, name or email, dict(row.after or {})) for row, name, email in rows]
