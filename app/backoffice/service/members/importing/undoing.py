"""Undoing an import as a whole: while nothing of it is spent, row by row from the last to the first."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from app.backoffice.service.members.importing.planning import source_of
from app.cards import changes
from app.cards.models import CardReference
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.errors import AlreadyReversedError
from app.rewards.configuration import current_configuration
from app.rewards.models import ImportedVisit, MemberImport, MemberImportRow, MemberNote, Visit
from app.rewards.reversals import book_undoing
from app.rewards.undoing import find_booked, survivor_of

REASON = "import_undone"
# What a row brought is whole when it still lies in its own lots, or in vouchers of its full cards that nobody used.
_SPENT = Statement(
    """
    SELECT count(DISTINCT r.member_id) FROM member_import_row r
    JOIN transfer g ON g.member_id = r.member_id AND g.transaction_id = r.transaction_id AND g.credit = 'balance'
    JOIN lot l ON l.member_id = g.member_id AND l.id = g.lot_id
    WHERE r.import_id = :import_id AND r.undone_at IS NULL AND l.remaining < l.amount
        AND l.amount - l.remaining > (
            SELECT coalesce(sum(x.amount), 0) FROM transfer x
            JOIN ledger_transaction t ON t.member_id = x.member_id AND t.id = x.transaction_id
            JOIN voucher_code c ON c.voucher_id = t.voucher_id
            JOIN voucher v ON v.member_id = c.member_id AND v.id = c.voucher_id
            WHERE x.member_id = l.member_id AND x.account_id = l.account_id AND x.lot_id = l.id
                AND x.debit = 'balance' AND t.kind = 'redeem' AND v.status = 'issued' AND v.hold_id IS NULL
                AND v.source = 'full_card'
        )
    """
)


def spent_members(tx: Transaction, import_id: str) -> int:
    """Of how many members something that the import brought is spent, expired or moved."""
    return int(tx.rows(_SPENT, {"import_id": import_id})[0][0])


def undo_chunk(tx: Transaction, scope: Scope, row: MemberImport, *, count: int) -> bool:
    """Undo the last rows that stand, up to ``count``. Returns whether there are more. What somebody spent while
    this was going on becomes a debt, as with every undoing."""
    rows = tx.session.scalars(
        select(MemberImportRow)
        .where(
            MemberImportRow.import_id == row.id,
            MemberImportRow.undone_at.is_(None),
            MemberImportRow.outcome.in_(("new", "known")),
        )
        .order_by(MemberImportRow.line.desc())
        .limit(count)
    ).all()
    config = current_configuration(tx, row.merchant_id)
    for one in rows:
        assert one.member_id is not None
        member_id = survivor_of(tx, one.member_id)
        booked = None if one.transaction_id is None else find_booked(tx, one.member_id, one.transaction_id)
        if booked is not None:
            batch = Batch()
            try:
                book_undoing(tx, scope, config, batch, member_id, booked, reason=REASON)
                batch.write(tx)
            except AlreadyReversedError:
                pass
        if one.visit_id is not None:
            tx.session.execute(
                delete(ImportedVisit).where(
                    ImportedVisit.source == source_of(row.merchant_id), ImportedVisit.visit_id == one.visit_id
                )
            )
        tx.session.execute(delete(MemberNote).where(MemberNote.member_id == member_id, MemberNote.import_id == row.id))
        if one.made_reference:
            _forget_card(tx, row, one.member_id)
        changes.changed(tx, member_id, merchant_id=row.merchant_id, now=scope.now)
        tx.session.execute(
            update(MemberImportRow)
            .where(MemberImportRow.import_id == row.id, MemberImportRow.line == one.line)
            .values(undone_at=scope.now)
        )
    row.position = min(row.rows, row.position + len(rows))
    return len(rows) == count


def _forget_card(tx: Transaction, row: MemberImport, member_id: str) -> None:
    """The old card stands for nobody any more, unless its bearer has come with it since."""
    came = tx.session.scalar(
        select(Visit.id)
        .where(Visit.member_id == member_id, Visit.merchant_id == row.merchant_id, Visit.reversed_at.is_(None))
        .limit(1)
    )
    if came is None:
        tx.session.execute(
            delete(CardReference).where(
                CardReference.source == source_of(row.merchant_id), CardReference.member_id == member_id
            )
        )
