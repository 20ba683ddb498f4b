"""The mail that asks a shop to join: to somebody who has nothing here, and said nothing yet."""

from __future__ import annotations

from collections.abc import Mapping

INVITING: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "shop_invited": {
        "nl": (
            "{shop} op Zegel: je eigen klantenkaart",
            (
                "Hallo,\n\nWe nodigen {shop} uit om mee te doen met Zegel, de klantenkaart van de winkels hier.\n"
                "Je klanten sparen met één kaart, en jij kiest wat ze ervoor krijgen.\n\n"
                "Begin hier, in vijf minuten:\n\n    {link}\n\n"
                "De link werkt tot {day} en maar één keer. Geen zin? Dan hoef je niets te doen.\n"
                "Zonder de link is er niets van je winkel op Zegel.\n"
            ),
        ),
        "fr": (
            "{shop} sur Zegel : votre carte de fidélité",
            (
                "Bonjour,\n\nNous invitons {shop} à rejoindre Zegel, la carte de fidélité des commerces d’ici.\n"
                "Vos clients cumulent avec une seule carte, et vous choisissez ce qu’ils reçoivent.\n\n"
                "Commencez ici, en cinq minutes :\n\n    {link}\n\n"
                "Le lien est valable jusqu’au {day}, une seule fois. Pas envie ? Ne faites rien.\n"
                "Sans ce lien, rien de votre commerce n’existe sur Zegel.\n"
            ),
        ),
        "en": (
            "{shop} on Zegel: a card for your customers",
            (
                "Hello,\n\nWe invite {shop} to join Zegel, the loyalty card of the shops around here.\n"
                "Your customers collect with one card, and you choose what they get for it.\n\n"
                "Begin here, in five minutes:\n\n    {link}\n\n"
                "The link works until {day}, and only once. Not for you? Then do nothing.\n"
                "Without the link there is nothing of your shop on Zegel.\n"
            ),
        ),
        "de": (
            "{shop} bei Zegel: Ihre eigene Kundenkarte",
            (
                "Guten Tag,\n\nwir laden {shop} ein, bei Zegel mitzumachen, der Kundenkarte der Geschäfte hier.\n"
                "Ihre Kunden sammeln mit einer Karte, und Sie wählen, was sie dafür bekommen.\n\n"
                "Beginnen Sie hier, in fünf Minuten:\n\n    {link}\n\n"
                "Der Link gilt bis {day} und nur einmal. Kein Interesse? Dann tun Sie nichts.\n"
                "Ohne den Link gibt es von Ihrem Geschäft nichts bei Zegel.\n"
            ),
        ),
    },
}
