"""Erasing somebody: as she asked the desk, or herself in the app. The receipt stays, and names nobody."""

from __future__ import annotations

from pathlib import Path

from app.cards.models import Member
from app.common import audit
from app.common.database import Transaction
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.privacy.erasing import erase_member
from app.privacy.mails import erased_mail
from app.privacy.sealed import CONTACT, show
from app.privacy.service.handing_out import own_request
from app.privacy.service.requests import require_identified, require_reason


def erase_for(scope: Scope, request_id: str, *, reason: str, mail_folder: Path | None = None) -> dict[str, int]:
    """Erase the member of a request, note it as done, and tell the address that asked. It can't be undone.

    Returns the receipt. Raises ``InvalidError`` without a reason, ``MemberWantedError`` before she is identified,
    ``NotFoundError`` where she has left meanwhile, and ``RequestOverError``: of two who do it
    at once one does.
    """
    told = require_reason(reason)

    def work(tx: Transaction) -> dict[str, int]:
        request, member_id = require_identified(tx, request_id)
        address = show(scope, CONTACT, request_id, request.contact)
        member = tx.session.get(Member, member_id)
        locale = "nl" if member is None else member.locale
        receipt = erase_member(tx, scope, member_id, mail_folder, reason=told)
        request.status, request.done_at, request.done_by, request.outcome = "done", scope.now, scope.actor_id, receipt
        tx.session.flush()
        if address is not None:
            queue_mail(tx, scope.keys.data, erased_mail(address, scope.now, locale), now=scope.now)
        audit.record(
            tx,
            scope,
            "privacy.erased",
            "privacy_request",
            request_id,
            before={"status": "open"},
            after={"status": "done", "reason": told, **receipt},
        )
        return receipt

    return scope.run(work)


def note_own_erasure(scope: Scope, *, mail_folder: Path | None = None) -> None:
    """Erase the scope's member, as she asked in her own app, and note it for the desk. Raises ``NotFoundError`` for one
    who has left."""

    def work(tx: Transaction) -> None:
        member_id = scope.member_id or ""
        receipt = erase_member(tx, scope, member_id, mail_folder)
        tx.session.add(own_request(scope, member_id, "erasure", receipt))

    scope.run(work)
