"""What stands on a pass, in the languages of the members."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """``description`` is read out to those who can't see the pass; ``how`` stands on its back, ``how_rotating`` where
    its code changes. ``card`` is a stamp card of so many; ``stamps`` and ``points`` count units, one and more."""

    description: str
    number: str
    how_label: str
    how: str
    how_rotating: str
    balances: str
    ended: str
    card: str
    stamps: tuple[str, str]
    points: tuple[str, str]


_WORDS = {
    "nl": Words(
        "Zegelkaart: één kaart, veel winkels",
        "Kaartnummer",
        "Zo werkt het",
        "Toon deze kaart om te sparen. Om te verzilveren toon je de kaart in de app; daar zie je ook je saldo.",
        "Toon deze kaart om te sparen en te verzilveren. De code verandert telkens: een foto ervan werkt niet.",
        "Je saldo's",
        "Deze kaart werkt niet meer. Neem de nieuwe in de app.",
        "{n} van {goal} zegels",
        ("{n} zegel", "{n} zegels"),
        ("{n} punt", "{n} punten"),
    ),
    "fr": Words(
        "Carte Zegel : une carte, tous les commerces",
        "Numéro de carte",
        "Comment ça marche",
        "Montrez cette carte pour cumuler. Pour échanger, montrez la carte dans l’app ; votre solde s’y trouve aussi.",
        "Montrez cette carte pour cumuler et échanger. Son code change sans cesse : une photo ne fonctionne pas.",
        "Vos soldes",
        "Cette carte ne fonctionne plus. Prenez la nouvelle dans l’app.",
        "{n} timbres sur {goal}",
        ("{n} timbre", "{n} timbres"),
        ("{n} point", "{n} points"),
    ),
    "de": Words(
        "Zegel-Karte: eine Karte, viele Geschäfte",
        "Kartennummer",
        "So geht es",
        "Zeigen Sie diese Karte beim Sammeln. Zum Einlösen zeigen Sie die Karte in der App; dort steht auch Ihr Stand.",
        "Zeigen Sie diese Karte zum Sammeln und Einlösen. Der Code ändert sich ständig: Ein Foto davon gilt nicht.",
        "Ihre Stände",
        "Diese Karte gilt nicht mehr. Holen Sie die neue in der App.",
        "{n} von {goal} Stempeln",
        ("{n} Stempel", "{n} Stempel"),
        ("{n} Punkt", "{n} Punkte"),
    ),
    "en": Words(
        "Zegel card: one card, many shops",
        "Card number",
        "How it works",
        "Show this card to earn. To redeem, show the card in the app; your balance is there too.",
        "Show this card to earn and to redeem. Its code keeps changing: a picture of it does not work.",
        "Your balances",
        "This card works no more. Take the new one in the app.",
        "{n} of {goal} stamps",
        ("{n} stamp", "{n} stamps"),
        ("{n} point", "{n} points"),
    ),
}


def words(locale: str) -> Words:
    """The words for a member's locale; English where there are none for it."""
    return _WORDS.get(locale, _WORDS["en"])


def balance(told: Words, kind: str, units: int, goal: int | None) -> str:
    """``3 of 10 stamps``, ``120 points``."""
    if goal is not None:
        return told.card.format(n=units, goal=goal)
    one, more = told.stamps if kind == "stamps" else told.points
    return (one if units == 1 else more).format(n=units)
