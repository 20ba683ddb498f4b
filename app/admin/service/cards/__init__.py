"""What operators do with cards and members. Each public function is one transaction, and audited with its reason."""

from app.admin.service.cards.looking import look_at_contact
from app.admin.service.cards.merging import merge_members, undo_merge
from app.admin.service.cards.replacing import replace_card

__all__ = ["look_at_contact", "merge_members", "replace_card", "undo_merge"]
