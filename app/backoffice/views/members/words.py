"""The words and small pictures on the members' pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_skeleton, get_month_names
from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.backoffice.doors import place
from app.backoffice.group_names import group_names, rung_names
from app.backoffice.queries.members import Booking, Line
from app.common.clock import zone
from app.common.money import format_amount
from app.rewards.segments import MemberFilter
from app.rewards.views import words

STRIP_DAYS = 180
STRIP_WIDTH = 150


def _(text: str, **params: object) -> str:
    return str(gettext(text, **params))


def money(minor: int, currency: str) -> str:
    """Minor units in the visitor's language."""
    return words.money(format_amount(minor, currency), currency)


def units(kind: str, count: int) -> str:
    """So many stamps or points."""
    return words.units(kind, Decimal(count))


def day(moment: datetime) -> str:
    """``28 Nov``, with the year where it is another one."""
    local = moment.astimezone(zone(place().timezone))
    return _day(local.date())


def _day(when: date) -> str:
    skeleton = "MMMd" if when.year == date.today().year else "yMMMd"  # noqa: DTZ011  of the page, not of a booking
    moment = datetime(when.year, when.month, when.day)  # noqa: DTZ001  a day, whatever the zone
    return str(format_skeleton(skeleton, moment, locale=words.babel()))


def long_day(moment: datetime) -> str:
    """``4 March 2025``."""
    return str(format_date(moment.astimezone(zone(place().timezone)).date(), format="long", locale=words.babel()))


def birthday(month: int, day_of_month: int) -> str:
    """``4 March``: nobody's year is told."""
    return str(format_skeleton("MMMMd", datetime(2000, month, day_of_month), locale=words.babel()))  # noqa: DTZ001


def who(line: Line) -> str:
    """By which name a member stands in the list; without one, by her card."""
    return line.name or (_("Card …%(tail)s", tail=line.card_tail) if line.card_tail else _("Without a card"))


def days(count: int | None) -> str:
    """``24 d``."""
    return "–" if count is None else _("%(count)s d", count=count)


@dataclass(frozen=True, slots=True)
class Strip:
    """The strip of visits: where its ticks stand, and from where on she is silent for longer than usual."""

    ticks: tuple[int, ...]
    silent_from: int | None
    width: int
    told: str


def strip(line: Line, width: int = STRIP_WIDTH, span: int = STRIP_DAYS) -> Strip:
    """A member's latest half-year as ticks, one for each day with a visit."""
    start = line.today - span + 1
    shown = [one for one in line.recent if one >= start]
    ticks = tuple(round((one - start) * (width - 2) / (span - 1)) + 1 for one in shown)
    silent_from = None
    if line.is_away:
        silent_from = ticks[-1] + 2 if ticks else 0
    told = ngettext("%(num)s visit in half a year", "%(num)s visits in half a year", len(shown))
    if line.silent_days is not None:
        told = _("%(visits)s, the last one %(days)s days ago", visits=told, days=line.silent_days)
    return Strip(ticks, silent_from, width, told)


def months(line: Line, span: int = STRIP_DAYS) -> list[str]:
    """The names of the months under a large strip: where it begins, two between, and now."""
    names = get_month_names("abbreviated", locale=words.babel())
    first = date.fromordinal(line.today - span + 1 + date(1970, 1, 1).toordinal())
    return [names[(first.month - 1 + step) % 12 + 1] for step in (0, 2, 4)] + [_("now")]


# Each wish of a filter, as its chip says it.
def chips(wanted: MemberFilter, locations: Mapping[str, str], tiers: Mapping[str, str]) -> list[tuple[str, str]]:
    """The wishes of a filter: names, and what they say."""
    told: list[tuple[str, str]] = []
    if wanted.is_away:
        told.append(("is_away", _("away for longer than usual")))
    if wanted.silent_days is not None:
        told.append(("silent_days", _("not seen for %(days)s days", days=wanted.silent_days)))
    if wanted.seen_days is not None:
        told.append(("seen_days", _("seen within %(days)s days", days=wanted.seen_days)))
    if wanted.new_days is not None:
        told.append(("new_days", _("new within %(days)s days", days=wanted.new_days)))
    if wanted.visits_least is not None:
        told.append(("visits_least", _("%(count)s visits or more", count=wanted.visits_least)))
    if wanted.visits_most is not None:
        told.append(("visits_most", _("%(count)s visits at most", count=wanted.visits_most)))
    if wanted.spend_least is not None:
        told.append(("spend_least", _("spent %(amount)s or more", amount=money(wanted.spend_least, place().currency))))
    if wanted.is_nearly_full:
        told.append(("is_nearly_full", _("card nearly full")))
    if wanted.tier is not None:
        told.append(("tier", _("tier %(tier)s", tier=tiers.get(wanted.tier, wanted.tier))))
    if wanted.relationship is not None:
        told.append(("relationship", group_names().get(wanted.relationship, wanted.relationship)))
    if wanted.rung is not None:
        told.append(("rung", rung_names().get(wanted.rung, wanted.rung)))
    if wanted.is_at_risk:
        told.append(("is_at_risk", _("may stay away for good")))
    if wanted.has_app is not None:
        told.append(("has_app", _("has the app") if wanted.has_app else _("has no app")))
    if wanted.is_birthday:
        told.append(("is_birthday", _("birthday this month")))
    if wanted.location_id is not None:
        told.append(("location_id", locations.get(wanted.location_id, _("another shop"))))
    return told


_RULES: Mapping[str, LazyString] = {
    "visit": _l("for the visit"),
    "amount": _l("for the amount"),
    "item": _l("for what was bought"),
    "unit": _l("counted at the till"),
    "tier": _l("for the tier"),
    "promotion": _l("for a promotion"),
    "rounding": _l("rounded"),
    "cap": _l("up to the limit"),
}
_LIMITS: Mapping[str, LazyString] = {
    "cap:day_visits": _l("no more visits count that day"),
    "cap:visit": _l("the visit's limit was reached"),
    "cap:day": _l("the day's limit was reached"),
    "cap:card": _l("the card's limit was reached"),
    "not_collecting": _l("nothing is collected in that period"),
    "minimum": _l("the amount was too small"),
    "no_amount": _l("no amount was typed"),
    "zero_amount": _l("nothing was paid"),
    "no_items": _l("nothing that counts was bought"),
    "excluded": _l("what was bought does not count"),
    "excluded_amount": _l("part of it does not count"),
}
_REASONS: Mapping[str, LazyString] = {
    "opening_balance": _l("from an old paper card"),
    "opening_balance_reversed": _l("the old paper card was taken back"),
    "import": _l("from an imported list"),
    "invitation_invited": _l("for coming by an invitation"),
    "invitation_inviter": _l("for an invitation"),
    "visit_reversed": _l("the visit was undone"),
    "visit_unclaimed": _l("nobody claimed the visit"),
    "correction_reversed": _l("the correction was undone"),
    "import_undone": _l("the import was undone"),
    "reversed": _l("it was undone"),
    "given_back": _l("given back by the member"),
    "hold_cancelled": _l("not taken in the end"),
    "hold_run_out": _l("not taken in the end"),
    "shop_stopped": _l("the shop has stopped"),
    "merge_remainders": _l("two cards became one"),
}


def why(booking: Booking) -> str:
    """What gave the units of a visit, or why there are none."""
    told = []
    for one in booking.why:
        rule = one.rule.partition(":")[0]
        told.append(one.label or str(_RULES.get(rule, _RULES["visit"])))
    told += [str(_LIMITS[code]) for code in booking.limited if code in _LIMITS]
    return ", ".join(dict.fromkeys(told))


def reason(text: str | None) -> str:
    """A booking's reason: one of ours in words, or what somebody wrote."""
    if not text:
        return ""
    known = _REASONS.get(text)
    return text if known is None else str(known)


def what(booking: Booking, currency: str) -> str:
    """A booking in a few words."""
    if booking.kind == "earn":
        if booking.amount_minor is not None:
            spent = money(booking.amount_minor, currency)
            return _("Visit, %(amount)s", amount=spent)
        return _("Visit")
    if booking.kind == "redeem":
        name = booking.reward_name or _("Reward")
        return (
            _("%(reward)s issued", reward=name) if any(booking.units.values()) else _("%(reward)s given", reward=name)
        )
    if booking.kind == "expire":
        return _("Expired")
    if booking.kind == "reverse":
        return _("Undone")
    return _("Correction")
