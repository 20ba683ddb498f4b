"""Mails from the town to the owners of shops: new terms, and what was taken down of what a shop shows."""

from __future__ import annotations

from collections.abc import Mapping


def _terms(nl: str, fr: str, en: str, de: str) -> Mapping[str, tuple[str, str]]:
    return {
        "nl": (
            f"{nl} vanaf {{date}}",
            (
                f"Hallo,\n\nEr is een nieuwe versie van {nl[0].lower()}{nl[1:]}. Ze geldt vanaf {{date}}.\n"
                "Lees ze en geef je akkoord:\n\n    {link}\n"
            ),
        ),
        "fr": (
            f"{fr} à partir du {{date}}",
            (
                f"Bonjour,\n\n{fr} ont une nouvelle version, valable à partir du {{date}}.\n"
                "Lisez-la et donnez votre accord :\n\n    {link}\n"
            ),
        ),
        "en": (
            f"{en} from {{date}}",
            (
                f"Hello,\n\nThere is a new version of the {en[0].lower()}{en[1:]}. It holds from {{date}}.\n"
                "Read it and accept it:\n\n    {link}\n"
            ),
        ),
        "de": (
            f"{de} ab {{date}}",
            (
                f"Guten Tag,\n\n{de}: eine neue Fassung gilt ab {{date}}.\n"
                "Lesen Sie sie und stimmen Sie zu:\n\n    {link}\n"
            ),
        ),
    }


_TAKEN_DOWN = {
    "nl": (
        "Iets van {shop} is niet meer te zien",
        (
            "Hallo,\n\nWe tonen dit niet meer van {shop}: {what}.\n\nWaarom: {reason}\n\n"
            "Ben je het er niet mee eens? Antwoord op deze mail en zeg waarom; iemand anders kijkt er dan naar.\n"
        ),
    ),
    "fr": (
        "Un contenu de {shop} n’est plus visible",
        (
            "Bonjour,\n\nNous ne montrons plus ceci de {shop} : {what}.\n\nPourquoi : {reason}\n\n"
            "Vous n’êtes pas d’accord ? Répondez à cet e-mail en disant pourquoi ; une autre personne l’examinera.\n"
        ),
    ),
    "en": (
        "Something of {shop} is no longer shown",
        (
            "Hello,\n\nWe no longer show this of {shop}: {what}.\n\nWhy: {reason}\n\n"
            "Do you disagree? Answer this mail and say why; somebody else will look at it.\n"
        ),
    ),
    "de": (
        "Etwas von {shop} wird nicht mehr gezeigt",
        (
            "Guten Tag,\n\nwir zeigen dies von {shop} nicht mehr: {what}.\n\nWarum: {reason}\n\n"
            "Sind Sie nicht einverstanden? Antworten Sie auf diese E-Mail und sagen Sie, warum;\n"
            "jemand anderes prüft es.\n"
        ),
    ),
}
_RESTORED = {
    "nl": ("{shop}: weer te zien", "Hallo,\n\nDit van {shop} is weer te zien: {what}.\n"),
    "fr": ("{shop} : de nouveau visible", "Bonjour,\n\nCeci de {shop} est de nouveau visible : {what}.\n"),
    "en": ("{shop}: shown again", "Hello,\n\nThis of {shop} is shown again: {what}.\n"),
    "de": ("{shop}: wieder zu sehen", "Guten Tag,\n\ndies von {shop} wird wieder gezeigt: {what}.\n"),
}
CONTENT: Mapping[str, Mapping[str, str]] = {
    "logo": {"nl": "het logo", "fr": "le logo", "en": "the logo", "de": "das Logo"},
    "story": {"nl": "de tekst over de winkel", "fr": "le texte sur le commerce", "en": "the text about the shop",
              "de": "den Text über das Geschäft"},
    "reward": {"nl": "de beloning “{name}”", "fr": "la récompense « {name} »", "en": "the reward “{name}”",
               "de": "die Prämie „{name}“"},
    "picture": {"nl": "de foto van “{name}”", "fr": "la photo de « {name} »", "en": "the picture of “{name}”",
                "de": "das Bild von „{name}“"},
}  # fmt: skip
"""What was reported, in the words of a mail."""

TOWN: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "terms_terms": _terms(
        "De voorwaarden voor winkels",
        "Les conditions pour les commerces",
        "Terms for shops",
        "Bedingungen für Geschäfte",
    ),
    "terms_dpa": _terms(
        "De verwerkersovereenkomst",
        "Les clauses de sous-traitance des données",
        "Data-processing agreement",
        "Auftragsverarbeitungsvertrag",
    ),
    "content_taken_down": _TAKEN_DOWN,
    "content_restored": _RESTORED,
}
