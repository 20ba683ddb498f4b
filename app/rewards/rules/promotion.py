"""A promotion's rules: from the JSON document to compiled rules and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.common.money import format_amount, is_currency
from app.rewards.rules.errors import InvalidRulesError
from app.rewards.rules.model import PromotionRules
from app.rewards.rules.programme import read_multiplier, show_multiplier
from app.rewards.rules.reading import Fields, check_text

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BONUS_MAXIMUM = 100_000
COMEBACK_MAXIMUM = 3_650


def parse_promotion(document: Mapping[str, Any], *, promotion_id: str, currency: str) -> PromotionRules:
    """The compiled rules of a promotion's document (docs/rules.md tells its fields).

    ``promotion_id`` names it in the parts of an earning, ``currency`` is the merchant's. Its hours and dates are those
    of the programme that it is evaluated with. Raises :class:`InvalidRulesError` with the path of the first fault.
    """
    if not is_currency(currency):
        raise InvalidRulesError("currency", "currency_expected")
    fields = Fields(document, "")
    conditions = fields.inner("conditions") or Fields({}, "conditions")
    weekdays = frozenset(_weekday(value, path) for path, value in conditions.entries("weekdays"))
    hours = _hours(conditions.inner("hours"))
    dates = conditions.inner("dates")
    date_from = date_to = None
    if dates is not None:
        date_from, date_to = dates.day("from", None), dates.day("to", None)
        if date_from is not None and date_to is not None and date_to < date_from:
            raise dates.wrong("to", "before_start")
        dates.close()
    first_visit, birthday_week = conditions.flag("first_visit"), conditions.flag("birthday_week")
    comeback_days = conditions.whole("comeback_days", 1, COMEBACK_MAXIMUM, None)
    tiers, locations = frozenset(conditions.texts("tiers")), frozenset(conditions.texts("locations"))
    minimum_minor = conditions.money("minimum", currency) or None
    categories = frozenset(text.casefold() for text in conditions.texts("categories"))
    conditions.close()

    effect = fields.inner("effect")
    if effect is None:
        raise fields.wrong("effect", "missing")
    hundredths = bonus = 0
    if effect.has("multiplier"):
        hundredths = read_multiplier(effect, "multiplier")
    else:
        bonus = effect.whole("bonus", 1, BONUS_MAXIMUM)
    effect.close()
    combinable = fields.flag("combinable")
    fields.close()
    return PromotionRules(
        promotion_id=promotion_id,
        rule=f"promotion:{promotion_id}",
        weekdays=weekdays,
        hours=hours,
        date_from=date_from,
        date_to=date_to,
        first_visit=first_visit,
        birthday_week=birthday_week,
        comeback_days=comeback_days,
        tiers=tiers,
        locations=locations,
        minimum_minor=minimum_minor,
        currency=currency,
        categories=categories,
        hundredths=hundredths,
        bonus=bonus,
        combinable=combinable,
        needs_local=bool(weekdays or hours or date_from or date_to or birthday_week or comeback_days),
    )


def _weekday(value: Any, path: str) -> int:
    text = check_text(value, path)
    if text not in WEEKDAYS:
        raise InvalidRulesError(path, "not_one_of", allowed=", ".join(WEEKDAYS))
    return WEEKDAYS.index(text) + 1


def _hours(fields: Fields | None) -> tuple[int, int] | None:
    if fields is None:
        return None
    start, end = fields.minute("from"), fields.minute("to")
    if start == 1440:
        raise fields.wrong("from", "time_expected")
    if start == end:
        raise fields.wrong("to", "empty")
    fields.close()
    return start, end


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def promotion_document(rules: PromotionRules) -> dict[str, Any]:
    """The canonical JSON document of compiled rules; parsing it gives equal rules."""
    conditions: dict[str, Any] = {}
    if rules.weekdays:
        conditions["weekdays"] = [WEEKDAYS[day - 1] for day in sorted(rules.weekdays)]
    if rules.hours is not None:
        conditions["hours"] = {"from": _clock(rules.hours[0]), "to": _clock(rules.hours[1])}
    dates = {"from": rules.date_from, "to": rules.date_to}
    if any(dates.values()):
        conditions["dates"] = {name: day.isoformat() for name, day in dates.items() if day is not None}
    if rules.first_visit:
        conditions["first_visit"] = True
    if rules.birthday_week:
        conditions["birthday_week"] = True
    if rules.comeback_days is not None:
        conditions["comeback_days"] = rules.comeback_days
    for name, values in (("tiers", rules.tiers), ("locations", rules.locations), ("categories", rules.categories)):
        if values:
            conditions[name] = sorted(values)
    if rules.minimum_minor is not None:
        conditions["minimum"] = format_amount(rules.minimum_minor, rules.currency)
    effect: dict[str, Any] = (
        {"multiplier": show_multiplier(rules.hundredths)} if rules.hundredths else {"bonus": rules.bonus}
    )
    document: dict[str, Any] = {"conditions": conditions, "effect": effect}
    if rules.combinable:
        document["combinable"] = True
    return document
