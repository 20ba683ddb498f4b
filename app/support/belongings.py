"""What support keeps of a member, when she leaves or takes her record with her."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from app.common.database import Transaction
from app.common.scope import Scope
from app.support.models import SupportMessage, SupportQuestion
from app.support.sealed import SUBJECT, show, show_body


def erase(tx: Transaction, member_ids: Sequence[str]) -> None:
    """Destroy what she wrote and was answered, in the caller's transaction. That there was a question stays."""
    mine = select(SupportQuestion.id).where(SupportQuestion.member_id.in_(member_ids))
    tx.session.execute(
        update(SupportMessage)
        .where(SupportMessage.question_id.in_(mine))
        .values(body=None, reference=None)
        .execution_options(synchronize_session=False)
    )
    tx.session.execute(
        update(SupportQuestion)
        .where(SupportQuestion.member_id.in_(member_ids))
        .values(address=None, blind=None, subject=None, status="closed", due_at=None)
        .execution_options(synchronize_session=False)
    )


def record_of(tx: Transaction, scope: Scope, member_ids: Sequence[str]) -> list[dict[str, Any]]:
    """What a member asked and was answered, in clear; notes among colleagues too, since they are about her."""
    told = []
    questions = select(SupportQuestion).where(SupportQuestion.member_id.in_(member_ids)).order_by(SupportQuestion.id)
    for question in tx.session.scalars(questions).all():
        messages = tx.session.scalars(
            select(SupportMessage).where(SupportMessage.question_id == question.id).order_by(SupportMessage.id)
        )
        told.append(
            {
                "number": question.number,
                "status": question.status,
                "created_at": question.created_at.isoformat().replace("+00:00", "Z"),
                "subject": show(scope, SUBJECT, question.id, question.subject),
                "messages": [
                    {
                        "direction": one.direction,
                        "at": one.at.isoformat().replace("+00:00", "Z"),
                        "text": None if (body := show_body(scope, one.id, one.body)) is None else body.text,
                    }
                    for one in messages
                ],
            }
        )
    return told
