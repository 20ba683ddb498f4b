"""Numbers, money and days as reports write them, in the language of the request."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import flask_babel
from babel import dates, numbers

from app.common.clock import zone
from app.common.money import exponent
from app.rewards.views.words import babel

Width = Literal["abbreviated", "narrow", "short", "wide"]


def _(text: str, **params: object) -> str:
    return str(flask_babel.gettext(text, **params))


def ngettext(one: str, more: str, number: int, **params: object) -> str:
    """The text for so many, in the language of the request."""
    return str(flask_babel.ngettext(one, more, number, **params))


def count(number: float) -> str:
    """``1,234``; one digit after the point where it is small and not whole."""
    if number != round(number) and abs(number) < 10:
        return str(numbers.format_decimal(round(number, 1), locale=babel()))
    return str(numbers.format_decimal(round(number), locale=babel()))


def money(minor: int | float, currency: str) -> str:
    """Minor units as ``€12.50``; without cents from a thousand on, where they are noise."""
    digits = exponent(currency)
    value = Decimal(round(minor)).scaleb(-digits)
    pattern = babel().currency_formats["standard"].pattern
    if abs(value) >= 1000 or value == value.to_integral_value():
        value = value.quantize(Decimal(1))
        pattern = pattern.replace(".00", "")
    return str(numbers.format_currency(value, currency, pattern, locale=babel(), currency_digits=False))


def percent(share: float) -> str:
    """``12%``."""
    shown = round(share, 2 if abs(share) >= 0.1 else 3)
    return str(numbers.format_percent(shown, locale=babel(), decimal_quantization=False))


def change(now: float, before: float) -> str | None:
    """How much more or less than before, as ``+12%``; None where there was nothing before."""
    if not before:
        return None
    share = now / before - 1
    return ("+" if share >= 0 else "−") + percent(abs(share))


def visits(number: int) -> str:
    """``12 visits``."""
    return ngettext("%(count)s visit", "%(count)s visits", number, count=count(number))


def long_day(day: date) -> str:
    """``Saturday 21 November``."""
    pattern = {"de": "EEEE, d. MMMM"}.get(babel().language, "EEEE d MMMM")
    told = str(dates.format_date(day, pattern, locale=babel()))
    return told[:1].upper() + told[1:]


def day_and_month(day: date) -> str:
    """``21 November``."""
    return str(dates.format_date(day, {"de": "d. MMMM"}.get(babel().language, "d MMMM"), locale=babel()))


def short_day(day: date) -> str:
    """``21 Nov``."""
    return str(dates.format_date(day, {"de": "d. MMM"}.get(babel().language, "d MMM"), locale=babel()))


def full_day(day: date) -> str:
    """``21 November 2026``."""
    return str(dates.format_date(day, "long", locale=babel()))


def span(first: date, last: date) -> str:
    """``1 to 7 November 2026``, as short as it can be said."""
    if first == last:
        return full_day(first)
    start = day_and_month(first) if first.year == last.year else full_day(first)
    return _("%(first)s to %(last)s", first=start, last=full_day(last))


def month(day: date) -> str:
    """``November 2026``."""
    return str(dates.format_date(day, "MMMM y", locale=babel()))


def short_month(day: date) -> str:
    """``Nov``."""
    return str(dates.format_date(day, "LLL", locale=babel()))


def weekday(number: int, width: Width = "wide") -> str:
    """The name of a weekday, 0 is Monday."""
    return str(dates.get_day_names(width, "stand-alone", locale=babel())[number])


def clock(moment: datetime, timezone: str) -> str:
    """``14:32`` of a moment, there."""
    return str(dates.format_time(moment.astimezone(zone(timezone)).time(), "HH:mm", locale=babel()))


def hour(number: float) -> str:
    """The hour of a day: ``9:00``, ``9 u``, ``9 h``, ``9 Uhr``."""
    whole, minute = int(number) % 24, round((number % 1) * 60)
    if minute:
        return f"{whole}:{minute:02}"
    return {"nl": f"{whole} u", "fr": f"{whole} h", "de": f"{whole} Uhr"}.get(babel().language, f"{whole}:00")


def hours(number: int) -> str:
    """An hour of the day as a span: ``9–10``."""
    return f"{number}–{number + 1}"


def moment(at: datetime, timezone: str) -> str:
    """When something was: the time today is told elsewhere, so day and time."""
    local = at.astimezone(zone(timezone))
    return f"{short_day(local.date())}, {clock(at, timezone)}"
