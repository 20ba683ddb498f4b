"""What a campaign brought, in words a florist understands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from babel import numbers
from flask_babel import gettext

from app.backoffice.doors import place
from app.backoffice.views.reports import words
from app.backoffice.views.reports.words import ngettext
from app.campaigns.queries.campaigns import CampaignView
from app.campaigns.queries.results import Prospect, Result
from app.common.clock import zone
from app.common.money import exponent
from app.rewards.views.words import babel

STATES = {"draft": "off", "scheduled": "wait", "sending": "wait", "sent": "good", "measured": "good", "stopped": "off"}


def _(text: str, **params: object) -> str:
    return str(gettext(text, **params))


def state(campaign: CampaignView) -> tuple[str, str]:
    """The kind of a campaign's tag, and its word."""
    named = {
        "draft": _("draft"),
        "scheduled": _("planned"),
        "sending": _("going out"),
        "sent": _("out, being measured"),
        "measured": _("measured"),
        "stopped": _("stopped"),
    }
    if campaign.status == "sent" and not campaign.control_percent:
        return "good", _("sent")
    return STATES[campaign.status], named[campaign.status]


def way(key: str) -> str:
    """A way of reaching a member."""
    named = {"inbox": _("in the app"), "push": _("by push"), "email": _("by mail"), "wallet": _("on the wallet card")}
    return named[key]


def moment(at: datetime) -> str:
    """``12 Oct, 09:00`` at the shop."""
    return words.moment(at, place().timezone)


def span(told: Mapping[str, Any]) -> str:
    """The days over which it was measured."""
    there = zone(place().timezone)
    first, last = (datetime.fromisoformat(told[name]).astimezone(there).date() for name in ("starts", "ends"))
    return words.span(first, last)


def is_mail(campaign: CampaignView) -> bool:
    """Whether it went by mail alone, and may be called so."""
    return campaign.ways == ("email",)


def headline(campaign: CampaignView, result: Result) -> str:
    """The finding."""
    total = result.total
    if total is None:
        return _("Too few people to tell whether it helped.")
    mean, low, high = (round(total[name]) for name in ("mean", "low", "high"))
    if result.verdict == "unsure":
        return _("We can’t tell: %(span)s.", span=between(low, high))
    subject = _("Your mail") if is_mail(campaign) else _("Your message")
    if result.verdict == "harmed":
        return ngettext(
            "%(subject)s probably cost you %(num)s visit, between %(low)s and %(high)s.",
            "%(subject)s probably cost you %(num)s visits, between %(low)s and %(high)s.",
            max(1, -mean),
            subject=subject,
            low=-high,
            high=-low,
        )
    return ngettext(
        "%(subject)s probably brought %(num)s extra visit, between %(low)s and %(high)s.",
        "%(subject)s probably brought %(num)s extra visits, between %(low)s and %(high)s.",
        max(1, mean),
        subject=subject,
        low=max(low, 0),
        high=high,
    )


def between(low: int, high: int) -> str:
    """``between 12 fewer and 19 more visits``."""
    if low >= 0:
        return _("between %(low)s and %(high)s more visits", low=low, high=high)
    if high <= 0:
        return _("between %(low)s and %(high)s fewer visits", low=-high, high=-low)
    return _("between %(low)s fewer and %(high)s more visits", low=-low, high=high)


def money_line(result: Result) -> str:
    """What it left for what it cost, and how surely it paid."""
    money = result.told["money"]
    cost = words.money(money["cost_minor"], money["currency"])
    if result.total is None:
        return _("It cost %(cost)s.", cost=cost) if money["cost_minor"] else ""
    if money["chance_paid"] is None:
        return _(
            "What a visit brings is not known here. Enter amounts at the tablet, or your average basket, to see it."
        )
    chances = min(99, max(1, round(money["chance_paid"] * 100)))
    paid = ngettext(
        "%(how)s: %(num)s chance in 100.", "%(how)s: %(num)s chances in 100.", chances, how=_how_surely(chances)
    )
    if result.verdict == "unsure":
        told = _("It cost %(cost)s.", cost=cost) if money["cost_minor"] else _("It cost nothing.")
        return f"{told} {paid}"
    profit = about(money["profit_minor"], money["currency"])
    if not money["cost_minor"]:
        return _("That is about %(profit)s profit, and it cost nothing.", profit=profit)
    told = _("That is about %(profit)s profit for %(cost)s cost.", profit=profit, cost=cost)
    return f"{told} {paid}"


def about(minor: int, currency: str) -> str:
    """Money that is an estimate: without cents where they would be noise."""
    whole = 10 ** exponent(currency)
    return words.money(round(minor / whole) * whole if abs(minor) >= 20 * whole else minor, currency)


def _how_surely(chances: int) -> str:
    for least, said in (
        (95, _("It almost surely paid")),
        (80, _("It very probably paid")),
        (60, _("It probably paid")),
        (40, _("Whether it paid is a toss-up")),
        (10, _("It probably did not pay")),
    ):
        if chances >= least:
            return said
    return _("It almost surely did not pay")


def detectable(found: Prospect) -> str:
    """What could be seen of an effect, said beforehand."""
    people = found.people
    if not people:
        return _("Nobody on this list may be written to by these ways yet.")
    if found.smallest is None:
        return ngettext(
            "With %(num)s person there is nobody to compare with: it can’t be told whether it helps.",
            "With %(num)s people too few are left out to compare with: it can’t be told whether it helps.",
            people,
        )
    if found.smallest > 1:
        return ngettext(
            "With %(num)s person you would only notice if each came at least %(times)s more times.",
            "With %(num)s people you would only notice if each came at least %(times)s more times.",
            people,
            times=decimal(math.ceil(found.smallest * 10) / 10),
        )
    of = max(1, math.floor(1 / found.smallest))
    if of == 1:
        return ngettext(
            "With %(num)s person you would only notice if nearly each came one more time.",
            "With %(num)s people you would only notice if nearly each of them came one more time.",
            people,
        )
    return ngettext(
        "With %(num)s person you would only notice if at least 1 in %(of)s came one more time.",
        "With %(num)s people you would only notice if at least 1 in %(of)s came one more time.",
        people,
        of=of,
    )


def decimal(value: float, digits: int = 1) -> str:
    """``1.5``."""
    return str(numbers.format_decimal(round(value, digits), locale=babel()))


def per_head(value: float, *, in_money: bool, currency: str) -> str:
    """``0.49``, or ``€12.10``."""
    return words.money(value, currency) if in_money else _fixed(value)


def difference(effect: Mapping[str, Any], *, in_money: bool, currency: str) -> str:
    """``+0.19``; what includes nought is too uncertain."""
    if effect["low"] <= 0 <= effect["high"]:
        return _("too uncertain")
    sign = "+" if effect["mean"] > 0 else "−"
    return sign + per_head(abs(effect["mean"]), in_money=in_money, currency=currency)


def interval(effect: Mapping[str, Any], *, in_money: bool, currency: str) -> str:
    """``−0.02 to +0.31``."""
    low, high = (
        ("+" if effect[name] >= 0 else "−") + per_head(abs(effect[name]), in_money=in_money, currency=currency)
        for name in ("low", "high")
    )
    return _("%(low)s to %(high)s", low=low, high=high)


def _fixed(value: float) -> str:
    return str(numbers.format_decimal(round(value, 2), "0.00", locale=babel()))


def part(told: Mapping[str, Any]) -> str:
    """How long the people of a part had been away."""
    least, most = told["from_weeks"], told["to_weeks"]
    if most is None:
        return _("%(weeks)s weeks or longer", weeks=least)
    if not least:
        return ngettext("less than %(num)s week", "less than %(num)s weeks", most)
    return _("%(least)s to %(most)s weeks", least=least, most=most)


def basis(key: str) -> str:
    """On what the order of a list rests."""
    named = {
        "uplift": _("Who is moved most by a message comes first: learnt from your earlier campaigns and their lots."),
        "response": _(
            "Who will probably come comes first. Nobody was left out by lot yet, so whom a message moves is not known."
        ),
        "plain": _("Who came lately and often comes first. There is no measured campaign to learn from yet."),
    }
    return named.get(key, "")


def orders(told: Mapping[str, Any]) -> str:
    """How the learnt order would have done beside the plain one."""
    learnt, plain = told["learnt"], told["plain"]
    if learnt["extra"] is None or plain["extra"] is None:
        return ""
    facts = {"people": told["people"], "learnt": signed(learnt["extra"]), "plain": signed(plain["extra"])}
    sure = learnt["low"] > plain["high"] or plain["low"] > learnt["high"]
    said = _(
        "The first %(people)s by what was learnt: %(learnt)s visits. The first %(people)s by who came lately and often:"
        " %(plain)s visits.",
        **facts,
    )
    if not sure:
        return f"{said} {_('The two can’t be told apart yet.')}"
    return said


def signed(value: float) -> str:
    """``+12`` or ``−3``."""
    whole = round(value)
    return f"+{whole}" if whole > 0 else f"−{-whole}" if whole < 0 else "0"
