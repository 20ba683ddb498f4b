"""Members whom an operator looks at."""

from __future__ import annotations

import re
from html import unescape

from sqlalchemy import insert, select, update
from werkzeug.test import TestResponse

from app.admin.doors import COOKIE
from app.campaigns import service as campaigns
from app.campaigns.models import MemberMessage
from app.cards import security
from app.cards.data_keys import data_keys
from app.cards.models import Login, Member
from app.cards.personal_data import blind_index
from app.cards.profiles import write_profile
from app.common.models import AuditEvent, OutboxMessage
from app.common.outbox import Message
from app.common.scope import Scope
from app.merchants import service as merchants
from tests.admin.desk import Desk
from tests.factories import Holder, make_holder

EMAIL = "sofie.dierickx@proximus.be"
NAME = "Sofie Dierickx"
PHONE = "+32470123456"
MASKED = "s…x@proximus.be"
CLEAR = (EMAIL, NAME, "Dierickx", PHONE, "470123456")


def named(scope: Scope, email: str = EMAIL, *, name: str = NAME) -> Holder:
    """A member who has claimed a card, with an address to sign in by."""
    holder = make_holder(scope)
    blind = blind_index(data_keys(scope.keys.data), "email", email)
    with scope.transaction() as tx:
        tx.session.execute(update(Member).where(Member.id == holder.member_id).values(status="claimed"))
        tx.session.execute(
            insert(Login).values(blind=blind, kind="email", member_id=holder.member_id, verified_at=scope.now)
        )
        write_profile(tx, scope, holder.member_id, {"email": email, "name": name, "phone": PHONE})
    return holder


def text_of(answer: TestResponse) -> str:
    """What a page says, on one line."""
    plain = re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True))
    return " ".join(unescape(plain).split())


def audited(scope: Scope, action: str) -> list[AuditEvent]:
    """The events of one kind, the oldest first."""
    with scope.reading() as tx:
        return list(tx.session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)))


def inbox(scope: Scope, member_id: str) -> list[str]:
    """The kinds of messages in a member's inbox, after the jobs have made them."""
    with scope.reading() as tx:
        waiting = tx.session.scalars(
            select(OutboxMessage).where(OutboxMessage.topic == security.TOPIC, OutboxMessage.done_at.is_(None))
        ).all()
        told = [Message(one.id, one.topic, one.merchant_id, one.payload, one.created_at, 1) for one in waiting]
    for message in told:
        campaigns.note(scope, message)
    with scope.reading() as tx:
        return list(tx.session.scalars(select(MemberMessage.kind).where(MemberMessage.member_id == member_id)))


def sit_again(desk: Desk, scope: Scope) -> Desk:
    """The same person, whose second step was given a moment ago."""

    opened = merchants.open_operator_session(scope, desk.operator_id, is_second_proved=True)
    desk.client.set_cookie(COOKIE, opened.token, path="/admin")
    return desk
