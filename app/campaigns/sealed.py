"""Words and addresses of a member, sealed with her own key: when that is destroyed, nobody can read them again."""

from __future__ import annotations

from app.cards import personal_data
from app.cards.profiles import known_key, own_key
from app.common.database import Transaction
from app.common.scope import Scope

WORDS = "feedback words"
ANSWER = "feedback answer"
SUBSCRIPTION = "push subscription"


def seal(tx: Transaction, scope: Scope, member_id: str, field: str, bound: str, text: str) -> bytes:
    """``text`` sealed for one field of one row (``bound`` is its id). Makes the member's key where there is none."""
    return personal_data.encrypt_text(own_key(tx, scope, member_id), member_id, f"{field}/{bound}", text)


class Reader:
    """Opens what was sealed, reading each member's key once."""

    def __init__(self, tx: Transaction, scope: Scope) -> None:
        self._tx = tx
        self._scope = scope
        self._keys: dict[str, bytes | None] = {}

    def open(self, member_id: str, field: str, bound: str, sealed: bytes | None) -> str | None:
        """The text, or None for nothing, and for what a member who has left had said."""
        if sealed is None:
            return None
        if member_id not in self._keys:
            self._keys[member_id] = known_key(self._tx, self._scope, member_id)
        key = self._keys[member_id]
        return None if key is None else personal_data.decrypt_text(key, member_id, f"{field}/{bound}", bytes(sealed))
