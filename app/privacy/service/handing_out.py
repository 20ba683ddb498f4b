"""A member's whole record, handed out: in the app to herself, or by a link to an address that was checked."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.cards.models import Member
from app.cards.profiles import read_profile
from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.privacy.errors import NoAddressError, RecordLinkOverError
from app.privacy.mails import record_mail
from app.privacy.models import PrivacyLink, PrivacyRequest
from app.privacy.record import whole_record
from app.privacy.service.requests import require_identified

LINK_FOR = timedelta(days=7)
PATH = "/record/"
_DAY = timedelta(days=1)


def send_record(scope: Scope, request_id: str, *, public_url: str) -> datetime:
    """Mail a link, good for seven days and once, to the address by which the member signs in, and note the request as
    done. Returns until when it holds. A link that was sent before is dead.

    The address is the one the member proved herself, never one that came with the request: whoever asks under a false
    name gets nothing. Raises ``MemberWantedError`` before she is identified, :class:`NoAddressError`, ``NotFoundError``
    and ``RequestOverError``.
    """
    token = secrets.token_urlsafe(32)
    until = scope.now + LINK_FOR

    def work(tx: Transaction) -> datetime:
        request, member_id = require_identified(tx, request_id)
        member = tx.session.get(Member, member_id)
        if member is None or member.status in ("erased", "merged"):
            raise NotFoundError(what="member")
        address = read_profile(tx, scope, member.id).email
        if address is None:
            raise NoAddressError
        tx.session.execute(
            update(PrivacyLink)
            .where(PrivacyLink.request_id == request_id, PrivacyLink.expires_at > scope.now)
            .values(expires_at=scope.now)
        )
        tx.session.add(
            PrivacyLink(
                token_hash=_hashed(token),
                request_id=request_id,
                member_id=member.id,
                created_at=scope.now,
                expires_at=until,
            )
        )
        mail = record_mail(address, f"{public_url}{PATH}{token}", until, member.locale)
        queue_mail(tx, scope.keys.data, mail, now=scope.now, until=until, member_id=member.id)
        request.status, request.done_at, request.done_by = "done", scope.now, scope.actor_id
        request.outcome = {"link_until": until.isoformat()}
        audit.record(
            tx,
            scope,
            "privacy.record_sent",
            "privacy_request",
            request_id,
            before={"status": "open"},
            after={"status": "done", "until": until.isoformat()},
        )
        return until

    return scope.run(work)


def peek_at_link(scope: Scope, token: str) -> datetime:
    """Until when a link holds. Uses nothing up: mail programs look at links by themselves. Raises
    :class:`RecordLinkOverError`."""
    with scope.reading() as tx:
        until = tx.session.scalar(
            select(PrivacyLink.expires_at).where(
                PrivacyLink.token_hash == _hashed(token),
                PrivacyLink.used_at.is_(None),
                PrivacyLink.expires_at > scope.now,
            )
        )
    if until is None:
        raise RecordLinkOverError
    return until


def fetch_record(scope: Scope, token: str) -> dict[str, Any]:
    """The record behind a link, which is used up by it: of two at once one gets it. Raises
    :class:`RecordLinkOverError`."""

    def work(tx: Transaction) -> dict[str, Any]:
        used = tx.session.execute(
            update(PrivacyLink)
            .where(
                PrivacyLink.token_hash == _hashed(token),
                PrivacyLink.used_at.is_(None),
                PrivacyLink.expires_at > scope.now,
            )
            .values(used_at=scope.now)
            .returning(PrivacyLink.request_id, PrivacyLink.member_id)
        ).first()
        if used is None:
            raise RecordLinkOverError
        try:
            record = whole_record(tx, scope, used.member_id)
        except NotFoundError:
            raise RecordLinkOverError from None
        audit.record(tx, scope, "privacy.record_fetched", "privacy_request", used.request_id)
        return record

    return scope.run(work)


def note_own_export(scope: Scope) -> dict[str, Any]:
    """The record of the scope's member, taken in her own app. That she did is noted for the desk, once a day at most.
    Raises ``NotFoundError`` for one who has left."""
    member_id = scope.member_id or ""

    def work(tx: Transaction) -> None:
        known = tx.session.scalar(
            select(PrivacyRequest.id)
            .where(
                PrivacyRequest.member_id == member_id,
                PrivacyRequest.kind == "access",
                PrivacyRequest.channel == "app",
                PrivacyRequest.received_at > scope.now - _DAY,
            )
            .limit(1)
        )
        if known is None:
            tx.session.add(own_request(scope, member_id, "access", None))

    with scope.reading() as tx:
        record = whole_record(tx, scope, member_id)
    scope.run(work)
    return record


def own_request(
    scope: Scope, member_id: str, kind: str, outcome: dict[str, Any] | None, channel: str = "app"
) -> PrivacyRequest:
    """A request that was done as soon as it was made."""
    now = scope.now
    return PrivacyRequest(
        id=new_id(),
        kind=kind,
        channel=channel,
        status="done",
        member_id=member_id,
        received_at=now,
        due_at=now,
        identity_check="app" if channel == "app" else None,
        identified_at=now if channel == "app" else None,
        outcome=outcome,
        done_at=now,
    )


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
