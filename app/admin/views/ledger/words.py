"""The words of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel import numbers
from babel.dates import format_datetime
from flask import url_for
from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.admin.queries.ledger import Book, BookRow, Detail, Step, Told
from app.common.clock import zone
from app.common.money import format_amount
from app.rewards.views import words
from app.web.charts import Fall, waterfall

KINDS: Mapping[str, LazyString] = {
    "earn": _l("earn"),
    "redeem": _l("redeem"),
    "expire": _l("expire"),
    "adjust": _l("adjust"),
    "move": _l("move"),
    "reverse": _l("reverse"),
}
STEPS: Mapping[str, LazyString] = {
    "earn": _l("earned"),
    "adjust": _l("adjusted"),
    "reverse": _l("reversed"),
    "redeem": _l("redeemed"),
    "expire": _l("expired"),
    "move": _l("moved"),
}
COUNTERS: Mapping[str, LazyString] = {
    "issued": _l("issued"),
    "redeemed": _l("redeemed"),
    "expired": _l("expired"),
    "adjusted": _l("adjusted"),
    "moved": _l("moved"),
    "balance": _l("member’s account"),
    "owed": _l("member’s debt"),
}
STATUSES: Mapping[str, LazyString] = {
    "open": _l("waits"),
    "approved": _l("booked"),
    "declined": _l("declined"),
    "withdrawn": _l("withdrawn"),
    "expired": _l("nobody decided"),
}
ROLES: Mapping[str, LazyString] = {"owner": _l("owner"), "manager": _l("manager"), "cashier": _l("cashier")}
# What the service itself writes as a reason; whatever else stands there, somebody wrote.
REASONS: Mapping[str, LazyString] = {
    "merge": _l("Two cards joined"),
    "merge_undone": _l("Two cards parted again"),
    "closing_days": _l("Later end, the shop was shut"),
    "shop_stopped": _l("The shop stopped"),
    "opening_balance": _l("Balance of an old card"),
    "opening_balance_reversed": _l("Balance of an old card undone"),
    "correction_reversed": _l("Correction undone"),
    "visit_reversed": _l("Visit undone"),
    "import": _l("Brought by an import"),
    "import_undone": _l("Import undone"),
    "training": _l("Training"),
    "retention": _l("Nobody was here for three years"),
}


def _(text: str, **params: object) -> str:
    return str(gettext(text, **params))


def signed(units: int) -> str:
    """``+1``, ``−10``, ``0``."""
    return "0" if not units else f"{'+' if units > 0 else '−'}{plain(abs(units))}"


def plain(number: int) -> str:
    """A number as it is written there; below zero with a real minus."""
    written = numbers.format_decimal(abs(number), locale=words.babel())
    return f"−{written}" if number < 0 else str(written)


def money(minor: int | None, currency: str) -> str:
    """Minor units in the visitor's language, always with the cents."""
    if minor is None:
        return ""
    return str(numbers.format_currency(Decimal(format_amount(minor, currency)), currency, locale=words.babel()))


def units(kind: str, count: int) -> str:
    """So many stamps or points."""
    return words.units(kind, Decimal(count))


def unit_word(kind: str) -> str:
    """The head of a column of units."""
    return _("Stamps") if kind == "stamps" else _("Points")


def moment(at: datetime, timezone: str, now: datetime) -> str:
    """``28 Oct 12:06``, with the year where it is another one."""
    local, here = at.astimezone(zone(timezone)), now.astimezone(zone(timezone))
    pattern = "d MMM HH:mm" if local.year == here.year else "d MMM y HH:mm"
    return str(format_datetime(local, pattern, locale=words.babel()))


def day(at: datetime, timezone: str) -> str:
    """``13 Sep 2027``."""
    return str(format_datetime(at.astimezone(zone(timezone)), "d MMM y", locale=words.babel()))


def short_id(identifier: str) -> str:
    """``0192 19c4 … 5be0``: enough to tell rows apart."""
    return f"{identifier[:4]} {identifier[4:8]} … {identifier[-4:]}"


def place(row: BookRow, told: Told) -> str:
    """Where and who: ``Tablet counter, Marieke``."""
    if told.desk is not None:
        where = _("Operator desk")
        people = told.desk if told.second is None else _("%(one)s with %(other)s", one=told.desk, other=told.second)
        return f"{where}, {people}"
    where = told.device or told.location or ""
    if not where and row.kind in ("expire", "move"):
        return _("by itself")
    return ", ".join(one for one in (where, told.staff or "") if one)


def rule(book: Book, told: Told) -> str:
    """What the rules that earned a row say."""
    if told.rule is None:
        return ""
    rules, said = told.rule.rules, []
    for one in rules.get("earn", ()):
        gives = words.units(book.kind, Decimal(str(one["units"])))
        if one["per"] == "amount":
            step = words.money(str(one.get("step", "1")), book.currency)
            said.append(_("%(units)s per %(amount)s", units=gives, amount=step))
        elif one["per"] == "item":
            what = one.get("category") or one.get("sku") or ""
            said.append(_("%(units)s for each: %(what)s", units=gives, what=what))
        else:
            said.append(_("%(units)s a visit", units=gives))
    if said and rules.get("minimum"):
        least = words.money(str(rules["minimum"]), book.currency)
        said[-1] = _("%(earned)s from %(amount)s", earned=said[-1], amount=least)
    return ", ".join([*said, *told.promotions])


def why(book: Book, row: BookRow, told: Told) -> str:
    """Why a row is there."""
    if row.kind == "earn":
        return rule(book, told) or _("No rule gave anything")
    if row.kind == "redeem" and told.reward is not None:
        if row.visit_id is not None or row.reason is not None:
            return _("Full card: %(reward)s", reward=told.reward)
        return told.reward
    if row.kind == "expire" and row.reason is None:
        return _("Ended unspent")
    return str(REASONS.get(row.reason or "", row.reason or ""))


def picture(book: Book) -> Markup:
    """The way from nothing to the balance."""

    def link(kind: str) -> str:
        return url_for("admin_ledger.show_account", member_id=book.member_id, programme_id=book.programme_id, kind=kind)

    steps = [step for step in book.steps if step.rows or step.kind != "move"]
    falls = [
        Fall(
            step.units,
            signed(step.units),
            str(STEPS[step.kind]),
            rows_word(step.rows),
            link(step.kind) if step.rows else None,
            step.kind,
        )
        for step in steps
    ]
    if book.owed:
        falls.append(Fall(book.owed, signed(book.owed), _("owed"), "", None, "owed"))
    lots = ngettext("%(num)s lot", "%(num)s lots", len(book.lots))
    falls.append(Fall(book.balance, plain(book.balance), _("balance"), lots, None, "total", is_total=True))
    return waterfall(falls, said(steps, book))


def said(steps: list[Step], book: Book) -> str:
    """The picture in a sentence."""
    parts = [f"{STEPS[step.kind]} {signed(step.units)}" for step in steps]
    return _("%(steps)s: balance %(balance)s", steps=", ".join(parts), balance=plain(book.balance))


def head(kind: str) -> str:
    """The name of a kind of row at the beginning of a line: ``Reversed``."""
    word = str(STEPS[kind])
    return word[:1].upper() + word[1:]


def rows_word(count: int) -> str:
    """``46 rows``."""
    return str(ngettext("%(num)s row", "%(num)s rows", count))


def took_from(detail: Detail, kind: str) -> str:
    """From which lots a row took, and whether a debt came of it."""
    parts = []
    own = sum(amount for _, amount, is_own in detail.from_lots if is_own)
    other = sum(amount for _, amount, is_own in detail.from_lots if not is_own)
    if own:
        parts.append(_("%(units)s from the lot it made", units=units(kind, own)))
    if other:
        parts.append(
            _("%(units)s from other lots", units=units(kind, other))
            if detail.undoes is not None
            else _("%(units)s from the lots that end first", units=units(kind, other))
        )
    if detail.debt_made:
        parts.append(_("%(units)s became a debt", units=units(kind, detail.debt_made)))
    elif detail.undoes is not None and parts:
        parts.append(_("no debt"))
    if detail.debt_paid:
        parts.append(_("%(units)s paid a debt", units=units(kind, detail.debt_paid)))
    return "; ".join(parts)


def fault(one: Mapping[str, Any]) -> str:
    """A difference, as the verification tells it."""
    return f"{one.get('kind', '')}: {one.get('detail', '')}"


# What app.admin.queries.ledger_todo says in English, for whoever puts it into the reader's language.
TO_DO = (
    _l("Ledger"),
    _l("The books differ from their rows. Stop adjusting, and look"),
    _l("Look"),
    _l("Adjustment"),
    _l("Somebody asks for a second person’s approval"),
    _l("Decide"),
)
