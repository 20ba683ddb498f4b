"""What members are told when a shop stops, in four languages: a title and a text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel.dates import format_date

SAID: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "announced": {
        "nl": (
            "{shop} stopt",
            "Sparen kan nog tot en met {earn}, inwisselen tot en met {redeem}. Wat je hebt, blijft tot dan van jou.",
        ),
        "fr": (
            "{shop} s’arrête",
            "Vous pouvez collecter jusqu’au {earn} inclus et utiliser ce que vous avez jusqu’au {redeem} inclus.",
        ),
        "en": (
            "{shop} is stopping",
            "You can collect until {earn} and redeem until {redeem}. Until then, what you have stays yours.",
        ),
        "de": (
            "{shop} hört auf",
            (
                "Sammeln können Sie bis einschließlich {earn}, einlösen bis einschließlich {redeem}. So lange "
                "bleibt Ihnen alles."
            ),
        ),
    },
    "called_off": {
        "nl": (
            "{shop} blijft",
            "Goed nieuws: er verandert niets. Sparen en inwisselen gaan gewoon verder.",
        ),
        "fr": (
            "{shop} continue",
            "Bonne nouvelle : rien ne change. Vous pouvez collecter et utiliser comme avant.",
        ),
        "en": (
            "{shop} is staying",
            "Good news: nothing changes. You collect and redeem as before.",
        ),
        "de": (
            "{shop} bleibt",
            "Eine gute Nachricht: Es ändert sich nichts. Sammeln und Einlösen gehen weiter.",
        ),
    },
    "last_week": {
        "nl": (
            "Nog een week sparen bij {shop}",
            "{shop} stopt. Sparen kan nog tot en met {earn}. Daarna wissel je in tot en met {redeem}.",
        ),
        "fr": (
            "Encore une semaine pour collecter chez {shop}",
            "{shop} s’arrête. Vous collectez jusqu’au {earn} inclus, puis vous utilisez jusqu’au {redeem} inclus.",
        ),
        "en": (
            "One more week to collect at {shop}",
            "{shop} is stopping. You can collect until {earn}. After that you can redeem until {redeem}.",
        ),
        "de": (
            "Noch eine Woche sammeln bei {shop}",
            (
                "{shop} hört auf. Sammeln geht bis einschließlich {earn}, danach lösen Sie bis einschließlich "
                "{redeem} ein."
            ),
        ),
    },
    "frozen": {
        "nl": (
            "Wissel in bij {shop}",
            "Bij {shop} spaar je niets meer. Wat je hebt, wissel je in tot en met {redeem}. Daarna vervalt het.",
        ),
        "fr": (
            "Utilisez ce que vous avez chez {shop}",
            (
                "Chez {shop}, plus rien ne se collecte. Utilisez ce que vous avez jusqu’au {redeem} inclus. "
                "Ensuite, tout expire."
            ),
        ),
        "en": (
            "Redeem what you have at {shop}",
            "Nothing is collected at {shop} any more. Redeem what you have until {redeem}. After that it ends.",
        ),
        "de": (
            "Lösen Sie ein bei {shop}",
            (
                "Bei {shop} wird nicht mehr gesammelt. Lösen Sie bis einschließlich {redeem} ein, was Sie "
                "haben. Danach verfällt es."
            ),
        ),
    },
    "last_chance": {
        "nl": (
            "Laatste week bij {shop}",
            "Tot en met {redeem} kun je bij {shop} nog inwisselen. Daarna vervalt alles.",
        ),
        "fr": (
            "Dernière semaine chez {shop}",
            (
                "Vous pouvez encore utiliser ce que vous avez chez {shop} jusqu’au {redeem} inclus. Ensuite, "
                "tout expire."
            ),
        ),
        "en": (
            "Last week at {shop}",
            "You can redeem at {shop} until {redeem}. After that, all of it ends.",
        ),
        "de": (
            "Letzte Woche bei {shop}",
            "Bis einschließlich {redeem} können Sie bei {shop} noch einlösen. Danach verfällt alles.",
        ),
    },
}


def word_notice(what: str, locale: str, *, shop: str, earn: date, redeem: date, own: str = "") -> tuple[str, str]:
    """One notice in one language, with the owner's own word after it."""
    title, text = SAID[what][locale]
    facts = {"shop": shop, "earn": _day(earn, locale), "redeem": _day(redeem, locale)}
    told = text.format(**facts)
    return title.format(**facts), f"{told}\n\n{own}" if own else told


def _day(day: date, locale: str) -> str:
    return str(format_date(day, format="long", locale="en_GB" if locale == "en" else locale))
