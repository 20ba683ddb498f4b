"""Ready campaigns to begin with: whom they mean, and what they say in the four languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.rewards.segments import MemberFilter


@dataclass(frozen=True, slots=True)
class Idea:
    """One ready campaign. ``has_offer``: it works best with something that comes with it."""

    key: str
    group: str  # whose sign stands beside it
    name: LazyString
    why: LazyString
    wanted: MemberFilter
    title: Mapping[str, str]
    text: Mapping[str, str]
    has_offer: bool = False


IDEAS: tuple[Idea, ...] = (
    Idea(
        "missed",
        "barnacle",
        _l("We miss you"),
        _l("To regulars who stay away for longer than they usually do, with something small to come back for."),
        MemberFilter(is_away=True),
        {
            "nl": "We missen je",
            "fr": "Vous nous manquez",
            "en": "We miss you",
            "de": "Sie fehlen uns",
        },
        {
            "nl": "Het is even geleden dat je bij ons was. Kom je nog eens langs? We leggen iets voor je klaar.",
            "fr": "Cela fait un moment que nous ne vous avons pas vu. Passez nous voir : une attention vous attend.",
            "en": "It has been a while since you were here. Do drop in again: we have put something aside for you.",
            "de": "Sie waren länger nicht bei uns. Schauen Sie wieder vorbei: Wir haben etwas für Sie zurückgelegt.",
        },
        has_offer=True,
    ),
    Idea(
        "friends",
        "friend",
        _l("First for our regulars"),
        _l("To those who come often and bring most: the new season is theirs first. No discount needed."),
        MemberFilter(relationship="friend"),
        {
            "nl": "Jij mag het als eerste zien",
            "fr": "Vous êtes les premiers à le voir",
            "en": "You see it first",
            "de": "Sie sehen es zuerst",
        },
        {
            "nl": "Het nieuwe seizoen staat klaar. Omdat je zo vaak komt, mag jij het vandaag al zien, als eerste.",
            "fr": "La nouvelle saison est prête. Vous venez souvent : venez la découvrir dès aujourd’hui.",
            "en": "The new season is ready. Since you come so often, you may see it today, before everybody else.",
            "de": "Die neue Saison steht bereit. Weil Sie so oft kommen, sehen Sie sie schon heute, vor allen anderen.",
        },
    ),
    Idea(
        "second",
        "butterfly",
        _l("Once more this month"),
        _l("To whoever came lately and spends well: a reason to come once more, now, while you are on their mind."),
        MemberFilter(relationship="butterfly"),
        {
            "nl": "Nog een keer deze maand?",
            "fr": "Encore une fois ce mois-ci ?",
            "en": "Once more this month?",
            "de": "Diesen Monat noch einmal?",
        },
        {
            "nl": "Fijn dat je er was. Kom je binnen twee weken terug, dan krijg je er iets bij.",
            "fr": "Merci de votre visite. Revenez dans les deux semaines : une attention vous attend.",
            "en": "It was good to see you. Come back within two weeks and there is something extra for you.",
            "de": "Schön, dass Sie da waren. Kommen Sie in den nächsten zwei Wochen wieder, gibt es etwas dazu.",
        },
        has_offer=True,
    ),
)


def idea_of(key: str | None) -> Idea | None:
    """The idea of that name."""
    return next((idea for idea in IDEAS if idea.key == key), None)
