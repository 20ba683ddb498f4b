"""What was queued as mail, as its reader would find it."""

from __future__ import annotations

import json
import re

from sqlalchemy import text

from app.common.mail import Mail, open_mail
from app.common.scope import Scope

_LINK = re.compile(r"https://card\.example(/\S+)")


def mails(scope: Scope) -> list[Mail]:
    """All mails that wait to be sent, oldest first."""
    with scope.reading() as tx:
        rows = tx.session.execute(text("SELECT payload FROM outbox WHERE topic = 'mail' ORDER BY created_at, id")).all()
    found = [row.payload if isinstance(row.payload, dict) else json.loads(row.payload) for row in rows]
    return [open_mail(scope.keys.data, payload)[0] for payload in found]


def mails_to(scope: Scope, address: str) -> list[Mail]:
    return [mail for mail in mails(scope) if mail.to == address]


def link_in(mail: Mail) -> str:
    """The path of the first link in a mail."""
    found = _LINK.search(mail.text)
    assert found is not None, mail.text
    return found[1]
