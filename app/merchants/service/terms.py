"""Terms, the data-processing agreement and the privacy statement: published in versions, accepted by owners."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from babel.dates import format_date
from sqlalchemy import func, select

from app.common import audit
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.ids import new_id
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.merchants.addressees import addressees
from app.merchants.mails import FALLBACK, mail
from app.merchants.models import Merchant, TermsAcceptance, TermsVersion
from app.merchants.queries.terms import ACCEPTED_KINDS, KINDS, asked_in

LANGUAGES = ("nl", "fr", "en", "de")
NOTICE = timedelta(days=15)  # for a change, as Regulation (EU) 2019/1150 asks (article 3)
LONGEST_TEXT = 100_000


def publish_terms(scope: Scope, kind: str, texts: Mapping[str, str], *, effective_at: datetime, public_url: str) -> str:
    """Publish the next version of one of :data:`KINDS`, in force from a moment on, and return its id.

    ``texts`` is plain text in all four languages. The first version may hold at once; a later one gives fifteen days'
    notice, and none comes into force before an earlier one. Of what shops have to accept their owners are told by mail.
    Each call publishes another. Raises InvalidError.
    """
    told = {code: texts.get(code, "").strip() for code in LANGUAGES}
    errors: dict[str, list[str]] = {}
    if kind not in KINDS:
        errors["kind"] = ["not_one_of"]
    for code, words in told.items():
        if not 0 < len(words) <= LONGEST_TEXT:
            errors[f"text_{code}"] = ["text_expected"]
    if errors:
        raise InvalidError(errors=errors)

    def work(tx: Transaction) -> str:
        number, latest = tx.session.execute(
            select(func.max(TermsVersion.number), func.max(TermsVersion.effective_at)).where(TermsVersion.kind == kind)
        ).one()
        if number is not None and effective_at < scope.now + NOTICE:
            raise InvalidError(errors={"effective_on": ["notice_too_short"]})
        if latest is not None and effective_at < latest:
            raise InvalidError(errors={"effective_on": ["before_another"]})
        row = TermsVersion(
            id=new_id(),
            kind=kind,
            number=(number or 0) + 1,
            texts=told,
            effective_at=effective_at,
            created_by=scope.actor_id,
            created_at=scope.now,
        )
        tx.session.add(row)
        tx.session.flush()
        audit.record(
            tx,
            scope,
            "terms.published",
            "terms_version",
            row.id,
            before={"number": number},
            after={"kind": kind, "number": row.number, "effective_at": effective_at.isoformat()},
        )
        if kind in ACCEPTED_KINDS:
            _tell(tx, scope, row, public_url)
        return row.id

    return scope.run(work)


def accept_terms(scope: Scope, version_id: str) -> bool:
    """Accept a version for the scope's merchant, as the owner who is signed in.

    False where it was accepted before: then nothing changes. Raises ForbiddenError for anybody but an owner, and
    NotFoundError for a version that is not asked.
    """
    if scope.staff_role != "owner" or scope.staff_id is None or scope.merchant_id is None:
        raise ForbiddenError
    merchant_id, staff_id = scope.merchant_id, scope.staff_id

    def work(tx: Transaction) -> bool:
        if tx.session.get(TermsAcceptance, (merchant_id, version_id)) is not None:
            return False
        asked = {one.version.version_id: one.version for one in asked_in(tx, scope, merchant_id)}
        if version_id not in asked:
            raise NotFoundError
        _accept(tx, scope, merchant_id, staff_id, version_id, asked[version_id].kind, asked[version_id].number)
        return True

    return scope.run(work)


def accept_on_signing_up(tx: Transaction, scope: Scope, merchant_id: str, staff_id: str) -> None:
    """In the caller's transaction: note that a new shop's owner accepted the versions in force, which its sign-up
    showed. Without any nothing is noted."""
    for one in asked_in(tx, scope, merchant_id):
        if one.version.state == "in_force":
            _accept(tx, scope, merchant_id, staff_id, one.version.version_id, one.version.kind, one.version.number)


def _accept(
    tx: Transaction, scope: Scope, merchant_id: str, staff_id: str, version_id: str, kind: str, number: int
) -> None:
    tx.session.add(
        TermsAcceptance(merchant_id=merchant_id, version_id=version_id, staff_id=staff_id, accepted_at=scope.now)
    )
    tx.session.flush()
    audit.record(
        tx,
        scope,
        "terms.accepted",
        "terms_version",
        version_id,
        merchant_id=merchant_id,
        after={"kind": kind, "number": number},
    )


def _tell(tx: Transaction, scope: Scope, row: TermsVersion, public_url: str) -> None:
    slugs = {row[0]: row[1] for row in tx.session.execute(select(Merchant.id, Merchant.slug))}
    for owner in addressees(tx):
        queue_mail(
            tx,
            scope.keys.data,
            mail(
                f"terms_{row.kind}",
                owner.address,
                owner.locale,
                date=format_date(row.effective_at.date(), "long", locale=owner.locale or FALLBACK),
                link=f"{public_url.rstrip('/')}/office/{slugs[owner.merchant_id]}/terms",
            ),
            now=scope.now,
            merchant_id=owner.merchant_id,
        )
