"""Planning bookings: pure functions from accounts as they stand to the rows that change them.

Counter, queue, import, reversal, expiry, merge and jobs all book through here; nothing else makes ledger rows. A
:class:`Posting` gathers the rows of one database transaction, ``app.ledger.writing`` loads and writes them.

Debit and credit from the programme's side: what members hold is owed to them, so earning credits ``balance`` and debits
``issued``; redeeming debits ``balance`` and credits ``redeemed``; a debt is a debit on ``owed``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.common.ids import new_id
from app.ledger.accounts import AccountState, LotState
from app.ledger.errors import NotEnoughError
from app.ledger.seals import Sealer

BALANCE = "balance"
OWED = "owed"


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A stored transfer, as a reversal reads it."""

    account_id: str
    programme_id: str
    debit: str
    credit: str
    amount: int
    lot_id: str | None


class Booking:
    """One ledger transaction in the making; its methods add transfers and change the accounts' states."""

    __slots__ = ("_posting", "id", "kind", "member_id", "seal", "transfers")

    def __init__(self, posting: Posting, transaction_id: str, kind: str, member_id: str, seal: bytes) -> None:
        self._posting = posting
        self.id = transaction_id
        self.kind = kind
        self.member_id = member_id
        self.seal = seal
        self.transfers: list[tuple[AccountState, str, str, int]] = []

    def earn(
        self,
        account: AccountState,
        units: int,
        *,
        earned_at: datetime,
        expires_at: datetime | None,
        counter: str = "issued",
        origin_id: str | None = None,
    ) -> LotState | None:
        """Credit ``units`` (≥ 0): a debt is paid first, the rest makes a lot. Returns that lot, if any."""
        paid = min(units, account.owed)
        if paid:
            self._transfer(account, counter, OWED, paid, None)
            account.owed -= paid
        rest = units - paid
        if not rest:
            return None
        lot = LotState(
            id=new_id(),
            origin_id=origin_id or self.id,
            amount=rest,
            remaining=rest,
            earned_at=earned_at,
            expires_at=expires_at,
            is_new=True,
        )
        account.new_lots.append(lot)
        self._transfer(account, counter, BALANCE, rest, lot)
        account.balance += rest
        if expires_at is not None and (account.next_expiry_at is None or expires_at < account.next_expiry_at):
            account.next_expiry_at = expires_at
        return lot

    def redeem(self, account: AccountState, units: int, *, counter: str = "redeemed") -> None:
        """Debit ``units`` (> 0) from the lots that expire first.

        Raises :class:`NotEnoughError`, and changes nothing, when the balance is smaller.
        """
        if units > account.balance:
            raise NotEnoughError(needed=units, balance=account.balance)
        for lot in account.open_lots():
            if not units:
                break
            units -= self._draw(account, lot, units, counter)
        if units:
            raise RuntimeError("the lots of an account add up to less than its balance")
        _next_expiry(account)

    def expire(self, account: AccountState, at: datetime) -> int:
        """Debit what is left in lots whose time was over by ``at``. Returns the units that expired."""
        gone = 0
        for lot in account.open_lots():
            if lot.expires_at is not None and lot.expires_at <= at:
                gone += self._draw(account, lot, lot.remaining, "expired")
        _next_expiry(account)
        return gone

    def take_back(self, account: AccountState, units: int, *, origin_ids: Iterable[str], counter: str) -> int:
        """Undo an earn of ``units``: from the lots it made, then from others, then as a debt.

        Returns the units that became debt. Never fails for want of balance.
        """
        made = set(origin_ids)
        lots = account.open_lots()
        for lot in [*(x for x in lots if x.origin_id in made), *(x for x in lots if x.origin_id not in made)]:
            if not units:
                break
            units -= self._draw(account, lot, units, counter)
        if units:
            self._transfer(account, OWED, counter, units, None)
            account.owed += units
        _next_expiry(account)
        return units

    def give_back(self, account: AccountState, transfers: Iterable[TransferRow]) -> int:
        """Undo debits: each lot gets back what was drawn from it and keeps its expiry. Returns the units given.

        A lot of the account that isn't among the loaded ones is an error of the caller. A debt is settled from what
        came back.
        """
        given = 0
        for row in transfers:
            if row.debit != BALANCE or row.lot_id is None:
                continue
            lot = account.lot(row.lot_id)
            if lot is None:
                raise RuntimeError("the lot that was drawn on was not loaded")
            self._transfer(account, row.credit, BALANCE, row.amount, lot)
            lot.remaining += row.amount
            lot.is_changed = True
            account.balance += row.amount
            given += row.amount
        self.settle(account)
        return given

    def settle(self, account: AccountState) -> None:
        """Pay a debt from the balance, as far as it goes."""
        due = min(account.owed, account.balance)
        if due:
            for lot in account.open_lots():
                if not due:
                    break
                drawn = self._draw(account, lot, due, OWED)
                account.owed -= drawn
                due -= drawn
        _next_expiry(account)

    def move_lots(self, source: AccountState) -> list[tuple[LotState, int]]:
        """Debit every open lot to ``moved``. Returns each with its units, for the other side to take in."""
        moved = [(lot, lot.remaining) for lot in source.open_lots()]
        for lot, units in moved:
            self._draw(source, lot, units, "moved")
        _next_expiry(source)
        return moved

    def move_lot(self, source: AccountState, lot: LotState) -> int:
        """Debit all that is left in one open lot to ``moved``. Returns its units."""
        units = self._draw(source, lot, lot.remaining, "moved")
        _next_expiry(source)
        return units

    def move_debt(self, account: AccountState, units: int, *, away: bool) -> None:
        """Move ``units`` (> 0) of debt away from an account, or onto one."""
        if away:
            self._transfer(account, "moved", OWED, units, None)
            account.owed -= units
        else:
            self._transfer(account, OWED, "moved", units, None)
            account.owed += units

    def take_in(self, account: AccountState, lot: LotState, units: int) -> LotState | None:
        """Credit a moved lot's ``units`` from ``moved``, with its expiry and its origin; a debt is paid first."""
        return self.earn(
            account, units, earned_at=lot.earned_at, expires_at=lot.expires_at, counter="moved", origin_id=lot.origin_id
        )

    def _draw(self, account: AccountState, lot: LotState, units: int, counter: str) -> int:
        drawn = min(units, lot.remaining)
        self._transfer(account, BALANCE, counter, drawn, lot)
        lot.remaining -= drawn
        lot.is_changed = True
        account.balance -= drawn
        return drawn

    def _transfer(self, account: AccountState, debit: str, credit: str, amount: int, lot: LotState | None) -> None:
        self._posting.transfer(self, account, debit, credit, amount, lot)
        self.transfers.append((account, debit, credit, amount))


class Posting:
    """The ledger rows of one database transaction, sealed as they are made."""

    __slots__ = ("_sealer", "accounts", "key_id", "now", "transaction_rows", "transfer_rows")

    def __init__(self, sealer: Sealer, now: datetime) -> None:
        self._sealer = sealer
        self.key_id = sealer.key_id
        self.now = now
        self.transaction_rows: list[tuple[object, ...]] = []
        self.transfer_rows: list[tuple[object, ...]] = []
        self.accounts: dict[str, AccountState] = {}

    def book(
        self,
        kind: str,
        member_id: str,
        *,
        occurred_at: datetime,
        transaction_id: str | None = None,
        merchant_id: str | None = None,
        location_id: str | None = None,
        device_id: str | None = None,
        staff_id: str | None = None,
        visit_id: str | None = None,
        voucher_id: str | None = None,
        reverses_member_id: str | None = None,
        reverses_id: str | None = None,
        reason: str | None = None,
    ) -> Booking:
        """Begin a ledger transaction of one of the six kinds. Its transfers follow through the returned booking."""
        made = transaction_id or new_id()
        fields = (
            member_id,
            made,
            kind,
            merchant_id,
            location_id,
            device_id,
            staff_id,
            visit_id,
            voucher_id,
            reverses_member_id,
            reverses_id,
            reason,
            occurred_at,
            self.now,
        )
        seal = self._sealer.transaction(self.key_id, fields)
        self.transaction_rows.append((*fields, seal, self.key_id))
        return Booking(self, made, kind, member_id, seal)

    def touch(self, account: AccountState) -> None:
        """Have an account's row written although no transfer changed it (its remainder, visits or tier did)."""
        self.accounts[account.id] = account

    def transfer(
        self, booking: Booking, account: AccountState, debit: str, credit: str, amount: int, lot: LotState | None
    ) -> None:
        """Add one transfer to the account's chain. Called by :class:`Booking` alone."""
        account.seq += 1
        account.chain = self._sealer.transfer(
            self.key_id,
            account.chain,
            booking.seal,
            transfer_fields(
                (
                    account.member_id,
                    account.id,
                    account.seq,
                    booking.id,
                    account.programme_id,
                    debit,
                    credit,
                    amount,
                    lot.id if lot is not None else None,
                ),
                lot,
            ),
        )
        self.transfer_rows.append(
            (
                account.member_id,
                account.id,
                account.seq,
                booking.id,
                account.programme_id,
                debit,
                credit,
                amount,
                lot.id if lot is not None else None,
                account.chain,
            )
        )
        self.accounts[account.id] = account

    def seal_of(self, account: AccountState) -> bytes:
        """The seal of an account's head and balances, as they stand now."""
        return self._sealer.account(self.key_id, account.chain, head_fields(account))


def transfer_fields(row: tuple[str | int | None, ...], lot: LotState | None) -> tuple[str | int | datetime | None, ...]:
    """What a transfer's seal covers beside its chain: its row, and the facts of its lot that never change."""
    return row if lot is None else (*row, lot.origin_id, lot.earned_at, lot.expires_at)


def head_fields(account: AccountState) -> tuple[str | int | datetime | None, ...]:
    """What an account's seal covers beside its chain: all of its row, but for when it was last written."""
    return (
        account.member_id,
        account.id,
        account.programme_id,
        account.seq,
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
        account.opened_at,
    )


def _next_expiry(account: AccountState) -> None:
    account.next_expiry_at = next((lot.expires_at for lot in account.open_lots() if lot.expires_at is not None), None)
