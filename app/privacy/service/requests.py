"""Requests that come by mail, telephone or letter: received, given a member, and finished."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from app.cards.errors import EmailInvalidError
from app.cards.personal_data import normalise_email
from app.cards.queries import member_in
from app.common import audit
from app.common.database import LostRaceError, Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.privacy import inactivity
from app.privacy.errors import MemberWantedError, RequestOverError
from app.privacy.models import CHANNELS, CHECKS, KINDS, PrivacyRequest
from app.privacy.queries import find_sought
from app.privacy.sealed import CONTACT, WORDS, hide
from app.privacy.terms import MONTHS, months_after

LONGEST = 4000
_LONGER_BY = 2  # months, once, where it is told why (Art. 12(3))
_RUNNING = ("open", "waiting")


def receive_request(
    scope: Scope,
    *,
    kind: str,
    channel: str,
    received_at: datetime | None = None,
    contact: str | None = None,
    words: str | None = None,
) -> str:
    """Note a request, due one calendar month after it was received. Returns its id; each call notes one more.

    ``contact`` is the address that asks, ``words`` what was asked; both are sealed. Raises ``InvalidError`` by field.
    """
    at = received_at or scope.now
    errors: dict[str, list[str]] = {}
    if kind not in KINDS:
        errors["kind"] = ["unknown"]
    if channel not in CHANNELS[:4]:
        errors["channel"] = ["unknown"]
    if at > scope.now:
        errors["received_at"] = ["in_future"]
    if words is not None and len(words) > LONGEST:
        errors["words"] = ["too_long"]
    address = None
    if contact:
        try:
            address = normalise_email(contact)
        except EmailInvalidError:
            errors["contact"] = ["not_an_address"]
    if errors:
        raise InvalidError(errors=errors)
    request_id = new_id()

    def work(tx: Transaction) -> str:
        tx.session.add(
            PrivacyRequest(
                id=request_id,
                kind=kind,
                channel=channel,
                status="open",
                received_at=at,
                due_at=months_after(at, MONTHS),
                contact=hide(scope, CONTACT, request_id, address),
                words=hide(scope, WORDS, request_id, words),
                created_by=scope.actor_id,
            )
        )
        after = {"kind": kind, "channel": channel}
        audit.record(tx, scope, "privacy.received", "privacy_request", request_id, after=after)
        return request_id

    return scope.run(work)


def identify(scope: Scope, request_id: str, *, sought: str, check: str) -> str:
    """Say whose data a request means: ``sought`` is a card's number or an e-mail address, ``check`` how it was made
    sure that it is she who asks (app, mail, card, document). Returns the member's id; a repeat puts another in her
    place.

    Raises ``NotFoundError`` for nobody, :class:`RequestOverError`, and ``InvalidError`` by field.
    """
    if check not in CHECKS:
        raise InvalidError(errors={"check": ["unknown"]})
    member_id = find_sought(scope, sought.strip())

    def work(tx: Transaction) -> str:
        standing = None if member_id is None else member_in(tx.session, member_id)
        if standing is None or standing.status == "erased" or standing.is_sandbox:
            raise NotFoundError(what="member")
        before = require_running(tx, request_id)
        tx.session.execute(
            update(PrivacyRequest)
            .where(PrivacyRequest.id == request_id, PrivacyRequest.status.in_(_RUNNING))
            .values(
                member_id=standing.member_id,
                identity_check=check,
                identified_at=scope.now,
                identified_by=scope.actor_id,
                status="open",
            )
        )
        audit.record(
            tx,
            scope,
            "privacy.identified",
            "privacy_request",
            request_id,
            before={"member_id": before.member_id, "check": before.identity_check},
            after={"member_id": standing.member_id, "check": check},
        )
        return standing.member_id

    return scope.run(work)


def wait_for_answer(scope: Scope, request_id: str) -> None:
    """Note that the person was asked something. The month goes on. A repeat changes nothing. Raises
    :class:`RequestOverError`, ``NotFoundError``."""
    _settle(scope, request_id, "waiting", "privacy.waiting", None)


def extend_request(scope: Scope, request_id: str, *, reason: str) -> None:
    """Take two months more, once, where the request is complex; the person is told why. Raises ``InvalidError`` without
    a reason, :class:`RequestOverError` where it is over or was extended already."""
    told = require_reason(reason)

    def work(tx: Transaction) -> None:
        before = require_running(tx, request_id)
        longest = months_after(before.received_at, MONTHS)
        until = months_after(before.received_at, MONTHS + _LONGER_BY)
        changed = tx.session.execute(
            update(PrivacyRequest)
            .where(PrivacyRequest.id == request_id, PrivacyRequest.due_at == longest)
            .values(due_at=until)
            .returning(PrivacyRequest.id)
        ).first()
        if changed is None:
            raise RequestOverError
        audit.record(
            tx,
            scope,
            "privacy.extended",
            "privacy_request",
            request_id,
            before={"due_at": longest.isoformat()},
            after={"due_at": until.isoformat(), "reason": told},
        )

    scope.run(work)


def finish_request(scope: Scope, request_id: str, *, status: str, reason: str) -> None:
    """Note a request as ``done`` or ``refused``, with the reason. Raises ``InvalidError`` without one,
    ``NotFoundError``, and :class:`RequestOverError` where it is over already."""
    if status not in ("done", "refused"):
        raise InvalidError(errors={"status": ["unknown"]})
    action = "privacy.done" if status == "done" else "privacy.refused"
    _settle(scope, request_id, status, action, require_reason(reason))


def require_reason(reason: str) -> str:
    """The reason, tidied. Raises ``InvalidError`` where there is none, or too much of it."""
    told = " ".join(reason.split())
    if not told:
        raise InvalidError(errors={"reason": ["missing"]})
    if len(told) > 500:
        raise InvalidError(errors={"reason": ["too_long"]})
    return told


def require_identified(tx: Transaction, request_id: str) -> tuple[PrivacyRequest, str]:
    """The request and the member whom it means, both held until the transaction ends: the member first, as everybody
    does who erases, so that two never wait for each other.

    Raises ``NotFoundError``, :class:`RequestOverError`, and :class:`MemberWantedError` before :func:`identify`.
    """
    seen = tx.session.scalar(select(PrivacyRequest.member_id).where(PrivacyRequest.id == request_id))
    if seen is not None:
        inactivity.hold(tx, seen)
    request = require_running(tx, request_id)
    if request.member_id is None or request.identity_check is None:
        raise MemberWantedError
    if request.member_id != seen:
        raise LostRaceError("somebody else was meant meanwhile")
    return request, request.member_id


def require_running(tx: Transaction, request_id: str) -> PrivacyRequest:
    """The request, held until the transaction ends. Raises ``NotFoundError``, :class:`RequestOverError`."""
    found = tx.session.get(PrivacyRequest, request_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFoundError(what="request")
    if found.status not in _RUNNING:
        raise RequestOverError
    return found


def _settle(scope: Scope, request_id: str, status: str, action: str, reason: str | None) -> None:
    def work(tx: Transaction) -> None:
        before = require_running(tx, request_id).status
        is_over = status not in _RUNNING
        tx.session.execute(
            update(PrivacyRequest)
            .where(PrivacyRequest.id == request_id, PrivacyRequest.status.in_(_RUNNING))
            .values(
                status=status,
                done_at=scope.now if is_over else None,
                done_by=scope.actor_id if is_over else None,
            )
        )
        after = {"status": status} | ({"reason": reason} if reason else {})
        audit.record(tx, scope, action, "privacy_request", request_id, before={"status": before}, after=after)

    scope.run(work)
