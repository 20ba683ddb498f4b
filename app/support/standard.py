"""The standard answers, in four languages. What stands in braces is filled before anybody sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LOCALES = ("nl", "fr", "en", "de")
PLACEHOLDERS = ("name", "number", "agent", "shop", "card")


@dataclass(frozen=True, slots=True)
class Standard:
    """A template as it is shipped: its title and text by language."""

    key: str
    title: Mapping[str, str]
    body: Mapping[str, str]


STANDARD = (
    Standard(
        "points_gone",
        {
            "nl": "Mijn punten zijn weg",
            "fr": "Mes points ont disparu",
            "en": "My points are gone",
            "de": "Meine Punkte sind weg",
        },
        {
            "nl": (
                "Hallo {name},\n\nWe hebben alles nagekeken wat er met je kaart {card} gebeurd is. \n\nKlopt er "
                "iets niet, antwoord dan op deze mail.\n\nGroeten,\n{agent}"
            ),
            "fr": (
                "Bonjour {name},\n\nNous avons vérifié tout ce qui s’est passé avec votre carte {card}. \n\nSi "
                "quelque chose ne va pas, répondez à ce message.\n\nCordialement,\n{agent}"
            ),
            "en": (
                "Hello {name},\n\nWe looked at everything that happened to your card {card}. \n\nIf something is "
                "not right, answer this mail.\n\nKind regards,\n{agent}"
            ),
            "de": (
                "Guten Tag {name},\n\nwir haben alles angesehen, was mit Ihrer Karte {card} geschehen ist. \n\n"
                "Stimmt etwas nicht, antworten Sie auf diese Mail.\n\nFreundliche Grüße\n{agent}"
            ),
        },
    ),
    Standard(
        "card_lost",
        {"nl": "Kaart verloren", "fr": "Carte perdue", "en": "Card lost", "de": "Karte verloren"},
        {
            "nl": (
                "Hallo {name},\n\nJe stempels en punten staan niet op de kaart, maar bij jou: ze blijven. "
                "Blokkeer de kaart in de app onder Ik, of vraag in een winkel een nieuwe. De oude werkt dan niet "
                "meer.\n\nGroeten,\n{agent}"
            ),
            "fr": (
                "Bonjour {name},\n\nVos timbres et vos points ne sont pas sur la carte, ils sont à vous : ils "
                "restent. Bloquez la carte dans l’application, sous Moi, ou demandez-en une nouvelle dans un "
                "commerce. L’ancienne ne fonctionne alors plus.\n\nCordialement,\n{agent}"
            ),
            "en": (
                "Hello {name},\n\nYour stamps and points are not on the card, they are yours: they stay. Block "
                "the card in the app under Me, or ask for a new one at a shop. The old one then no longer "
                "works.\n\nKind regards,\n{agent}"
            ),
            "de": (
                "Guten Tag {name},\n\nIhre Stempel und Punkte sind nicht auf der Karte, sie gehören Ihnen: sie "
                "bleiben. Sperren Sie die Karte in der App unter Ich oder lassen Sie sich in einem Geschäft eine "
                "neue geben. Die alte gilt dann nicht mehr.\n\nFreundliche Grüße\n{agent}"
            ),
        },
    ),
    Standard(
        "more_wanted",
        {
            "nl": "We hebben meer nodig",
            "fr": "Il nous faut plus d’informations",
            "en": "We need more",
            "de": "Wir brauchen mehr",
        },
        {
            "nl": (
                "Hallo {name},\n\nOm je vraag te beantwoorden, hebben we nog nodig: het nummer van je kaart, in "
                "welke winkel het was en op welke dag. Antwoord gewoon op deze mail. Stuur geen pincode en geen "
                "code uit de app.\n\nGroeten,\n{agent}"
            ),
            "fr": (
                "Bonjour {name},\n\nPour vous répondre, il nous faut encore : le numéro de votre carte, le "
                "commerce et le jour. Répondez simplement à ce message. N’envoyez ni code PIN ni code de "
                "l’application.\n\nCordialement,\n{agent}"
            ),
            "en": (
                "Hello {name},\n\nTo answer your question we still need: the number of your card, at which shop "
                "it was and on which day. Just answer this mail. Send no PIN and no code of the app.\n\nKind "
                "regards,\n{agent}"
            ),
            "de": (
                "Guten Tag {name},\n\num Ihre Frage zu beantworten, brauchen wir noch: die Nummer Ihrer Karte, "
                "in welchem Geschäft es war und an welchem Tag. Antworten Sie einfach auf diese Mail. Schicken "
                "Sie keine PIN und keinen Code aus der App.\n\nFreundliche Grüße\n{agent}"
            ),
        },
    ),
    Standard(
        "shop_answer",
        {
            "nl": "Antwoord aan een winkel",
            "fr": "Réponse à un commerce",
            "en": "Answer to a shop",
            "de": "Antwort an ein Geschäft",
        },
        {
            "nl": "Hallo {shop},\n\nBedankt voor je vraag (nummer {number}). \n\nGroeten,\n{agent}",
            "fr": "Bonjour {shop},\n\nMerci pour votre question (numéro {number}). \n\nCordialement,\n{agent}",
            "en": "Hello {shop},\n\nThank you for your question (number {number}). \n\nKind regards,\n{agent}",
            "de": "Guten Tag {shop},\n\ndanke für Ihre Frage (Nummer {number}). \n\nFreundliche Grüße\n{agent}",
        },
    ),
    Standard(
        "privacy_wish",
        {
            "nl": "Vraag over gegevens",
            "fr": "Question sur les données",
            "en": "A question about data",
            "de": "Frage zu Daten",
        },
        {
            "nl": (
                "Hallo {name},\n\nWat we over je bewaren, haal je zelf op in de app onder Ik; daar kun je ook "
                "alles wissen. Lukt dat niet, dan doen wij het binnen een maand. Antwoord dan op deze mail met "
                "het nummer van je kaart.\n\nGroeten,\n{agent}"
            ),
            "fr": (
                "Bonjour {name},\n\nVous trouvez tout ce que nous conservons à votre sujet dans l’application, "
                "sous Moi ; vous pouvez aussi tout y effacer. Si cela ne marche pas, nous le faisons dans le "
                "mois. Répondez alors à ce message avec le numéro de votre carte.\n\nCordialement,\n{agent}"
            ),
            "en": (
                "Hello {name},\n\nYou fetch all that we keep about you in the app under Me; there you can erase "
                "it, too. If that does not work, we do it within a month. Then answer this mail with the number "
                "of your card.\n\nKind regards,\n{agent}"
            ),
            "de": (
                "Guten Tag {name},\n\nalles, was wir über Sie gespeichert haben, holen Sie in der App unter Ich "
                "ab; dort können Sie es auch löschen. Geht das nicht, tun wir es innerhalb eines Monats. "
                "Antworten Sie dann auf diese Mail mit der Nummer Ihrer Karte.\n\nFreundliche Grüße\n{agent}"
            ),
        },
    ),
)
