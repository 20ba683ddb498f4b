"""The mail by which a shop is asked about something that was noticed: neutral, about nobody by name."""

from __future__ import annotations

from app.common.mail import Mail

_SUBJECTS = {
    "nl": "Een vraag over bezoeken bij {shop}",
    "fr": "Une question sur des visites chez {shop}",
    "en": "A question about visits at {shop}",
    "de": "Eine Frage zu Besuchen bei {shop}",
}
_TEXTS = {
    "nl": """Hallo,

Tussen {first} en {last} viel ons bij {shop} iets op: {what}.
Dat kan een goede reden hebben. Wil je ons vertellen wat er die dagen was?

Je hoeft niets te blokkeren en niemand aan te spreken. Antwoord gewoon op
deze mail. De boekingen zelf staan hier: {url}
""",
    "fr": """Bonjour,

Entre le {first} et le {last}, quelque chose a attiré notre attention chez
{shop} : {what}.
Il y a peut-être une bonne raison. Pouvez-vous nous dire ce qui se passait ?

Vous n’avez rien à bloquer ni personne à interroger. Répondez simplement à ce
message. Les écritures se trouvent ici : {url}
""",
    "en": """Hello,

Between {first} and {last} something caught our eye at {shop}: {what}.
There may be a good reason. Would you tell us what was going on?

You need not block anything or confront anybody. Just answer this mail. The
bookings themselves are here: {url}
""",
    "de": """Guten Tag,

Zwischen {first} und {last} ist uns bei {shop} etwas aufgefallen: {what}.
Das kann einen guten Grund haben. Sagen Sie uns, was an diesen Tagen war?

Sie müssen nichts sperren und niemanden zur Rede stellen. Antworten Sie
einfach auf diese Mail. Die Buchungen selbst stehen hier: {url}
""",
}
_WHAT = {
    "card_device": {
        "nl": "één kaart kwam vaak aan dezelfde tablet",
        "fr": "une carte est passée souvent sur la même tablette",
        "en": "one card came often to the same tablet",
        "de": "eine Karte kam oft an dasselbe Tablet",
    },
    "staff_card": {
        "nl": "veel boekingen van één medewerker gingen naar dezelfde kaart",
        "fr": "beaucoup d’écritures d’une même personne concernent la même carte",
        "en": "many of one person’s bookings went to the same card",
        "de": "viele Buchungen einer Person gingen auf dieselbe Karte",
    },
    "far_apart": {
        "nl": "één kaart werd kort na elkaar in twee winkels gebruikt",
        "fr": "une carte a servi dans deux commerces à peu de temps d’intervalle",
        "en": "one card was used at two shops shortly after each other",
        "de": "eine Karte wurde kurz nacheinander in zwei Geschäften benutzt",
    },
    "reversed": {
        "nl": "boekingen werden ongedaan gemaakt nadat er iets voor gegeven was",
        "fr": "des écritures ont été annulées après la remise d’un avantage",
        "en": "bookings were undone after something was given for them",
        "de": "Buchungen wurden rückgängig gemacht, nachdem etwas dafür ausgegeben war",
    },
    "night": {
        "nl": "er werd geboekt buiten de openingsuren",
        "fr": "des écritures ont été faites en dehors des heures d’ouverture",
        "en": "bookings were made outside opening hours",
        "de": "es wurde außerhalb der Öffnungszeiten gebucht",
    },
    "guessing": {
        "nl": "een toestel vroeg naar veel nummers die niet bestaan",
        "fr": "un appareil a demandé beaucoup de numéros qui n’existent pas",
        "en": "a device asked for many numbers that do not exist",
        "de": "ein Gerät fragte nach vielen Nummern, die es nicht gibt",
    },
    "offline_clock": {
        "nl": "bezoeken die zonder netwerk bewaard waren, hebben vreemde tijden",
        "fr": "des visites enregistrées hors ligne portent des heures étranges",
        "en": "visits that were kept without a network have odd times",
        "de": "ohne Netz gespeicherte Besuche tragen merkwürdige Zeiten",
    },
    "welcome": {
        "nl": "veel nieuwe kaarten kregen kort na elkaar een welkomstbonus en kwamen niet terug",
        "fr": "beaucoup de nouvelles cartes ont reçu un bonus de bienvenue et ne sont pas revenues",
        "en": "many new cards got a welcome bonus one after the other and did not come back",
        "de": "viele neue Karten erhielten nacheinander einen Willkommensbonus und kamen nicht wieder",
    },
}


def asking_mail(to: str, locale: str, *, rule: str, shop: str, first: str, last: str, url: str) -> Mail:
    """The mail to one owner, in that person's language."""
    language = locale if locale in _TEXTS else "en"
    told = {"shop": shop, "first": first, "last": last, "what": _WHAT[rule][language], "url": url}
    return Mail(to=to, subject=_SUBJECTS[language].format(**told), text=_TEXTS[language].format(**told))
