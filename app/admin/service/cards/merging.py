"""Two members become one at an operator's desk, and are parted again."""

from __future__ import annotations

from app.admin.errors import MergeChangedError
from app.admin.queries.cards.merging import fingerprint_in
from app.campaigns.notices import tell_member
from app.common.database import Transaction
from app.common.scope import Scope
from app.members import service as members

_MERGED = {
    "nl": (
        "Je kaarten zijn samengevoegd",
        (
            "Op je vraag zijn twee kaarten samengevoegd. Alles wat erop stond, staat nu bij elkaar. "
            "Heb jij dat niet gevraagd? Laat het ons weten."
        ),
    ),
    "fr": (
        "Vos cartes sont réunies",
        (
            "À votre demande, deux cartes ont été réunies. Tout ce qu’elles contenaient est maintenant ensemble. "
            "Vous ne l’aviez pas demandé ? Dites-le-nous."
        ),
    ),
    "en": (
        "Your cards are joined",
        "As you asked, two cards were joined. All that was on them is now together. You didn’t ask? Tell us.",
    ),
    "de": (
        "Ihre Karten sind zusammengelegt",
        (
            "Auf Ihren Wunsch wurden zwei Karten zusammengelegt. Alles, was darauf war, ist nun beisammen. "
            "Das haben Sie nicht gewünscht? Sagen Sie es uns."
        ),
    ),
}
_PARTED = {
    "nl": (
        "Twee kaarten zijn weer gescheiden",
        "Een samenvoeging van kaarten is ongedaan gemaakt: wat van de andere kaart kwam, staat weer daar.",
    ),
    "fr": (
        "Deux cartes sont de nouveau séparées",
        "Une réunion de cartes a été annulée : ce qui venait de l’autre carte y est retourné.",
    ),
    "en": (
        "Two cards are apart again",
        "Two cards that were joined are apart again: what came from the other card is back on it.",
    ),
    "de": (
        "Zwei Karten sind wieder getrennt",
        "Eine Zusammenlegung wurde rückgängig gemacht: Was von der anderen Karte kam, ist wieder dort.",
    ),
}


def merge_members(scope: Scope, *, survivor_id: str, merged_id: str, seen: str, reason: str) -> str:
    """Merge one member into another and tell the survivor. Returns the merge's id.

    ``seen`` is the fingerprint of what the operator was shown: if anything of it has changed since, nothing is merged.
    Raises :class:`MergeChangedError`, and ``NotFoundError`` where either isn't there any more, has been merged
    meanwhile, or only one of them is a sandbox member.
    """

    def work(tx: Transaction) -> str:
        merge_id = members.merge(
            tx, scope, survivor_id=survivor_id, merged_id=merged_id, reason=reason, check=lambda: _check(tx)
        )
        _tell(tx, scope, survivor_id, f"merge:{merge_id}", _MERGED)
        return merge_id

    def _check(tx: Transaction) -> None:
        if fingerprint_in(tx, survivor_id, merged_id) != seen:
            raise MergeChangedError

    return scope.run(work)


def undo_merge(scope: Scope, *, member_id: str, merge_id: str, reason: str) -> None:
    """Part what was merged and tell both. Raises ``NotFoundError``, ``MergeUndoneError``, and ``MergeSpentError`` when
    any of what was merged has been spent."""

    def work(tx: Transaction) -> None:
        parted = members.undo(tx, scope, member_id=member_id, merge_id=merge_id, reason=reason)
        for told in (member_id, parted):
            _tell(tx, scope, told, f"merge_undone:{merge_id}", _PARTED)

    scope.run(work)


def _tell(tx: Transaction, scope: Scope, member_id: str, source: str, words: dict[str, tuple[str, str]]) -> None:
    title = {locale: said[0] for locale, said in words.items()}
    text = {locale: said[1] for locale, said in words.items()}
    tell_member(tx, scope, member_id, source=source, title=title, text=text)
