"""The clock of retention, the evidence of consents, and the register of processing."""

from __future__ import annotations

import csv
import io

from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.admin.doors import door, scope
from app.admin.pages import page
from app.admin.register import read_register
from app.admin.views.privacy.blueprint import AREA, blueprint, require_id, say_no
from app.cards.queries import find_member
from app.common.errors import DomainError, NotFoundError
from app.privacy import service
from app.privacy.queries import ConsentRow, find_sought, list_consent_rows, read_retention
from app.web import locale

CONSENT_CHANNELS = {
    "email": _l("News by mail"),
    "push": _l("News by push"),
    "wallet": _l("News in the phone's wallet"),
    "inbox": _l("News in the inbox"),
    "profile": _l("Name shown to the shop"),
    "lookup": _l("May be found by address"),
}
_COLUMNS = ("event_id", "at", "shop", "channel", "word", "how", "wording", "wording_sha256")


@door(blueprint, "/admin/privacy/retention", right="support")
def show_retention() -> ResponseReturnValue:
    """How many are near the end of the clock, told, and erased."""
    return page("admin/privacy/retention.html", here=AREA, told=read_retention(scope()))


@door(blueprint, "/admin/privacy/retention", right="support", methods=("POST",), is_fresh=True)
def change_retention() -> ResponseReturnValue:
    """Set the period, with a reason."""
    told = request.form
    try:
        service.change_retention(
            scope(),
            months=_number(told.get("months", "")),
            grace_days=_number(told.get("grace_days", "")),
            reason=told.get("reason", ""),
        )
    except DomainError as error:
        say_no(error)
    else:
        flash(_("Set. Who was told already keeps the day she was told."), "good")
    return redirect(url_for("admin_privacy.show_retention"))


@door(blueprint, "/admin/privacy/consents", right="support", methods=("GET", "POST"))
def find_consents() -> ResponseReturnValue:
    """Look for a member by card or address. A form that is sent, so that no address stands in a browser's history."""
    if request.method == "POST":
        try:
            member_id = find_sought(scope(), request.form.get("sought", "").strip())
            if member_id is None:
                raise NotFoundError(what="member")
            return redirect(url_for("admin_privacy.show_consents", member_id=member_id))
        except DomainError as error:
            say_no(error)
            return page("admin/privacy/consents.html", here=AREA, rows=None, member_id=None, status=422)
    return page("admin/privacy/consents.html", here=AREA, rows=None, member_id=None)


@door(blueprint, "/admin/privacy/consents/<member_id>", right="support")
def show_consents(member_id: str) -> ResponseReturnValue:
    """Every word that a member gave or withdrew, with the words that she saw."""
    shop, rows = _rows(member_id)
    shops = {row.merchant_id: row.merchant_name for row in (rows if shop is None else _rows(member_id, whole=True)[1])}
    return page(
        "admin/privacy/consents.html",
        here=AREA,
        rows=rows,
        member_id=member_id,
        shops=shops,
        shop=shop,
        channels=CONSENT_CHANNELS,
    )


@door(blueprint, "/admin/privacy/consents/<member_id>/consents.csv", right="support")
def download_consents(member_id: str) -> ResponseReturnValue:
    """The same as a file, for a supervisor."""
    _, rows = _rows(member_id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for row in rows:
        told = [row.event_id, row.occurred_at.isoformat(), row.merchant_name, row.channel]
        told += ["given" if row.is_given else "withdrawn", row.how, row.wording, row.digest]
        writer.writerow([_plain(cell) for cell in told])
    answer = make_response(out.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="consents-{member_id}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@door(blueprint, "/admin/privacy/register", right="operator")
def show_register() -> ResponseReturnValue:
    """The register of processing (Art. 30), to be printed."""
    return page("admin/privacy/register.html", here=AREA, register=read_register(locale.language()))


def _rows(member_id: str, *, whole: bool = False) -> tuple[str | None, list[ConsentRow]]:
    member = find_member(scope(), member_id=require_id(member_id))
    if member is None:
        raise NotFoundError(what="member")
    shop = None if whole or not request.args.get("shop") else require_id(request.args["shop"])
    return shop, list_consent_rows(scope(), member_id=member.member_id, merchant_id=shop)


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
