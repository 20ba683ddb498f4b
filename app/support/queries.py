"""What who answers reads: the list of questions, one question with its thread, and the templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.cards.models import Card, Member
from app.cards.numbers import mask_number
from app.cards.profiles import read_profile
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants.models import Merchant, Staff
from app.merchants.models.people import Operator
from app.support.models import SupportMessage, SupportQuestion, SupportTemplate
from app.support.sealed import ADDRESS, SUBJECT, Body, masked, show, show_body
from app.support.standard import LOCALES, STANDARD

PAGE = 50


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question in the list. ``address`` is masked; ``subject`` is None once it was destroyed."""

    question_id: str
    number: int
    status: str
    subject: str | None
    address: str | None
    merchant_id: str | None
    merchant_name: str | None
    member_id: str | None
    assigned_to: str | None
    assigned_name: str | None
    due_at: datetime | None
    heard_at: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many questions wait, how many of them longer than was promised, and how many are whose."""

    open: int
    late: int
    mine: int
    answered: int
    first_due: datetime | None


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a thread. ``author`` is a name where one of us or of a shop wrote it."""

    direction: str
    at: datetime
    author: str | None
    body: Body | None


@dataclass(frozen=True, slots=True)
class CardOf:
    """A card of the member who asks."""

    card_id: str
    number: str
    status: str
    kind: str


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """A question with its thread. ``cards`` are those of the member whose address it is."""

    line: QuestionLine
    locale: str
    origin: str
    created_at: datetime
    can_answer: bool
    thread: list[Said]
    cards: list[CardOf]


@dataclass(frozen=True, slots=True)
class Template:
    """An answer that is given often, in one language. ``is_own``: it was changed or added here."""

    key: str
    locale: str
    title: str
    body: str
    is_own: bool


def list_questions(
    scope: Scope, *, view: str = "open", mine: bool = False, after: int | None = None
) -> tuple[list[QuestionLine], int | None]:
    """A page of questions, and where the next begins: the ``open`` ones by what was promised, the ``answered`` and the
    ``closed`` ones newest first; ``mine`` alone where it is wanted."""
    start = after or 0
    wanted = _lines().where(SupportQuestion.status == view)
    if mine:
        wanted = wanted.where(SupportQuestion.assigned_to == scope.actor_id)
    order = (
        (SupportQuestion.due_at, SupportQuestion.id)
        if view == "open"
        else (SupportQuestion.heard_at.desc(), SupportQuestion.id.desc())
    )
    with scope.reading() as tx:
        rows = tx.session.execute(wanted.order_by(*order).offset(start).limit(PAGE + 1)).all()
    lines = [_line(scope, row) for row in rows[:PAGE]]
    return lines, start + PAGE if len(rows) > PAGE else None


def find_by_number(scope: Scope, number: int) -> str | None:
    """The id of the question with this number, or None."""
    with scope.reading() as tx:
        return tx.session.scalar(select(SupportQuestion.id).where(SupportQuestion.number == number))


def count_questions(scope: Scope) -> Counts:
    """The figures over the list."""
    open_ = SupportQuestion.status == "open"
    with scope.reading() as tx:
        waiting, first = tx.session.execute(select(func.count(), func.min(SupportQuestion.due_at)).where(open_)).one()
        late, mine, answered = (
            tx.session.scalar(select(func.count()).select_from(SupportQuestion).where(*conditions)) or 0
            for conditions in (
                (open_, SupportQuestion.due_at < scope.now),
                (open_, SupportQuestion.assigned_to == scope.actor_id),
                (SupportQuestion.status == "answered",),
            )
        )
    return Counts(waiting, late, mine, answered, first)


def get_question(scope: Scope, question_id: str) -> QuestionPage:
    """One question, with its thread in order. Raises ``NotFoundError``."""
    with scope.reading() as tx:
        row = tx.session.execute(_lines().where(SupportQuestion.id == question_id)).first()
        if row is None:
            raise NotFoundError(what="question")
        question: SupportQuestion = row[0]
        said = tx.session.scalars(
            select(SupportMessage).where(SupportMessage.question_id == question_id).order_by(SupportMessage.id)
        ).all()
        names = _names(tx, [one.author_id for one in said if one.author_id])
        cards: Sequence[Card] = ()
        if question.member_id is not None:
            cards = tx.session.scalars(
                select(Card).where(Card.member_id == question.member_id).order_by(Card.id.desc()).limit(10)
            ).all()
        return QuestionPage(
            line=_line(scope, row),
            locale=question.locale,
            origin=question.origin,
            created_at=question.created_at,
            can_answer=question.address is not None,
            thread=[
                Said(one.direction, one.at, names.get(one.author_id or ""), show_body(scope, one.id, one.body))
                for one in said
            ],
            cards=[CardOf(one.id, mask_number(one.number), one.status, one.kind) for one in cards],
        )


def list_templates(scope: Scope, *, locale: str | None = None) -> list[Template]:
    """The templates of one language, or of all: the standard ones, with what was changed or added here."""
    with scope.reading() as tx:
        own = {
            (row.key, row.locale): Template(row.key, row.locale, row.title, row.body, True)
            for row in tx.session.scalars(select(SupportTemplate))
        }
    shipped = {
        (one.key, tongue): Template(one.key, tongue, one.title[tongue], one.body[tongue], False)
        for one in STANDARD
        for tongue in LOCALES
    }
    known = shipped | own
    return sorted(
        (one for one in known.values() if locale is None or one.locale == locale),
        key=lambda one: (one.title.lower(), LOCALES.index(one.locale)),
    )


def fill_template(scope: Scope, question_id: str, key: str) -> str:
    """A template in the question's language with everything filled that is known; what isn't is left out, so that no
    brace goes to anybody. Raises ``NotFoundError``."""
    with scope.reading() as tx:
        question = tx.session.get(SupportQuestion, question_id)
        if question is None:
            raise NotFoundError(what="question")
        facts = _facts(tx, scope, question)
    template = next((one for one in list_templates(scope, locale=question.locale) if one.key == key), None)
    if template is None:
        raise NotFoundError(what="template")
    text = template.body
    for name, value in facts.items():
        # Put in once, and not read again: a name may itself hold braces.
        text = text.replace(f"{{{name}}}", value.replace("{", "(").replace("}", ")"))
    return "\n".join(line.rstrip().replace(" ,", ",") for line in text.split("\n"))


def _facts(tx: Transaction, scope: Scope, question: SupportQuestion) -> dict[str, str]:
    name = shop = card = ""
    if question.member_id is not None:
        member = tx.session.get(Member, question.member_id)
        if member is not None and member.status in ("anonymous", "claimed"):
            name = read_profile(tx, scope, member.id).name or ""
            number = tx.session.scalar(
                select(Card.number)
                .where(Card.member_id == member.id, Card.status == "active")
                .order_by(Card.id.desc())
                .limit(1)
            )
            card = "" if number is None else mask_number(number)
    if question.merchant_id is not None:
        shop = tx.session.scalar(select(Merchant.name).where(Merchant.id == question.merchant_id)) or ""
    agent = tx.session.scalar(select(Operator.name).where(Operator.id == scope.actor_id)) or ""
    return {"name": name, "number": f"#{question.number}", "agent": agent, "shop": shop, "card": card}


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(SupportQuestion, Merchant.name, Operator.name, Operator.email)
        .outerjoin(Merchant, Merchant.id == SupportQuestion.merchant_id)
        .outerjoin(Operator, Operator.id == SupportQuestion.assigned_to)
    )


def _line(scope: Scope, row: Any) -> QuestionLine:
    question, merchant_name, operator_name, operator_email = row
    return QuestionLine(
        question_id=question.id,
        number=question.number,
        status=question.status,
        subject=show(scope, SUBJECT, question.id, question.subject),
        address=masked(show(scope, ADDRESS, question.id, question.address)),
        merchant_id=question.merchant_id,
        merchant_name=merchant_name,
        member_id=question.member_id,
        assigned_to=question.assigned_to,
        assigned_name=operator_name or operator_email,
        due_at=question.due_at,
        heard_at=question.heard_at,
        is_late=question.due_at is not None and question.due_at < scope.now,
    )


def _names(tx: Transaction, ids: Sequence[str]) -> dict[str, str]:
    if not ids:
        return {}
    found = {
        row.id: row.name or row.email
        for row in tx.session.execute(select(Operator.id, Operator.name, Operator.email).where(Operator.id.in_(ids)))
    }
    return found | {
        row.id: row.name for row in tx.session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    }
