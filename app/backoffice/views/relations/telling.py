"""The words of the relationships' page: what to do about a group, where figures come from, and kinds of customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.backoffice.queries.relations import Kind
from app.backoffice.views.reports import words
from app.backoffice.views.reports.words import _


@dataclass(frozen=True, slots=True)
class Approach:
    """What is wise with a group: in two words, in a sentence, and what its button says (None: nothing to do)."""

    short: LazyString
    long: LazyString
    action: LazyString | None


APPROACHES: Mapping[str, Approach] = {
    "friend": Approach(
        _l("build, delight, invite"),
        _l("Surprise them, invite them, ask their advice. They need no discount."),
        _l("Invite them"),
    ),
    "butterfly": Approach(
        _l("enjoy, sell now, let fly"),
        _l("Sell at the moment itself. Don’t run after them."),
        _l("Show them something new"),
    ),
    "barnacle": Approach(
        _l("sell more, raise, trim"),
        _l("Offer something larger or finer. If that doesn’t help, give less."),
        _l("Offer them more"),
    ),
    "stranger": Approach(_l("don’t invest"), _l("Each sale must pay for itself. Send them no messages."), None),
}
BASES: Mapping[str, LazyString] = {
    "own": _l("It is all reckoned from your own visits."),
    "shrunk": _l("Your own history is short yet, so the figures lean on those of shops in your trade."),
    "trade": _l("Your own history says too little yet: the figures are those of your trade, and only a rough guess."),
    "none": _l("There is too little to say yet."),
}
_PARTS: Sequence[tuple[int, LazyString]] = (
    (10, _l("before ten")),
    (12, _l("in the morning")),
    (14, _l("around noon")),
    (17, _l("in the afternoon")),
    (24, _l("from five o’clock")),
)
_RHYTHMS: Sequence[tuple[float, LazyString]] = (
    (4.5, _l("every few days")),
    (11, _l("about weekly")),
    (20, _l("about every two weeks")),
    (46, _l("about monthly")),
    (float("inf"), _l("seldom")),
)
_CLEAR = 0.45  # of the visits on one weekday, before it is named
_WEEKEND, _WORKDAYS = 0.65, 0.08


@dataclass(frozen=True, slots=True)
class KindTold:
    """A kind of customers in words."""

    number: int
    members: int
    title: str
    told: str
    path: str | None


def tell_kind(kind: Kind, currency: str) -> KindTold:
    """Put one into words. A figure that isn't there is left out."""
    facts = kind.facts
    title = ", ".join(one for one in (_often(facts), _days(facts), _part(facts.get("hour")), _trend(facts)) if one)
    told = [_rhythm(facts.get("gap_days"))]
    if basket := facts.get("basket_minor"):
        told.append(_("about %(amount)s a time", amount=words.money(round(basket / 100) * 100 or basket, currency)))
    if (redeemed := facts.get("redeemed")) and redeemed >= 0.01:
        told.append(_("a reward every %(visits)s visits", visits=words.count(max(1, round(1 / redeemed)))))
    if (months := facts.get("months")) and months >= 1:
        count = round(months)
        told.append(
            words.ngettext(
                "usually customers for %(count)s month", "usually customers for %(count)s months", count, count=count
            )
        )
    sentence = ", ".join(one for one in told if one)
    return KindTold(kind.number, kind.members, _large(title), _large(sentence) + ".", _path(facts))


def _days(facts: Mapping[str, Any]) -> str:
    shares = facts.get("weekdays") or []
    weekend = float(facts.get("weekend") or 0)
    if len(shares) == 7 and max(shares) >= _CLEAR:
        return _("mostly on %(day)s", day=words.weekday(shares.index(max(shares))))
    if weekend >= _WEEKEND:
        return _("mostly at weekends")
    if weekend <= _WORKDAYS:
        return _("on weekdays")
    return ""


def _often(facts: Mapping[str, Any]) -> str:
    gap = facts.get("gap_days")
    if gap is None:
        return _("once so far")
    return next(str(word) for until, word in _RHYTHMS if gap < until)


def _trend(facts: Mapping[str, Any]) -> str:
    path = facts.get("path") or {}
    first, last = path.get("first_months") or 0, path.get("last_months") or 0
    return _("now staying away") if first >= 1.5 and last <= first * 0.35 else ""


def _part(hour: float | None) -> str:
    if hour is None:
        return ""
    return next((str(word) for until, word in _PARTS if hour < until), "")


def _rhythm(gap: float | None) -> str:
    if gap is None:
        return _("mostly once so far")
    days = max(1, round(gap))
    return words.ngettext("every day", "every %(count)s days", days, count=words.count(days))


def _path(facts: Mapping[str, Any]) -> str | None:
    path = facts.get("path") or {}
    first, last = path.get("first_months"), path.get("last_months")
    if first is None or last is None or max(first, last) < 1.5:
        return None
    told = _(
        "They began with %(first)s visits in three months and now make %(last)s",
        first=words.count(round(first, 1)),
        last=words.count(round(last, 1)),
    )
    if last >= first * 1.25:
        return _("%(path)s: they come more and more.", path=told)
    if last <= first * 0.8:
        return _("%(path)s: they come less and less.", path=told)
    return _("%(path)s: they come as they always did.", path=told)


def _large(text: str) -> str:
    return text[:1].upper() + text[1:]
