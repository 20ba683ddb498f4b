"""The overview in words: what each figure is called, what it is compared with, when a thing is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, format_percent
from flask_babel import LazyString, gettext, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.admin.queries.overview import Figure, Overview
from app.common.money import exponent
from app.web import locale
from app.web.charts import spark

ZONE = ZoneInfo("Europe/Brussels")
UNUSUAL = 2  # so many times the usual number of tablets is worth a red line
MOST_CHANGE = 10  # times: beyond it the year before was only beginning

TITLES: Mapping[str, LazyString] = {
    "visits": _l("Visits a week"),
    "rewards": _l("Rewards redeemed a week"),
    "members": _l("New members a week"),
    "liability": _l("Owed to members"),
    "shops": _l("Shops that scanned"),
    "tablets": _l("Tablets offline over an hour"),
    "mails": _l("Mails that did not arrive"),
    "paying": _l("Paying shops"),
}
KINDS: Mapping[str, LazyString] = {"approve": _l("Approve"), "content": _l("Content"), "batch": _l("Batch")}
# Said by what waits (see the queries that end in _todo), and put in the reader's language here.
SAID = (
    *(_l("Job"), _l("Outbox"), _l("Webhook"), _l("Backup"), _l("Look")),
    _l("A job failed"),
    _l("Making or disabling printed cards has stopped"),
    _l("A job has not run when it should have"),
    _l("Jobs have not run when they should have"),
    _l("Messages were given up after many tries"),
    _l("A shop's till takes nothing that is sent"),
    _l("The last backup is too old"),
    _l("There is no backup yet"),
    _l("The last backup could not be restored"),
    *(_l("Erasure"), _l("Privacy"), _l("Support"), _l("Answer")),
    _l("Somebody wants all her data"),
    _l("Somebody wants to be erased"),
    _l("Somebody wants a correction"),
    _l("Somebody objects"),
    _l("Questions wait for an answer"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as it stands on the page."""

    name: str
    title: str
    value: str
    of: str
    compared: str
    tone: str  # good, bad, soft
    began: str
    chart: Markup


def show_figure(told: Overview, name: str) -> Shown:
    """One figure in words, with its line."""
    figure = told[name]
    title = str(TITLES[name])
    worth = value(figure.now, name, told.currency)
    compared, tone = _compared(figure, told)
    first = figure.first
    began = "" if first is None else _began(value(first.value, name, told.currency), first.last)
    if first is None:
        said = _("%(title)s: %(value)s", title=title, value=worth)
    else:
        said = _("%(title)s: %(value)s, %(began)s", title=title, value=worth, began=began)
    return Shown(
        name,
        title,
        worth,
        "" if figure.of is None else _("of %(number)s", number=number(figure.of)),
        compared,
        tone,
        began,
        spark([week.value for week in figure.weeks], said, kind=tone, from_zero=name in ("tablets", "mails")),
    )


def _compared(figure: Figure, told: Overview) -> tuple[str, str]:
    beside, change = figure.beside, figure.change
    # Of what hardly was there a year ago no share says anything.
    if figure.name in ("visits", "rewards") and change is not None and abs(change) < MOST_CHANGE:
        share = percent(abs(change))
        if round(change, 3) >= 0:
            return _("▲ %(share)s on last year", share=share), "good"
        return _("▼ %(share)s on last year", share=share), "bad" if change < -0.1 else "soft"
    if figure.name == "members" and beside is not None:
        return _("%(number)s in all", number=number(beside)), "soft"
    if figure.name == "liability" and change is not None:
        month = format_date(told.upto.replace(day=1) - timedelta(days=1), "LLLL", locale=babel())
        share = ("+" if change >= 0 else "−") + percent(abs(change))
        return _("%(share)s on %(month)s", share=share, month=month), "soft"
    if figure.name == "shops" and beside is not None:
        return ngettext("%(num)d is silent", "%(num)d are silent", int(beside)), "soft"
    if figure.name == "tablets" and figure.before is not None:
        usual = _("usually %(number)s", number=number(figure.before))
        if (figure.now or 0) > max(1, figure.before * UNUSUAL):
            return "▲ " + usual, "bad"
        return usual, "soft"
    if figure.name == "mails" and beside is not None:
        return _("%(number)s sent", number=number(beside)), "soft"
    if figure.name == "paying" and beside is not None:
        return _("%(amount)s a month", amount=money(beside, told.currency)), "soft"
    return "", "soft"


def value(worth: float | None, name: str, currency: str) -> str:
    """A figure's value in its own form; a dash where nobody counted."""
    if worth is None:
        return "–"
    if name == "liability":
        return money(worth, currency)
    if name == "mails":
        return str(format_percent(worth / 100, "#,##0.0%" if babel().language == "en" else "#,##0.0 %", locale=babel()))
    return number(worth)


def _began(worth: str, day: date) -> str:
    return str(_("%(value)s in %(month)s", value=worth, month=format_date(day, "LLLL", locale=babel())))


def due(at: datetime | None, now: datetime) -> tuple[str, bool]:
    """When a thing is due, as short as it can be told, and whether that is before the day ends."""
    if at is None:
        return "", False
    local, today = at.astimezone(ZONE), now.astimezone(ZONE).date()
    days = (local.date() - today).days
    if days < 0:
        return _("late"), True
    if days == 0:
        return str(format_time(local.time(), "HH:mm", locale=babel())), True
    if days < 7:
        return str(format_date(local.date(), "EEE", locale=babel())), False
    return str(format_date(local.date(), "d MMM", locale=babel())), False


def said(words: str) -> str:
    """What an area says, in the reader's language where it is known."""
    told = KINDS.get(words)
    return str(told if told is not None else gettext(words) if words else "")


def long_day(day: date) -> str:
    """``Friday 27 November``."""
    pattern = {"de": "EEEE, d. MMMM"}.get(babel().language, "EEEE d MMMM")
    return str(format_date(day, pattern, locale=babel()))


def short_day(day: date) -> str:
    """``21 Nov 2026``."""
    return str(format_date(day, {"de": "d. MMM y"}.get(babel().language, "d MMM y"), locale=babel()))


def number(value: float) -> str:
    """``19,204``; half a tablet keeps its half."""
    return str(format_decimal(value if value != round(value) and value < 10 else round(value), locale=babel()))


def money(minor: float, currency: str) -> str:
    """``€76,118``: whole units, since cents are noise here."""
    units = round(minor / 10 ** exponent(currency))
    pattern = babel().currency_formats["standard"].pattern.replace(".00", "")
    return str(format_currency(units, currency, pattern, locale=babel(), currency_digits=False))


def percent(share: float) -> str:
    """``9%``."""
    return str(format_percent(round(share, 2), locale=babel()))


def size(count: float) -> str:
    """Bytes as ``1.4 GB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{format_decimal(round(count, 1 if unit != 'B' and abs(count) < 100 else 0), locale=babel())} {unit}"


def babel() -> Locale:
    """The reader's locale."""
    tongue = locale.language()
    return Locale.parse("en_GB" if tongue == "en" else tongue)
