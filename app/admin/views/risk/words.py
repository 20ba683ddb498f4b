"""What the rules, their evidence and the acts are called."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.risk.queries.cases import CaseView

RULE_WORDS: dict[str, LazyString] = {
    "card_device": _l("One card, one tablet"),
    "staff_card": _l("One cashier, one card"),
    "far_apart": _l("Two shops too far apart"),
    "reversed": _l("Reversed after redeeming"),
    "night": _l("While the shop is shut"),
    "guessing": _l("Guessing numbers"),
    "offline_clock": _l("Offline batch, odd clock"),
    "welcome": _l("Lives on welcome bonuses"),
}
SOFT_WORDS: dict[str, LazyString] = {
    "card_device": _l("visits of one card at one device in a day"),
    "staff_card": _l("percent of a person’s awards in two weeks that go to one card"),
    "far_apart": _l("kilometres an hour between two shops"),
    "reversed": _l("bookings undone after something was given, in two weeks"),
    "night": _l("awards at one device while its shop is shut"),
    "guessing": _l("tries that missed, in their own hour or day"),
    "offline_clock": _l("visits in equal steps, or by a clock that is far off"),
    "welcome": _l("first-visit bonuses in an hour, of cards that never came again"),
}
HARD_WORDS: dict[str, LazyString] = {
    "card_device": _l("visits of one card at one device in an hour"),
    "staff_card": _l("awards of one person to one card in a day"),
}
ACT_WORDS: dict[str, LazyString] = {
    "nothing": _l("Note it only"),
    "block_card": _l("Block the card"),
    "remove_pin": _l("Take the person’s PIN away"),
    "stop_staff": _l("End the person’s access"),
    "revoke_device": _l("End the tablet or key"),
}
STATUS_WORDS: dict[str, LazyString] = {
    "open": _l("to be looked at"),
    "asked": _l("the shop was asked"),
    "confirmed": _l("right"),
    "dismissed": _l("wrong"),
}
STATUS_KINDS = {"open": "wait", "asked": "wait", "confirmed": "bad", "dismissed": "good"}
ROLE_WORDS: dict[str, LazyString] = {
    "owner": _l("owner"),
    "manager": _l("manager"),
    "cashier": _l("cashier"),
}
_SOURCES: dict[str, LazyString] = {
    "wrong sign-in codes of a network": _l("sign-in codes, one network"),
    "wrong sign-in codes of an address": _l("sign-in codes, one address"),
    "wrong codes for moving of a network": _l("codes for another phone, one network"),
    "claims of a member": _l("card numbers, one member"),
    "pairing from one address": _l("pairing codes, one address"),
}


def who(view: CaseView) -> str:
    """Whom a case is about: ``Bakkerij Den Hoek, cashier Y. B.``."""
    case = view.case
    if case.subject_kind == "card":
        return str(_("card …%(tail)s", tail=view.subject))
    if case.subject_kind == "source":
        return str(_SOURCES.get(case.evidence.get("tries", ""), view.subject))
    name = view.subject if view.role is None else f"{ROLE_WORDS[view.role]} {view.subject}"
    return ", ".join(part for part in (view.merchant, name) if part)


def finding(view: CaseView) -> str:
    """What was found, in a few words."""
    case, told = view.case, view.case.evidence
    if case.rule == "staff_card":
        return str(_("%(count)s of %(all)s awards to one card", count=told["count"], all=told["of"]))
    if case.rule == "far_apart":
        minutes = ngettext("%(num)d minute", "%(num)d minutes", told["minutes"])
        return str(_("%(minutes)s for %(km)s km", minutes=minutes, km=told["km"]))
    if case.rule == "reversed":
        return str(ngettext("within %(num)d day", "within %(num)d days", told["days"]))
    if case.rule == "guessing":
        return str(_("%(count)s tries that missed", count=case.score))
    if case.rule == "offline_clock" and "offset" in told:
        return str(_("%(count)s visits, clock off by %(minutes)s minutes", count=case.score, minutes=told["offset"]))
    if case.rule == "offline_clock":
        return str(_("%(count)s visits, %(seconds)s s apart", count=case.score, seconds=told["gap"]))
    if case.rule == "welcome":
        return str(_("%(count)s bonuses, no visit after", count=case.score))
    if case.rule == "night":
        return str(ngettext("%(num)d award while shut", "%(num)d awards while shut", told["all"]))
    return str(_("%(count)s visits at one device in a day", count=case.score))


def age(since: datetime, now: datetime) -> str:
    """How long ago, in one unit: ``2 h``, ``3 d``."""
    passed = max(now - since, timedelta())
    if passed < timedelta(hours=1):
        return str(_("%(count)s min", count=int(passed.total_seconds() // 60)))
    if passed < timedelta(days=1):
        return str(_("%(count)s h", count=int(passed.total_seconds() // 3600)))
    return str(_("%(count)s d", count=passed.days))
