"""What a shop writes down about a member: notes, and how it calls her. All of it is sealed with her own key."""

from __future__ import annotations

from sqlalchemy import delete, insert

from app.backoffice.queries.members.detail import member_row
from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.rewards import shop_members
from app.rewards.models import MemberNote
from app.rewards.shop_members.belongings import seal_words

LONGEST_NOTE = 1000
LONGEST_NAME = 80
_HOLD = Statement("SELECT 1 FROM member WHERE id = :id FOR NO KEY UPDATE", sqlite="SELECT 1 FROM member WHERE id = :id")


def write_note(scope: Scope, member_id: str, *, words: str, note_id: str) -> None:
    """Add a note of 1 to 1,000 characters. ``note_id`` is new and comes with the form, so that a repeat adds none.

    Raises NotFoundError for somebody who is no member of the scope's, ``InvalidError``.
    """
    text = words.strip()
    if not 0 < len(text) <= LONGEST_NOTE:
        raise InvalidError(errors={"words": [f"1 to {LONGEST_NOTE} characters"]})
    if not is_id(note_id):
        raise InvalidError(errors={"note_id": ["not an id"]})

    def work(tx: Transaction) -> None:
        _hold(tx, scope, member_id)
        if tx.session.get(MemberNote, (member_id, note_id)) is not None:
            return
        tx.session.execute(
            insert(MemberNote).values(
                member_id=member_id,
                id=note_id,
                merchant_id=scope.merchant_id,
                kind="note",
                words=seal_words(tx, scope, member_id, note_id, text),
                staff_id=scope.staff_id,
                written_at=scope.now,
            )
        )
        audit.record(tx, scope, "member_note.written", "member", member_id, after={"note": note_id})

    scope.run(work)


def drop_note(scope: Scope, member_id: str, note_id: str) -> None:
    """Delete a note for good. Raises NotFoundError, for a repeat too."""

    def work(tx: Transaction) -> None:
        _hold(tx, scope, member_id)
        note = tx.session.get(MemberNote, (member_id, note_id)) if is_id(note_id) else None
        if note is None or note.merchant_id != scope.merchant_id or note.kind != "note":
            raise NotFoundError(what="note")
        tx.session.delete(note)
        audit.record(tx, scope, "member_note.dropped", "member", member_id, before={"note": note_id})

    scope.run(work)


def call_member(scope: Scope, member_id: str, *, name: str) -> None:
    """Say how this shop calls a member (up to 80 characters); an empty name takes the last one away. No other shop sees
    it, and she finds it in her own record. A repeat changes nothing.

    Raises NotFoundError, ``InvalidError``.
    """
    called = " ".join(name.split())
    if len(called) > LONGEST_NAME:
        raise InvalidError(errors={"name": [f"at most {LONGEST_NAME} characters"]})

    def work(tx: Transaction) -> None:
        _hold(tx, scope, member_id)
        set_name(tx, scope, member_id, called)
        shop_members.refresh(tx, scope, [(scope.merchant_id or "", member_id)])
        audit.record(tx, scope, "member_name.set", "member", member_id, after={"is_set": bool(called)})

    scope.run(work)


def set_name(tx: Transaction, scope: Scope, member_id: str, name: str, *, import_id: str | None = None) -> str | None:
    """Put how the shop calls a member in the place of what it said before, in the caller's transaction. Returns the
    row's id, None for no name."""
    tx.session.execute(
        delete(MemberNote).where(
            MemberNote.member_id == member_id,
            MemberNote.merchant_id == scope.merchant_id,
            MemberNote.kind == "name",
        )
    )
    if not name:
        return None
    note_id = new_id()
    tx.session.execute(
        insert(MemberNote).values(
            member_id=member_id,
            id=note_id,
            merchant_id=scope.merchant_id,
            kind="name",
            words=seal_words(tx, scope, member_id, note_id, name),
            staff_id=scope.staff_id,
            import_id=import_id,
            written_at=scope.now,
        )
    )
    return note_id


def _hold(tx: Transaction, scope: Scope, member_id: str) -> None:
    """The member must be one of the scope's, and stay as she is until the transaction ends: whoever merges or erases
    her comes before, and is seen, or after, and finds what was written."""
    if is_id(member_id):
        tx.rows(_HOLD, {"id": member_id})
    member_row(tx, scope, member_id)
