"""Leaving: the person goes, the books stay.

Destroyed are the key and the data it sealed, logins, passkeys, sessions, recovery codes, code secrets, PINs, mails that
wait to be sent, what was asked of support and of the privacy desk, and the references by which other systems know the
member or her receipts. Cards are blocked, open vouchers cancelled; one that is reserved for a tablet when that tablet
has told that it was not redeemed. The ledger's rows stay as they are: they hold ids alone, and no sum changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import delete, func, select, update

from app.campaigns import belongings as campaigns
from app.cards.models import (
    AuthCode,
    Card,
    CardReference,
    CodeUse,
    Installation,
    Login,
    Member,
    MemberSession,
    Merge,
    MoveCode,
    Passkey,
    PasskeyChallenge,
    PasskeyCredential,
    RecoveryCode,
    RefreshToken,
)
from app.cards.passes.kept import forget_passes
from app.cards.profiles import destroy_profile, read_profile
from app.cards.queries import aliases
from app.common import audit, mail
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement
from app.insights import belongings as insights
from app.privacy.models import PrivacyLink, PrivacyRequest, RetentionNotice
from app.rewards import shop_members
from app.rewards.configuration import document
from app.rewards.models import CardRefusal, SpendingRequest, Visit, Voucher
from app.support import belongings as support

_OF_PERSON = (
    Login,
    RefreshToken,
    MemberSession,
    MoveCode,
    Passkey,
    PasskeyCredential,
    PasskeyChallenge,
    RecoveryCode,
    Installation,
    CodeUse,
    CardReference,
    SpendingRequest,
    CardRefusal,
)
_PENDING = Statement(
    "SELECT id, payload FROM outbox"
    " WHERE topic IN ('member.security', 'member.news', 'message', 'push', 'news.mail') AND done_at IS NULL"
)
_DROP = Statement("DELETE FROM outbox WHERE id = :id")


def erase_member(
    tx: Transaction, scope: Scope, member_id: str, mail_folder: Path | None = None, *, reason: str | None = None
) -> dict[str, int]:
    """Erase a member who stands, and all that were merged into it, in the caller's transaction, which holds her row.
    Returns the receipt: how much of what was destroyed. Raises ``NotFoundError`` for one who has left, so that of two
    who erase at once one does.

    ``mail_folder`` is where mails are written while no mail server is set: hers are removed from it. ``reason``: why,
    for the audit trail, where it was not herself.
    """
    status = tx.session.scalar(select(Member.status).where(Member.id == member_id).with_for_update())
    if status in (None, "erased", "merged"):
        raise NotFoundError(what="member")
    receipt = _receipt(tx, aliases(tx.session, member_id))
    erase(tx, scope, member_id, mail_folder, reason=reason)
    return receipt


def erase(
    tx: Transaction, scope: Scope, member_id: str, mail_folder: Path | None = None, *, reason: str | None = None
) -> None:
    """As :func:`erase_member`, without looking whether she is there, and without a receipt."""
    everybody = aliases(tx.session, member_id)
    _forget_what_waits(tx, scope, member_id, everybody, mail_folder)
    blinds = select(Login.blind).where(Login.member_id.in_(everybody))
    tx.session.execute(delete(AuthCode).where(AuthCode.blind.in_(blinds)))
    campaigns.erase(tx, everybody)
    shop_members.erase(tx, everybody)
    insights.erase(tx, everybody)
    support.erase(tx, everybody)
    _forget_requests(tx, everybody)
    destroy_profile(tx, everybody)
    forget_passes(tx, scope, everybody)
    for table in _OF_PERSON:
        tx.session.execute(delete(table).where(table.member_id.in_(everybody)))
    cards = update(Card).where(Card.member_id.in_(everybody))
    tx.session.execute(cards.values(pin_hash=None, claim_code_hash=None, claim_approved_until=None))
    tx.session.execute(cards.where(Card.status == "active").values(status="blocked", blocked_at=scope.now))
    _end_vouchers(tx, scope, everybody)
    # A receipt's number leads to the till's own records, and from there perhaps to a name.
    tx.session.execute(update(Visit).where(Visit.member_id.in_(everybody)).values(receipt_ref=None))
    # Why somebody of a shop gave her something is told in their own words.
    tx.session.execute(update(Voucher).where(Voucher.member_id.in_(everybody)).values(reason=None))
    # What undoing a merge would need names logins by their hashes, and nobody will undo it now.
    tx.session.execute(update(Merge).where(Merge.member_id.in_(everybody)).values(details={}))
    tx.session.execute(
        update(Member)
        .where(Member.id == member_id)
        .values(
            status="erased",
            is_spending_locked=True,
            ask_above_minor=None,
            daily_cap_minor=None,
            brakes_currency=None,
            waits_until=None,
            last_seen_at=None,
        )
    )
    after = None if reason is None else {"reason": reason}
    audit.record(tx, scope, "member.erased", "member", member_id, after=after)


def _receipt(tx: Transaction, everybody: Sequence[str]) -> dict[str, int]:
    """What is there to be destroyed, and what stays in the books."""
    counted = {
        "members": select(func.count()).select_from(Member).where(Member.id.in_(everybody)),
        "logins": select(func.count()).select_from(Login).where(Login.member_id.in_(everybody)),
        "passkeys": select(func.count()).select_from(Passkey).where(Passkey.member_id.in_(everybody)),
        "phones": select(func.count())
        .select_from(Installation)
        .where(Installation.member_id.in_(everybody), Installation.ended_at.is_(None)),
        "cards": select(func.count()).select_from(Card).where(Card.member_id.in_(everybody), Card.status == "active"),
        "vouchers": select(func.count())
        .select_from(Voucher)
        .where(Voucher.member_id.in_(everybody), Voucher.status == "issued"),
        "visits_kept": select(func.count()).select_from(Visit).where(Visit.member_id.in_(everybody)),
    }
    return {name: tx.session.scalar(wanted) or 0 for name, wanted in counted.items()}


def _forget_requests(tx: Transaction, everybody: Sequence[str]) -> None:
    """What she asked the privacy desk stays as a fact, without her words and her address."""
    requests = update(PrivacyRequest).where(PrivacyRequest.member_id.in_(everybody))
    tx.session.execute(requests.values(contact=None, words=None))
    for table in (PrivacyLink, RetentionNotice):
        tx.session.execute(delete(table).where(table.member_id.in_(everybody)))


def _forget_what_waits(
    tx: Transaction, scope: Scope, member_id: str, everybody: Sequence[str], mail_folder: Path | None
) -> None:
    """Mails to her that were not sent yet, those that were written to a folder, and what she was still to be told."""
    address = read_profile(tx, scope, member_id).email
    gone = {"addresses": {address} if address else set(), "member_ids": list(everybody)}
    mail.forget_mails(tx, scope.keys.data, now=scope.now, **gone)
    for message_id, payload in tx.rows(_PENDING, {}):
        if document(payload).get("member_id") in everybody:
            tx.run(_DROP, {"id": message_id})
    if mail_folder is not None:
        tx.after_commit(lambda: mail.remove_written(mail_folder, **gone))


def _end_vouchers(tx: Transaction, scope: Scope, everybody: Sequence[str]) -> None:
    """Cancel what is open. What a tablet may have redeemed without a network is asked back from it first: the books are
    to say what happened at the counter, and the tablet's answer cancels it (:mod:`app.rewards.releasing`)."""
    mine = (Voucher.member_id.in_(everybody), Voucher.status == "issued")
    # Locked before they are told apart, so that none becomes reserved or free in between.
    tx.session.execute(select(Voucher.id).where(*mine).order_by(Voucher.id).with_for_update())
    tx.session.execute(
        update(Voucher)
        .where(*mine, Voucher.hold_id.is_not(None), Voucher.hold_release_at.is_(None))
        .values(hold_release_at=scope.now)
    )
    tx.session.execute(
        update(Voucher)
        .where(*mine, Voucher.hold_id.is_(None))
        .values(status="cancelled", ended_at=scope.now, hold_location_id=None, hold_device_id=None, hold_until=None)
    )
