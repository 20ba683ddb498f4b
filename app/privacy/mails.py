"""The mails of the privacy desk and of the retention clock, in four languages."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_date

from app.campaigns.wording import spoken
from app.common.mail import Mail

_RECORD = {
    "nl": (
        "Al je gegevens liggen klaar",
        """Hallo,

Je vroeg wat er over je bewaard wordt. Hier haal je alles op, als één bestand:

    {link}

De link werkt tot {day}, en maar één keer. Vroeg je hier niet om?
Open de link dan niet en antwoord op deze mail.
""",
    ),
    "fr": (
        "Toutes vos données sont prêtes",
        """Bonjour,

Vous avez demandé ce qui est conservé à votre sujet. Vous trouverez tout ici, en un seul fichier :

    {link}

Le lien est valable jusqu’au {day}, et une seule fois. Vous n’avez rien demandé ?
N’ouvrez pas le lien et répondez à ce message.
""",
    ),
    "en": (
        "All your data is ready",
        """Hello,

You asked what is kept about you. Here you fetch all of it, as one file:

    {link}

The link works until {day}, and only once. You didn’t ask for this?
Then don’t open the link, and answer this mail.
""",
    ),
    "de": (
        "Alle Ihre Daten liegen bereit",
        """Guten Tag,

Sie haben gefragt, was über Sie gespeichert ist. Hier holen Sie alles ab, als eine Datei:

    {link}

Der Link gilt bis {day}, und nur einmal. Sie haben nicht danach gefragt?
Dann öffnen Sie den Link nicht und antworten Sie auf diese Mail.
""",
    ),
}
_ERASED = {
    "nl": (
        "Je gegevens zijn gewist",
        """Hallo,

Op {day} hebben we je gegevens gewist, zoals je vroeg. Je kaarten werken niet meer.
In de boekhouding van de winkels blijven de boekingen staan, zonder naam en zonder
weg terug naar jou. Ook dit adres bewaren we niet.
""",
    ),
    "fr": (
        "Vos données sont effacées",
        """Bonjour,

Le {day}, nous avons effacé vos données, comme vous l’avez demandé. Vos cartes ne
fonctionnent plus. Les écritures restent dans les livres des commerces, sans nom et
sans lien avec vous. Cette adresse n’est pas conservée non plus.
""",
    ),
    "en": (
        "Your data is erased",
        """Hello,

On {day} we erased your data, as you asked. Your cards no longer work. The shops’
books keep their bookings, without a name and without a way back to you. This
address is not kept either.
""",
    ),
    "de": (
        "Ihre Daten sind gelöscht",
        """Guten Tag,

am {day} haben wir Ihre Daten gelöscht, wie Sie es verlangt haben. Ihre Karten gelten
nicht mehr. In den Büchern der Geschäfte bleiben die Buchungen, ohne Namen und ohne
Weg zurück zu Ihnen. Auch diese Adresse wird nicht aufbewahrt.
""",
    ),
}
# A title, and what is said in a mail and in the inbox.
_LEAVING = {
    "nl": (
        "Op {day} wissen we je gegevens",
        (
            "Je hebt je kaart lang niet gebruikt. Daarom wissen we je gegevens op {day}, met alles wat je spaarde. "
            "Wil je blijven? Meld je vóór die dag één keer aan in de app, of toon je kaart in een winkel."
        ),
    ),
    "fr": (
        "Le {day}, nous effacerons vos données",
        (
            "Vous n’avez pas utilisé votre carte depuis longtemps. C’est "
            "pourquoi nous effacerons vos données le {day}, "
            "avec tout ce que vous avez accumulé. Vous voulez rester ? "
            "Connectez-vous une fois à l’application avant ce "
            "jour, ou montrez votre carte dans un commerce."
        ),
    ),
    "en": (
        "On {day} we erase your data",
        (
            "You have not used your card for a long time. So we erase "
            "your data on {day}, with all that you collected. "
            "Do you want to stay? Sign in to the app once before that day, or show your card at a shop."
        ),
    ),
    "de": (
        "Am {day} löschen wir Ihre Daten",
        (
            "Sie haben Ihre Karte lange nicht benutzt. Darum löschen wir "
            "Ihre Daten am {day}, mit allem, was Sie gesammelt "
            "haben. Möchten Sie bleiben? Melden Sie sich vor diesem Tag "
            "einmal in der App an oder zeigen Sie Ihre Karte in "
            "einem Geschäft."
        ),
    ),
}
_GREETINGS = {"nl": "Hallo,", "fr": "Bonjour,", "en": "Hello,", "de": "Guten Tag,"}


def record_mail(to: str, link: str, until: datetime, locale: str) -> Mail:
    """The mail with the link to a whole record."""
    tongue = spoken(locale)
    subject, text = _RECORD[tongue]
    return Mail(to=to, subject=subject, text=text.format(link=link, day=_day(until, tongue)))


def erased_mail(to: str, at: datetime, locale: str) -> Mail:
    """The mail that tells that somebody was erased."""
    tongue = spoken(locale)
    subject, text = _ERASED[tongue]
    return Mail(to=to, subject=subject, text=text.format(day=_day(at, tongue)))


def leaving_words(erase_at: datetime) -> tuple[dict[str, str], dict[str, str]]:
    """The title and the text, by language, by which somebody is told that she will be erased."""
    days = {tongue: _day(erase_at, tongue) for tongue in _LEAVING}
    titles = {tongue: title.format(day=days[tongue]) for tongue, (title, _) in _LEAVING.items()}
    return titles, {tongue: text.format(day=days[tongue]) for tongue, (_, text) in _LEAVING.items()}


def leaving_mail(to: str, erase_at: datetime, locale: str, public_url: str) -> Mail:
    """The mail that tells somebody that she will be erased. It comes whatever she has switched off: it is about her
    rights, and no news."""
    tongue = spoken(locale)
    titles, texts = leaving_words(erase_at)
    return Mail(to=to, subject=titles[tongue], text=f"{_GREETINGS[tongue]}\n\n{texts[tongue]}\n\n{public_url}/\n")


def _day(moment: datetime, tongue: str) -> str:
    return format_date(moment.date(), format="long", locale="en_GB" if tongue == "en" else tongue)
