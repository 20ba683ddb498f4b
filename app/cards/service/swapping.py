"""A new printed card in the place of one that is lost, or of another system's: the old one is dead at once, its member
and every balance stay, and nothing is left of whom the new one was made for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.cards import security
from app.cards.errors import (
    CardBlockedError,
    CardNotPrintedError,
    CardReplacedError,
    NewCardUsedError,
    SameCardError,
)
from app.common import audit
from app.common.database import LostRaceError, Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement

_CARD_COLUMNS = "number, id, member_id, kind, status, replaced_by, claimed_at"
# In the order of their numbers, so that two swaps of the same cards wait for each other and never in a circle.
LOCK_CARDS = Statement(
    f"SELECT {_CARD_COLUMNS} FROM card WHERE number IN (:old, :new) ORDER BY number FOR UPDATE",  # noqa: S608  constants
    sqlite=f"SELECT {_CARD_COLUMNS} FROM card WHERE number IN (:old, :new) ORDER BY number",  # noqa: S608
)
# Conflicts with what a booking holds of its member: what is booked on the new card meanwhile is seen, or goes to its
# new member.
LOCK_MEMBERS = Statement(
    "SELECT id, status, is_sandbox FROM member WHERE id IN (:old, :new) ORDER BY id FOR UPDATE",
    sqlite="SELECT id, status, is_sandbox FROM member WHERE id IN (:old, :new) ORDER BY id",
)
_IS_ANYBODYS = Statement(
    """
    SELECT 1 FROM member WHERE merged_into = :member_id
    UNION ALL SELECT 1 FROM card WHERE member_id = :member_id AND number <> :number
    UNION ALL SELECT 1 FROM login WHERE member_id = :member_id
    UNION ALL SELECT 1 FROM card_reference WHERE number = :number
    """
)
_GIVE = Statement(
    "UPDATE card SET member_id = :member_id, pin_hash = :pin_hash, pin_tries = 0, claim_tries = 0,"
    " claim_approved_until = NULL, claimed_at = :claimed_at WHERE number = :number"
)
_REPLACE = Statement(
    "UPDATE card SET status = 'replaced', replaced_by = :new, blocked_at = coalesce(blocked_at, :now)"
    " WHERE number = :old"
)
_ALIAS = Statement("UPDATE member SET status = 'merged', merged_into = :taker WHERE id = :giver")
_END_PHONES = Statement("UPDATE installation SET ended_at = :now WHERE number = :old AND ended_at IS NULL")
_RETIRE = Statement("UPDATE card_reference SET retired_at = :now WHERE number = :old AND retired_at IS NULL")


@dataclass(frozen=True, slots=True)
class _Row:
    """A card as it is locked."""

    number: str
    card_id: str
    member_id: str
    kind: str
    status: str
    replaced_by: str | None
    claimed_at: datetime | None


def swap_card(
    tx: Transaction,
    scope: Scope,
    *,
    old_number: str,
    new_number: str,
    has_history: Callable[[str], bool],
    pin_hash: str | None = None,
    staff_id: str | None = None,
) -> None:
    """Give the card ``new_number`` to the member of ``old_number``, in the transaction of a caller who knows who may.

    The new one must be printed, active, and never have been anybody's: not claimed, the only card of a nameless member
    for whom ``has_history`` finds nothing. It gets the PIN of ``pin_hash`` (bound to its id), or none: whoever set one
    before no longer knows it. A repeat of the same swap changes nothing. Raises :class:`SameCardError`,
    ``NotFoundError``, :class:`CardReplacedError` for an old card that was replaced by another one,
    :class:`CardBlockedError` for one whose member has left, :class:`CardNotPrintedError` and :class:`NewCardUsedError`.
    """
    if old_number == new_number:
        raise SameCardError
    pair = {"old": old_number, "new": new_number}
    cards = {row[0]: _Row(*row) for row in tx.rows(LOCK_CARDS, pair)}
    old, new = cards.get(old_number), cards.get(new_number)
    if old is None or new is None:
        raise NotFoundError(what="card")
    owners = {"old": old.member_id, "new": new.member_id}
    members = {row[0]: (row[1], bool(row[2])) for row in tx.rows(LOCK_MEMBERS, owners)}
    status, _ = members[old.member_id]
    if any(is_sandbox is not scope.is_sandbox for _, is_sandbox in members.values()):
        raise NotFoundError(what="card")
    if old.status == "replaced":
        if old.replaced_by == new_number and old.member_id == new.member_id:
            return
        raise CardReplacedError
    if status == "merged":
        raise LostRaceError("the old card's member was merged since the card was read")
    if status == "erased":
        raise CardBlockedError
    _require_unused(tx, new, members[new.member_id][0], has_history)
    now = scope.now
    claimed_at = now if old.claimed_at is not None or status == "claimed" else None
    tx.run(
        _GIVE,
        {
            "member_id": old.member_id,
            "pin_hash": pin_hash,
            "claimed_at": claimed_at,
            "number": new_number,
        },
    )
    tx.run(_REPLACE, {**pair, "now": now})
    tx.run(_ALIAS, {"giver": new.member_id, "taker": old.member_id})
    tx.run(_END_PHONES, {"old": old_number, "now": now})
    tx.run(_RETIRE, {"old": old_number, "now": now})
    audit.record(
        tx, scope, "card.swapped", "card", old.card_id, after={"replaced_by": new.card_id, "staff_id": staff_id}
    )
    security.tell(tx, now, old.member_id, "card_replaced", card_id=old.card_id, new_card_id=new.card_id)


def _require_unused(tx: Transaction, new: _Row, status: str, has_history: Callable[[str], bool]) -> None:
    if new.kind != "printed":
        raise CardNotPrintedError
    is_free = new.status == "active" and new.claimed_at is None and status == "anonymous"
    if not is_free or tx.rows(_IS_ANYBODYS, {"member_id": new.member_id, "number": new.number}):
        raise NewCardUsedError
    if has_history(new.member_id):
        raise NewCardUsedError
