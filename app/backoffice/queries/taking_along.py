"""All that a business takes along when it leaves, or whenever its owner wants it: one archive, written as it is read.

However large the business is, a few hundred rows are held at a time. Members are told by the name that they let this
shop see, or not at all; nothing of them is in it that the shop could not look at before.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.backoffice.queries.members.naming import names_of
from app.common import audit
from app.common.branding import brand_of
from app.common.database import Transaction
from app.common.money import format_amount
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.merchants.models import Location, Merchant
from app.rewards.models import Programme, ProgrammeVersion, Promotion, Reward

SLICE = 500
README = """This archive holds what your shop has at Zegel, as of {now}.

shop.json      the business, its shops, programmes with all versions of their rules, rewards and promotions
members        your members: the name that each lets you see, first and last visit, visits and spend
accounts       what each member has in each programme
visits         every visit, with what it earned
vouchers       every reward that was given or can still be redeemed
bookings       the ledger: every movement of units, each from one account to another

Each table is there twice: as .csv for a spreadsheet (UTF-8, comma) and as .jsonl, one JSON object a line.
Amounts are in your currency, times in UTC. A cell that would begin like a formula has an apostrophe before it.
"""

_MEMBERS = Statement(
    """
    SELECT member_id, first_at, seen_at, visits, spend_minor, card_tail FROM shop_member
    WHERE place_id = :merchant_id AND member_id > :member_id ORDER BY member_id LIMIT :count
    """
)
_ACCOUNTS = Statement(
    """
    SELECT a.member_id, a.id, a.programme_id, a.balance, a.owed, a.tier, a.visits, a.opened_at
    FROM account a WHERE a.member_id = ANY(CAST(:members AS uuid[]))
    AND a.programme_id IN (SELECT id FROM programme WHERE merchant_id = :merchant_id) ORDER BY a.member_id, a.id
    """,
    sqlite="""
    SELECT a.member_id, a.id, a.programme_id, a.balance, a.owed, a.tier, a.visits, a.opened_at
    FROM account a WHERE a.member_id IN (SELECT value FROM json_each(:members))
    AND a.programme_id IN (SELECT id FROM programme WHERE merchant_id = :merchant_id) ORDER BY a.member_id, a.id
    """,
)
_VISITS = Statement(
    """
    SELECT member_id, id, location_id, occurred_at, recorded_at, amount_minor, refunded_minor, units, receipt_ref,
        source, reversed_at, earned
    FROM visit WHERE member_id = ANY(CAST(:members AS uuid[])) AND merchant_id = :merchant_id ORDER BY member_id, id
    """,
    sqlite="""
    SELECT member_id, id, location_id, occurred_at, recorded_at, amount_minor, refunded_minor, units, receipt_ref,
        source, reversed_at, earned
    FROM visit WHERE member_id IN (SELECT value FROM json_each(:members)) AND merchant_id = :merchant_id
    ORDER BY member_id, id
    """,
)
_VOUCHERS = Statement(
    """
    SELECT member_id, id, reward_id, programme_id, status, cost, quantity, source, issued_at, expires_at, redeemed_at,
        redeemed_location_id
    FROM voucher WHERE member_id = ANY(CAST(:members AS uuid[])) AND merchant_id = :merchant_id ORDER BY member_id, id
    """,
    sqlite="""
    SELECT member_id, id, reward_id, programme_id, status, cost, quantity, source, issued_at, expires_at, redeemed_at,
        redeemed_location_id
    FROM voucher WHERE member_id IN (SELECT value FROM json_each(:members)) AND merchant_id = :merchant_id
    ORDER BY member_id, id
    """,
)
_BOOKINGS = Statement(
    """
    SELECT b.member_id, b.id, b.kind, b.occurred_at, b.recorded_at, b.location_id, b.staff_id, b.visit_id, b.voucher_id,
        b.reverses_id, b.reason, t.programme_id, t.debit, t.credit, t.amount
    FROM transfer t JOIN ledger_transaction b ON b.member_id = t.member_id AND b.id = t.transaction_id
    WHERE t.member_id = ANY(CAST(:members AS uuid[]))
    AND t.programme_id IN (SELECT id FROM programme WHERE merchant_id = :merchant_id)
    ORDER BY b.member_id, b.id, t.seq
    """,
    sqlite="""
    SELECT b.member_id, b.id, b.kind, b.occurred_at, b.recorded_at, b.location_id, b.staff_id, b.visit_id, b.voucher_id,
        b.reverses_id, b.reason, t.programme_id, t.debit, t.credit, t.amount
    FROM transfer t JOIN ledger_transaction b ON b.member_id = t.member_id AND b.id = t.transaction_id
    WHERE t.member_id IN (SELECT value FROM json_each(:members))
    AND t.programme_id IN (SELECT id FROM programme WHERE merchant_id = :merchant_id)
    ORDER BY b.member_id, b.id, t.seq
    """,
)
_TABLES: Mapping[str, tuple[Statement, Sequence[str]]] = {
    "accounts": (
        _ACCOUNTS,
        ("member_id", "account_id", "programme_id", "balance", "owed", "tier", "visits", "opened_at"),
    ),
    "visits": (
        _VISITS,
        (
            *("member_id", "visit_id", "location_id", "occurred_at", "recorded_at", "amount", "refunded", "units"),
            *("receipt", "source", "undone_at", "earned"),
        ),
    ),
    "vouchers": (
        _VOUCHERS,
        (
            *("member_id", "voucher_id", "reward_id", "programme_id", "status", "cost", "quantity", "source"),
            *("issued_at", "expires_at", "redeemed_at", "redeemed_location_id"),
        ),
    ),
    "bookings": (
        _BOOKINGS,
        (
            *("member_id", "transaction_id", "kind", "occurred_at", "recorded_at", "location_id", "staff_id"),
            *("visit_id", "voucher_id", "undoes", "reason", "programme_id", "debit", "credit", "units"),
        ),
    ),
}
_MONEY = {"amount", "refunded", "spend"}
_FIRST = "00000000-0000-0000-0000-000000000000"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_archive(scope: Scope) -> Iterator[bytes]:
    """The archive of the scope's merchant, in pieces. Noted in the audit trail before the first of them."""
    merchant_id = scope.merchant_id or ""
    scope.run(lambda tx: audit.record(tx, scope, "merchant.exported", "merchant", merchant_id, merchant_id=merchant_id))
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "README.txt", brand_of(scope.database).named(README).format(now=scope.now.isoformat(timespec="seconds"))
        )
        with scope.reading() as tx:
            shop, currency = _shop(tx, merchant_id)
        archive.writestr("shop.json", json.dumps(shop, ensure_ascii=False, indent=1, default=str))
        yield from sink.take()
        for kind in ("csv", "jsonl"):
            for name in ("members", *_TABLES):
                yield from _table(scope, archive, sink, name, kind, currency)
    yield from sink.take()


def _table(scope: Scope, archive: zipfile.ZipFile, sink: _Sink, name: str, kind: str, currency: str) -> Iterator[bytes]:
    columns = _MEMBER_COLUMNS if name == "members" else _TABLES[name][1]
    write = _as_csv if kind == "csv" else _as_lines
    with archive.open(f"{name}.{kind}", "w") as file:
        if kind == "csv":
            file.write("\ufeff".encode() + write([columns], columns))
        for members in _slices(scope):
            with scope.reading() as tx:
                rows = members if name == "members" else _rows(tx, scope, name, [row[0] for row in members])
                told = [_readable(columns, row, currency) for row in rows]
                if name == "members":
                    told = _named(tx, scope, told)
            file.write(write(told, columns))
            yield from sink.take()


_MEMBER_COLUMNS = ("member_id", "first_visit", "last_visit", "visits", "spend", "card", "name", "called")


def _slices(scope: Scope) -> Iterator[list[tuple[Any, ...]]]:
    """The merchant's members, a few hundred at a time."""
    after = _FIRST
    while True:
        asked = {"merchant_id": scope.merchant_id, "member_id": after, "count": SLICE}
        with scope.reading() as tx:
            rows = tx.rows(_MEMBERS, asked)
        if rows:
            yield rows
        if len(rows) < SLICE:
            return
        after = rows[-1][0]


def _rows(tx: Transaction, scope: Scope, name: str, members: list[str]) -> list[tuple[Any, ...]]:
    return tx.rows(_TABLES[name][0], {"merchant_id": scope.merchant_id, "members": many(tx, members)})


def _named(tx: Transaction, scope: Scope, rows: list[list[Any]]) -> list[list[Any]]:
    names = names_of(tx, scope, [row[0] for row in rows])
    for row in rows:
        known = names.get(row[0])
        row += [None, None] if known is None else [known.shown, known.called]
    return rows


def _readable(columns: Sequence[str], row: Sequence[Any], currency: str) -> list[Any]:
    return [
        format_amount(int(value), currency)
        if column in _MONEY and value is not None
        else value.isoformat(timespec="seconds")
        if hasattr(value, "isoformat")
        else json.loads(value)
        if column == "earned" and isinstance(value, str)
        else value
        for column, value in zip(columns, row, strict=False)
    ]


def _as_csv(rows: Sequence[Sequence[Any]], _: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[cell(value) for value in row] for row in rows])
    return text.getvalue().encode()


def _as_lines(rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> bytes:
    lines = (json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=str) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def cell(value: Any) -> Any:
    """A value as a spreadsheet may have it: what somebody wrote never begins like a formula."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _shop(tx: Transaction, merchant_id: str) -> tuple[dict[str, Any], str]:
    merchant = tx.session.get_one(Merchant, merchant_id)

    def of_merchant(model: Any) -> Any:
        return tx.session.scalars(select(model).where(model.merchant_id == merchant_id).order_by(model.id))

    programmes = []
    for programme in of_merchant(Programme):
        versions = tx.session.scalars(
            select(ProgrammeVersion)
            .where(ProgrammeVersion.programme_id == programme.id)
            .order_by(ProgrammeVersion.version)
        )
        programmes.append({**_fields(programme), "versions": [_fields(one) for one in versions]})
    return (
        {
            "business": _fields(merchant, leave_out=("config_version", "sandbox_of")),
            "shops": [_fields(one) for one in of_merchant(Location)],
            "programmes": programmes,
            "rewards": [_fields(one) for one in of_merchant(Reward)],
            "promotions": [_fields(one) for one in of_merchant(Promotion)],
        },
        merchant.currency,
    )


def _fields(row: Any, leave_out: Sequence[str] = ()) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in leave_out}


class _Sink(io.RawIOBase):
    """Takes what the archive writes; it can't be wound back, so nothing of it has to be kept."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> Iterator[bytes]:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        if parts:
            yield b"".join(parts)
