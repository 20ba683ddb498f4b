"""Answers: written by a person, sent by the outbox, in the thread of what was asked."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select, update

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import new_id
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.support.errors import PlaceholderLeftError, QuestionNoAddressError, QuestionTakenError
from app.support.models import SupportMessage, SupportQuestion
from app.support.reading import LONGEST_TEXT
from app.support.sealed import ADDRESS, SUBJECT, Body, hide_body, show, show_body

_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
_AGAIN = re.compile(r"^\s*(re|aw|antw|betr|tr|fwd?|wg)\s*:\s*", re.IGNORECASE)
_NUMBER = re.compile(r"\s*\[#\d+\]")


def send_answer(scope: Scope, question_id: str, *, text: str, closes: bool = False, host: str = "") -> str:
    """Mail an answer to who asked, and note the question as answered (with ``closes`` as closed). Returns the id of the
    mail in the outbox; each call sends one more.

    ``host`` is the platform's own: the answer's Message-ID ends with it. The subject keeps the number, by which the
    next mail finds back. Raises ``InvalidError`` without a text, :class:`PlaceholderLeftError` where a template was not
    filled, :class:`QuestionNoAddressError` and ``NotFoundError``.
    """
    told = require_text(text)
    if _PLACEHOLDER.search(told):
        raise PlaceholderLeftError

    def work(tx: Transaction) -> str:
        question = _hold(tx, question_id)
        address = show(scope, ADDRESS, question_id, question.address)
        if address is None:
            raise QuestionNoAddressError
        subject = show(scope, SUBJECT, question_id, question.subject) or ""
        mail = Mail(
            to=address,
            subject=answer_subject(subject, question.number),
            text=f"{told}\n",
            # A person wrote it: whoever is away answers for herself.
            headers={"Auto-Submitted": "no", **_thread_headers(tx, scope, question_id, host)},
        )
        mail_id = queue_mail(
            tx,
            scope.keys.data,
            mail,
            now=scope.now,
            merchant_id=question.merchant_id,
            member_id=question.member_id,
        )
        _say(tx, scope, question_id, "out", told, mail_id)
        status = "closed" if closes else "answered"
        before = question.status
        tx.session.execute(
            update(SupportQuestion)
            .where(SupportQuestion.id == question_id)
            .values(
                status=status,
                due_at=None,
                answered_at=scope.now,
                closed_at=scope.now if closes else None,
                assigned_to=question.assigned_to or scope.actor_id,
            )
        )
        _note(tx, scope, question, "support.answered", {"status": before}, {"status": status})
        return mail_id

    return scope.run(work)


def add_note(scope: Scope, question_id: str, *, text: str) -> None:
    """Keep a note among colleagues, which is never sent. It is part of the record that a member may ask for. Raises
    ``InvalidError``, ``NotFoundError``."""
    told = require_text(text)

    def work(tx: Transaction) -> None:
        question = _hold(tx, question_id)
        _say(tx, scope, question_id, "note", told, None)
        _note(tx, scope, question, "support.noted", None, None)

    scope.run(work)


def assign_question(scope: Scope, question_id: str, *, to: str | None, seen: str | None) -> None:
    """Take a question, hand it to a colleague, or (None) give it back. ``seen`` is whose it was on the screen: of two
    who take it at once the second is told. A repeat changes nothing. Raises :class:`QuestionTakenError`,
    ``NotFoundError``."""

    def work(tx: Transaction) -> None:
        whose = SupportQuestion.assigned_to
        changed = tx.session.execute(
            update(SupportQuestion)
            .where(SupportQuestion.id == question_id, whose.is_(None) if seen is None else whose == seen)
            .values(assigned_to=to)
            .returning(SupportQuestion.id)
        ).first()
        if changed is None:
            question = _hold(tx, question_id)
            if question.assigned_to != to:
                raise QuestionTakenError
            return
        question = _hold(tx, question_id)
        _note(tx, scope, question, "support.assigned", {"assigned_to": seen}, {"assigned_to": to})

    scope.run(work)


def close_question(scope: Scope, question_id: str) -> None:
    """Close a question that wants no answer, or no more. A repeat changes nothing. Raises ``NotFoundError``."""
    _settle(scope, question_id, "closed", {"due_at": None, "closed_at": scope.now})


def reopen_question(scope: Scope, question_id: str) -> None:
    """Put a question back among those that wait: due at once, since it was promised long ago. A repeat changes nothing.
    Raises ``NotFoundError``."""
    _settle(scope, question_id, "open", {"due_at": scope.now, "closed_at": None})


def require_text(text: str) -> str:
    """The text, tidied. Raises ``InvalidError`` for none, or too much."""
    told = text.replace("\r\n", "\n").strip()
    if not told or len(told) > LONGEST_TEXT:
        raise InvalidError(errors={"text": ["missing" if not told else "too_long"]})
    return told


def answer_subject(subject: str, number: int) -> str:
    """The subject of an answer: "Re:" once, and the number once."""
    bare = _NUMBER.sub("", subject)
    while (shorter := _AGAIN.sub("", bare)) != bare:
        bare = shorter
    return f"Re: {' '.join(bare.split())} [#{number}]"


def _thread_headers(tx: Transaction, scope: Scope, question_id: str, host: str) -> dict[str, str]:
    """In-Reply-To and References (RFC 5322, 3.6.4): the mails of the thread, in their order."""
    named: list[str] = []
    rows = tx.session.scalars(
        select(SupportMessage)
        .where(SupportMessage.question_id == question_id, SupportMessage.direction != "note")
        .order_by(SupportMessage.id)
    )
    last = None
    for row in rows:
        if row.direction == "out" and row.mail_id:
            named.append(f"<{row.mail_id}@{host}>")
            continue
        body = show_body(scope, row.id, row.body)
        if body is not None and body.message_id:
            named.append(body.message_id)
            last = body.message_id
    told = list(dict.fromkeys(named))[-10:]
    if not told:
        return {}
    return {"In-Reply-To": last or told[-1], "References": " ".join(told)}


def _settle(scope: Scope, question_id: str, status: str, values: dict[str, Any]) -> None:
    def work(tx: Transaction) -> None:
        question = _hold(tx, question_id)
        before = question.status
        if before == status:
            return
        tx.session.execute(
            update(SupportQuestion).where(SupportQuestion.id == question_id).values(status=status, **values)
        )
        action = "support.closed" if status == "closed" else "support.reopened"
        _note(tx, scope, question, action, {"status": before}, {"status": status})

    scope.run(work)


def _hold(tx: Transaction, question_id: str) -> SupportQuestion:
    found = tx.session.get(SupportQuestion, question_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFoundError(what="question")
    return found


def _say(tx: Transaction, scope: Scope, question_id: str, direction: str, text: str, mail_id: str | None) -> None:
    message_id = new_id()
    tx.session.add(
        SupportMessage(
            id=message_id,
            question_id=question_id,
            direction=direction,
            body=hide_body(scope, message_id, Body(text)),
            mail_id=mail_id,
            author_id=scope.actor_id,
            at=scope.now,
        )
    )
    tx.session.flush()


def _note(
    tx: Transaction,
    scope: Scope,
    question: SupportQuestion,
    action: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    # Without the shop: what operators do among themselves is no part of a shop's own trail.
    audit.record(tx, scope, action, "support_question", question.id, before=before, after=after)
