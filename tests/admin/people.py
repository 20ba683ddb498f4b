"""Members with an address of their own, for the desks that look for one."""

from __future__ import annotations

from sqlalchemy import insert, update

from app.cards.data_keys import data_keys
from app.cards.models import Login, Member
from app.cards.personal_data import blind_index
from app.cards.profiles import write_profile
from app.common.mail import TOPIC, Mail, open_mail
from app.common.models import OutboxMessage
from app.common.scope import Scope
from tests.factories import Holder, make_holder


def make_person(scope: Scope, email: str = "anna@example.com", *, name: str = "Anna Peeters") -> Holder:
    """A member who claimed her card with an address, just now."""
    holder = make_holder(scope)
    with scope.transaction() as tx:
        tx.session.execute(
            insert(Login).values(
                blind=blind_index(data_keys(scope.keys.data), "email", email),
                kind="email",
                member_id=holder.member_id,
                verified_at=scope.now,
            )
        )
        tx.session.execute(
            update(Member).where(Member.id == holder.member_id).values(status="claimed", last_seen_at=scope.now)
        )
        write_profile(tx, scope, holder.member_id, {"email": email, "name": name})
    return holder


def status_of(scope: Scope, member_id: str) -> str:
    with scope.reading() as tx:
        member = tx.session.get(Member, member_id)
        assert member is not None
        return member.status


def waiting_mails(scope: Scope) -> list[tuple[str, Mail]]:
    """What waits to be sent, in order: the outbox's id and the mail."""
    with scope.reading() as tx:
        rows = tx.session.query(OutboxMessage.id, OutboxMessage.payload).filter(
            OutboxMessage.topic == TOPIC, OutboxMessage.done_at.is_(None)
        )
        return [(row.id, open_mail(scope.keys.data, row.payload)[0]) for row in rows.order_by(OutboxMessage.id)]
