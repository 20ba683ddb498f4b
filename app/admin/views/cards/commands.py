"""Pages and commands that the palette knows by name."""

from __future__ import annotations

import unicodedata

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.admin.pages import STEPS
from app.admin.views.cards.blueprint import address_of

COMMANDS = (
    (_l("Find a card"), "admin_cards.find"),
    (_l("Order printed cards"), "admin_cards.list_batches"),
    (_l("Batches of printed cards"), "admin_cards.list_batches"),
    (_l("Operators"), "admin_operators.show"),
    (_l("Audit list"), "admin_operators.trail"),
    (_l("My sign-in"), "admin_account.mine"),
)


def commands_named(text: str) -> list[tuple[str, str, str]]:
    """Word, kind and address of each page and command whose name holds this text, and that this person may open."""
    wanted = _plain(text)
    known = [(str(step.word), _("Page"), step.endpoint) for step in STEPS]
    known += [(str(word), _("Command"), endpoint) for word, endpoint in COMMANDS]
    found = []
    for word, kind, endpoint in known:
        address = address_of(endpoint) if wanted in _plain(word) else None
        if address is not None:
            found.append((word, kind, address))
    return found


def _plain(text: str) -> str:
    """Without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
