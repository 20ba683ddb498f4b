"""Mails that did not arrive: noted by the mail job when a server refuses one for good, and by whoever reads the mails
that come back. Of an address its domain is kept, which is what tells a full mailbox from a server that shuts us out."""

from __future__ import annotations

from typing import Literal

from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement

_NOTE = Statement(
    "INSERT INTO mail_bounce (id, domain, how, told, bounced_at) VALUES (:id, :domain, :how, :told, :now)"
)


def note(tx: Transaction, scope: Scope, address: str, *, how: Literal["refused", "returned"], told: str) -> None:
    """Note, in the caller's transaction, that a mail to ``address`` did not arrive. ``told`` is the server's code or a
    few words without personal data, cut to 100 characters. Each call notes one more."""
    domain = address.rpartition("@")[2].strip().lower()[:255] or "unknown"
    values = {"id": new_id(), "domain": domain, "how": how, "told": told[:100], "now": scope.now}
    tx.run(_NOTE, values)
