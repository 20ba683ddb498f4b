"""Adjusting a balance with a reason: alone up to a limit, above it with a second person's approval.

What is asked for is kept whether or not it is booked. The limit counts everything that one operator asked for within 24
hours, on one account and in all, so that splitting a large adjustment into small ones gains nothing. Undoing a visit or
an earlier adjustment goes the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.admin.service.booking import Booked, Wish, book, change_of
from app.common import audit
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.ids import is_id
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.errors import AlreadyReversedError, NotReversibleError
from app.rewards.errors import AdjustmentDecidedError, OwnAdjustmentError
from app.rewards.models import AdjustmentLimit, LedgerAdjustment
from app.rewards.models.adjustments import WAITS
from app.rewards.undoing import find_booked, is_reversed, survivor_of

MOST = 1_000_000
LONGEST_REASON = 200
LIMITS = {"stamps": (20, 100), "points": (200, 1000)}  # on one account, and in all
WITHIN = timedelta(hours=24)
MAY_ADJUST = ("support", "finance", "administrator")

# Held until the transaction ends: of two askings of one person the second one counts the first.
_WHO = Statement(
    """
    SELECT 1 FROM operator o WHERE o.id = :id AND o.is_active = :yes AND EXISTS (
        SELECT 1 FROM operator_right r WHERE r.operator_id = o.id AND r.name IN ('support', 'finance', 'administrator')
    ) FOR NO KEY UPDATE OF o
    """,
    sqlite="""
    SELECT 1 FROM operator o WHERE o.id = :id AND o.is_active = :yes AND EXISTS (
        SELECT 1 FROM operator_right r WHERE r.operator_id = o.id AND r.name IN ('support', 'finance', 'administrator')
    )
    """,
)
_PROGRAMME = Statement(
    "SELECT p.merchant_id, m.status FROM programme p JOIN member m ON m.id = :member_id WHERE p.id = :id"
)
_KIND = Statement("SELECT kind FROM programme WHERE id = :id")
_ASKED = Statement(
    """
    SELECT coalesce(sum(abs(a.units)), 0),
        coalesce(sum(CASE WHEN a.member_id = :member_id AND a.programme_id = :programme_id THEN abs(a.units) END), 0)
    FROM ledger_adjustment a JOIN programme p ON p.id = a.programme_id
    WHERE a.asked_by = :me AND a.created_at > :since AND a.status IN ('open', 'approved') AND p.kind = :kind
    """
)
# The guard: of those who decide at once, and of the one who asked, only the first other person changes the row.
_DECIDE = Statement(
    """
    UPDATE ledger_adjustment SET status = :status, decided_by = :me, decided_at = :now, transaction_id = :transaction_id
    WHERE member_id = :member_id AND id = :id AND status = 'open' AND asked_by <> :me AND created_at > :since
    """
)
_WITHDRAW = Statement(
    """
    UPDATE ledger_adjustment SET status = 'withdrawn', decided_at = :now
    WHERE member_id = :member_id AND id = :id AND status = 'open' AND asked_by = :me
    """
)
_EXPIRE = Statement(
    "UPDATE ledger_adjustment SET status = 'expired' WHERE status = 'open' AND created_at <= :since"
    " RETURNING asked_by, units, programme_id"
)
_ASKER = Statement("SELECT email FROM operator WHERE id = :id AND is_active = :yes")
_NAMED = Statement("SELECT p.name, m.name FROM programme p JOIN merchant m ON m.id = p.merchant_id WHERE p.id = :id")
_BECAME = {
    "approved": "was approved, and is booked",
    "declined": "was declined, and is not booked",
    "expired": "was not decided on within a week, and is closed. Ask for it again if it is still right",
}
_WAS = {"expired": "not decided on"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of an adjustment: booked at once (then ``transaction_id`` says where), or waiting for a second
    person."""

    adjustment_id: str
    member_id: str
    status: str
    transaction_id: str | None


def limits(scope: Scope) -> dict[str, tuple[int, int]]:
    """How much one operator may adjust alone within 24 hours, by kind of programme: on one account, and in all."""
    with scope.reading() as tx:
        return {kind: _limit(tx, kind) for kind in LIMITS}


def set_limit(scope: Scope, *, kind: str, most: int, most_in_all: int) -> None:
    """Change how much one operator may adjust alone. Raises InvalidError. A repeat changes nothing."""
    if kind not in LIMITS or not 0 <= most <= most_in_all <= MOST:
        raise InvalidError(errors={"most": ["out_of_range"]})

    def work(tx: Transaction) -> None:
        before = _limit(tx, kind)
        if before == (most, most_in_all):
            return
        row = tx.session.get(AdjustmentLimit, kind)
        if row is None:
            row = AdjustmentLimit(kind=kind)
            tx.session.add(row)
        row.most, row.most_in_all = most, most_in_all
        row.changed_by, row.changed_at = scope.actor_id or "", scope.now
        audit.record(
            tx,
            scope,
            "adjustment_limit.changed",
            "adjustment_limit",
            kind,
            before={"most": before[0], "most_in_all": before[1]},
            after={"most": most, "most_in_all": most_in_all},
        )

    scope.run(work)


def ask_adjustment(
    scope: Scope, *, member_id: str, programme_id: str, units: int, reason: str, adjustment_id: str
) -> Asked:
    """Give ``units`` (> 0) or take them (< 0, at most the balance). Booked at once where that is within the limit, else
    it waits for a second person. ``adjustment_id`` is new and comes with the form: a repeat asks nothing more.

    Raises ForbiddenError (no right), NotFoundError (no such member or programme), InvalidError, ``NotEnoughError``.
    """
    if not units or abs(units) > MOST:
        raise InvalidError(errors={"units": ["out_of_range"]})
    return _ask(scope, Wish(member_id, programme_id, units, _reason(reason)), adjustment_id)


def ask_reversal(
    scope: Scope, *, member_id: str, programme_id: str, transaction_id: str, reason: str, adjustment_id: str
) -> Asked:
    """Undo a visit or an adjustment of the account whole, at once or after a second person agreed, as
    :func:`ask_adjustment`. ``member_id`` is whose booking it is, also after a merge.

    Raises its errors, and ``AlreadyReversedError``, ``NotReversibleError``, ``VoucherReservedError``.
    """
    return _ask(scope, Wish(member_id, programme_id, 0, _reason(reason), transaction_id), adjustment_id)


def approve(scope: Scope, *, member_id: str, adjustment_id: str) -> Booked:
    """Agree, as the second person, to what another one asked for, and book it.

    Raises ForbiddenError, NotFoundError, :class:`OwnAdjustmentError`, :class:`AdjustmentDecidedError` (for a repeat
    too), and what booking raises; then it stays open.
    """

    def work(tx: Transaction) -> Booked:
        _require_right(tx, scope)
        row = _get(tx, member_id, adjustment_id)
        _decide(tx, scope, row, "approved", transaction_id=row.id)
        wish = Wish(row.member_id, row.programme_id, row.units, row.reason, row.reverses_id)
        booked = book(tx, scope, wish, transaction_id=row.id)
        _note(tx, scope, "adjustment.approved", row, {"status": "open"}, _after(row, "approved", scope))
        _tell(tx, scope, "approved", row.asked_by, row.units, row.programme_id)
        return booked

    return scope.run(work)


def decline(scope: Scope, *, member_id: str, adjustment_id: str) -> None:
    """Refuse, as the second person, what another one asked for. Raises as :func:`approve`."""

    def work(tx: Transaction) -> None:
        _require_right(tx, scope)
        row = _get(tx, member_id, adjustment_id)
        _decide(tx, scope, row, "declined", transaction_id=None)
        _note(tx, scope, "adjustment.declined", row, {"status": "open"}, _after(row, "declined", scope))
        _tell(tx, scope, "declined", row.asked_by, row.units, row.programme_id)

    scope.run(work)


def withdraw(scope: Scope, *, member_id: str, adjustment_id: str) -> None:
    """Take back what one asked for oneself, while nobody has decided. Raises ForbiddenError, NotFoundError,
    :class:`AdjustmentDecidedError`."""

    def work(tx: Transaction) -> None:
        _require_right(tx, scope)
        row = _get(tx, member_id, adjustment_id)
        if row.asked_by != scope.actor_id:
            raise ForbiddenError
        whose = {"member_id": member_id, "id": adjustment_id, "me": scope.actor_id, "now": scope.now}
        if tx.run(_WITHDRAW, whose) != 1:
            raise AdjustmentDecidedError
        _note(tx, scope, "adjustment.withdrawn", row, {"status": "open"}, {"status": "withdrawn"})

    scope.run(work)


def let_expire(scope: Scope) -> int:
    """Close what nobody decided on within a week, and tell whoever asked. Returns how many; a repeat finds no more."""

    def work(tx: Transaction) -> int:
        closed = tx.rows(_EXPIRE, {"since": scope.now - WAITS})
        for asked_by, units, programme_id in closed:
            _tell(tx, scope, "expired", asked_by, int(units), programme_id)
        return len(closed)

    return scope.run(work)


def _ask(scope: Scope, wish: Wish, adjustment_id: str) -> Asked:
    if not is_id(adjustment_id):
        raise InvalidError(errors={"adjustment_id": ["not an id"]})
    if not is_id(wish.member_id) or not is_id(wish.programme_id):
        raise NotFoundError(what="member")

    def work(tx: Transaction) -> Asked:
        _require_right(tx, scope)
        owner = wish.member_id
        standing = survivor_of(tx, owner)
        known = tx.session.get(LedgerAdjustment, (standing, adjustment_id))
        if known is not None:
            if known.asked_by != scope.actor_id:
                raise NotFoundError(what="adjustment")
            return Asked(known.id, known.member_id, known.status, known.transaction_id)
        rows = tx.rows(_PROGRAMME, {"id": wish.programme_id, "member_id": standing})
        if not rows or rows[0][1] == "erased":
            raise NotFoundError(what="member")
        merchant_id, _ = rows[0]
        changes = {wish.programme_id: wish.units}
        if wish.reverses_id is not None:
            changes = _undone(tx, owner, wish)
        needs_second = any(_is_above(tx, scope, standing, one, units) for one, units in changes.items())
        units = changes.get(wish.programme_id, 0)
        row = LedgerAdjustment(
            member_id=standing,
            id=adjustment_id,
            programme_id=wish.programme_id,
            merchant_id=merchant_id,
            units=units,
            reverses_member_id=owner if wish.reverses_id else None,
            reverses_id=wish.reverses_id,
            reason=wish.reason,
            needs_second=needs_second,
            status="open" if needs_second else "approved",
            asked_by=scope.actor_id or "",
            created_at=scope.now,
            decided_at=None if needs_second else scope.now,
            transaction_id=None if needs_second else adjustment_id,
        )
        tx.session.add(row)
        if not needs_second:
            book(tx, scope, wish, transaction_id=adjustment_id)
        _note(tx, scope, "adjustment.asked", row, None, {**_facts(row), "needs_second": needs_second})
        return Asked(row.id, row.member_id, row.status, row.transaction_id)

    return scope.run(work)


def _undone(tx: Transaction, owner: str, wish: Wish) -> dict[str, int]:
    """What undoing a booking changes, by programme. Raises why it can't be undone."""
    booked = find_booked(tx, owner, wish.reverses_id or "") if is_id(wish.reverses_id) else None
    if booked is None:
        raise NotFoundError(what="transaction")
    if booked.merchant_id is None or booked.kind not in ("earn", "adjust"):
        raise NotReversibleError
    if booked.kind == "adjust" and is_reversed(tx, booked):
        raise AlreadyReversedError
    changes = change_of(tx, owner, booked.id)
    if wish.programme_id not in changes:
        raise NotFoundError(what="transaction")
    return {programme_id: -units for programme_id, units in changes.items()}


def _is_above(tx: Transaction, scope: Scope, member_id: str, programme_id: str, units: int) -> bool:
    kind = tx.rows(_KIND, {"id": programme_id})[0][0]
    most, most_in_all = _limit(tx, kind)
    asked = {
        "me": scope.actor_id,
        "since": scope.now - WITHIN,
        "kind": kind,
        "member_id": member_id,
        "programme_id": programme_id,
    }
    in_all, here = (int(value) for value in tx.rows(_ASKED, asked)[0])
    return here + abs(units) > most or in_all + abs(units) > most_in_all


def _limit(tx: Transaction, kind: str) -> tuple[int, int]:
    row = tx.session.get(AdjustmentLimit, kind, populate_existing=True)
    return LIMITS[kind] if row is None else (row.most, row.most_in_all)


def _require_right(tx: Transaction, scope: Scope) -> None:
    if scope.actor_kind != "operator" or not tx.rows(_WHO, {"id": scope.actor_id, "yes": True}):
        raise ForbiddenError


def _decide(tx: Transaction, scope: Scope, row: LedgerAdjustment, status: str, *, transaction_id: str | None) -> None:
    if row.asked_by == scope.actor_id:
        raise OwnAdjustmentError
    decided = {
        "status": status,
        "me": scope.actor_id,
        "now": scope.now,
        "since": scope.now - WAITS,
        "transaction_id": transaction_id,
        "member_id": row.member_id,
        "id": row.id,
    }
    if tx.run(_DECIDE, decided) != 1:
        raise AdjustmentDecidedError


def _tell(tx: Transaction, scope: Scope, status: str, asked_by: str, units: int, programme_id: str) -> None:
    """Mail whoever asked what became of it: nothing of the member, who is found in the list of adjustments."""
    for (email,) in tx.rows(_ASKER, {"id": asked_by, "yes": True}):
        names = tx.rows(_NAMED, {"id": programme_id})
        where = f" in {names[0][0]} of {names[0][1]}" if names else ""
        text = f"""Hello,

The adjustment of {units:+d} units{where} that you asked for {_BECAME[status]}.
It stands under Ledger, Adjustments.
"""
        mail = Mail(to=email, subject=f"Your adjustment was {_WAS.get(status, status)}", text=text)
        queue_mail(tx, scope.keys.data, mail, now=scope.now)


def _get(tx: Transaction, member_id: str, adjustment_id: str) -> LedgerAdjustment:
    known = is_id(member_id) and is_id(adjustment_id)
    row = tx.session.get(LedgerAdjustment, (member_id, adjustment_id)) if known else None
    if row is None:
        raise NotFoundError(what="adjustment")
    return row


def _reason(text: str) -> str:
    why = " ".join(text.split())
    if not 0 < len(why) <= LONGEST_REASON:
        raise InvalidError(errors={"reason": ["a reason is needed"]})
    return why


def _facts(row: LedgerAdjustment) -> dict[str, Any]:
    facts = {"status": row.status, "units": row.units, "programme_id": row.programme_id, "reason": row.reason}
    return facts if row.reverses_id is None else {**facts, "reverses": row.reverses_id}


def _after(row: LedgerAdjustment, status: str, scope: Scope) -> dict[str, Any]:
    return {**_facts(row), "status": status, "decided_by": scope.actor_id}


def _note(
    tx: Transaction,
    scope: Scope,
    action: str,
    row: LedgerAdjustment,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    audit.record(tx, scope, action, "adjustment", row.id, merchant_id=row.merchant_id, before=before, after=after)
