"""What stands on a pass, in the languages of the members."""

from __future__ import annotations

from dataclasses import dataclass

BRAND = "Zegel"


@dataclass(frozen=True, slots=True)
class Words:
    """``description`` is read out to those who can't see the pass; ``how`` stands on its back."""

    description: str
    number: str
    how_label: str
    how: str


_WORDS = {
    "nl": Words(
        "Zegelkaart: één kaart, veel winkels",
        "Kaartnummer",
        "Zo werkt het",
        "Toon deze kaart om te sparen. Om te verzilveren toon je de kaart in de app; daar zie je ook je saldo.",
    ),
    "fr": Words(
        "Carte Zegel : une carte, tous les commerces",
        "Numéro de carte",
        "Comment ça marche",
        "Montrez cette carte pour cumuler. Pour échanger, montrez la carte dans l’app ; votre solde s’y trouve aussi.",
    ),
    "de": Words(
        "Zegel-Karte: eine Karte, viele Geschäfte",
        "Kartennummer",
        "So geht es",
        "Zeigen Sie diese Karte beim Sammeln. Zum Einlösen zeigen Sie die Karte in der App; dort steht auch Ihr Stand.",
    ),
    "en": Words(
        "Zegel card: one card, many shops",
        "Card number",
        "How it works",
        "Show this card to earn. To redeem, show the card in the app; your balance is there too.",
    ),
}


def words(locale: str) -> Words:
    """The words for a member's locale; English where there are none for it."""
    return _WORDS.get(locale, _WORDS["en"])
