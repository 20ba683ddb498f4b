"""What a shop does for one of its members from the back office, and with its list of them as a whole."""

from app.backoffice.service.members.correcting import Corrected, correct, limit_of
from app.backoffice.service.members.noting import call_member, drop_note, write_note
from app.backoffice.service.members.taking_back import take_back

__all__ = [
    "Corrected",
    "call_member",
    "correct",
    "drop_note",
    "limit_of",
    "take_back",
    "write_note",
]
