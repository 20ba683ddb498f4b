"""Two members become one: the one who signed in survives, the other becomes an alias of it.

Each lot moves with its expiry and its origin by a ``move`` transaction on either side; a debt moves too, and is paid
from what the other side has. Fractions of a unit that are carried to the next visit are added exactly; where two of
them make a whole unit, an ``adjust`` transaction credits it, so that nothing is lost. Visits and bookings stay where
they happened and are read through the alias. Vouchers, cards and logins are possessions, not history: they go along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import insert, select, update

from app.campaigns import belongings as campaigns
from app.cards import changes
from app.cards.models import Card, Login, Member, Merge, Passkey, RecoveryCode
from app.cards.profiles import destroy_profile, read_profile, write_profile
from app.common import audit
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.insights import belongings as insights
from app.ledger.accounts import AccountState
from app.ledger.posting import Booking, Posting
from app.ledger.seals import Sealer
from app.ledger.writing import expire_due, gather, load_lots, lock_accounts
from app.members.belongings import (
    hand_over_cards,
    hand_over_logins,
    hand_over_questions,
    hand_over_recovery,
    hand_over_vouchers,
)
from app.members.passkeys import hand_over_passkeys
from app.members.sessions import end_sessions
from app.members.tiers import current_rules, local_expiry, months_of, move_months, tier_reached
from app.rewards import shop_members
from app.rewards.models import Voucher

MERGED = "merge"
REMAINDERS = "merge_remainders"


def merge(
    tx: Transaction,
    scope: Scope,
    *,
    survivor_id: str,
    merged_id: str,
    reason: str | None = None,
    check: Callable[[], None] | None = None,
) -> str:
    """Merge one member into another, in the caller's transaction. Returns the merge's id. ``reason`` is an operator's,
    for the audit trail; ``check`` is called when both are locked, and may raise.

    Raises ``NotFoundError`` where either isn't there any more (merged, erased) or only one of them is a sandbox member.
    """
    # The members first, then the accounts: the order of every booking.
    survivor, merged = _lock_members(tx, survivor_id, merged_id)
    accounts = {member_id: lock_accounts(tx, member_id) for member_id in sorted((survivor_id, merged_id))}
    if check is not None:
        check()
    batch, posting = Batch(), Posting(Sealer(scope.keys.ledger), scope.now)
    expire_due(tx, posting, [account for own in accounts.values() for account in own.values()], scope.now)
    moved = _move_accounts(tx, scope, posting, accounts[survivor_id], accounts[merged_id], survivor_id, merged_id)
    gather(posting, batch)
    batch.write(tx)
    for entry in moved:
        months = {int(month): gathered for month, gathered in entry["months"].items()}
        move_months(tx, months, giver=(merged_id, entry["source"]), taker=(survivor_id, entry["target"]))
    details = {"accounts": moved, **_hand_over(tx, scope, survivor_id, merged_id)}
    numbers = details.pop("cards")
    details["told"] = campaigns.hand_over(
        tx,
        scope,
        giver=merged_id,
        taker=survivor_id,
        accounts={entry["source"]: entry["target"] for entry in moved},
    )
    details["notes"] = shop_members.hand_over(tx, scope, giver=merged_id, taker=survivor_id)
    insights.hand_over(tx, giver=merged_id, taker=survivor_id)
    details["aliases"] = list(tx.session.scalars(select(Member.id).where(Member.merged_into == merged_id)))
    _keep_brakes(tx, survivor_id, merged_id)
    _fill_profile(tx, scope, survivor_id, merged_id)
    end_sessions(tx, scope, merged_id)
    # One hop from any alias to the survivor, however often members were merged before.
    tx.session.execute(update(Member).where(Member.merged_into == merged_id).values(merged_into=survivor_id))
    details["status"] = [survivor["status"], merged["status"]]
    tx.session.execute(update(Member).where(Member.id == merged_id).values(status="merged", merged_into=survivor_id))
    if "claimed" in details["status"]:
        tx.session.execute(update(Member).where(Member.id == survivor_id).values(status="claimed"))
    merge_id = new_id()
    tx.session.execute(
        insert(Merge).values(
            member_id=survivor_id,
            id=merge_id,
            merged_member_id=merged_id,
            cards=numbers,
            details=details,
            merged_at=scope.now,
        )
    )
    for member_id in (survivor_id, merged_id):
        changes.changed(tx, member_id, now=scope.now)
    before = {"survivor": survivor["status"], "merged": merged["status"]}
    after = {"merged": merged_id, "merge": merge_id} | ({} if reason is None else {"reason": reason})
    audit.record(tx, scope, "member.merged", "member", survivor_id, before=before, after=after)
    return merge_id


def _lock_members(tx: Transaction, survivor_id: str, merged_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    rows = tx.session.execute(
        select(Member.id, Member.status, Member.is_sandbox)
        .where(Member.id.in_((survivor_id, merged_id)))
        .order_by(Member.id)
        .with_for_update()
    ).mappings()
    found = {row["id"]: dict(row) for row in rows if row["status"] not in ("merged", "erased")}
    if survivor_id == merged_id or len(found) != 2 or len({row["is_sandbox"] for row in found.values()}) != 1:
        raise NotFoundError(what="member")
    return found[survivor_id], found[merged_id]


def _move_accounts(
    tx: Transaction,
    scope: Scope,
    posting: Posting,
    ours: dict[str, AccountState],
    theirs: dict[str, AccountState],
    survivor_id: str,
    merged_id: str,
) -> list[dict[str, Any]]:
    """Plan the moves of all accounts. Returns, for each, what undoing must know."""
    leaving = arriving = None
    if any(account.balance or account.owed for account in theirs.values()):
        leaving = posting.book("move", merged_id, occurred_at=scope.now, reason=MERGED)
        arriving = posting.book("move", survivor_id, occurred_at=scope.now, reason=MERGED)
    told = []
    for programme_id, source in theirs.items():
        target = ours.get(programme_id)
        if target is None:
            target = AccountState.open(member_id=survivor_id, programme_id=programme_id, now=source.opened_at)
            ours[programme_id] = target
        entry = {
            "programme_id": programme_id,
            "source": source.id,
            "target": target.id,
            "visits": source.visits,
            "units_earned": source.units_earned,
            "first_visit_at": _told(source.first_visit_at),
            "last_visit_at": _told(source.last_visit_at),
            "remainder": str(source.remainder),
            "owed": source.owed,
            "lots": [],
            "is_settled": False,
            "carried": None,
        }
        if leaving is not None and arriving is not None:
            _move_account(tx, leaving, arriving, source, target, entry)
        _add_remainders(tx, scope, posting, source, target, entry)
        _add_counts(source, target)
        _add_tiers(tx, scope, source, target, entry)
        posting.touch(source)
        posting.touch(target)
        told.append(entry)
    return told


def _move_account(
    tx: Transaction,
    leaving: Booking,
    arriving: Booking,
    source: AccountState,
    target: AccountState,
    entry: dict[str, Any],
) -> None:
    load_lots(tx, source)
    load_lots(tx, target)
    owed = source.owed
    had, owing = target.balance, target.owed
    lots = leaving.move_lots(source)
    for lot, units in lots:
        made = arriving.take_in(target, lot, units)
        entry["lots"].append([None if made is None else made.id, lot.origin_id, units])
    if owed:
        leaving.move_debt(source, owed, away=True)
        arriving.move_debt(target, owed, away=False)
        arriving.settle(target)
    # Where one side's debt was paid from the other's balance, the lots are not what they were.
    entry["is_settled"] = bool((owing and lots) or (owed and (had or target.balance or target.owed != owing + owed)))


def _add_remainders(
    tx: Transaction,
    scope: Scope,
    posting: Posting,
    source: AccountState,
    target: AccountState,
    entry: dict[str, Any],
) -> None:
    total = target.remainder + source.remainder
    source.remainder, target.remainder = Fraction(0), total % 1
    if total < 1:
        return
    load_lots(tx, target)
    rules = current_rules(tx, target.programme_id, scope.now)
    booking = posting.book("adjust", target.member_id, occurred_at=scope.now, reason=REMAINDERS)
    expires_at = None if rules is None else local_expiry(rules, scope.now)
    lot = booking.earn(target, 1, earned_at=scope.now, expires_at=expires_at, counter="adjusted")
    entry["carried"] = booking.id
    entry["is_settled"] = entry["is_settled"] or lot is None


def _add_counts(source: AccountState, target: AccountState) -> None:
    target.visits += source.visits
    target.units_earned += source.units_earned
    target.first_visit_at = _pick(min, (target.first_visit_at, source.first_visit_at))
    target.last_visit_at = _pick(max, (target.last_visit_at, source.last_visit_at))
    source.visits = source.units_earned = 0
    source.first_visit_at = source.last_visit_at = None


def _add_tiers(
    tx: Transaction, scope: Scope, source: AccountState, target: AccountState, entry: dict[str, Any]
) -> None:
    theirs = months_of(tx, source.member_id, source.id)
    ours = months_of(tx, target.member_id, target.id)
    entry["months"] = theirs
    if theirs:
        both = {month: ours.get(month, 0) + theirs.get(month, 0) for month in {*ours, *theirs}}
        target.tier = tier_reached(current_rules(tx, target.programme_id, scope.now), both, scope.now)
    source.tier = None


def _hand_over(tx: Transaction, scope: Scope, survivor_id: str, merged_id: str) -> dict[str, Any]:
    numbers = list(tx.session.scalars(select(Card.number).where(Card.member_id == merged_id).order_by(Card.number)))
    vouchers = tx.session.execute(
        select(Voucher.id, Voucher.status).where(Voucher.member_id == merged_id).order_by(Voucher.id)
    ).all()
    logins = list(tx.session.scalars(select(Login.blind).where(Login.member_id == merged_id)))
    recovery = list(tx.session.scalars(select(RecoveryCode.code_hash).where(RecoveryCode.member_id == merged_id)))
    hand_over_cards(tx, numbers, giver=merged_id, taker=survivor_id)
    hand_over_vouchers(tx, [voucher.id for voucher in vouchers], giver=merged_id, taker=survivor_id)
    hand_over_logins(tx, logins, taker=survivor_id)
    hand_over_recovery(tx, recovery, taker=survivor_id)
    keys = list(tx.session.scalars(select(Passkey.id).where(Passkey.member_id == merged_id)))
    hand_over_passkeys(tx, scope, keys, giver=merged_id, taker=survivor_id)
    hand_over_questions(tx, giver=merged_id, taker=survivor_id)
    return {
        "cards": numbers,
        "vouchers": {voucher.id: voucher.status for voucher in vouchers},
        "logins": [bytes(blind).hex() for blind in logins],
        "recovery": [bytes(code_hash).hex() for code_hash in recovery],
        "passkeys": keys,
    }


def _keep_brakes(tx: Transaction, survivor_id: str, merged_id: str) -> None:
    """A brake is not lost by a merge: where the survivor set none, the other's hold, and a lock of either locks."""
    rows = tx.session.execute(
        select(
            Member.id,
            Member.is_spending_locked,
            Member.ask_above_minor,
            Member.daily_cap_minor,
            Member.brakes_currency,
        ).where(Member.id.in_((survivor_id, merged_id)))
    ).all()
    brakes = {row.id: row for row in rows}
    own, other = brakes[survivor_id], brakes[merged_id]
    changes: dict[str, Any] = {}
    if other.is_spending_locked and not own.is_spending_locked:
        changes["is_spending_locked"] = True
    if own.brakes_currency is None and other.brakes_currency is not None:
        changes |= {name: getattr(other, name) for name in ("ask_above_minor", "daily_cap_minor", "brakes_currency")}
    if changes:
        tx.session.execute(update(Member).where(Member.id == survivor_id).values(**changes))


def _fill_profile(tx: Transaction, scope: Scope, survivor_id: str, merged_id: str) -> None:
    """What the other told and the survivor did not goes along; the other's own key is destroyed."""
    own, other = read_profile(tx, scope, survivor_id), read_profile(tx, scope, merged_id)
    gaps: dict[str, str | bool | None] = {
        field: getattr(other, field)
        for field in ("name", "email", "phone", "birthday")
        if getattr(own, field) is None and getattr(other, field) is not None
    }
    if "name" in gaps:
        gaps["shows_name"] = other.shows_name
    if gaps:
        write_profile(tx, scope, survivor_id, gaps)
    destroy_profile(tx, [merged_id])


def _pick(choose: Any, moments: Iterable[datetime | None]) -> datetime | None:
    there = [moment for moment in moments if moment is not None]
    return choose(there) if there else None


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
