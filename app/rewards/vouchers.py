"""Vouchers: the rows that issue one, and reading one under its lock. What is spent for it is the ledger's affair."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from app.cards.numbers import new_voucher_code
from app.common.batch import Batch, Change, Table
from app.common.clock import local_day_bounds
from app.common.database import Transaction
from app.common.ids import is_id, new_id
from app.common.money import format_amount
from app.common.sql import Statement
from app.rewards.configuration import RewardConfig, document

VOUCHER = Table(
    "voucher",
    35,
    "member_id id code reward_id merchant_id programme_id status cost quantity value source issue_transaction_id"
    " redeem_transaction_id hold_location_id hold_device_id hold_until issued_at expires_at redeemed_at"
    " redeemed_location_id",
)
VOUCHER_CODE = Table("voucher_code", 36, "code member_id voucher_id")
STOCK = Change("reward", 5, sets="stock", where="id stock")
REDEEM = Change(
    "voucher",
    35,
    sets="status redeem_transaction_id redeemed_at redeemed_location_id hold_location_id hold_device_id hold_until"
    " hold_id hold_release_at",
    where="member_id id status",
)
END = Change(
    "voucher",
    35,
    sets="status ended_at redeemed_at redeemed_location_id redeem_transaction_id hold_location_id hold_device_id"
    " hold_until hold_id hold_release_at",
    where="member_id id status",
)
HOLD = Change("voucher", 35, sets="hold_location_id hold_device_id hold_until", where="member_id id status")
RESERVE = Change(
    "voucher",
    35,
    sets="hold_location_id hold_device_id hold_id hold_release_at",
    where="member_id id status",
    also=" AND hold_until IS NULL",
)

_COLUMNS = (
    "member_id, id, code, reward_id, merchant_id, programme_id, status, cost, quantity, value, source,"
    " issue_transaction_id, redeem_transaction_id, hold_location_id, hold_device_id, hold_until, issued_at,"
    " expires_at, redeemed_at, hold_id, hold_release_at"
)
_BY_ID = Statement(f"SELECT {_COLUMNS} FROM voucher WHERE member_id = :member_id AND id = :id")  # noqa: S608  constants
_LOCK = Statement(
    f"SELECT {_COLUMNS} FROM voucher WHERE member_id = :member_id AND id = :id FOR UPDATE",  # noqa: S608
    sqlite=f"SELECT {_COLUMNS} FROM voucher WHERE member_id = :member_id AND id = :id",  # noqa: S608
)
_BY_CODE = Statement("SELECT member_id, voucher_id FROM voucher_code WHERE code = :code")
_BY_VOUCHER_ID = Statement("SELECT member_id, voucher_id FROM voucher_code WHERE voucher_id = :voucher_id")
_OPEN_HERE = Statement(
    f"SELECT {_COLUMNS} FROM voucher WHERE member_id = :member_id AND merchant_id = :merchant_id"  # noqa: S608
    " AND status = 'issued' ORDER BY issued_at, id"
)
_OF_TRANSACTION = Statement(
    f"SELECT {_COLUMNS} FROM voucher WHERE member_id = :member_id AND issue_transaction_id = :transaction_id"  # noqa: S608
)
_HAD = Statement(
    "SELECT coalesce(sum(quantity), 0) FROM voucher WHERE member_id = :member_id AND reward_id = :reward_id"
    " AND status <> 'cancelled'"
)
_STOCK = Statement(
    "SELECT stock FROM reward WHERE id = :id FOR UPDATE", sqlite="SELECT stock FROM reward WHERE id = :id"
)
_STOCK_SEEN = Statement("SELECT stock FROM reward WHERE id = :id")


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """A voucher as stored."""

    member_id: str
    id: str
    code: str
    reward_id: str
    merchant_id: str
    programme_id: str
    status: str
    cost: int
    quantity: int
    value: Mapping[str, Any]
    source: str
    issue_transaction_id: str | None
    redeem_transaction_id: str | None
    hold_location_id: str | None
    hold_device_id: str | None
    hold_until: datetime | None
    issued_at: datetime
    expires_at: datetime | None
    redeemed_at: datetime | None
    hold_id: str | None = None
    hold_release_at: datetime | None = None

    @property
    def is_reserved(self) -> bool:
        """Whether a phone reserved it for one tablet, which may have redeemed it without telling anybody yet. Until
        that tablet says otherwise, nobody else may redeem, cancel or end it, whatever time it is."""
        return self.hold_id is not None

    def is_held(self, at: datetime) -> bool:
        """Whether at that moment it is for one tablet, or for one location's till that settles later."""
        return self.is_reserved or (self.hold_until is not None and self.hold_until > at)

    def is_over(self, at: datetime) -> bool:
        """Whether its time had run out by that moment, marked so already or not."""
        return self.expires_at is not None and self.expires_at <= at


class Valued(Protocol):
    """What tells a reward's value: its compiled configuration and its view have it alike."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def amount_minor(self) -> int | None: ...
    @property
    def percent(self) -> int | None: ...


def value_of(reward: Valued, currency: str, quantity: int = 1) -> dict[str, Any]:
    """What a till applies: an item by name (and worth), an amount off, or a percentage off."""
    if reward.kind == "percent_off":
        return {"percent": reward.percent}
    value: dict[str, Any] = {"item": reward.name} if reward.kind == "item" else {}
    if reward.amount_minor is not None:
        value |= {"amount": format_amount(reward.amount_minor * quantity, currency), "currency": currency}
    return value


def issue(
    batch: Batch,
    *,
    reward: RewardConfig,
    member_id: str,
    merchant_id: str,
    currency: str,
    timezone: str,
    source: str,
    cost: int,
    transaction_id: str | None,
    now: datetime,
    quantity: int = 1,
    voucher_id: str | None = None,
    redeemed_at: datetime | None = None,
    location_id: str | None = None,
    device_id: str | None = None,
    hold_until: datetime | None = None,
) -> VoucherRow:
    """Put a new voucher into the batch: issued, or with ``redeemed_at`` redeemed at once, or with ``hold_until`` held
    for a device. It lives for the reward's days, to the end of the last one in the programme's zone."""
    expires_at = None
    if reward.voucher_days is not None:
        expires_at = local_day_bounds(now + timedelta(days=reward.voucher_days), timezone)[1]
    row = VoucherRow(
        member_id=member_id,
        id=voucher_id or new_id(),
        code=new_voucher_code(),
        reward_id=reward.id,
        merchant_id=merchant_id,
        programme_id=reward.programme_id,
        status="issued" if redeemed_at is None else "redeemed",
        cost=cost,
        quantity=quantity,
        value=value_of(reward, currency, quantity),
        source=source,
        issue_transaction_id=transaction_id,
        redeem_transaction_id=None if redeemed_at is None else transaction_id,
        hold_location_id=location_id if hold_until is not None else None,
        hold_device_id=device_id if hold_until is not None else None,
        hold_until=hold_until,
        issued_at=now,
        expires_at=expires_at,
        redeemed_at=redeemed_at,
    )
    batch.insert(
        VOUCHER,
        (
            row.member_id,
            row.id,
            row.code,
            row.reward_id,
            row.merchant_id,
            row.programme_id,
            row.status,
            row.cost,
            row.quantity,
            json.dumps(row.value, ensure_ascii=False),
            row.source,
            row.issue_transaction_id,
            row.redeem_transaction_id,
            row.hold_location_id,
            row.hold_device_id,
            row.hold_until,
            row.issued_at,
            row.expires_at,
            row.redeemed_at,
            location_id if redeemed_at is not None else None,
        ),
    )
    batch.insert(VOUCHER_CODE, (row.code, member_id, row.id))
    return row


def find_by_code(transaction: Transaction, code: str, *, lock: bool = True) -> VoucherRow | None:
    """The voucher of a code, locked until the transaction ends."""
    return _find(transaction, transaction.rows(_BY_CODE, {"code": code}), lock)


def find_by_id(transaction: Transaction, voucher_id: str, *, lock: bool = True) -> VoucherRow | None:
    """The voucher of an id, whoever's it is, locked until the transaction ends. The caller checks whose it may be."""
    if not is_id(voucher_id):
        return None
    return _find(transaction, transaction.rows(_BY_VOUCHER_ID, {"voucher_id": voucher_id}), lock)


def _find(transaction: Transaction, rows: list[tuple[Any, ...]], lock: bool) -> VoucherRow | None:
    for member_id, voucher_id in rows:
        found = transaction.rows(_LOCK if lock else _BY_ID, {"member_id": member_id, "id": voucher_id})
        return _row(found[0]) if found else None
    return None


def open_at(transaction: Transaction, member_id: str, merchant_id: str, now: datetime) -> list[VoucherRow]:
    """The issued vouchers of a member at one merchant that have not expired, the oldest first."""
    rows = transaction.rows(_OPEN_HERE, {"member_id": member_id, "merchant_id": merchant_id})
    return [voucher for voucher in map(_row, rows) if not voucher.is_over(now)]


def issued_by(transaction: Transaction, member_id: str, transaction_id: str) -> list[VoucherRow]:
    """The vouchers that a ledger transaction issued."""
    wanted = {"member_id": member_id, "transaction_id": transaction_id}
    return [_row(row) for row in transaction.rows(_OF_TRANSACTION, wanted)]


def had(transaction: Transaction, member_id: str, reward_id: str) -> int:
    """How many of a reward the member was ever given, cancelled ones left out."""
    count: int = transaction.rows(_HAD, {"member_id": member_id, "reward_id": reward_id})[0][0]
    return int(count)


def take_from_stock(transaction: Transaction, batch: Batch, reward: RewardConfig, quantity: int = 1) -> bool:
    """Take ``quantity`` from a reward's stock, locking it until the transaction ends. False when too few are left."""
    if not reward.tracks_stock:
        return True
    left = transaction.rows(_STOCK, {"id": reward.id})[0][0]
    if left is None:
        return True
    if left < quantity:
        return False
    batch.change(STOCK, (left - quantity, reward.id, left))
    return True


def put_into_stock(transaction: Transaction, batch: Batch, reward_id: str, quantity: int = 1) -> None:
    """Give back to a reward's stock what a cancelled voucher had taken; nothing when its stock isn't counted."""
    rows = transaction.rows(_STOCK, {"id": reward_id})
    if rows and rows[0][0] is not None:
        batch.change(STOCK, (rows[0][0] + quantity, reward_id, rows[0][0]))


def stock_left(transaction: Transaction, reward: RewardConfig) -> int | None:
    """How many are left, for showing; None when its stock isn't counted."""
    if not reward.tracks_stock:
        return None
    left: int | None = transaction.rows(_STOCK_SEEN, {"id": reward.id})[0][0]
    return left


def _row(row: tuple[Any, ...]) -> VoucherRow:
    values: list[Any] = [*row]
    values[9] = document(row[9])
    return VoucherRow(*values)
