"""Loading accounts under their locks and writing what a posting planned. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from app.common.batch import Batch, Change, Table
from app.common.database import LostRaceError, Transaction
from app.common.sql import Statement, many
from app.ledger.accounts import AccountState, LotState
from app.ledger.posting import Posting, TransferRow

_ACCOUNT_COLUMNS = (
    "member_id, id, programme_id, balance, owed, remainder, remainder_per, visits, units_earned, first_visit_at,"
    " last_visit_at, tier, next_expiry_at, seq, chain, opened_at, seal"
)
ACCOUNT_COLUMNS: Sequence[str] = [name.strip() for name in _ACCOUNT_COLUMNS.split(",")]

ACCOUNT = Table(
    "account",
    10,
    "member_id id programme_id balance owed remainder remainder_per visits units_earned first_visit_at last_visit_at"
    " tier next_expiry_at seq chain seal seal_key opened_at updated_at",
)
TRANSACTION = Table(
    "ledger_transaction",
    20,
    "member_id id kind merchant_id location_id device_id staff_id visit_id voucher_id reverses_member_id reverses_id"
    " reason occurred_at recorded_at seal seal_key",
)
LOT = Table("lot", 30, "member_id id account_id origin_id amount remaining earned_at expires_at")
TRANSFER = Table("transfer", 40, "member_id account_id seq transaction_id programme_id debit credit amount lot_id seal")
LOCATION_TRANSACTION = Table("location_transaction", 50, "location_id transaction_id member_id kind recorded_at")
# The seal covers the whole row: whatever changed since it was read is noticed.
_CHANGE_ACCOUNT = Change(
    "account",
    10,
    sets="balance owed remainder remainder_per visits units_earned first_visit_at last_visit_at tier next_expiry_at"
    " seq chain seal seal_key updated_at",
    where="member_id id seal",
)
_CHANGE_LOT = Change("lot", 30, sets="remaining", where="member_id id")

_LOCK_ACCOUNTS = Statement(
    f"SELECT {_ACCOUNT_COLUMNS} FROM account WHERE member_id = :member_id ORDER BY id FOR UPDATE",  # noqa: S608
    sqlite=f"SELECT {_ACCOUNT_COLUMNS} FROM account WHERE member_id = :member_id ORDER BY id",  # noqa: S608
)
_HERE = (
    f"SELECT {_ACCOUNT_COLUMNS} FROM account WHERE member_id = :member_id"  # noqa: S608  constants
    " AND programme_id IN (SELECT id FROM programme WHERE merchant_id = :merchant_id) ORDER BY id"
)
SEE_HERE = Statement(_HERE)
# The member is held first, as merging and erasing do: who was merged or erased meanwhile has no accounts to book on.
_STANDING = "SELECT id FROM member WHERE id = :member_id AND status NOT IN ('merged', 'erased') FOR KEY SHARE"
LOCK_HERE = Statement(
    _HERE.replace("member_id = :member_id", f"member_id = ({_STANDING})") + " FOR UPDATE OF account", sqlite=_HERE
)
_IS_STANDING = Statement(_STANDING, sqlite="SELECT 1")  # one writer: nobody was merged since the card was read
_LOCK_PAIRS = Statement(
    f"SELECT {_ACCOUNT_COLUMNS} FROM account"  # noqa: S608  constants
    " WHERE (member_id, programme_id) IN"
    " (SELECT * FROM unnest(CAST(:members AS uuid[]), CAST(:programmes AS uuid[])))"
    " ORDER BY member_id, id FOR UPDATE",
    sqlite=f"SELECT {_ACCOUNT_COLUMNS} FROM account"  # noqa: S608  constants
    " WHERE (member_id, programme_id) IN (SELECT m.value, p.value FROM json_each(:members) m"
    " JOIN json_each(:programmes) p ON p.key = m.key) ORDER BY member_id, id",
)
_OPEN_LOTS_OF = Statement(
    "SELECT id, origin_id, amount, remaining, earned_at, expires_at, account_id FROM lot"
    " WHERE (member_id, account_id) IN"
    " (SELECT * FROM unnest(CAST(:members AS uuid[]), CAST(:accounts AS uuid[]))) AND remaining > 0",
    sqlite="SELECT id, origin_id, amount, remaining, earned_at, expires_at, account_id FROM lot"
    " WHERE (member_id, account_id) IN (SELECT m.value, a.value FROM json_each(:members) m"
    " JOIN json_each(:accounts) a ON a.key = m.key) AND remaining > 0",
)
_OPEN_LOTS = Statement(
    "SELECT id, origin_id, amount, remaining, earned_at, expires_at FROM lot"
    " WHERE member_id = :member_id AND account_id = :account_id AND remaining > 0"
)
_ONE_LOT = Statement(
    "SELECT id, origin_id, amount, remaining, earned_at, expires_at, account_id FROM lot"
    " WHERE member_id = :member_id AND id = :id"
)
_TRANSFERS = Statement(
    "SELECT account_id, programme_id, debit, credit, amount, lot_id FROM transfer"
    " WHERE member_id = :member_id AND transaction_id = :transaction_id ORDER BY account_id, seq"
)


def account_from_row(row: Sequence[Any]) -> AccountState:
    """The state behind a row of :data:`ACCOUNT_COLUMNS`."""
    return AccountState(
        member_id=row[0],
        id=row[1],
        programme_id=row[2],
        balance=row[3],
        owed=row[4],
        remainder=Fraction(row[5], row[6]) if row[5] else Fraction(0),
        visits=row[7],
        units_earned=row[8],
        first_visit_at=row[9],
        last_visit_at=row[10],
        tier=row[11],
        next_expiry_at=row[12],
        seq=row[13],
        chain=bytes(row[14]),
        opened_at=row[15],
        stored_seal=bytes(row[16]),
    )


def lock_accounts(transaction: Transaction, member_id: str) -> dict[str, AccountState]:
    """All accounts of a member by programme, locked in a fixed order until the transaction ends."""
    rows = transaction.rows(_LOCK_ACCOUNTS, {"member_id": member_id})
    return {row[2]: account_from_row(row) for row in rows}


def accounts_by_programme(
    transaction: Transaction, statement: Statement, member_id: str, merchant_id: str
) -> dict[str, AccountState]:
    """The member's accounts in one merchant's programmes: :data:`LOCK_HERE` locks them in a fixed order until the
    transaction ends, :data:`SEE_HERE` reads them only.

    Raises :class:`LostRaceError` when the member to lock was merged into another, or erased, since the card was read.
    """
    rows = transaction.rows(statement, {"member_id": member_id, "merchant_id": merchant_id})
    if not rows and statement is LOCK_HERE and not transaction.rows(_IS_STANDING, {"member_id": member_id}):
        raise LostRaceError("the member was merged or erased")
    return {row[2]: account_from_row(row) for row in rows}


def lock_pairs(transaction: Transaction, pairs: Sequence[tuple[str, str]]) -> list[AccountState]:
    """The accounts of many (member, programme) pairs, as far as they are there, locked in a fixed order."""
    if not pairs:
        return []
    members, programmes = zip(*pairs, strict=True)
    rows = transaction.rows(
        _LOCK_PAIRS, {"members": many(transaction, members), "programmes": many(transaction, programmes)}
    )
    return [account_from_row(row) for row in rows]


def load_open_lots(transaction: Transaction, accounts: Sequence[AccountState]) -> None:
    """Load the open lots of many locked accounts by one query."""
    if not accounts:
        return
    members = many(transaction, [account.member_id for account in accounts])
    wanted = many(transaction, [account.id for account in accounts])
    for account in accounts:
        account.lots = []
    by_id = {account.id: account for account in accounts}
    for row in transaction.rows(_OPEN_LOTS_OF, {"members": members, "accounts": wanted}):
        lots = by_id[row[6]].lots
        if lots is not None:
            lots.append(LotState(*row[:6]))


def load_lots(transaction: Transaction, account: AccountState) -> None:
    """Load the open lots of a locked account, unless they are there."""
    if account.lots is None:
        rows = transaction.rows(_OPEN_LOTS, {"member_id": account.member_id, "account_id": account.id})
        lots = [LotState(*row) for row in rows]
        known = account.balance - sum(lot.remaining for lot in account.new_lots)
        if not transaction.locks and sum(lot.remaining for lot in lots) != known:
            raise LostRaceError("the lots changed after their account was read")
        account.lots = lots


def load_lot(transaction: Transaction, account: AccountState, lot_id: str) -> LotState | None:
    """Load one lot, open or spent, beside the open ones. None when it belongs to another account."""
    load_lots(transaction, account)
    known = account.lot(lot_id)
    if known is None:
        for row in transaction.rows(_ONE_LOT, {"member_id": account.member_id, "id": lot_id}):
            if row[6] == account.id and account.lots is not None:
                known = LotState(*row[:6])
                account.lots.append(known)
    return known


def transfers_of(transaction: Transaction, member_id: str, transaction_id: str) -> list[TransferRow]:
    """The transfers of one ledger transaction."""
    rows = transaction.rows(_TRANSFERS, {"member_id": member_id, "transaction_id": transaction_id})
    return [TransferRow(*row) for row in rows]


def expire_due(transaction: Transaction, posting: Posting, accounts: Iterable[AccountState], at: datetime) -> int:
    """Book as expired what is due by ``at``, one transaction per member. Returns the units that expired."""
    due = [account for account in accounts if account.is_due(at)]
    gone = 0
    for account in due:
        load_lots(transaction, account)
        booking = posting.book("expire", account.member_id, occurred_at=at)
        gone += booking.expire(account, at)
    return gone


def gather(posting: Posting, batch: Batch) -> None:
    """Put everything a posting planned into the batch, which writes it."""
    now = posting.now
    for row in posting.transaction_rows:
        batch.insert(TRANSACTION, row)
    for row in posting.transfer_rows:
        batch.insert(TRANSFER, row)
    for account in posting.accounts.values():
        member_id = account.member_id
        seal = posting.seal_of(account)
        state = (
            account.balance,
            account.owed,
            account.remainder.numerator,
            account.remainder.denominator,
            account.visits,
            account.units_earned,
            account.first_visit_at,
            account.last_visit_at,
            account.tier,
            account.next_expiry_at,
            account.seq,
            account.chain,
            seal,
            posting.key_id,
        )
        if account.is_new:
            batch.insert(ACCOUNT, (member_id, account.id, account.programme_id, *state, account.opened_at, now))
        else:
            batch.change(_CHANGE_ACCOUNT, (*state, now, member_id, account.id, account.stored_seal))
        for lot in account.new_lots:
            batch.insert(
                LOT,
                (
                    member_id,
                    lot.id,
                    account.id,
                    lot.origin_id,
                    lot.amount,
                    lot.remaining,
                    lot.earned_at,
                    lot.expires_at,
                ),
            )
        for lot in account.lots or ():
            if lot.is_changed:
                batch.change(_CHANGE_LOT, (lot.remaining, member_id, lot.id))
