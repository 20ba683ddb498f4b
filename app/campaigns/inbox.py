"""Messages as they are read: each with what it says in one language, and whom it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.campaigns.kinds import FEEDBACK_ANSWERED
from app.campaigns.models import Feedback, MemberMessage
from app.campaigns.sealed import ANSWER, Reader
from app.campaigns.wording import link_of, say
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class About:
    """The merchant that something is about. ``hue`` is its colour in degrees."""

    merchant_id: str
    name: str
    hue: int


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message in words. ``link`` is a place in the app."""

    message_id: str
    kind: str
    title: str
    text: str
    merchant: About | None
    link: str | None
    created_at: datetime
    read_at: datetime | None


def worded(tx: Transaction, scope: Scope, messages: Sequence[MemberMessage], locale: str) -> list[MessageView]:
    """The messages in words, with one query for all merchants and one for all answers they quote."""
    merchants = about(tx, {message.merchant_id for message in messages if message.merchant_id})
    answers = _answers(tx, scope, messages)
    views = []
    for message in messages:
        merchant = merchants.get(message.merchant_id or "")
        params: Mapping[str, Any] = message.params
        if message.kind == FEEDBACK_ANSWERED:
            params = {**params, "answer": answers.get(params.get("feedback_id", ""))}
        said = say(message.kind, params, merchant=merchant.name if merchant else None, locale=locale)
        views.append(
            MessageView(
                message_id=message.id,
                kind=message.kind,
                title=said.title,
                text=said.text,
                merchant=merchant,
                link=link_of(message.kind, params),
                created_at=message.created_at,
                read_at=message.read_at,
            )
        )
    return views


def about(tx: Transaction, merchant_ids: set[str]) -> dict[str, About]:
    """Merchants by id, as lists of a member show them."""
    if not merchant_ids:
        return {}
    rows = tx.session.execute(select(Merchant.id, Merchant.name, Merchant.hue).where(Merchant.id.in_(merchant_ids)))
    return {row.id: About(*row) for row in rows}


def _answers(tx: Transaction, scope: Scope, messages: Sequence[MemberMessage]) -> dict[str, str | None]:
    named = {
        message.params["feedback_id"]: message.member_id
        for message in messages
        if message.kind == FEEDBACK_ANSWERED and "feedback_id" in message.params
    }
    if not named:
        return {}
    rows = tx.session.execute(
        select(Feedback.member_id, Feedback.id, Feedback.answer).where(
            Feedback.member_id.in_(set(named.values())), Feedback.id.in_(list(named))
        )
    )
    reader = Reader(tx, scope)
    return {row.id: reader.open(row.member_id, ANSWER, row.id, row.answer) for row in rows}
