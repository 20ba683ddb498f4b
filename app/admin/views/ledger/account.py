"""An account's book: from the balance to the rows that make it, and one row from all sides."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin.doors import door, scope, visitor
from app.admin.forms.ledger import AdjustForm, ReasonForm
from app.admin.pages import page, part, wants_part
from app.admin.queries import ledger as books
from app.admin.queries.ledger.detail import card_of
from app.admin.service import adjusting
from app.admin.views.ledger import words
from app.admin.views.ledger.blueprint import blueprint
from app.common.ids import new_id
from app.common.money import format_amount
from app.extensions import platform
from app.ledger import anchors

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ACCOUNT = "/admin/ledger/<member_id>/<programme_id>"


@door(blueprint, _ACCOUNT, right="operator")
def show_account(member_id: str, programme_id: str) -> ResponseReturnValue:
    """The waterfall, the rows, and the row that is chosen."""
    return account_page(member_id, programme_id)


@door(blueprint, f"{_ACCOUNT}/rows/<transaction_id>", right="operator")
def show_row(member_id: str, programme_id: str, transaction_id: str) -> ResponseReturnValue:
    """One row from all sides, as a part of the book's page; by itself it leads there."""
    book = books.read_book(scope(), member_id, programme_id)
    if not wants_part():
        return redirect(_address(book, row=transaction_id))
    return part("admin/ledger/row.html", **_about_row(book, transaction_id))


@door(blueprint, f"{_ACCOUNT}/book.csv", right="operator")
def as_csv(member_id: str, programme_id: str) -> ResponseReturnValue:
    """All rows for a spreadsheet, the oldest first; nothing in it is taken for a formula."""
    book = books.read_book(scope(), member_id, programme_id)
    told = books.tell_rows(scope(), book, book.rows)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(
        [
            *("row", "booked_at", "happened_at", "kind", "where_who", "amount", "currency", "why", "rule"),
            *("units", "balance", "owed", "transaction_id", "undoes"),
        ]
    )
    for row in book.rows:
        about = told[row.transaction_id]
        amount = None if about.visit is None else about.visit.amount_minor
        writer.writerow(
            [
                row.number,
                row.recorded_at.isoformat(timespec="seconds"),
                row.occurred_at.isoformat(timespec="seconds"),
                row.kind,
                cell(words.place(row, about)),
                "" if amount is None else format_amount(amount, book.currency),
                book.currency,
                cell(words.why(book, row, about)),
                "" if about.rule is None else about.rule.version,
                row.units,
                row.balance,
                row.owed,
                row.transaction_id,
                row.reverses_id or "",
            ]
        )
    answer = Response(written.getvalue(), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="ledger-{book.member_id[-12:]}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def cell(text: str) -> str:
    """What somebody wrote, so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def account_page(
    member_id: str,
    programme_id: str,
    *,
    adjust: AdjustForm | None = None,
    undo: ReasonForm | None = None,
    problem: str | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The book's page, with the forms as they were sent where something is wrong in them."""
    book = books.read_book(scope(), member_id, programme_id)
    kind = request.args.get("kind")
    kind = kind if kind in words.STEPS else None
    only_lots = request.args.get("lots") == "1"
    chosen = request.args.get("row")
    before = request.args.get("before")
    if chosen is not None and before is None and kind is None and not only_lots:
        before = books.page_with(book, chosen)
    shown = books.page_of(book, kind=kind, only_lots=only_lots, before=before)
    told = books.tell_rows(scope(), book, shown.rows)
    if book.find(chosen) is None:
        chosen = shown.rows[0].transaction_id if shown.rows else None
    about: dict[str, Any] = {} if chosen is None else _about_row(book, chosen, undo=undo)
    return page(
        "admin/ledger/account.html",
        here="ledger",
        shown=shown,
        told=told,
        kind=kind,
        only_lots=only_lots,
        card=card_of(scope(), book),
        picture=words.picture(book),
        waiting=books.list_adjustments(
            scope(), status="open", members=[book.member_id, *book.merged], programme_id=book.programme_id
        ).rows,
        adjust=adjust or AdjustForm(formdata=None, adjustment_id=new_id()),
        is_adjusting=adjust is not None,
        is_undoing=undo is not None,
        problem=problem,
        status=status,
        **{"book": book, "detail": None, **about, **_words(book)},
    )


def _about_row(book: books.Book, transaction_id: str, *, undo: ReasonForm | None = None) -> dict[str, Any]:
    settings = platform().settings
    detail = books.read_row(
        scope(),
        book,
        transaction_id,
        anchor_folder=anchors.folder_of(settings.var, settings.database_url),
    )
    can_undo = (
        detail.row.kind in ("earn", "adjust")
        and detail.row.merchant_id is not None
        and detail.told.undone != "whole"
        and detail.undone_by is None
    )
    return {
        "book": book,
        "detail": detail,
        "can_undo": can_undo,
        "undo": undo or ReasonForm(formdata=None, adjustment_id=new_id()),
        "title": _("%(kind)s, %(moment)s", kind=words.head(detail.row.kind), moment=_moment(book, detail.row)),
        **_words(book),
    }


def _moment(book: books.Book, row: books.BookRow) -> str:
    return words.moment(row.recorded_at, book.timezone, scope().now)


def _words(book: books.Book) -> dict[str, Any]:
    return {
        "words": words,
        "now": scope().now,
        "limit": adjusting.limits(scope())[book.kind],
        "may_adjust": visitor().may("support") or visitor().may("finance"),
    }


def _address(book: books.Book, *, row: str) -> str:
    return url_for("admin_ledger.show_account", member_id=book.member_id, programme_id=book.programme_id, row=row)
