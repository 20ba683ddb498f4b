"""A programme's rules: from the JSON document to compiled rules and back."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.common.money import exponent, format_amount, is_currency
from app.rewards.rules.errors import InvalidRulesError
from app.rewards.rules.model import (
    HUNDRED,
    Caps,
    EarnRule,
    Expiry,
    ExpiryKind,
    Per,
    Period,
    ProgrammeKind,
    ProgrammeRules,
    QualifyBy,
    Rounding,
    Tier,
    Tiers,
)
from app.rewards.rules.reading import Fields

GOAL_MAXIMUM = 1_000
UNITS_MAXIMUM = 100_000
CAP_MAXIMUM = 1_000_000_000
MONTHS_MAXIMUM = 600
SCALE_MAXIMUM = 10**15  # a carried fraction of these rules fits 64 bits, with room for another version's
_TIER_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
_YEAR_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", re.ASCII)


def parse_programme(document: Mapping[str, Any], *, kind: str, currency: str, timezone: str) -> ProgrammeRules:
    """The compiled rules of a programme's document (docs/rules.md tells its fields).

    ``currency`` is the merchant's ISO 4217 code, ``timezone`` an IANA name in which days and hours are meant.
    Raises :class:`InvalidRulesError` with the path of the first fault, whatever the document holds.
    """
    if kind not in get_args(ProgrammeKind):
        raise InvalidRulesError("kind", "not_one_of", allowed=", ".join(get_args(ProgrammeKind)))
    if not is_currency(currency):
        raise InvalidRulesError("currency", "currency_expected")
    zone = read_zone(timezone)
    fields = Fields(document, "")
    goal = fields.whole("goal", 1, GOAL_MAXIMUM) if kind == "stamps" else None
    drafts = [_earn(entry, path, currency) for path, entry in fields.entries("earn", required=True)]
    exclude = fields.inner("exclude")
    exclude_categories: frozenset[str] = frozenset()
    exclude_skus: frozenset[str] = frozenset()
    if exclude is not None:
        exclude_categories = frozenset(text.casefold() for text in exclude.texts("categories"))
        exclude_skus = frozenset(exclude.texts("skus"))
        exclude.close()
    minimum_minor = fields.money("minimum", currency)
    rounding: Rounding = fields.choice("rounding", get_args(Rounding), "floor")
    caps = _caps(fields.inner("caps"))
    expiry = _expiry(fields.inner("expiry"))
    tiers = _tiers(fields.inner("tiers"), currency)
    fields.close()

    # Hundredths twice: the tier's multiplier, then a promotion's, so that every step stays whole.
    scale = lcm(*(rate.denominator for _, rate in drafts)) * HUNDRED * HUNDRED
    if scale > SCALE_MAXIMUM:
        raise InvalidRulesError("earn", "too_fine")
    earn = tuple(
        EarnRule(rule.per, rule.rule, rule.units, rule.step, rule.category, rule.sku, int(rate * scale))
        for rule, rate in drafts
    )
    return ProgrammeRules(
        kind="stamps" if kind == "stamps" else "points",
        currency=currency,
        timezone=timezone,
        zone=zone,
        goal=goal,
        earn=earn,
        scale=scale,
        rounding=rounding,
        exclude_categories=exclude_categories,
        exclude_skus=exclude_skus,
        minimum_minor=minimum_minor or None,
        caps=caps,
        expiry=expiry,
        tiers=tiers,
        needs_amount=all(rule.per == "amount" and not rule.of_items for rule in earn),
        needs_items=any(rule.of_items for rule in earn),
    )


def read_zone(timezone: str) -> ZoneInfo:
    """The zone of an IANA name; raises :class:`InvalidRulesError` at ``timezone``."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError) as error:
        raise InvalidRulesError("timezone", "timezone_expected") from error


def stamps_document(goal: int) -> dict[str, Any]:
    """The plain stamp card: a stamp a visit, or the visit's ``units``; ``goal`` of them fill the card."""
    return {"goal": goal, "earn": [{"per": "unit", "units": "1"}], "rounding": "floor"}


def points_document(per_unit: str) -> dict[str, Any]:
    """Plain points: ``per_unit`` (a decimal string) points for each major unit of money, rounded down per visit."""
    return {"earn": [{"per": "amount", "units": per_unit, "step": "1"}], "rounding": "floor"}


def _earn(entry: Any, path: str, currency: str) -> tuple[EarnRule, Fraction]:
    fields = Fields(entry, path)
    per: Per = fields.choice("per", get_args(Per))
    units = fields.decimal("units", "0.0001", str(UNITS_MAXIMUM), 4)
    rate = Fraction(units)
    step = None
    if per == "amount":
        decimals = exponent(currency)
        step = fields.decimal("step", "0.001", "1000000", decimals, "1")
        rate /= Fraction(step) * 10**decimals
    category = sku = None
    if per in ("amount", "item"):
        category = fields.text("category", None)
        sku = fields.text("sku", None)
        if category is not None and sku is not None:
            raise fields.wrong("sku", "category_or_sku")
        if per == "item" and category is None and sku is None:
            raise fields.wrong("category", "missing")
    fields.close()
    rule: str = per
    if category is not None:
        category = category.casefold()
        rule = f"{per}:{category}"
    elif sku is not None:
        rule = f"{per}:sku:{sku}"
    return EarnRule(per, rule, units, step, category, sku, 0), rate


def _caps(fields: Fields | None) -> Caps:
    if fields is None:
        return Caps()
    visit, day, card = fields.inner("visit"), fields.inner("day"), fields.inner("card")
    caps = Caps(
        visit_units=visit.whole("units", 1, CAP_MAXIMUM) if visit else None,
        day_visits=day.whole("visits", 1, CAP_MAXIMUM, None) if day else None,
        day_units=day.whole("units", 1, CAP_MAXIMUM, None) if day else None,
        card_units=card.whole("units", 1, CAP_MAXIMUM) if card else None,
    )
    if day is not None and caps.day_visits is None and caps.day_units is None:
        raise day.wrong("units", "missing")
    for part in (visit, day, card, fields):
        if part is not None:
            part.close()
    return caps


def _expiry(fields: Fields | None) -> Expiry:
    if fields is None:
        return Expiry()
    kind: ExpiryKind = fields.choice("kind", get_args(ExpiryKind))
    months = month = day = 0
    periods: tuple[Period, ...] = ()
    if kind == "months":
        months = fields.whole("months", 1, MONTHS_MAXIMUM)
    elif kind == "yearly":
        match = _YEAR_DAY.fullmatch(fields.text("on"))
        if match is None or int(match[2]) > calendar.monthrange(2024, int(match[1]))[1]:
            raise fields.wrong("on", "month_day_expected")
        month, day = int(match[1]), int(match[2])
    elif kind == "periods":
        periods = tuple(_period(entry, path) for path, entry in fields.entries("periods", required=True))
        periods = tuple(sorted(periods, key=lambda period: period.collect_from))
        for earlier, later in pairwise(periods):
            if later.collect_from <= earlier.collect_to:
                raise fields.wrong("periods", "overlapping")
    fields.close()
    return Expiry(kind, months, month, day, periods)


def _period(entry: Any, path: str) -> Period:
    fields = Fields(entry, path)
    period = Period(*(fields.day(name) for name in ("collect_from", "collect_to", "redeem_from", "redeem_to")))
    if period.collect_to < period.collect_from:
        raise fields.wrong("collect_to", "before_start")
    if period.redeem_from < period.collect_from:
        raise fields.wrong("redeem_from", "before_collecting")
    if period.redeem_to < max(period.redeem_from, period.collect_to):
        raise fields.wrong("redeem_to", "before_start")
    fields.close()
    return period


def _tiers(fields: Fields | None, currency: str) -> Tiers | None:
    if fields is None:
        return None
    months = fields.whole("months", 1, MONTHS_MAXIMUM)
    by: QualifyBy = fields.choice("by", get_args(QualifyBy))
    table: list[Tier] = []
    for path, entry in fields.entries("table", required=True):
        row = Fields(entry, path)
        key = row.text("key")
        if _TIER_KEY.fullmatch(key) is None:
            raise row.wrong("key", "key_expected")
        if any(tier.key == key for tier in table):
            raise row.wrong("key", "repeated")
        name = row.text("name", key)
        threshold = row.money("from", currency) if by == "spend" else row.whole("from", 0, CAP_MAXIMUM)
        if threshold is None:
            raise row.wrong("from", "missing")
        if table and threshold <= table[-1].threshold:
            raise row.wrong("from", "not_rising")
        hundredths = read_multiplier(row, "multiplier", "1")
        row.close()
        table.append(Tier(key, name, threshold, hundredths))
    fields.close()
    return Tiers(months, by, tuple(table), {tier.key: tier.hundredths for tier in table})


def read_multiplier(fields: Fields, name: str, default: str | None = None) -> int:
    """A multiplier of 1 to 100 with two decimals at most, in hundredths."""
    text = fields.decimal(name, "1", "100", 2) if default is None else fields.decimal(name, "1", "100", 2, default)
    return int(Decimal(text) * HUNDRED)


def show_multiplier(hundredths: int) -> str:
    """The decimal string of a multiplier in hundredths: 150 → ``"1.5"``."""
    text = format(Decimal(hundredths).scaleb(-2), "f")
    return text.rstrip("0").rstrip(".")


def programme_document(rules: ProgrammeRules) -> dict[str, Any]:
    """The canonical JSON document of compiled rules; parsing it gives equal rules."""
    document: dict[str, Any] = {}
    if rules.goal is not None:
        document["goal"] = rules.goal
    document["earn"] = [
        {
            name: value
            for name, value in (
                ("per", rule.per),
                ("units", rule.units),
                ("step", rule.step),
                ("category", rule.category),
                ("sku", rule.sku),
            )
            if value is not None
        }
        for rule in rules.earn
    ]
    exclude = {"categories": sorted(rules.exclude_categories), "skus": sorted(rules.exclude_skus)}
    if any(exclude.values()):
        document["exclude"] = {name: values for name, values in exclude.items() if values}
    if rules.minimum_minor is not None:
        document["minimum"] = format_amount(rules.minimum_minor, rules.currency)
    document["rounding"] = rules.rounding
    caps = {
        "visit": {"units": rules.caps.visit_units},
        "day": {"visits": rules.caps.day_visits, "units": rules.caps.day_units},
        "card": {"units": rules.caps.card_units},
    }
    set_caps = {
        name: {field: most for field, most in cap.items() if most is not None}
        for name, cap in caps.items()
        if any(cap.values())
    }
    if set_caps:
        document["caps"] = set_caps
    if rules.expiry.kind != "never":
        document["expiry"] = _expiry_document(rules.expiry)
    if rules.tiers is not None:
        document["tiers"] = _tiers_document(rules.tiers, rules.currency)
    return document


def _expiry_document(expiry: Expiry) -> dict[str, Any]:
    document: dict[str, Any] = {"kind": expiry.kind}
    if expiry.kind == "months":
        document["months"] = expiry.months
    elif expiry.kind == "yearly":
        document["on"] = f"{expiry.month:02}-{expiry.day:02}"
    else:
        document["periods"] = [
            {
                "collect_from": period.collect_from.isoformat(),
                "collect_to": period.collect_to.isoformat(),
                "redeem_from": period.redeem_from.isoformat(),
                "redeem_to": period.redeem_to.isoformat(),
            }
            for period in expiry.periods
        ]
    return document


def _tiers_document(tiers: Tiers, currency: str) -> dict[str, Any]:
    return {
        "months": tiers.months,
        "by": tiers.by,
        "table": [
            {
                "key": tier.key,
                "name": tier.name,
                "from": format_amount(tier.threshold, currency) if tiers.by == "spend" else tier.threshold,
                "multiplier": show_multiplier(tier.hundredths),
            }
            for tier in tiers.table
        ],
    }
