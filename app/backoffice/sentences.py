"""A programme's rules in plain sentences: what the owner reads, edits, and is told of two versions that differ.

Each rule has one sentence. The designer puts fields where a sentence has its figures, so both say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel import dates, numbers
from flask_babel import gettext, ngettext

from app.common.money import format_amount
from app.rewards.rules import EarnRule, Expiry, Period, ProgrammeRules, Tier, Tiers, parse_programme
from app.rewards.views import words

TOPICS = ("earn", "minimum", "exclude", "rounding", "caps", "goal", "expiry", "tiers")
_SUMMED_UP = ("earn", "minimum", "caps", "goal")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One rule in words; ``topic`` is the part of the rules that it comes from."""

    topic: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What two versions say differently on one topic; either side may say nothing."""

    topic: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def read(view_rules: Mapping[str, Any], *, kind: str, currency: str, timezone: str) -> ProgrammeRules:
    """The compiled rules of a document that is stored. Raises InvalidRulesError for one that can't be."""
    return parse_programme(view_rules, kind=kind, currency=currency, timezone=timezone)


def describe(rules: ProgrammeRules, *, reward: str | None = None) -> list[Sentence]:
    """All sentences of the rules in the language of the request. ``reward`` is what a full card gives."""
    told = [Sentence("earn", earning(rules, rule)) for rule in rules.earn]
    if rules.minimum_minor is not None:
        told.append(Sentence("minimum", minimum(rules, rules.minimum_minor)))
    told += [Sentence("exclude", text) for text in _excluded(rules)]
    if matters(rules):
        told.append(Sentence("rounding", rounding(rules.rounding)))
    told += [Sentence("caps", text) for text in _caps(rules)]
    if rules.goal is not None:
        told.append(Sentence("goal", goal(units(rules, rules.goal), reward)))
    told += [Sentence("expiry", text) for text in _expiry(rules)]
    if rules.tiers is not None:
        told += [Sentence("tiers", text) for text in _tiers(rules, rules.tiers)]
    return told


def summary(rules: ProgrammeRules, *, reward: str | None = None) -> str:
    """The programme in one breath: how one collects, its limits, and what a full card is."""
    return " ".join(one.text for one in describe(rules, reward=reward) if one.topic in _SUMMED_UP)


def differences(before: ProgrammeRules, after: ProgrammeRules) -> list[Difference]:
    """Topic by topic what two versions say differently; nothing where they say the same."""
    old, new = _by_topic(before), _by_topic(after)
    found = []
    for topic in TOPICS:
        gone = tuple(text for text in old.get(topic, ()) if text not in new.get(topic, ()))
        come = tuple(text for text in new.get(topic, ()) if text not in old.get(topic, ()))
        if gone or come:
            found.append(Difference(topic, gone, come))
    return found


def topic_name(topic: str) -> str:
    """What a part of the rules is called."""
    names: dict[str, str] = {
        "earn": gettext("Collecting"),
        "minimum": gettext("Smallest purchase"),
        "exclude": gettext("What does not count"),
        "rounding": gettext("Fractions"),
        "caps": gettext("Limits"),
        "goal": gettext("A full card"),
        "expiry": gettext("Expiry"),
        "tiers": gettext("Levels"),
    }
    return names[topic]


def earning(rules: ProgrammeRules, rule: EarnRule) -> str:
    """How one rule gives units."""
    what = units(rules, Decimal(rule.units))
    if rule.per == "visit":
        return str(gettext("Each visit gives %(units)s.", units=what))
    if rule.per == "unit":
        return str(gettext("Each visit gives %(units)s, or that for each piece that the counter enters.", units=what))
    if rule.per == "item":
        return str(gettext("Each piece of %(what)s gives %(units)s.", what=_goods(rule), units=what))
    spent = words.money(rule.step or "1", rules.currency)
    if not rule.of_items:
        return str(gettext("Every %(amount)s that is spent gives %(units)s.", amount=spent, units=what))
    return str(
        gettext(
            "Every %(amount)s that is spent on %(what)s gives %(units)s.", amount=spent, what=_goods(rule), units=what
        )
    )


def minimum(rules: ProgrammeRules, minor: int) -> str:
    """The smallest purchase that counts."""
    return str(gettext("A purchase counts from %(amount)s on.", amount=money(minor, rules.currency)))


def goal(units: Any, reward: str | None) -> str:
    """What fills a card, and what that gives."""
    if reward is None:
        return str(gettext("%(units)s fill a card.", units=units))
    return str(
        gettext(
            "%(units)s fill a card, and that gives: %(reward)s. Then a new card begins.", units=units, reward=reward
        )
    )


def rounding(kind: str) -> str:
    """What becomes of a part of a unit."""
    told: dict[str, str] = {
        "floor": gettext("Parts of a unit are dropped at each visit."),
        "nearest": gettext("At each visit units are rounded to the nearest whole one."),
        "ceil": gettext("At each visit units are rounded up."),
        "carry": gettext("Parts of a unit are kept for the next visit."),
    }
    return told[kind]


def matters(rules: ProgrammeRules) -> bool:
    """Whether a visit can give a part of a unit at all, so that rounding is worth a sentence."""
    whole = all(rule.per != "amount" and "." not in rule.units for rule in rules.earn)
    tiers = rules.tiers is not None and any(tier.hundredths % 100 for tier in rules.tiers.table)
    return not whole or tiers


def units(rules: ProgrammeRules, count: Decimal | int) -> str:
    """``3 stamps``."""
    return words.units(rules.kind, count)


def money(minor: int, currency: str) -> str:
    """``€ 5`` or ``€ 5,50`` of minor units."""
    return words.money(format_amount(minor, currency), currency)


def whole(number: int) -> str:
    """A whole number as it is written there."""
    return str(numbers.format_decimal(number, locale=words.babel()))


def months(count: int) -> str:
    """``6 months``."""
    return str(ngettext("%(num)s month", "%(num)s months", count))


def day(value: date) -> str:
    """``7 December 2026``."""
    return str(dates.format_date(value, "long", locale=words.babel()))


def _by_topic(rules: ProgrammeRules) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in describe(rules):
        found.setdefault(one.topic, []).append(one.text)
    return found


def _goods(rule: EarnRule) -> str:
    if rule.sku is not None:
        return str(gettext("product %(code)s", code=rule.sku))
    return str(rule.category)


def _excluded(rules: ProgrammeRules) -> list[str]:
    told = []
    if rules.exclude_categories:
        told.append(gettext("These goods do not count: %(what)s.", what=", ".join(sorted(rules.exclude_categories))))
    if rules.exclude_skus:
        told.append(
            gettext("Products with these codes do not count: %(what)s.", what=", ".join(sorted(rules.exclude_skus)))
        )
    return told


def _caps(rules: ProgrammeRules) -> list[str]:
    caps = rules.caps
    told = []
    if caps.visit_units is not None:
        told.append(gettext("A visit gives at most %(units)s.", units=units(rules, caps.visit_units)))
    if caps.day_visits is not None:
        told.append(
            ngettext(
                "Only one visit a day counts.",
                "At most %(num)s visits a day count.",
                caps.day_visits,
            )
        )
    if caps.day_units is not None:
        told.append(gettext("A day gives at most %(units)s.", units=units(rules, caps.day_units)))
    if caps.card_units is not None:
        told.append(gettext("One member gets at most %(units)s in all.", units=units(rules, caps.card_units)))
    return told


def _expiry(rules: ProgrammeRules) -> list[str]:
    expiry: Expiry = rules.expiry
    is_stamps = rules.kind == "stamps"
    if expiry.kind == "months":
        after = months(expiry.months)
        return [
            gettext("Stamps expire %(months)s after they were given.", months=after)
            if is_stamps
            else gettext("Points expire %(months)s after they were given.", months=after)
        ]
    if expiry.kind == "yearly":
        # A year that has a 29 February, since that day may be meant.
        on = dates.format_skeleton("MMMMd", date(2024, expiry.month, expiry.day), locale=words.babel())
        return [
            gettext("Stamps expire each year at the end of %(day)s.", day=on)
            if is_stamps
            else gettext("Points expire each year at the end of %(day)s.", day=on)
        ]
    if expiry.kind == "periods":
        return [_period(period) for period in expiry.periods]
    return [gettext("Stamps never expire.") if is_stamps else gettext("Points never expire.")]


def _period(period: Period) -> str:
    return str(
        gettext(
            "Collecting from %(first)s to %(last)s, redeeming from %(redeem_first)s to %(redeem_last)s.",
            first=day(period.collect_from),
            last=day(period.collect_to),
            redeem_first=day(period.redeem_from),
            redeem_last=day(period.redeem_to),
        )
    )


def _tiers(rules: ProgrammeRules, tiers: Tiers) -> list[str]:
    return [_tier(rules, tiers, tier) for tier in tiers.table]


def _tier(rules: ProgrammeRules, tiers: Tiers, tier: Tier) -> str:
    if tiers.by == "spend":
        threshold = gettext("%(amount)s spent", amount=money(tier.threshold, rules.currency))
    elif tiers.by == "visits":
        threshold = ngettext("%(num)s visit", "%(num)s visits", tier.threshold)
    else:
        threshold = units(rules, tier.threshold)
    times = numbers.format_decimal(Decimal(tier.hundredths) / 100, locale=words.babel())
    return str(
        gettext(
            "%(name)s: from %(threshold)s within %(months)s on, everything counts %(times)s times.",
            name=tier.name,
            threshold=threshold,
            months=months(tiers.months),
            times=times,
        )
    )


def currency_sign(currency: str) -> str:
    """``€``."""
    return str(numbers.get_currency_symbol(currency, locale=words.babel()))
