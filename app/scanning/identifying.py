"""From what was scanned to whose card it is: one query that reads the device, the shop, the card and the key at once.

A static code identifies; a rotating one also proves that the member's phone was here just now, and is used up by it. A
``scan_id`` carries that proof for ten minutes, on the device that scanned and on no other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from app.cards import code_secrets, codes, rotating
from app.cards.codes import CodeKind
from app.cards.errors import CodeForeignError, CodeMistypedError, CodeUnreadableError
from app.common.batch import Batch, Table
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger.accounts import AccountState
from app.ledger.writing import ACCOUNT_COLUMNS, account_from_row
from app.scanning.errors import (
    CardBlockedError,
    CardUnknownError,
    CardWithdrawnError,
    CodeTooOldError,
    CodeUsedError,
    DeviceRevokedError,
    EarningOverError,
    EarningPausedError,
    MerchantInactiveError,
    ScanOverError,
)
from app.scanning.foreign_cards import ForeignCard, find_foreign_card
from app.scanning.requests import Identification

SCAN_LIFE = timedelta(minutes=10)
ROTATING = "rotating"
WAITING = "waiting"  # the digits of a phone that may not spend yet: counts as a static code
STATIC = "static"
LOOKUP = "lookup"
FOREIGN = "foreign"  # another system's card: earns, and redeems by staff approval alone

WITHDRAWN = "withdrawn"  # blocked with all others of its print run

CODE_USE = Table("code_use", 60, "member_id installation_id step device_id used_at")

# One row whatever is missing: the device and its shop are there (or the token is not), card and key may not be.
_COLUMNS = """
    SELECT d.revoked_at, m.status, m.config_version, l.is_active, m.sandbox_of,
        c.id, c.member_id, c.kind,
        CASE WHEN c.status = 'blocked' AND EXISTS (
            SELECT 1 FROM card_batch b WHERE b.id = c.batch_id AND b.disabled_at = c.blocked_at
        ) THEN 'withdrawn' ELSE c.status END, p.is_sandbox, p.is_spending_locked, p.waits_until, c.pin_hash,
        i.fingerprint, i.status, i.body, i.member_id, i.answer_to, m.paused_from, m.frozen_from
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
_WIDTH = 20
# The same once for each account that the card's member has at the shop.
_CONTEXT_AND_ACCOUNTS = Statement(
    f"{_COLUMNS}, {', '.join(f'a.{name}' for name in ACCOUNT_COLUMNS)} {_TABLES}"  # noqa: S608  constants
    " LEFT JOIN account a ON a.member_id = c.member_id"
    " AND a.programme_id IN (SELECT id FROM programme WHERE merchant_id = d.merchant_id)"
    " WHERE d.id = :device_id ORDER BY a.id"
)
_INSTALLATIONS = Statement(
    "SELECT member_id, id, secret, waits_until, session_id FROM installation"
    " WHERE number = :number AND ended_at IS NULL"
)
_USED = Statement(
    "SELECT 1 FROM code_use WHERE member_id = :member_id AND installation_id = :installation_id AND step = :step"
)


@dataclass(frozen=True, slots=True)
class Presented:
    """A code or scan taken apart, before anything was looked up."""

    number: str
    proof: str  # static, rotating, waiting, lookup, foreign
    digits: str | None = None  # to be proven still
    reference: str | None = None  # as scanned, of another system's card
    session_id: str | None = None  # of the phone that may not spend yet, where its digits were scanned


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
    waits_until: datetime | None = None  # until then some session of the member may not spend

    def waits_at(self, now: datetime) -> bool:
        """Whether some session of the member may not spend yet."""
        return self.waits_until is not None and self.waits_until > now


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
    paused_from: datetime | None = None
    frozen_from: datetime | None = None

    def check_earning(self, at: datetime) -> None:
        """Whether what happened at that moment may earn. Raises :class:`EarningOverError` where the shop stops and
        :class:`EarningPausedError` where it pauses; neither touches what members hold."""
        if self.frozen_from is not None and self.frozen_from <= at:
            raise EarningOverError
        if self.paused_from is not None and self.paused_from <= at:
            raise EarningPausedError


def present(who: Identification, *, scope: Scope, hosts: Collection[str], at: datetime | None = None) -> Presented:
    """Take a code or ``scan_id`` apart. Only a code that is none of ours is looked up: as another system's card.

    ``at``: when it was shown, for a scan that waited in a queue; now unless told. Raises the code errors of
    ``app.cards.errors`` for a code that is neither, :class:`ScanOverError` for a scan that was over or is another
    device's, and what :func:`find_foreign_card` raises.
    """
    if who.scan_id is not None:
        return _read_scan(scope, who.scan_id, at or scope.now)
    text = who.code or ""
    try:
        code = codes.parse(text, hosts)
    except (CodeUnreadableError, CodeMistypedError, CodeForeignError) as error:
        card, was_asked = find_foreign_card(scope, text)
        if card is not None:
            return _foreign(card)
        if was_asked:
            raise type(error)(is_miss=True) from None  # so that walking through another system's numbers is counted
        raise
    if code.kind is CodeKind.VOUCHER:
        raise CodeUnreadableError
    # Sixteen digits alone are hardly ever ours, but every 32nd such number of others has our check character by chance.
    if code.digits is None and code.number.isdigit():
        card, _ = find_foreign_card(scope, text)
        if card is not None:
            return _foreign(card)
    return Presented(code.number, ROTATING if code.digits else STATIC, code.digits)


def _foreign(card: ForeignCard) -> Presented:
    return Presented(card.number, FOREIGN, reference=card.reference)


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
            waits_until=row[11],
            pin_hash=row[12],
        )
    stored = None if row[13] is None else StoredReply(bytes(row[13]), row[14], row[15], row[16], row[17])
    return Context(
        config_version=row[2],
        merchant_status=row[1],
        card=card,
        stored=stored,
        paused_from=row[18],
        frozen_from=row[19],
    )


def usable(found: Context, *, earns: bool) -> KnownCard:
    """The card, if it may be used. Raises :class:`CardUnknownError`, :class:`CardBlockedError` (as
    :class:`CardWithdrawnError` where its whole print run was disabled), and for an earn at a shop that is suspended or
    closed :class:`MerchantInactiveError`."""
    if found.card is None:
        raise CardUnknownError
    if found.card.status == WITHDRAWN:
        raise CardWithdrawnError
    if found.card.status != "active":
        raise CardBlockedError
    if earns and found.merchant_status != "active":
        raise MerchantInactiveError
    return found.card


def prove(transaction: Transaction, scope: Scope, presented: Presented, batch: Batch, now: datetime) -> Presented:
    """Check rotating digits and put their use into the batch; a static code or a scan passes as it is. Returns what is
    proven by it: the digits of a phone that may not spend yet are no proof (:mod:`app.cards.waiting`).

    Raises :class:`CodeTooOldError` for digits of another time, :class:`CodeUsedError` for used ones. Two devices that
    show the same digits at once meet at the primary key: one is told that the other was faster.
    """
    if presented.digits is None:
        return presented
    shown = _match(transaction, scope, presented, now)
    if shown is not None:
        member_id, installation_id, step, proven = shown
        use = {"member_id": member_id, "installation_id": installation_id, "step": step}
        if transaction.rows(_USED, use):
            raise CodeUsedError
        batch.insert(CODE_USE, (member_id, installation_id, step, scope.device_id, now))
        return proven
    raise CodeTooOldError


def foresee(scope: Scope, presented: Presented) -> Presented:
    """What rotating digits will prove, told before the booking that checks them and uses them up."""
    if presented.digits is None:
        return presented
    with scope.reading() as transaction:
        shown = _match(transaction, scope, presented, scope.now)
    return presented if shown is None else shown[3]


def _match(
    transaction: Transaction, scope: Scope, presented: Presented, now: datetime
) -> tuple[str, str, int, Presented] | None:
    """The member, the installation and the step whose digits these are, and what they prove."""
    rows = transaction.rows(_INSTALLATIONS, {"number": presented.number})
    for member_id, installation_id, sealed, waits_until, session_id in rows:
        secret = code_secrets.open_secret(scope.keys.data, installation_id, bytes(sealed))
        step = rotating.match(secret, presented.digits or "", now)
        if step is None:
            continue
        if waits_until is not None and waits_until > now:
            return member_id, installation_id, step, replace(presented, proof=WAITING, session_id=session_id)
        return member_id, installation_id, step, presented
    return None


def sign_scan(
    scope: Scope, *, number: str, proof: str, now: datetime, session_id: str | None = None
) -> tuple[str, datetime]:
    """A ``scan_id`` for this device, and when it is over."""
    over = int((now + SCAN_LIFE).timestamp())
    claims = {"d": scope.device_id, "n": number, "p": proof, "x": over}
    if session_id is not None:
        claims["s"] = session_id
    scan_id = jwt.encode(claims, scope.keys.secret.derive("scan"), algorithm="HS256")
    return scan_id, datetime.fromtimestamp(over, UTC)


def number_in_scan(scope: Scope, scan_id: str) -> str | None:
    """The card of a scan that this service signed, however long ago and for whichever device; None for any other text.
    For whoever looks at what happened then: it proves nothing about now."""
    for key in scope.keys.secret.derive_all("scan"):
        try:
            return str(jwt.decode(scan_id, key, algorithms=["HS256"], options={"verify_exp": False})["n"])
        except (jwt.InvalidTokenError, KeyError):
            continue
    return None


def _read_scan(scope: Scope, scan_id: str, at: datetime) -> Presented:
    for key in scope.keys.secret.derive_all("scan"):
        try:
            claims = jwt.decode(scan_id, key, algorithms=["HS256"], options={"verify_exp": False})
        except jwt.InvalidTokenError:
            continue
        if claims["d"] != scope.device_id or claims["x"] <= at.timestamp():
            raise ScanOverError
        return Presented(claims["n"], claims["p"], session_id=claims.get("s"))
    raise ScanOverError
