"""What owners and members are told about complaints and their clock, in four languages."""

from __future__ import annotations

from collections.abc import Mapping

from app.common.branding import marked
from app.common.mail import Mail

_LINK = "\n\n    {link}\n"
# To the owners: by what happened. {count} complaints, {hours} left.
OWNERS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "came": {
        "nl": (
            "{shop}: een klacht wacht op antwoord",
            "Hallo,\n\nEen klant is niet tevreden en wacht op je antwoord. Daar heb je {hours} uur voor." + _LINK,
        ),
        "fr": (
            "{shop} : une réclamation attend votre réponse",
            "Bonjour,\n\nUn client n’est pas satisfait et attend votre réponse. Vous avez {hours} heures." + _LINK,
        ),
        "en": (
            "{shop}: a complaint waits for your answer",
            "Hello,\n\nA customer is not happy and waits for your answer. You have {hours} hours." + _LINK,
        ),
        "de": (
            "{shop}: Eine Beschwerde wartet auf Ihre Antwort",
            "Guten Tag,\n\njemand ist nicht zufrieden und wartet auf Ihre Antwort. Sie haben {hours} Stunden Zeit."
            + _LINK,
        ),
    },
    "half": {
        "nl": (
            "{shop}: nog {hours} uur om te antwoorden",
            "Hallo,\n\nDe helft van de tijd is om en een klant wacht nog op je antwoord." + _LINK,
        ),
        "fr": (
            "{shop} : encore {hours} heures pour répondre",
            "Bonjour,\n\nLa moitié du temps est passée et un client attend toujours votre réponse." + _LINK,
        ),
        "en": (
            "{shop}: {hours} hours left to answer",
            "Hello,\n\nHalf of the time is over and a customer still waits for your answer." + _LINK,
        ),
        "de": (
            "{shop}: noch {hours} Stunden für eine Antwort",
            "Guten Tag,\n\ndie Hälfte der Zeit ist um, und jemand wartet noch auf Ihre Antwort." + _LINK,
        ),
    },
    "over": {
        "nl": (
            "{shop}: de tijd om te antwoorden is om",
            (
                "Hallo,\n\nEen klant heeft geen antwoord gekregen en weet nu bij wie hij verder terechtkan. "
                "Antwoorden kan nog altijd." + _LINK
            ),
        ),
        "fr": (
            "{shop} : le temps pour répondre est écoulé",
            (
                "Bonjour,\n\nUn client n’a pas reçu de réponse et sait maintenant à qui s’adresser. "
                "Vous pouvez toujours répondre." + _LINK
            ),
        ),
        "en": (
            "{shop}: the time to answer is over",
            ("Hello,\n\nA customer got no answer and has been told whom to ask next. You can still answer." + _LINK),
        ),
        "de": (
            "{shop}: Die Zeit für eine Antwort ist um",
            (
                "Guten Tag,\n\njemand hat keine Antwort bekommen und weiß jetzt, wer weiterhilft. "
                "Sie können immer noch antworten." + _LINK
            ),
        ),
    },
}
# To the member, when nobody has answered in time.
UNANSWERED: Mapping[str, tuple[str, str]] = {
    "nl": (
        "{shop} heeft je nog niet geantwoord",
        "De tijd om te antwoorden is om. Bij je beoordeling staat wie je nu kunt vragen.",
    ),
    "fr": (
        "{shop} ne vous a pas encore répondu",
        "Le temps pour répondre est écoulé. Sous votre avis, vous voyez à qui vous pouvez vous adresser.",
    ),
    "en": (
        "{shop} has not answered you yet",
        "The time to answer is over. With your rating you see whom you can ask now.",
    ),
    "de": (
        "{shop} hat Ihnen noch nicht geantwortet",
        "Die Zeit für eine Antwort ist um. Bei Ihrer Bewertung steht, wen Sie jetzt fragen können.",
    ),
}


def owners_mail(kind: str, to: str, locale: str | None, *, shop: str, hours: int, link: str) -> Mail:
    """The mail to one owner; an unknown locale gets English."""
    told = OWNERS[kind]
    subject, text = told.get((locale or "").lower()[:2]) or told["en"]
    # A name with a line break in it must not make another header.
    plain = {"shop": " ".join(shop.split()), "hours": str(hours), "link": link}
    return Mail(to=to, subject=marked(subject).format(**plain), text=marked(text).format(**plain))


def unanswered(shop: str) -> tuple[dict[str, str], dict[str, str]]:
    """Title and text for the member, by locale."""
    titles = {locale: title.format(shop=shop) for locale, (title, _) in UNANSWERED.items()}
    return titles, {locale: text for locale, (_, text) in UNANSWERED.items()}
