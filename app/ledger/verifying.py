"""Recomputing the whole ledger from its rows: every balance, lot and seal, member by member, with flat memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Row, Statement
from app.ledger.accounts import AccountState, LotState
from app.ledger.posting import BALANCE, OWED, head_fields, transfer_fields
from app.ledger.seals import GENESIS, Sealer
from app.ledger.writing import ACCOUNT_COLUMNS, account_from_row

_STEP = 2000  # transactions a slice, so that memory stays flat however large the ledger is
_TRANSACTION_COLUMNS = (
    "member_id, id, kind, merchant_id, location_id, device_id, staff_id, visit_id, voucher_id, reverses_member_id,"
    " reverses_id, reason, occurred_at, recorded_at, seal, seal_key"
)
_SLICE = "member_id > :after AND member_id <= :until"
_COUNT = Statement("SELECT count(*) FROM ledger_transaction")
_BOUNDARY = Statement(
    "SELECT member_id FROM ledger_transaction WHERE member_id > :after ORDER BY member_id LIMIT 1 OFFSET :step"
)
_TRANSACTIONS = Statement(f"SELECT {_TRANSACTION_COLUMNS} FROM ledger_transaction WHERE {_SLICE}")  # noqa: S608
_ACCOUNTS = Statement(f"SELECT {', '.join(ACCOUNT_COLUMNS)}, seal_key FROM account WHERE {_SLICE}")  # noqa: S608
_LOTS = Statement(
    f"SELECT id, origin_id, amount, remaining, earned_at, expires_at, member_id, account_id FROM lot WHERE {_SLICE}"  # noqa: S608
)
_TRANSFERS = Statement(
    "SELECT member_id, account_id, seq, transaction_id, programme_id, debit, credit, amount, lot_id, seal"  # noqa: S608  constants
    f" FROM transfer WHERE {_SLICE} ORDER BY member_id, account_id, seq"
)
_ONE = "member_id = :member_id AND account_id = :account_id"
_TRANSACTIONS_OF_ONE = Statement(
    f"SELECT {_TRANSACTION_COLUMNS} FROM ledger_transaction WHERE member_id = :member_id"  # noqa: S608  constants
    f" AND id IN (SELECT transaction_id FROM transfer WHERE {_ONE})"
)
_ACCOUNT_OF_ONE = Statement(
    f"SELECT {', '.join(ACCOUNT_COLUMNS)}, seal_key FROM account"  # noqa: S608  constants
    " WHERE member_id = :member_id AND id = :account_id"
)
_LOTS_OF_ONE = Statement(
    f"SELECT id, origin_id, amount, remaining, earned_at, expires_at FROM lot WHERE {_ONE}"  # noqa: S608  constants
)
_TRANSFERS_OF_ONE = Statement(
    "SELECT member_id, account_id, seq, transaction_id, programme_id, debit, credit, amount, lot_id, seal"  # noqa: S608
    f" FROM transfer WHERE {_ONE} ORDER BY seq"
)
# A booking without transfers (a voucher used, a visit that earned nothing) is in no account's chain: its location's
# list still names it.
_GONE = Statement(
    """
    SELECT l.member_id, l.transaction_id FROM location_transaction l
    LEFT JOIN ledger_transaction t ON t.member_id = l.member_id AND t.id = l.transaction_id AND t.kind = l.kind
    WHERE t.id IS NULL ORDER BY l.transaction_id
    """
)
_FIRST = "00000000-0000-0000-0000-000000000000"
_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"


@dataclass(slots=True)
class Verification:
    """What was recomputed and what differed. ``mismatches`` are documents with ``kind``, ids and ``detail``."""

    transactions: int = 0
    accounts: int = 0
    transfers: int = 0
    mismatches: list[dict[str, Any]] = field(default_factory=list)

    def differs(self, kind: str, detail: str, **ids: str | None) -> None:
        """Note one difference."""
        self.mismatches.append({"kind": kind, "detail": detail, **ids})


def verify(
    scope: Scope,
    *,
    anchored: Mapping[str, tuple[int, str]] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """Recompute every balance, lot and seal from the ledger's rows, on one snapshot.

    ``anchored`` maps account ids to the ``(seq, chain in hex)`` that were last written outside the database: a chain
    that no longer passes through such a head was cut or rewritten. ``on_progress`` is told transactions done and total.
    Changes nothing; a repeat gives the same result for the same rows.
    """
    result = Verification()
    sealer = Sealer(scope.keys.ledger)
    heads = dict(anchored or {})
    with scope.reading() as transaction:
        total = transaction.rows(_COUNT, {})[0][0]
        for after, until in _slices(transaction):
            _verify_slice(transaction, sealer, {"after": after, "until": until}, heads, result)
            if on_progress is not None:
                on_progress(result.transactions, total)
        for member_id, transaction_id in transaction.rows(_GONE, {}):
            result.differs("transaction", "a booking is gone", member_id=member_id, transaction_id=transaction_id)
    for account_id in heads:
        result.differs("account", "an anchored account is gone", account_id=account_id)
    return result


def verify_account(transaction: Transaction, sealer: Sealer, member_id: str, account_id: str) -> Verification:
    """Recompute one account's balance, lots and seals from its rows, in an open transaction, as :func:`verify` does for
    all. An account that is not there is a difference."""
    result = Verification()
    mine = {"member_id": member_id, "account_id": account_id}
    seals: dict[tuple[str, str], tuple[bytes, str]] = {}
    for row in transaction.rows(_TRANSACTIONS_OF_ONE, mine):
        _check_transaction(sealer, row, seals, result)
    lots = {row[0]: LotState(*row[:6]) for row in transaction.rows(_LOTS_OF_ONE, mine)}
    accounts = transaction.rows(_ACCOUNT_OF_ONE, mine)
    if not accounts:
        result.differs("account", "the account is gone", member_id=member_id, account_id=account_id)
        return result
    result.accounts = 1
    chain = _Chain(sealer, account_from_row(accounts[0]), lots, seals, None, result)
    chain.follow(transaction.rows(_TRANSFERS_OF_ONE, mine))
    chain.close(accounts[0][17], remainder=(accounts[0][5], accounts[0][6]))
    return result


def _check_transaction(
    sealer: Sealer, row: Row, seals: dict[tuple[str, str], tuple[bytes, str]], result: Verification
) -> None:
    result.transactions += 1
    seal, key_id = bytes(row[14]), row[15]
    if not sealer.knows(key_id):
        result.differs("key", f"the ledger key {key_id} is not in the ring", transaction_id=row[1])
    elif sealer.transaction(key_id, tuple(row[:14])) != seal:
        result.differs("seal", "a transaction was changed or did not come from here", transaction_id=row[1])
    seals[row[0], row[1]] = (seal, key_id)


def _slices(transaction: Transaction) -> Iterator[tuple[str, str]]:
    after = _FIRST
    while True:
        boundary = transaction.rows(_BOUNDARY, {"after": after, "step": _STEP})
        if not boundary:
            yield after, _LAST
            return
        yield after, boundary[0][0]
        after = boundary[0][0]


def _verify_slice(
    transaction: Transaction,
    sealer: Sealer,
    span: Mapping[str, str],
    heads: dict[str, tuple[int, str]],
    result: Verification,
) -> None:
    seals: dict[tuple[str, str], tuple[bytes, str]] = {}
    for row in transaction.rows(_TRANSACTIONS, span):
        _check_transaction(sealer, row, seals, result)
    lots: dict[tuple[str, str], dict[str, LotState]] = {}
    for row in transaction.rows(_LOTS, span):
        lots.setdefault((row[6], row[7]), {})[row[0]] = LotState(*row[:6])
    transfers: dict[tuple[str, str], list[Row]] = {}
    for row in transaction.rows(_TRANSFERS, span):
        transfers.setdefault((row[0], row[1]), []).append(row)
    for row in transaction.rows(_ACCOUNTS, span):
        result.accounts += 1
        account = account_from_row(row)
        owner = (account.member_id, account.id)
        chain = _Chain(sealer, account, lots.pop(owner, {}), seals, heads.pop(account.id, None), result)
        chain.follow(transfers.pop(owner, []))
        chain.close(row[17], remainder=(row[5], row[6]))
    for member_id, account_id in transfers:
        result.differs("account", "transfers without their account", member_id=member_id, account_id=account_id)
    for member_id, account_id in lots:
        result.differs("lot", "lots without their account", member_id=member_id, account_id=account_id)


class _Chain:
    """One account recomputed: its chain of seals, its balances, its lots."""

    def __init__(
        self,
        sealer: Sealer,
        account: AccountState,
        lots: dict[str, LotState],
        seals: Mapping[tuple[str, str], tuple[bytes, str]],
        head: tuple[int, str] | None,
        result: Verification,
    ) -> None:
        self.sealer = sealer
        self.account = account
        self.lots = lots
        self.seals = seals
        self.head = head
        self.result = result
        self.balance = 0
        self.owed = 0
        self.left: dict[str, int] = {}
        self.credited: dict[str, int] = {}

    def follow(self, rows: list[Row]) -> None:
        seal = GENESIS
        for expected, row in enumerate(rows, start=1):
            self.result.transfers += 1
            if row[2] != expected:
                self._differs("seal", f"transfer {expected} is missing")
                return
            transaction_seal, key_id = self.seals.get((row[0], row[3]), (b"", ""))
            lot = self.lots.get(row[8]) if row[8] else None
            if row[8] and lot is None:
                self._differs("lot", f"the lot of transfer {expected} is missing")
            elif not self.sealer.knows(key_id):
                self._differs("seal", f"the transaction of transfer {expected} is missing")
            else:
                seal = self.sealer.transfer(key_id, seal, transaction_seal, transfer_fields(tuple(row[:9]), lot))
                if seal != bytes(row[9]):
                    self._differs("seal", f"transfer {expected} was changed or did not come from here")
            seal = bytes(row[9])
            if self.head is not None and self.head[0] == expected and self.head[1] != seal.hex():
                self._differs("anchor", f"transfer {expected} is not the one that was anchored")
            self._book(row)
        if seal != self.account.chain:
            self._differs("seal", "the account's chain does not end where its transfers do")
        if len(rows) != self.account.seq:
            self._differs("seal", f"{self.account.seq} transfers were booked, {len(rows)} are there")
        if self.head is not None and self.head[0] > len(rows):
            self._differs("anchor", f"{self.head[0]} transfers were anchored, {len(rows)} are there")

    def _book(self, row: Row) -> None:
        debit, credit, amount, lot_id = row[5], row[6], row[7], row[8]
        if credit == BALANCE:
            self.balance += amount
            self.left[lot_id] = self.left.get(lot_id, 0) + amount
            self.credited[lot_id] = max(self.credited.get(lot_id, 0), self.left[lot_id])
        elif debit == BALANCE:
            self.balance -= amount
            self.left[lot_id] = self.left.get(lot_id, 0) - amount
        if debit == OWED:
            self.owed += amount
        elif credit == OWED:
            self.owed -= amount

    def close(self, key_id: str, *, remainder: tuple[int, int]) -> None:
        account = self.account
        if remainder != (account.remainder.numerator, account.remainder.denominator):
            self._differs("seal", "the carried fraction is not written as it was")
        if account.balance != self.balance:
            self._differs("balance", f"the balance is {account.balance}, its transfers make {self.balance}")
        if account.owed != self.owed:
            self._differs("owed", f"{account.owed} is owed, its transfers make {self.owed}")
        for lot_id, lot in self.lots.items():
            if self.left.get(lot_id) != lot.remaining:
                made = self.left.get(lot_id, 0)
                self._differs("lot", f"{lot.remaining} is left in a lot, its transfers make {made}", lot_id=lot_id)
            elif lot.amount != self.credited.get(lot_id):
                self._differs("lot", "a lot's amount is not what was credited to it", lot_id=lot_id)
        if sum(lot.remaining for lot in self.lots.values()) != account.balance:
            self._differs("lot", "the lots do not add up to the balance")
        open_ends = [lot.expires_at for lot in self.lots.values() if lot.remaining and lot.expires_at is not None]
        if account.next_expiry_at != min(open_ends, default=None):
            self._differs("lot", "the next expiry is not that of the lots")
        if not self.sealer.knows(key_id):
            self._differs("key", f"the ledger key {key_id} is not in the ring")
        elif self.sealer.account(key_id, account.chain, head_fields(account)) != account.stored_seal:
            self._differs("seal", "the account's row was changed")

    def _differs(self, kind: str, detail: str, **ids: str) -> None:
        self.result.differs(kind, detail, member_id=self.account.member_id, account_id=self.account.id, **ids)
