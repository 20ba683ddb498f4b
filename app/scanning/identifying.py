"""From what was scanned to whose card it is: one query that reads the device, the shop, the card and the key at once.

A static code identifies; a rotating one also proves that the member's phone was here just now, and is used up by it. A
``scan_id`` carries that proof for ten minutes, on the device that scanned and on no other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from app.cards import code_secrets, codes, rotating
from app.cards.codes import CodeKind
from app.cards.errors import CodeUnreadableError
from app.common.batch import Batch, Table
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.accounts import AccountState
from app.ledger.writing import ACCOUNT_COLUMNS, account_from_row
from app.scanning.errors import (
    CardBlockedError,
    CardUnknownError,
    CodeTooOldError,
    CodeUsedError,
    DeviceRevokedError,
    MerchantInactiveError,
    ScanOverError,
)
from app.scanning.requests import Identification

SCAN_LIFE = timedelta(minutes=10)
ROTATING = "rotating"
STATIC = "static"
LOOKUP = "lookup"

CODE_USE = Table("code_use", 60, "member_id installation_id step device_id used_at")

# One row whatever is missing: the device and its shop are there (or the token is not), card and key may not be.
_COLUMNS = """
    SELECT d.revoked_at, m.status, m.config_version, l.is_active, m.sandbox_of,
        c.id, c.member_id, c.kind, c.status, p.is_sandbox, p.is_spending_locked, c.pin_hash,
        i.fingerprint, i.status, i.body, i.member_id, i.answer_to
"""
_TABLES = """
    FROM device d
    JOIN merchant m ON m.id = d.merchant_id
    JOIN location l ON l.id = d.location_id
    LEFT JOIN card c ON c.number = :number
    LEFT JOIN member p ON p.id = c.member_id
    LEFT JOIN idempotency_key i ON i.location_id = d.location_id AND i.key = :key
"""
_CONTEXT = Statement(f"{_COLUMNS} {_TABLES} WHERE d.id = :device_id")
_WIDTH = 17
# The same once for each account that the card's member has at the shop.
_CONTEXT_AND_ACCOUNTS = Statement(
    f"{_COLUMNS}, {', '.join(f'a.{name}' for name in ACCOUNT_COLUMNS)} {_TABLES}"  # noqa: S608  constants
    " LEFT JOIN account a ON a.member_id = c.member_id"
    " AND a.programme_id IN (SELECT id FROM programme WHERE merchant_id = d.merchant_id)"
    " WHERE d.id = :device_id ORDER BY a.id"
)
_INSTALLATIONS = Statement("SELECT member_id, id, secret FROM installation WHERE number = :number AND ended_at IS NULL")
_USED = Statement(
    "SELECT 1 FROM code_use WHERE member_id = :member_id AND installation_id = :installation_id AND step = :step"
)


@dataclass(frozen=True, slots=True)
class Presented:
    """A code or scan taken apart, before anything was looked up."""

    number: str
    proof: str  # static, rotating, lookup
    digits: str | None = None  # to be proven still


@dataclass(frozen=True, slots=True)
class KnownCard:
    """A card and its member as they stand."""

    number: str
    card_id: str
    member_id: str
    kind: str
    status: str
    is_spending_locked: bool
    pin_hash: str | None


@dataclass(frozen=True, slots=True)
class StoredReply:
    """What the idempotency key was first answered."""

    fingerprint: bytes
    status: int
    body: str | None
    member_id: str | None
    answer_to: str | None


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that the first query of a booking tells."""

    config_version: int
    merchant_status: str
    card: KnownCard | None
    stored: StoredReply | None


def present(who: Identification, *, scope: Scope, hosts: Collection[str]) -> Presented:
    """Take a code or ``scan_id`` apart. Nothing is looked up.

    Raises the code errors of ``app.cards.errors`` for a code that is none of ours, :class:`ScanOverError` for a scan
    that is over or another device's.
    """
    if who.scan_id is not None:
        return _read_scan(scope, who.scan_id)
    code = codes.parse(who.code or "", hosts)
    if code.kind is CodeKind.VOUCHER:
        raise CodeUnreadableError
    return Presented(code.number, ROTATING if code.digits else STATIC, code.digits)


def context(transaction: Transaction, scope: Scope, number: str | None, key: str | None) -> Context:
    """Read device, shop, card and key. Sandbox and real cards are not there for each other's keys.

    Raises :class:`DeviceRevokedError` when the token behind the scope was withdrawn.
    """
    return _context(transaction.rows(_CONTEXT, _asked(scope, number, key)), number)


def context_and_accounts(
    transaction: Transaction, scope: Scope, number: str, key: str | None
) -> tuple[Context, dict[str, AccountState]]:
    """What :func:`context` reads, and the member's accounts at the shop by programme, by one query and without a lock.

    The accounts are empty where the card may not be used here.
    """
    rows = transaction.rows(_CONTEXT_AND_ACCOUNTS, _asked(scope, number, key))
    found = _context(rows, number)
    if found.card is None:
        return found, {}
    accounts = (account_from_row(row[_WIDTH:]) for row in rows if row[_WIDTH] is not None)
    return found, {account.programme_id: account for account in accounts}


def _asked(scope: Scope, number: str | None, key: str | None) -> dict[str, str | None]:
    return {"number": number, "key": key, "device_id": scope.device_id}


def _context(rows: list[tuple[Any, ...]], number: str | None) -> Context:
    if not rows or rows[0][0] is not None or not rows[0][3]:
        raise DeviceRevokedError
    row = rows[0]
    card = None
    if row[5] is not None and row[6] is not None and bool(row[9]) == (row[4] is not None):
        card = KnownCard(
            number=number or "",
            card_id=row[5],
            member_id=row[6],
            kind=row[7],
            status=row[8],
            is_spending_locked=bool(row[10]),
            pin_hash=row[11],
        )
    stored = None if row[12] is None else StoredReply(bytes(row[12]), row[13], row[14], row[15], row[16])
    return Context(config_version=row[2], merchant_status=row[1], card=card, stored=stored)


def usable(found: Context, *, earns: bool) -> KnownCard:
    """The card, if it may be used. Raises :class:`CardUnknownError`, :class:`CardBlockedError`, and for an earn at a
    shop that is suspended or closed :class:`MerchantInactiveError`."""
    if found.card is None:
        raise CardUnknownError
    if found.card.status != "active":
        raise CardBlockedError
    if earns and found.merchant_status != "active":
        raise MerchantInactiveError
    return found.card


def prove(transaction: Transaction, scope: Scope, presented: Presented, batch: Batch, now: datetime) -> None:
    """Check rotating digits and put their use into the batch; a static code or a scan passes as it is.

    Raises :class:`CodeTooOldError` for digits of another time, :class:`CodeUsedError` for used ones. Two devices that
    show the same digits at once meet at the primary key: one is told that the other was faster.
    """
    if presented.digits is None:
        return
    for member_id, installation_id, sealed in transaction.rows(_INSTALLATIONS, {"number": presented.number}):
        secret = code_secrets.open_secret(scope.keys.data, installation_id, bytes(sealed))
        step = rotating.match(secret, presented.digits, now)
        if step is None:
            continue
        use = {"member_id": member_id, "installation_id": installation_id, "step": step}
        if transaction.rows(_USED, use):
            raise CodeUsedError
        batch.insert(CODE_USE, (member_id, installation_id, step, scope.device_id, now))
        return
    raise CodeTooOldError


def sign_scan(scope: Scope, *, number: str, proof: str, now: datetime) -> tuple[str, datetime]:
    """A ``scan_id`` for this device, and when it is over."""
    over = int((now + SCAN_LIFE).timestamp())
    claims = {"d": scope.device_id, "n": number, "p": proof, "x": over}
    scan_id = jwt.encode(claims, scope.keys.secret.derive("scan"), algorithm="HS256")
    return scan_id, datetime.fromtimestamp(over, UTC)


def _read_scan(scope: Scope, scan_id: str) -> Presented:
    for key in scope.keys.secret.derive_all("scan"):
        try:
            claims = jwt.decode(scan_id, key, algorithms=["HS256"], options={"verify_exp": False})
        except jwt.InvalidTokenError:
            continue
        if claims["d"] != scope.device_id or claims["x"] <= scope.now.timestamp():
            raise ScanOverError
        return Presented(claims["n"], claims["p"])
    raise ScanOverError
