"""Undoing a merge, while nothing of what was merged has been spent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select, update

from app.campaigns import belongings as campaigns
from app.cards import changes
from app.cards.models import Card, Member, Merge
from app.common import audit
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.ledger.accounts import AccountState, LotState
from app.ledger.models import Transfer
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import expire_due, gather, load_lots, lock_accounts
from app.members.belongings import hand_over_cards, hand_over_logins, hand_over_recovery, hand_over_vouchers
from app.members.errors import MergeSpentError, MergeUndoneError
from app.members.passkeys import hand_over_passkeys
from app.members.tiers import current_rules, months_of, move_months, tier_reached
from app.rewards import shop_members
from app.rewards.models import Voucher

UNDONE = "merge_undone"


def undo(tx: Transaction, scope: Scope, *, member_id: str, merge_id: str, reason: str | None = None) -> str:
    """Give back what a member got by a merge, in the caller's transaction: lots with their expiry, debts, vouchers,
    cards, logins. ``reason`` is an operator's, for the audit trail. Returns the id of whom it was given back to.

    What the cards have earned since stays where it was earned. Raises ``NotFoundError`` for a merge that isn't there or
    is another member's, :class:`MergeUndoneError` for one that was undone, :class:`MergeSpentError` when any of it has
    been spent or a debt was paid with it.
    """
    merge = tx.session.execute(
        select(Merge.merged_member_id, Merge.cards, Merge.details, Merge.undone_at)
        .where(Merge.member_id == member_id, Merge.id == merge_id)
        .with_for_update()
    ).first()
    if merge is None:
        raise NotFoundError(what="merge")
    if merge.undone_at is not None:
        raise MergeUndoneError
    survivor_id, merged_id, details = member_id, merge.merged_member_id, merge.details
    _lock_members(tx, survivor_id, merged_id)
    _book_expired(tx, scope, survivor_id)
    accounts = {member_id: lock_accounts(tx, member_id) for member_id in sorted((survivor_id, merged_id))}
    batch, posting = Batch(), Posting(Sealer(scope.keys.ledger), scope.now)
    undoing = _Undoing(tx, scope, posting)
    for entry in details["accounts"]:
        undoing.give_back(
            accounts[survivor_id][entry["programme_id"]], accounts[merged_id][entry["programme_id"]], entry
        )
    gather(posting, batch)
    batch.write(tx)
    for entry in details["accounts"]:
        move_months(tx, _months(entry), giver=(survivor_id, entry["target"]), taker=(merged_id, entry["source"]))
    _hand_back(tx, survivor_id, merged_id, merge.cards, details)
    campaigns.hand_back(tx, scope, details.get("told", {}), giver=survivor_id, taker=merged_id)
    hand_over_passkeys(tx, scope, details.get("passkeys", []), giver=survivor_id, taker=merged_id)
    shop_members.hand_back(tx, scope, details.get("notes", []), giver=survivor_id, taker=merged_id)
    now = scope.now
    status = details["status"]
    tx.session.execute(update(Member).where(Member.id == survivor_id).values(status=status[0]))
    tx.session.execute(update(Member).where(Member.id == merged_id).values(status=status[1], merged_into=None))
    tx.session.execute(update(Member).where(Member.id.in_(details["aliases"])).values(merged_into=merged_id))
    tx.session.execute(update(Merge).where(Merge.member_id == survivor_id, Merge.id == merge_id).values(undone_at=now))
    for member_id in (survivor_id, merged_id):
        changes.changed(tx, member_id, now=scope.now)
    before = {"merged": merged_id}
    after = {"merge": merge_id, "parted": merged_id} | ({} if reason is None else {"reason": reason})
    audit.record(tx, scope, "member.merge_undone", "member", survivor_id, before=before, after=after)
    return str(merged_id)


def _book_expired(tx: Transaction, scope: Scope, member_id: str) -> None:
    """Written at once, so that what has expired can be told from what was spent."""
    batch, posting = Batch(), Posting(Sealer(scope.keys.ledger), scope.now)
    expire_due(tx, posting, lock_accounts(tx, member_id).values(), scope.now)
    gather(posting, batch)
    batch.write(tx)


def _lock_members(tx: Transaction, survivor_id: str, merged_id: str) -> None:
    rows = tx.session.execute(
        select(Member.id, Member.status, Member.merged_into)
        .where(Member.id.in_((survivor_id, merged_id)))
        .order_by(Member.id)
        .with_for_update()
    ).all()
    states = {row.id: (row.status, row.merged_into) for row in rows}
    if states.get(merged_id) != ("merged", survivor_id) or states[survivor_id][0] in ("merged", "erased"):
        raise NotFoundError(what="merge")


class _Undoing:
    """The moves back, planned account by account."""

    def __init__(self, tx: Transaction, scope: Scope, posting: Posting) -> None:
        self.tx = tx
        self.scope = scope
        self.posting = posting

    def give_back(self, ours: AccountState, theirs: AccountState, entry: dict[str, Any]) -> None:
        """Plan one account's way back. Raises :class:`MergeSpentError`."""
        if entry["is_settled"] or ours.owed < entry["owed"]:
            raise MergeSpentError
        load_lots(self.tx, ours)
        load_lots(self.tx, theirs)
        lots = self._untouched(ours, entry)
        if lots or entry["owed"]:
            leaving = self.posting.book("move", ours.member_id, occurred_at=self.scope.now, reason=UNDONE)
            arriving = self.posting.book("move", theirs.member_id, occurred_at=self.scope.now, reason=UNDONE)
            for lot in lots:
                units = lot.remaining
                leaving.move_lot(ours, lot)
                arriving.take_in(theirs, lot, units)
            if entry["owed"]:
                leaving.move_debt(ours, entry["owed"], away=True)
                arriving.move_debt(theirs, entry["owed"], away=False)
        self._give_back_remainder(ours, theirs, entry)
        _take_off(ours, theirs, entry)
        self._judge_tiers(ours, theirs, entry)
        self.posting.touch(ours)
        self.posting.touch(theirs)

    def _untouched(self, ours: AccountState, entry: dict[str, Any]) -> list[LotState]:
        """The lots that came, whole. They are known by their origin: a merge that was undone in between gave them
        other ids. What has expired since is gone on either side."""
        waiting = ours.open_lots()
        lots = []
        for lot_id, origin_id, units in entry["lots"]:
            found = next((lot for lot in waiting if lot.origin_id == origin_id and lot.remaining == units), None)
            if found is not None:
                waiting.remove(found)
                lots.append(found)
                continue
            if self._expired(ours, lot_id) != units:
                raise MergeSpentError
        return lots

    def _expired(self, ours: AccountState, lot_id: str) -> int:
        """How many units of a lot have expired since it came."""
        booked = self.tx.session.scalar(
            select(func.sum(Transfer.amount)).where(
                Transfer.member_id == ours.member_id,
                Transfer.account_id == ours.id,
                Transfer.lot_id == lot_id,
                Transfer.credit == "expired",
            )
        )
        return int(booked or 0)

    def _give_back_remainder(self, ours: AccountState, theirs: AccountState, entry: dict[str, Any]) -> None:
        """The fraction goes back, and the unit that two fractions made is taken back where it is needed for that."""
        lent = Fraction(entry["remainder"])
        left = ours.remainder - lent
        if left < 0:
            if entry["carried"] is None:
                raise MergeSpentError  # visits since have made a unit of it
            left += 1
            made = [lot for lot in ours.open_lots() if lot.origin_id == entry["carried"]]
            if not made:
                raise MergeSpentError
            booking = self.posting.book("adjust", ours.member_id, occurred_at=self.scope.now, reason=UNDONE)
            booking.take_back(ours, 1, origin_ids=[entry["carried"]], counter="adjusted")
        ours.remainder = left
        theirs.remainder += lent

    def _judge_tiers(self, ours: AccountState, theirs: AccountState, entry: dict[str, Any]) -> None:
        lent = _months(entry)
        if not lent:
            return
        rules = current_rules(self.tx, ours.programme_id, self.scope.now)
        kept = months_of(self.tx, ours.member_id, ours.id)
        rest = {month: gathered - lent.get(month, 0) for month, gathered in kept.items()}
        ours.tier = tier_reached(rules, rest, self.scope.now)
        theirs.tier = tier_reached(rules, lent, self.scope.now)


def _take_off(ours: AccountState, theirs: AccountState, entry: Mapping[str, Any]) -> None:
    """Counts go back. First and last visits of the survivor may stay the other's: only their own can tell."""
    for count in ("visits", "units_earned"):
        setattr(ours, count, max(getattr(ours, count) - entry[count], 0))
        setattr(theirs, count, getattr(theirs, count) + entry[count])
    theirs.first_visit_at = _read(entry["first_visit_at"])
    theirs.last_visit_at = _read(entry["last_visit_at"])


def _hand_back(tx: Transaction, survivor_id: str, merged_id: str, cards: list[str], details: Mapping[str, Any]) -> None:
    lent: dict[str, str] = details["vouchers"]
    stands = dict(
        tx.session.execute(
            select(Voucher.id, Voucher.status).where(Voucher.member_id == survivor_id, Voucher.id.in_(list(lent)))
        ).all()
    )
    if any(was == "issued" and stands.get(voucher_id) == "redeemed" for voucher_id, was in lent.items()):
        raise MergeSpentError
    hand_over_vouchers(tx, list(lent), giver=survivor_id, taker=merged_id)
    still = list(tx.session.scalars(select(Card.number).where(Card.member_id == survivor_id, Card.number.in_(cards))))
    hand_over_cards(tx, still, giver=survivor_id, taker=merged_id)
    tx.session.execute(update(Card).where(Card.number.in_(still), Card.kind == "printed").values(claimed_at=None))
    hand_over_logins(tx, [bytes.fromhex(blind) for blind in details["logins"]], taker=merged_id)
    hand_over_recovery(tx, [bytes.fromhex(hashed) for hashed in details["recovery"]], taker=merged_id)


def _months(entry: Mapping[str, Any]) -> dict[int, int]:
    return {int(month): int(gathered) for month, gathered in entry["months"].items()}


def _read(moment: str | None) -> datetime | None:
    return None if moment is None else datetime.fromisoformat(moment)
