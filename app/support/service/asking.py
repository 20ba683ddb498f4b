"""Questions as they come in: by mail, or from a shop's back office. An answer is promised within a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from app.cards import attempts
from app.cards.attempts import Limit
from app.cards.data_keys import data_keys
from app.cards.models import Login, Member
from app.cards.personal_data import blind_index, blind_indexes, normalise_email
from app.cards.queries import member_in
from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.models import Staff
from app.support.models import SupportMessage, SupportQuestion
from app.support.reading import LONGEST_SUBJECT, LONGEST_TEXT, NoQuestion, ReadMail, read_mail
from app.support.sealed import ADDRESS, SUBJECT, Body, hide, hide_body
from app.support.tongues import tongue_of

PROMISED = timedelta(hours=24)
# Somebody's own loop, or a flood: what is more in an hour from one address is dropped, and nobody is written back to.
PER_ADDRESS = Limit("support mails", 20, timedelta(hours=1))
PER_SHOP = Limit("support questions", 20, timedelta(hours=1))
_NO_SUBJECT = "–"
_NEXT = Statement(
    """INSERT INTO support_counter (id, last) VALUES (1, 1001)
    ON CONFLICT (id) DO UPDATE SET last = support_counter.last + 1 RETURNING last"""
)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a mail: question (a new one), continued, repeated, or ignored and ``why``."""

    outcome: str
    question_id: str | None = None
    number: int | None = None
    why: str | None = None


def receive_mail(scope: Scope, raw: bytes, *, own_addresses: frozenset[str] = frozenset()) -> Received:
    """Take in one mail: a new question, or one more message of a question that the same address asked.

    It belongs to a question when it answers one of its mails, or has its number in the subject, and comes from the
    address that asked: a number is easy to guess, so it alone opens nobody's thread. Idempotent by the Message-ID.
    """
    mail = read_mail(raw, own_addresses=own_addresses)
    if isinstance(mail, NoQuestion):
        return Received("ignored", why=mail.why)
    if not attempts.count(scope, PER_ADDRESS, mail.address):
        return Received("ignored", why="too_many")
    return scope.run(lambda tx: _take_in(tx, scope, mail))


def ask_from_office(scope: Scope, *, address: str, subject: str, text: str, locale: str) -> int:
    """Ask as the scope's shop, from its back office; the answer goes to ``address``. Returns the question's number;
    each call asks once more. Raises ``InvalidError`` by field, ``TriesUsedUpError`` for more than twenty an hour."""
    asked, told = " ".join(subject.split()), text.strip()
    errors = {}
    if not asked or len(asked) > LONGEST_SUBJECT:
        errors["subject"] = ["missing" if not asked else "too_long"]
    if not told or len(told) > LONGEST_TEXT:
        errors["text"] = ["missing" if not told else "too_long"]
    if errors:
        raise InvalidError(errors=errors)
    sender = normalise_email(address)
    attempts.spend(scope, PER_SHOP, scope.merchant_id or "")

    def work(tx: Transaction) -> int:
        question = _open(
            tx,
            scope,
            address=sender,
            subject=asked,
            locale=locale,
            origin="office",
            merchant_id=scope.merchant_id,
            member_id=None,
        )
        _say(tx, scope, question.id, Body(told), author_id=scope.staff_id)
        return question.number

    return scope.run(work)


def _take_in(tx: Transaction, scope: Scope, mail: ReadMail) -> Received:
    known = tx.session.execute(
        select(SupportQuestion.id, SupportQuestion.number)
        .join(SupportMessage, SupportMessage.question_id == SupportQuestion.id)
        .where(SupportMessage.reference == mail.reference)
    ).first()
    if known is not None:
        return Received("repeated", known.id, known.number)
    body = Body(
        text=mail.text,
        files=mail.files,
        message_id=mail.message_id,
        references=mail.references,
        is_cut=mail.is_cut,
    )
    question = _thread(tx, scope, mail)
    if question is not None:
        _say(tx, scope, question.id, body, reference=mail.reference)
        tx.session.execute(
            update(SupportQuestion)
            .where(SupportQuestion.id == question.id)
            .values(
                status="open",
                # Who writes again while nobody has answered waits since the first time.
                due_at=question.due_at if question.status == "open" else scope.now + PROMISED,
                heard_at=scope.now,
                closed_at=None,
            )
        )
        return Received("continued", question.id, question.number)
    member_id, merchant_id, locale = _asker(tx, scope, mail.address)
    question = _open(
        tx,
        scope,
        address=mail.address,
        subject=mail.subject or _NO_SUBJECT,
        locale=tongue_of(f"{mail.subject}\n{mail.text}", locale),
        origin="mail",
        merchant_id=merchant_id,
        member_id=member_id,
    )
    _say(tx, scope, question.id, body, reference=mail.reference)
    return Received("question", question.id, question.number)


def _thread(tx: Transaction, scope: Scope, mail: ReadMail) -> SupportQuestion | None:
    """The question that a mail goes on with."""
    ids = [one for reference in mail.references if (one := _own_id(reference)) is not None]
    blinds = blind_indexes(data_keys(scope.keys.data), "email", mail.address)
    mine = select(SupportQuestion).where(SupportQuestion.blind.in_(blinds)).with_for_update()
    if ids:
        answered = select(SupportMessage.question_id).where(SupportMessage.mail_id.in_(ids))
        found = tx.session.scalars(mine.where(SupportQuestion.id.in_(answered)).limit(1)).first()
        if found is not None:
            return found
    if mail.number is not None:
        return tx.session.scalars(mine.where(SupportQuestion.number == mail.number)).first()
    return None


def _own_id(reference: str) -> str | None:
    """The outbox's id in a Message-ID of ours."""
    try:
        return str(UUID(reference.strip("<>").partition("@")[0]))
    except ValueError:
        return None


def _asker(tx: Transaction, scope: Scope, address: str) -> tuple[str | None, str | None, str]:
    """Whose address it is, as far as it is known: a member, a shop, and the language that they speak. Anybody can write
    any address into a mail: it is a hint for who answers, and proves nothing."""
    blinds = blind_indexes(data_keys(scope.keys.data), "email", address)
    owner = tx.session.scalar(select(Login.member_id).where(Login.blind.in_(blinds)).limit(1))
    member = None if owner is None else member_in(tx.session, owner)
    merchants: Sequence[str] = tx.session.scalars(
        select(Staff.merchant_id).where(Staff.email == address, Staff.is_active).distinct().limit(2)
    ).all()
    locale = "nl"
    if member is not None:
        locale = tx.session.scalar(select(Member.locale).where(Member.id == member.member_id)) or locale
    merchant_id = merchants[0] if len(merchants) == 1 else None
    return None if member is None else member.member_id, merchant_id, locale


def _open(
    tx: Transaction,
    scope: Scope,
    *,
    address: str,
    subject: str,
    locale: str,
    origin: str,
    merchant_id: str | None,
    member_id: str | None,
) -> SupportQuestion:
    question_id = new_id()
    question = SupportQuestion(
        id=question_id,
        number=int(tx.rows(_NEXT, {})[0][0]),
        origin=origin,
        status="open",
        member_id=member_id,
        merchant_id=merchant_id,
        address=hide(scope, ADDRESS, question_id, address),
        blind=blind_index(data_keys(scope.keys.data), "email", address),
        subject=hide(scope, SUBJECT, question_id, subject),
        locale=locale,
        due_at=scope.now + PROMISED,
        created_at=scope.now,
        heard_at=scope.now,
    )
    tx.session.add(question)
    tx.session.flush()
    if origin == "office":
        after = {"number": question.number}
        audit.record(tx, scope, "support.asked", "support_question", question_id, after=after)
    return question


def _say(
    tx: Transaction,
    scope: Scope,
    question_id: str,
    body: Body,
    *,
    reference: bytes | None = None,
    author_id: str | None = None,
) -> None:
    message_id = new_id()
    tx.session.add(
        SupportMessage(
            id=message_id,
            question_id=question_id,
            direction="in",
            body=hide_body(scope, message_id, body),
            reference=reference,
            author_id=author_id,
            at=scope.now,
        )
    )
    tx.session.flush()
