"""From a message's kind and facts to what it says, in one of four languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from app.campaigns.wording.texts import (
    FALLBACK,
    LOCALES,
    OFFER,
    OFFER_UNTIL,
    SAID,
    SOMETHING,
    SOMEWHERE,
    UNITS,
    UNTIL,
)

__all__ = ["LOCALES", "Worded", "ending", "link_of", "offer", "say", "spoken", "units"]

_ME = "#/me/"
_UNTOLD = object()
_LINKS: Mapping[str, str] = {
    "reward_unlocked": "#/vouchers/{voucher_id}",
    "units_expiring": "#/wallet/{programme_id}",
    "new_sign_in": _ME + "phones",
    "card_blocked": _ME + "cards",
    "card_replaced": _ME + "cards",
    "spent": "#/activity",
    "email_changed": _ME + "secure",
    "passkey_added": _ME + "secure",
    "passkey_removed": _ME + "secure",
    "spending_asked": _ME + "requests",
    "feedback_answered": _ME + "feedback",
    "invitation_rewarded": "#/wallet/{programme_id}",
    "shop_news": "{link}",
    "shop_notice": "{link}",
}


@dataclass(frozen=True, slots=True)
class Worded:
    """A message in words."""

    title: str
    text: str


def spoken(locale: str | None) -> str:
    """The nearest of the four languages."""
    short = (locale or "").lower()[:2]
    return short if short in LOCALES else FALLBACK


def say(kind: str, params: Mapping[str, Any], *, merchant: str | None, locale: str) -> Worded:
    """A message's title and text. A fact that is missing is left general; nothing is left in braces."""
    tongue = spoken(locale)
    facts = {
        "merchant": merchant or params.get("merchant_name") or SOMEWHERE[tongue],
        "reward": params.get("reward_name") or SOMETHING[tongue],
        "lots": "; ".join(_until(lot, tongue) for lot in params.get("lots", ())),
        "units": units(params.get("units", 0), params.get("unit_kind", "points"), tongue),
        "answer": params.get("answer") or "",
        "title": _told(params.get("title"), tongue),
        "text": _told(params.get("text"), tongue),
    }
    variant = kind
    if kind == "invitation_rewarded" and params.get("role") == "invited":
        variant += "/invited"
    elif kind == "feedback_answered" and not facts["answer"]:
        variant += "/gone"
    elif kind == "card_blocked" and params.get("is_back"):
        variant += "/back"
    title, text = SAID[variant][tongue]
    # What is filled in may itself hold braces: it is put in once, and not read again.
    said = text.format(**facts)
    return Worded(title.format(**facts), "\n\n".join(filter(None, (said, offer(params, locale=locale)))))


def offer(params: Mapping[str, Any], *, locale: str) -> str | None:
    """What comes with a shop's message: which voucher, and how long it is good; None where nothing does."""
    tongue = spoken(locale)
    if params.get("voucher_id") is None or params.get("offer_until", _UNTOLD) is _UNTOLD:
        return None
    end = params["offer_until"]
    until = OFFER_UNTIL[tongue].format(day=_last_day(end, params["timezone"], tongue)) if end else ""
    return OFFER[tongue].format(reward=params.get("reward_name") or SOMETHING[tongue], until=until)


def link_of(kind: str, params: Mapping[str, Any]) -> str | None:
    """The place in the app that a message leads to."""
    pattern = _LINKS.get(kind)
    if pattern is None:
        return None
    try:
        return pattern.format(**params)
    except KeyError:
        return None


def units(number: int, kind: str, locale: str) -> str:
    """So many stamps or points."""
    tongue = spoken(locale)
    one, more = UNITS.get(kind, UNITS["points"])[tongue]
    return (one if number == 1 else more).format(n=format_decimal(number, locale=tongue))


def _until(lot: Mapping[str, Any], tongue: str) -> str:
    day = _last_day(lot["at"], lot["timezone"], tongue)
    return UNTIL[tongue].format(units=units(lot["units"], lot["unit_kind"], tongue), day=day)


def _last_day(end: str, timezone: str, tongue: str) -> str:
    # It ends at a midnight: the day before is the last on which it can be used.
    last = datetime.fromisoformat(end).astimezone(ZoneInfo(timezone)) - timedelta(microseconds=1)
    return format_date(last.date(), format="long", locale="en_GB" if tongue == "en" else tongue)


def _told(texts: Any, tongue: str) -> str:
    """A text by locale, or one text for all."""
    if isinstance(texts, Mapping):
        return str(texts.get(tongue) or texts.get(FALLBACK) or next(iter(texts.values()), ""))
    return str(texts or "")


def ending(lots: Iterable[Mapping[str, Any]], locale: str) -> str:
    """What ends, and until when it can be used: as the message of units that end says it."""
    tongue = spoken(locale)
    return "; ".join(_until(lot, tongue) for lot in lots)
