"""Mails to everybody who owns a shop, each in the language that the person chose."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from app.common.database import Transaction
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.merchants.mails import mail
from app.merchants.models import Staff, StaffLogin


def mail_owners(tx: Transaction, scope: Scope, merchant_id: str, made: Callable[[str, str | None], Mail]) -> int:
    """Queue, in the caller's transaction, a mail to every owner of a merchant; ``made`` gets address and language.
    Returns how many."""
    owners = tx.session.execute(
        select(StaffLogin.email, StaffLogin.locale)
        .join(Staff, Staff.login_id == StaffLogin.id)
        .where(Staff.merchant_id == merchant_id, Staff.role == "owner", Staff.is_active)
        .order_by(StaffLogin.email)
    ).all()
    for address, locale in owners:
        queue_mail(tx, scope.keys.data, made(address, locale), now=scope.now, merchant_id=merchant_id)
    return len(owners)


def tell_owners(tx: Transaction, scope: Scope, merchant_id: str, kind: str, **facts: str) -> int:
    """As :func:`mail_owners`, with a mail of ``app.merchants.mails``."""
    return mail_owners(tx, scope, merchant_id, lambda to, locale: mail(kind, to, locale, **facts))
