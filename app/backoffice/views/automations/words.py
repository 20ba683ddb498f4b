"""The words on the pages of automations and service levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from babel.lists import format_list
from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.backoffice.group_names import group_names
from app.campaigns.automations.settings import Settings
from app.campaigns.queries.automations import AutomationView
from app.rewards.views import words

NAMES: Mapping[str, LazyString] = {
    "welcome": _l("Welcome"),
    "expiring": _l("Something ends soon"),
    "nearly_full": _l("Nearly full card"),
    "thanks": _l("Thanks and a question"),
    "come_back": _l("Come back"),
    "birthday": _l("Birthday"),
    "anniversary": _l("Years with you"),
    "tip": _l("A tip"),
}
WHY: Mapping[str, LazyString] = {
    "welcome": _l("Who has been here once comes back more often when somebody said hello."),
    "expiring": _l(
        "Nobody likes to lose what was saved. While this is off, members are told two weeks ahead in Zegel’s words; "
        "while it is on, in yours, and once."
    ),
    "nearly_full": _l("Two stamps to go is the best reason to come by."),
    "thanks": _l("Asks from 0 to 10 how it was, at most once a quarter. What they write stands under Feedback."),
    "come_back": _l(
        "Every member has a rhythm of her own. Whoever came every week is missed after two; "
        "whoever comes every month, after more than one. Nobody is written to twice in one silence, nor while you "
        "are shut."
    ),
    "birthday": _l("For those who told you their birthday. Nobody else’s is known to you."),
    "anniversary": _l("On the day on which a member first came, one or more years ago."),
    "tip": _l("What only you know: how tulips last, which bread goes with soup. Each tip reaches each member once."),
}
LEVELS: Mapping[str, LazyString] = {
    "basic": _l("Basic"),
    "reactive": _l("Reactive"),
    "accountable": _l("Accountable"),
    "proactive": _l("Proactive"),
    "partnership": _l("Partnership"),
}
LEVEL_DOES: Mapping[str, LazyString] = {
    "basic": _l("You sell, say hello once, and tell in time what ends."),
    "reactive": _l("You answer whoever writes, and the card speaks up when it is nearly full."),
    "accountable": _l("You thank after a visit and ask how it was."),
    "proactive": _l(
        "You write first: when somebody is missed, has a birthday or years with you, and now and then a tip."
    ),
    "partnership": _l("Somebody of your team knows these people, looks after them and writes things down."),
}
LEVEL_COSTS: Mapping[str, LazyString] = {
    "basic": _l("Nothing but the mails."),
    "reactive": _l("A few minutes a week for answers."),
    "accountable": _l("A quarter of an hour a week to read and answer."),
    "proactive": _l("An evening to write your own words, and whatever you give with them."),
    "partnership": _l("An hour a week of one person."),
}
GROUP_ADVICE: Mapping[str, LazyString] = {
    "stranger": _l("Seldom here, and little earned: don’t invest."),
    "butterfly": _l("Good sales, soon gone: enjoy it, and don’t chase."),
    "barnacle": _l("Often here, little earned: listen, and sell more."),
    "friend": _l("Often here and well earned: build, delight, invite."),
}
CHANGES: Mapping[str, LazyString] = {
    "turn_on": _l("is turned on"),
    "stop": _l("is stopped"),
    "regroup": _l("is for others"),
}


def _(text: str, **params: object) -> str:
    return str(gettext(text, **params))


def when(view: AutomationView) -> str:
    """When an automation writes, as it is set."""
    settings = view.settings
    days, hours = settings.days or 0, settings.hours or 0
    match view.trigger:
        case "welcome":
            return str(ngettext("%(num)s hour after the first visit.", "%(num)s hours after the first visit.", hours))
        case "thanks":
            return str(ngettext("%(num)s hour after a visit.", "%(num)s hours after a visit.", hours))
        case "come_back":
            own = _("On the day on which a member’s own silence has become unusual, %(hour)s.", hour=hour(settings))
            if not days:
                return own
            return f"{own} " + str(
                ngettext(
                    "Who has no rhythm yet, after %(num)s day.", "Who has no rhythm yet, after %(num)s days.", days
                )
            )
        case "birthday":
            return _("On the day itself, %(hour)s.", hour=hour(settings))
        case "anniversary":
            return _("On the day of the first visit, each year, %(hour)s.", hour=hour(settings))
        case "expiring":
            return str(
                ngettext(
                    "%(num)s day before it ends, %(hour)s.",
                    "%(num)s days before it ends, %(hour)s.",
                    days,
                    hour=hour(settings),
                )
            )
        case "nearly_full":
            told = ngettext(
                "At four fifths of the card, after %(num)s quiet day.",
                "At four fifths of the card, after %(num)s quiet days.",
                days,
            )
            return str(told)
    return str(ngettext("%(num)s day after the next visit.", "%(num)s days after the next visit.", days))


def hour(settings: Settings) -> str:
    """At which hour it writes."""
    if settings.hour is None:
        return _("two hours before she usually comes")
    return _("at %(hour)s:00", hour=settings.hour)


def days_label(trigger: str) -> str:
    """What the number of days, or hours, means."""
    told = {
        "welcome": _("Hours after the first visit"),
        "thanks": _("Hours after the visit"),
        "come_back": _("Days of silence for who has come fewer than four times"),
        "birthday": _("Only who was here within so many days"),
        "anniversary": _("Only who was here within so many days"),
        "expiring": _("Days before it ends"),
        "nearly_full": _("Days of quiet since the last visit"),
        "tip": _("Days after the next visit"),
    }
    return told[trigger]


def days_hint(trigger: str) -> str | None:
    """What more there is to say of that number."""
    if trigger == "come_back":
        return _("0 leaves them alone. Everybody else has a moment of her own.")
    return None


def whom(view: AutomationView) -> str:
    """For whom it is."""
    return groups(view.settings.groups) if not view.ready.is_for_everybody else _("Everybody")


def groups(chosen: Sequence[str]) -> str:
    """Groups in a row, as the owner calls them."""
    names = group_names()
    if set(chosen) == set(names):
        return _("Everybody")
    return listed([names[one] for one in names if one in chosen])


def listed(told: Sequence[str]) -> str:
    """Several things in a row."""
    return str(format_list(list(told), locale=words.babel()))


def state(view: AutomationView) -> tuple[str, str]:
    """Whether it is on, and the word for it."""
    if view.is_on:
        return "good", _("On")
    return ("", _("Stopped")) if view.status == "stopped" else ("", _("Off"))


def braces(view: AutomationView) -> list[tuple[str, str]]:
    """What may stand in braces, and what it becomes."""
    told = {
        "shop": _("the name of your shop"),
        "left": _("how much is missing, “2 stamps”"),
        "reward": _("what the full card gives"),
        "lots": _("what ends, and until when"),
        "years": _("how long, “2 years”"),
    }
    return [("{" + name + "}", told[name]) for name in view.ready.facts]
