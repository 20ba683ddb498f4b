"""Use cases of members as a whole. Each works in the transaction of a caller who knows who may."""

from app.members.service.merging import merge
from app.members.service.undoing import undo

__all__ = ["merge", "undo"]
