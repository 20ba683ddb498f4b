"""One member's history and standing in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from babel import numbers
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.backoffice.doors import place
from app.backoffice.group_names import group_names, rung_names
from app.backoffice.queries.members.history import Touch, Worth
from app.backoffice.views.members.words import _, day, money
from app.common.money import exponent
from app.rewards.views.words import babel

_WAYS: Mapping[str, LazyString] = {
    "email": _l("e-mail"),
    "push": _l("push"),
    "wallet": _l("wallet"),
    "inbox": _l("inbox"),
}
_TRIGGERS: Mapping[str, LazyString] = {
    "welcome": _l("Welcome"),
    "thanks": _l("Thanks after a visit"),
    "come_back": _l("Come back"),
    "birthday": _l("Birthday"),
    "expiring": _l("Units that end soon"),
    "nearly_full": _l("Card nearly full"),
    "anniversary": _l("Anniversary"),
    "tip": _l("Tip"),
}
_MESSAGES: Mapping[str, LazyString] = {
    "reward_unlocked": _l("Told of a reward that is ready"),
    "units_expiring": _l("Told that units end soon"),
    "invitation_rewarded": _l("Thanked for an invitation"),
}
_SYMBOLS: Mapping[str, str] = {
    "visit": "stamp",
    "undone": "stamp",
    "told": "out",
    "message": "out",
    "given": "gift",
    "used": "gift",
    "note": "report",
    "asked": "help",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the history: its day, a small picture's name, what it was, and more of it."""

    day: str
    symbol: str
    what: str
    more: str


def tell(touch: Touch) -> Told:
    """One thing in words."""
    what, more = _what(touch)
    return Told(day(touch.at), _SYMBOLS[touch.kind], what, more)


def tell_worth(worth: Worth) -> list[tuple[str, str]]:
    """What she is, as names and values; what isn't known is left out."""
    currency = place().currency
    told: list[tuple[str, str]] = []
    if worth.relationship is not None:
        told.append((_("On the map"), group_names()[worth.relationship]))
    told.append((_("On the ladder"), rung_names()[worth.rung]))
    told.append((_("Left you in 12 months"), _whole(worth.profit_year_minor, currency)))
    if worth.expected_visits is not None:
        expected = _(
            "about %(visits)s", visits=str(numbers.format_decimal(round(worth.expected_visits), locale=babel()))
        )
        told.append((_("Visits in the coming 12 months"), expected))
    if worth.alive is not None:
        told.append((_("Still your customer"), _likely(worth.alive)))
    if worth.value_minor is not None:
        told.append((_("Worth to you from now on"), _("about %(amount)s", amount=_whole(worth.value_minor, currency))))
    return told


def _whole(minor: int, currency: str) -> str:
    """Without cents: what is estimated doesn't know them."""
    unit = 10 ** exponent(currency)
    return money(round(minor / unit) * unit, currency)


def _likely(alive: float) -> str:
    chance = str(numbers.format_percent(round(alive, 2), locale=babel()))
    if alive >= 0.8:
        return _("very likely (%(chance)s)", chance=chance)
    if alive >= 0.5:
        return _("likely (%(chance)s)", chance=chance)
    return _("doubtful (%(chance)s)", chance=chance)


def _what(touch: Touch) -> tuple[str, str]:
    here = touch.name if touch.name and touch.name != place().name else ""
    if touch.kind in ("visit", "undone"):
        spent = None if touch.amount_minor is None else money(touch.amount_minor, place().currency)
        what = _("Visit") if spent is None else _("Visit, %(amount)s", amount=spent)
        return what, ", ".join(one for one in (here, _("undone") if touch.kind == "undone" else "") if one)
    if touch.kind == "told":
        automation = _TRIGGERS.get(touch.key or "")
        name = touch.name or (str(automation) if automation is not None else "")
        what = _("Message: %(name)s", name=name) if name else _("Message")
        return what, ", ".join(_way(way, status) for way, status in touch.ways)
    if touch.kind == "message":
        return str(_MESSAGES[touch.key or ""]), ""
    if touch.kind == "given":
        name = touch.name or _("Reward")
        return (
            _("%(reward)s given by hand", reward=name) if touch.key == "gift" else _("%(reward)s earned", reward=name)
        ), ""
    if touch.kind == "used":
        return _("%(reward)s used", reward=touch.name or _("Reward")), ""
    if touch.kind == "note":
        return _("Note"), touch.name or _("from an import")
    return _("Asked how the visit was"), ""


def _way(way: str, status: str) -> str:
    name = str(_WAYS.get(way, way))
    if status == "failed":
        return _("%(way)s (did not arrive)", way=name)
    return _("%(way)s (on its way)", way=name) if status in ("queued", "sending") else name
