"""What members say, in a florist's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.backoffice.views.reports import words as shop_words
from app.campaigns.promoters import ENOUGH, Score

month, short_month, count = shop_words.month, shop_words.short_month, shop_words.count
full_day = shop_words.full_day
ENDINGS: Mapping[str, LazyString] = {
    "put_right": _l("Put right"),
    "explained": _l("Explained"),
    "made_good": _l("Made good with a present"),
    "no_agreement": _l("No agreement"),
    "not_about_us": _l("Not about this shop"),
}
IDEA_STATES: Mapping[str, tuple[str, LazyString]] = {
    "proposed": ("wait", _l("waits for you")),
    "open": ("", _l("to vote on")),
    "planned": ("good", _l("planned")),
    "done": ("good", _l("done")),
    "declined": ("", _l("not to be done")),
    "refused": ("", _l("kept back")),
}


def net(value: float) -> str:
    """A score with its sign."""
    whole = round(value)
    return f"+{whole}" if whole > 0 else f"−{-whole}" if whole < 0 else "0"


def finding(score: Score) -> str:
    """The score of a year in one sentence."""
    if not score.answers:
        return str(gettext("Nobody has rated a visit yet"))
    if not score.is_enough:
        return str(
            ngettext(
                "%(num)s answer so far: too few to say how it stands",
                "%(num)s answers so far: too few to say how it stands",
                score.answers,
            )
        )
    low, high = score.interval
    if low > 0:
        told = gettext("More members recommend you than advise against you")
    elif high < 0:
        told = gettext("More members advise against you than recommend you")
    else:
        told = gettext("As many may recommend you as advise against you")
    return str(told)


def between(score: Score) -> str:
    """What chance leaves open."""
    if not score.is_enough:
        return str(gettext("fewer than %(few)s answers", few=ENOUGH))
    low, high = score.interval
    return str(gettext("between %(low)s and %(high)s", low=net(low), high=net(high)))


def left(due: datetime, now: datetime) -> str:
    """How long there is to answer, or how long ago that was."""
    hours = (due - now).total_seconds() / 3600
    late = hours < 0
    hours = abs(hours)
    if hours >= 48:
        days = int(hours // 24)
        told = ngettext("%(num)s day", "%(num)s days", days)
    elif hours >= 1:
        told = ngettext("%(num)s hour", "%(num)s hours", int(hours))
    else:
        minutes = max(1, int(hours * 60))
        told = ngettext("%(num)s minute", "%(num)s minutes", minutes)
    return str(gettext("%(time)s late", time=told) if late else gettext("%(time)s left", time=told))
