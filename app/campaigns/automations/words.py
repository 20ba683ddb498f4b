"""What the ready automations say until a shop writes its own words: in four languages, a title and a text. What stands
in braces is filled in for each member."""

from __future__ import annotations

from collections.abc import Mapping

Said = tuple[str, str]
WORDS: Mapping[str, Mapping[str, Said]] = {
    "welcome": {
        "nl": (
            "Welkom bij {shop}",
            "Fijn dat je er was. Vanaf nu spaar je bij ons met elke aankoop: in de app zie je hoever je bent.",
        ),
        "fr": (
            "Bienvenue chez {shop}",
            (
                "Merci de votre visite. Désormais, chaque achat chez nous compte : "
                "l’application vous montre où vous en êtes."
            ),
        ),
        "en": (
            "Welcome to {shop}",
            "Good to have met you. From now on every purchase here counts: the app shows how far you are.",
        ),
        "de": (
            "Willkommen bei {shop}",
            (
                "Schön, dass Sie da waren. Ab jetzt sammeln Sie bei uns mit jedem Einkauf: "
                "In der App sehen Sie, wie weit Sie sind."
            ),
        ),
    },
    "thanks": {
        "nl": (
            "Dank je voor je bezoek",
            "Hoe was het bij {shop}? Eén tik van 0 tot 10 is genoeg, en wat je erbij schrijft, lezen we zelf.",
        ),
        "fr": (
            "Merci de votre visite",
            (
                "Comment était-ce chez {shop} ? Une note de 0 à 10 suffit, "
                "et ce que vous écrivez, nous le lisons nous-mêmes."
            ),
        ),
        "en": (
            "Thank you for coming",
            "How was it at {shop}? One tap from 0 to 10 is enough, and what you write we read ourselves.",
        ),
        "de": (
            "Danke für Ihren Besuch",
            "Wie war es bei {shop}? Ein Tipp von 0 bis 10 genügt, und was Sie dazu schreiben, lesen wir selbst.",
        ),
    },
    "come_back": {
        "nl": (
            "We zien je graag terug",
            "Het is even geleden. Je kaart bij {shop} ligt nog klaar, met alles wat je spaarde. Tot binnenkort?",
        ),
        "fr": (
            "Au plaisir de vous revoir",
            "Cela fait un moment. Votre carte chez {shop} vous attend, avec tout ce que vous y avez. À bientôt ?",
        ),
        "en": (
            "We would like to see you again",
            "It has been a while. Your card at {shop} is still here, with all that you collected. See you soon?",
        ),
        "de": (
            "Wir würden uns freuen",
            "Es ist eine Weile her. Ihre Karte bei {shop} ist noch da, mit allem, was Sie gesammelt haben. Bis bald?",
        ),
    },
    "birthday": {
        "nl": ("Een fijne verjaardag", "Iedereen bij {shop} wenst je een mooie dag."),
        "fr": ("Joyeux anniversaire", "Toute l’équipe de {shop} vous souhaite une belle journée."),
        "en": ("Happy birthday", "Everybody at {shop} wishes you a lovely day."),
        "de": ("Alles Gute zum Geburtstag", "Alle bei {shop} wünschen Ihnen einen schönen Tag."),
    },
    "expiring": {
        "nl": ("Bij {shop} vervalt binnenkort iets", "Nog te gebruiken: {lots}. Kom gerust langs, het is van jou."),
        "fr": (
            "Chez {shop}, quelque chose expire bientôt",
            "À utiliser : {lots}. Passez quand vous voulez, c’est à vous.",
        ),
        "en": ("Something at {shop} ends soon", "Still yours to use: {lots}. Do come by."),
        "de": ("Bei {shop} verfällt bald etwas", "Noch einzulösen: {lots}. Kommen Sie vorbei, es gehört Ihnen."),
    },
    "nearly_full": {
        "nl": ("Je kaart is bijna vol", "Nog {left} bij {shop}, en dit is voor jou: {reward}."),
        "fr": ("Votre carte est presque pleine", "Encore {left} chez {shop}, et ceci est à vous : {reward}."),
        "en": ("Your card is nearly full", "{left} more at {shop}, and this is yours: {reward}."),
        "de": ("Ihre Karte ist fast voll", "Noch {left} bei {shop}, dann gehört Ihnen: {reward}."),
    },
    "anniversary": {
        "nl": (
            "Dank je voor {years}",
            "Vandaag {years} geleden kwam je voor het eerst bij {shop}. Fijn, zo trouw.",
        ),
        "fr": (
            "Merci pour {years}",
            "Il y a {years} aujourd’hui, vous veniez chez {shop} pour la première fois. Merci de votre fidélité.",
        ),
        "en": ("Thank you for {years}", "You first came to {shop} {years} ago today. Thank you for staying."),
        "de": (
            "Danke für Ihre Treue",
            "Ihr erster Besuch bei {shop} war heute vor genau so langer Zeit: {years}. Schön, dass Sie bleiben.",
        ),
    },
    "tip": {
        "nl": (
            "Een tip van {shop}",
            "Wist je dat je kaart ook op je telefoon staat? Toon die aan de toonbank, dan vergeet je ze nooit.",
        ),
        "fr": (
            "Un conseil de {shop}",
            (
                "Saviez-vous que votre carte est aussi sur votre téléphone ? "
                "Montrez-la au comptoir, vous ne l’oublierez jamais."
            ),
        ),
        "en": (
            "A tip from {shop}",
            "Did you know that your card is on your phone too? Show it at the counter, and you never forget it.",
        ),
        "de": (
            "Ein Tipp von {shop}",
            "Wussten Sie, dass Ihre Karte auch auf dem Telefon ist? Zeigen Sie sie dort vor, dann fehlt sie nie.",
        ),
    },
}
YEARS: Mapping[str, Said] = {
    "nl": ("1 jaar", "{n} jaar"),
    "fr": ("1 an", "{n} ans"),
    "en": ("1 year", "{n} years"),
    "de": ("1 Jahr", "{n} Jahre"),
}
"""One, and more."""


def titles(trigger: str) -> dict[str, str]:
    """The ready titles by language."""
    return {tongue: said[0] for tongue, said in WORDS[trigger].items()}


def texts(trigger: str) -> dict[str, str]:
    """The ready texts by language."""
    return {tongue: said[1] for tongue, said in WORDS[trigger].items()}
