"""Cards of other systems, which a shop brought with it: found by the reference under which they were imported."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.common.scope import Scope
from app.common.sql import Statement, many
from app.scanning.errors import CardAmbiguousError, CardSwappedError

LONGEST = 64  # characters of a reference that a counter takes
_SCANNER_PREFIX = re.compile(r"\][A-Za-z][0-9A-Za-z]")  # hand scanners may name the symbology first (ISO/IEC 15424)
# One row for each source whose cards the merchant takes, also where that source has no such card.
_REFERRED = Statement(
    """
    SELECT s.source, r.reference, r.number, r.retired_at FROM card_source s
    LEFT JOIN card_reference r ON r.source = s.source AND r.reference = ANY(CAST(:references AS text[]))
    WHERE s.merchant_id = :merchant_id
    """,
    sqlite="""
    SELECT s.source, r.reference, r.number, r.retired_at FROM card_source s
    LEFT JOIN card_reference r ON r.source = s.source AND r.reference IN (SELECT value FROM json_each(:references))
    WHERE s.merchant_id = :merchant_id
    """,
)


@dataclass(frozen=True, slots=True)
class ForeignCard:
    """Another system's card, and the number of the card of ours that stands for it."""

    source: str
    reference: str
    number: str


def find_foreign_card(scope: Scope, text: str) -> tuple[ForeignCard | None, bool]:
    """The foreign card that a scanner or a keyboard gave, if the scope's merchant takes it; and whether any source was
    asked, so that asking for what there isn't can be counted.

    Tried are the text, the text without a hand scanner's prefix, and without spaces. Raises :class:`CardSwappedError`
    for a card that was swapped for one of ours, :class:`CardAmbiguousError` when two sources have it for two cards.
    """
    wanted = _references(text)
    if not wanted or scope.merchant_id is None:
        return None, False
    with scope.reading() as transaction:
        rows = transaction.rows(_REFERRED, {"merchant_id": scope.merchant_id, "references": many(transaction, wanted)})
    for reference in wanted:
        found = [row for row in rows if row[1] == reference]
        cards = {row[2]: ForeignCard(row[0], row[1], row[2]) for row in found if row[3] is None}
        if len(cards) > 1:
            raise CardAmbiguousError
        if cards:
            return cards.popitem()[1], True
        if found:
            raise CardSwappedError
    return None, bool(rows)


def mask_reference(reference: str) -> str:
    """A reference as a shop may show it: its last four characters, and of a short one fewer."""
    return "•••• " + reference[-min(4, len(reference) // 2) :] if len(reference) > 1 else "••••"


def _references(text: str) -> list[str]:
    whole = text.strip()
    if not 0 < len(whole) <= LONGEST or not whole.isprintable():
        return []
    plain = _SCANNER_PREFIX.sub("", whole, count=1).strip() if _SCANNER_PREFIX.match(whole) else whole
    tried = (whole, plain, plain.replace(" ", ""))
    return [reference for reference in dict.fromkeys(tried) if reference]
