"""The words on shops' pages: trades, what a visit earns, what a reward is worth, when a shop is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale, dates, numbers
from flask_babel import LazyString, get_locale, gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.common.clock import zone
from app.common.money import exponent
from app.merchants import opening_hours as hours
from app.merchants.queries import ShopDetail
from app.rewards.queries import ProgrammeView, RewardView
from app.web import locale

TRADES: Mapping[str, LazyString] = {
    "bakery": _l("Bakery"),
    "bicycle": _l("Bicycle shop"),
    "bookshop": _l("Bookshop"),
    "butcher": _l("Butcher"),
    "cafe": _l("Café"),
    "cheese": _l("Cheese shop"),
    "chips": _l("Chip shop"),
    "chocolate": _l("Chocolate shop"),
    "fashion": _l("Clothes shop"),
    "fishmonger": _l("Fishmonger"),
    "florist": _l("Florist"),
    "general": _l("Shop"),
    "greengrocer": _l("Greengrocer"),
    "hairdresser": _l("Hairdresser"),
    "hardware": _l("Hardware shop"),
    "home": _l("Homeware shop"),
    "ice": _l("Ice-cream parlour"),
    "lunch": _l("Lunch bar"),
    "optician": _l("Optician"),
    "pets": _l("Pet shop"),
    "pharmacy": _l("Pharmacy"),
    "records": _l("Record shop"),
    "restaurant": _l("Restaurant"),
    "shoes": _l("Shoe shop"),
    "toys": _l("Toy shop"),
    "wine": _l("Wine shop"),
}
_UPCOMING = 35  # days of special hours that are told


@dataclass(frozen=True, slots=True)
class Day:
    """One day's hours as they are told; no ``spans`` where it is closed."""

    name: str
    spans: tuple[str, ...]
    is_today: bool


def _(text: str, **params: object) -> str:
    return str(gettext(text, **params))


def babel() -> Locale:
    """How dates and numbers are written in the language of this request."""
    spoken = get_locale()  # another than the request's while a text is written for somebody else
    language = locale.language() if spoken is None else spoken.language
    return Locale("en", "GB") if language == "en" else Locale(language)


def trade(category: str) -> str:
    """A trade by its name; one that we have no word for as the shop wrote it."""
    known = TRADES.get(category)
    return str(known) if known is not None else category.replace("-", " ").replace("_", " ").capitalize()


def units(kind: str, count: Decimal | int) -> str:
    """``3 stamps``."""
    written = numbers.format_decimal(count, locale=babel())
    singular = 1 if count == 1 else 2
    if kind == "stamps":
        return str(ngettext("%(count)s stamp", "%(count)s stamps", singular, count=written))
    return str(ngettext("%(count)s point", "%(count)s points", singular, count=written))


def money(amount: Decimal | str, currency: str) -> str:
    """``€5`` or ``€5.50``, as it is written there."""
    value = Decimal(amount)
    pattern = babel().currency_formats["standard"].pattern
    if value == value.to_integral_value():
        pattern = pattern.replace(".00", "")
    return str(numbers.format_currency(value, currency, pattern, locale=babel(), currency_digits=False))


def earning(programme: ProgrammeView, currency: str) -> list[str]:
    """How one collects: a sentence for each way that can be said in one."""
    told = []
    for rule in programme.rules.get("earn", ()):
        what = units(programme.kind, Decimal(str(rule["units"])))
        if rule["per"] in ("visit", "unit"):
            told.append(_("%(units)s for every visit", units=what))
        elif rule["per"] == "amount":
            spent = money(str(rule.get("step", "1")), currency)
            if rule.get("category"):
                told.append(
                    gettext(
                        "%(units)s for every %(amount)s of %(what)s", units=what, amount=spent, what=rule["category"]
                    )
                )
            elif not rule.get("sku"):
                told.append(_("%(units)s for every %(amount)s that you spend", units=what, amount=spent))
        elif rule.get("category"):
            told.append(_("%(units)s for each: %(what)s", units=what, what=rule["category"]))
    if told and programme.rules.get("minimum"):
        told.append(_("With purchases of %(amount)s or more", amount=money(str(programme.rules["minimum"]), currency)))
    return told


def worth(reward: RewardView, currency: str) -> str | None:
    """What a reward takes off, where its name alone would not say."""
    if reward.kind == "percent_off":
        percent = numbers.format_percent(Decimal(reward.percent or 0) / 100, locale=babel())
        return _("%(percent)s off", percent=percent)
    if reward.amount_minor is None:
        return None
    amount = money(Decimal(reward.amount_minor).scaleb(-exponent(currency)), currency)
    if reward.kind == "amount_off":
        return _("%(amount)s off", amount=amount)
    return _("Worth %(amount)s", amount=amount)


def until(moment: datetime, timezone: str) -> str:
    """The last day of something that ends at ``moment``."""
    last = (moment - timedelta(seconds=1)).astimezone(zone(timezone)).date()
    return _("Until %(day)s", day=dates.format_date(last, _day_and_month(), locale=babel()))


def state(shop: ShopDetail, now: datetime) -> str | None:
    """Whether it is open, and until or from when; None where nobody told its hours."""
    if shop.is_open is None:
        return None
    opening = hours.parse(shop.opening_hours)
    change = hours.changes_at(opening, now, timezone=shop.timezone, country=shop.country)
    if shop.is_open:
        return _("Open now") if change is None else _("Open until %(time)s", time=_clock(change.time()))
    if change is None:
        return _("Closed now")
    ahead = (change.date() - now.astimezone(zone(shop.timezone)).date()).days
    at = _clock(change.time())
    if ahead == 0:
        return _("Closed, opens today at %(time)s", time=at)
    if ahead == 1:
        return _("Closed, opens tomorrow at %(time)s", time=at)
    if ahead < 7:
        day = dates.format_date(change.date(), "EEEE", locale=babel())
    else:
        day = dates.format_date(change.date(), _day_and_month(), locale=babel())
    return _("Closed, opens on %(day)s at %(time)s", day=day, time=at)


def week(shop: ShopDetail, now: datetime) -> list[Day]:
    """The week's usual hours from Monday on; nothing where nobody told them."""
    opening = hours.parse(shop.opening_hours)
    if not opening.week:
        return []
    today = now.astimezone(zone(shop.timezone)).weekday()
    names = dates.get_day_names("wide", locale=babel())
    return [
        Day(
            _headed(names[number]),
            tuple(_span(start, end) for start, end in opening.week.get(day, ())),
            number == today,
        )
        for number, day in enumerate(hours.WEEKDAYS)
    ]


def special_days(shop: ShopDetail, now: datetime) -> list[Day]:
    """Days in the coming five weeks on which the hours differ, holidays too."""
    opening = hours.parse(shop.opening_hours)
    today = now.astimezone(zone(shop.timezone)).date()
    usual = hours.OpeningHours(opening.week, {}, closed_on_holidays=False)
    coming = hours.days(opening, today, _UPCOMING, country=shop.country)
    as_ever = hours.days(usual, today, _UPCOMING, country=shop.country)
    return [
        Day(
            _headed(dates.format_date(day, f"EEEE {_day_and_month()}", locale=babel())),
            tuple(_text(start, end) for start, end in spans),
            day == today,
        )
        for (day, spans), (_, plain) in zip(coming, as_ever, strict=True)
        if spans != plain
    ]


def _headed(text: str) -> str:
    """With a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


def _span(start: int, end: int) -> str:
    return f"{_clock(_time(start))}–{_clock(_time(end))}"


def _text(start: str, end: str) -> str:
    return f"{_clock(_read(start))}–{_clock(_read(end))}"


def _read(text: str) -> time:
    return _time(int(text[:2]) * 60 + int(text[3:]))


def _time(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def _clock(at: time) -> str:
    return str(dates.format_time(at, "short", locale=babel()))


def _day_and_month() -> str:
    return {"de": "d. MMMM"}.get(babel().language, "d MMMM")


def json_hours(shop: ShopDetail, today: date) -> list[dict[str, Any]]:
    """The week's hours, and those of coming days that differ, as search engines read them."""
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    opening = hours.parse(shop.opening_hours)
    told = [
        {**_json_span(start, end), "dayOfWeek": f"https://schema.org/{names[number]}"}
        for number, day in enumerate(hours.WEEKDAYS)
        for start, end in opening.week.get(day, ())
    ]
    for day, spans in sorted(opening.dates.items()):
        if day >= today:
            one = {"validFrom": day.isoformat(), "validThrough": day.isoformat()}
            # From midnight to midnight means closed.
            told += [{**_json_span(start, end), **one} for start, end in spans or ((0, 0),)]
    return told


def _json_span(start: int, end: int) -> dict[str, Any]:
    closes = "23:59" if end % 1440 == 0 and end > start else _time(end).isoformat("minutes")
    return {"@type": "OpeningHoursSpecification", "opens": _time(start).isoformat("minutes"), "closes": closes}
