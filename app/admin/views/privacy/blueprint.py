"""What the pages of the privacy desk hang on, and how they say what was wrong."""

from __future__ import annotations

from flask import Blueprint, flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import messages
from app.common.errors import DomainError, InvalidError, NotFoundError
from app.common.ids import is_id

blueprint = Blueprint("admin_privacy", __name__, template_folder="../../templates")
AREA = "privacy"

KINDS = {
    "access": _l("All her data"),
    "erasure": _l("Erasure"),
    "correction": _l("Correction"),
    "objection": _l("Objection"),
}
CHANNELS = {
    "mail": _l("by mail"),
    "phone": _l("by telephone"),
    "letter": _l("by letter"),
    "counter": _l("at a counter"),
    "app": _l("in the app, by herself"),
    "retention": _l("by the clock"),
}
CHECKS = {
    "app": _l("She confirmed it in her app"),
    "mail": _l("She answered from the address by which she signs in"),
    "card": _l("She named her card and visits that only she knows"),
    "document": _l("She showed a document; no copy was kept"),
}
STANDINGS = {
    "late": _l("Late"),
    "soon": _l("This week"),
    "in_time": _l("In time"),
    "done": _l("Done"),
    "refused": _l("Refused"),
}
ACTIONS = {
    "privacy.received": _l("Received"),
    "privacy.identified": _l("Member identified"),
    "privacy.waiting": _l("Asked her something"),
    "privacy.extended": _l("Two months more"),
    "privacy.done": _l("Done"),
    "privacy.refused": _l("Refused"),
    "privacy.record_sent": _l("Link to the record sent"),
    "privacy.record_fetched": _l("Record fetched"),
    "privacy.erased": _l("Erased"),
}
RECEIPT = {
    "members": _l("Members, with those merged into her"),
    "logins": _l("Addresses to sign in"),
    "passkeys": _l("Passkeys"),
    "phones": _l("Phones"),
    "cards": _l("Cards blocked"),
    "vouchers": _l("Vouchers cancelled"),
    "visits_kept": _l("Visits that stay in the books, without her"),
}
_WRONG = {
    "contact": _l("That is no e-mail address."),
    "received_at": _l("That day is still to come, or is none."),
    "words": _l("That is too long: at most 4,000 characters."),
    "reason": _l("Say why, in at most 500 characters. Write no name into it."),
    "sought": _l("Type the 16 characters of a card, or a whole e-mail address."),
    "check": _l("Say how it was made sure that it is she."),
    "months": _l("Choose 12 to 60 months."),
    "grace_days": _l("Choose 14 to 90 days."),
}


def require_id(text: str) -> str:
    """The id in an address. Raises ``NotFoundError`` for what can't be one."""
    if not is_id(text):
        raise NotFoundError(what="request")
    return text


def say_no(error: DomainError) -> None:
    """Show why something was refused."""
    if isinstance(error, InvalidError):
        told = [str(_WRONG[field]) for field in error.params.get("errors", {}) if field in _WRONG]
        flash(" ".join(told) or messages.sentence(error), "bad")
    elif isinstance(error, NotFoundError):
        flash(_("No member has this card or address."), "bad")
    else:
        flash(messages.sentence(error), "bad")
