"""Leaving and taking everything along: what the privacy desk does for others, done by the member herself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.cards import waiting
from app.common.scope import Scope
from app.privacy.service import note_own_erasure, note_own_export


def erase_me(scope: Scope, *, mail_folder: Path | None = None) -> None:
    """Erase the scope's member and all that were merged into it. It can't be undone; a repeat finds nobody.

    ``mail_folder`` is where mails are written while no mail server is set: hers are removed from it.

    Raises ``NotFoundError`` for a member who has left, and ``SpendingWaitsError``: a thief of mails alone may not
    destroy what a member has.
    """
    waiting.require_no_wait(scope)
    note_own_erasure(scope, mail_folder=mail_folder)


def export_me(scope: Scope) -> dict[str, Any]:
    """Everything kept about the scope's member, as one JSON document: times as RFC 3339, the profile in clear. The
    privacy desk sees that it was taken, once a day at most.

    Raises ``NotFoundError`` for a member who has left, and ``SpendingWaitsError``: a thief of mails alone is not handed
    the whole of a life, nor the codes of vouchers.
    """
    waiting.require_no_wait(scope)
    return note_own_export(scope)
