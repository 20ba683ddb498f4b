"""What the tests of the town's settings share."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from app.common.mail import Mail, open_mail
from app.common.models import OutboxMessage
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.models import Staff

LANGUAGES = ("nl", "fr", "en", "de")
TEXTS = {code: f"The text in {code}.\n\nAnd its second paragraph." for code in LANGUAGES}
TITLES = {code: f"News in {code}" for code in LANGUAGES}


def staff_of(scope: Scope, merchant_id: str, role: str) -> Scope:
    """Somebody with this role at the merchant, as the back office sees its rows."""
    email = f"{role}-{merchant_id[-12:]}@zegel.example"
    with scope.reading() as tx:
        known = tx.session.scalars(select(Staff.id).where(Staff.email == email)).first()
    staff_id = known or merchants.add_staff(scope, merchant_id, name=role.title(), role=role, email=email)
    return replace(
        scope, actor_kind="staff", actor_id=staff_id, merchant_id=merchant_id, staff_id=staff_id, staff_role=role
    )


def owner_of(scope: Scope, merchant_id: str) -> Scope:
    """The merchant's owner."""
    return staff_of(scope, merchant_id, "owner")


def mails_of(scope: Scope) -> list[Mail]:
    """What waits to be sent, the oldest first."""
    with scope.reading() as tx:
        rows = tx.session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.topic == "mail", OutboxMessage.done_at.is_(None))
            .order_by(OutboxMessage.id)
        ).all()
    return [open_mail(scope.keys.data, row.payload)[0] for row in rows]
