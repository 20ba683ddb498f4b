"""What an import would do, row by row, told before anything is done; the run itself decides by the same look-ups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from app.backoffice.service.members.importing.reading import Sheet
from app.backoffice.service.members.importing.rows import Wanted, read_row
from app.cards import numbers
from app.cards.service.referencing import ReferencedCard, cards_by_number, cards_by_reference
from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.rewards.configuration import MerchantConfig

CHUNK = 500
FIRST_LINE = 2  # after the line of names
_SHOWN = 100
_BEFORE = Statement(
    "SELECT DISTINCT r.member_id FROM member_import_row r JOIN member_import i ON i.id = r.import_id"
    " WHERE i.merchant_id = :merchant_id AND i.kind = 'members' AND r.undone_at IS NULL"
    " AND r.outcome IN ('new', 'known') AND r.member_id = ANY(CAST(:members AS uuid[]))",
    sqlite="SELECT DISTINCT r.member_id FROM member_import_row r JOIN member_import i ON i.id = r.import_id"
    " WHERE i.merchant_id = :merchant_id AND i.kind = 'members' AND r.undone_at IS NULL"
    " AND r.outcome IN ('new', 'known') AND r.member_id IN (SELECT value FROM json_each(:members))",
)
_VISITS_BEFORE = Statement(
    "SELECT reference FROM imported_visit WHERE source = :source AND reference = ANY(CAST(:references AS text[]))",
    sqlite="SELECT reference FROM imported_visit"
    " WHERE source = :source AND reference IN (SELECT value FROM json_each(:references))",
)


@dataclass(slots=True)
class Plan:
    """How many rows bring a ``new`` member or one who is ``known``, how many are ``skipped`` and ``rejected``; the
    ``units`` they bring, and the full cards that become ``rewards``. ``problems`` are lines with the codes of why."""

    new: int = 0
    known: int = 0
    skipped: int = 0
    rejected: int = 0
    units: int = 0
    rewards: int = 0
    visits: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    def totals(self) -> dict[str, int]:
        return {
            name: getattr(self, name) for name in ("new", "known", "skipped", "rejected", "units", "rewards", "visits")
        }


def source_of(merchant_id: str) -> str:
    """Under which the references of a shop's own imports are kept: no other shop's numbers meet them."""
    return f"shop:{merchant_id}"


def plan(
    tx: Transaction, scope: Scope, sheet: Sheet, kind: str, options: Mapping[str, Any], config: MerchantConfig
) -> Plan:
    """What taking the list over would do now."""
    made = Plan()
    programme = config.programme(options.get("programme_id") or "")
    numbers_of = ordinals(sheet, kind, options)
    done: set[str] = set()
    numbered = list(enumerate(sheet.rows, start=FIRST_LINE))
    for start in range(0, len(numbered), CHUNK):
        chunk = numbered[start : start + CHUNK]
        for one in judge(tx, scope, chunk, kind, options, config, numbers_of, done):
            setattr(made, one.outcome, getattr(made, one.outcome) + 1)
            if one.wanted is None:
                if len(made.problems) < _SHOWN:
                    made.problems.append((one.line, one.reason or ""))
                continue
            made.visits += kind == "visits"
            made.units += one.wanted.units
            if programme is not None and programme.goal is not None and programme.full_card_reward_id is not None:
                made.rewards += one.wanted.units // programme.goal
    return made


class Judged(NamedTuple):
    """A row of a list: ``new``, ``known``, ``skipped`` or ``rejected``, with the code of why it is not taken; else
    what it wants, the card that is there already, and the name by which it is known again."""

    line: int
    outcome: str
    reason: str | None
    wanted: Wanted | None = None
    card: ReferencedCard | None = None
    key: str = ""


def judge(
    tx: Transaction,
    scope: Scope,
    chunk: Sequence[tuple[int, Sequence[str]]],
    kind: str,
    options: Mapping[str, Any],
    config: MerchantConfig,
    numbers_of: Sequence[int],
    done: set[str],
) -> Iterator[Judged]:
    """What is to become of each row of a chunk. ``numbers_of`` is what :func:`ordinals` says of the whole list,
    ``done`` holds what the rows before have taken over."""
    local = zone(config.timezone)
    columns = options["columns"]
    read = [
        (line, read_row(line, values, columns, kind, currency=config.currency, local=local, now=scope.now))
        for line, values in chunk
    ]
    wanted = [one for _, one in read if isinstance(one, Wanted)]
    cards = _cards(scope, config.id, {one.card for one in wanted})
    keys: dict[int, str] = {}
    for one in wanted:
        name = reference_of(one) if kind == "visits" else one.card
        # Two visits of one moment for one amount are two: they are told apart by their number.
        keys[one.line] = f"{name}#{numbers_of[one.line - FIRST_LINE]}" if kind == "visits" else name
    before = _imported_before(tx, config.id, kind, keys.values(), cards)
    for line, found in read:
        if isinstance(found, str):
            yield Judged(line, "rejected", found)
            continue
        card, key = cards.get(found.card), keys[line]
        if (reason := _objection(card)) is not None:
            yield Judged(line, "rejected", reason)
        elif kind == "members" and key in done:
            yield Judged(line, "skipped", "twice_in_file")
        elif key in before:
            yield Judged(line, "skipped", "imported_before")
        else:
            done.add(key)
            yield Judged(line, "new" if card is None else "known", None, found, card, key)


def ordinals(sheet: Sheet, kind: str, options: Mapping[str, Any]) -> list[int]:
    """For each row, which of those that say the same it is: the first, the second…"""
    if kind != "visits":
        return []
    places = sorted(options["columns"].values())
    seen: dict[tuple[str, ...], int] = {}
    found = []
    for values in sheet.rows:
        said = tuple(values[place] for place in places)
        seen[said] = seen.get(said, 0) + 1
        found.append(seen[said])
    return found


def reference_of(wanted: Wanted) -> str:
    """A visit's own name in a history: card, moment and amount."""
    at = "" if wanted.occurred_at is None else wanted.occurred_at.isoformat()
    return f"{wanted.card}|{at}|{'' if wanted.amount_minor is None else wanted.amount_minor}"


def _objection(card: ReferencedCard | None) -> str | None:
    if card is None:
        return None
    if card.is_sandbox:
        return "card_test"
    return "card_blocked" if card.status != "active" else None


def _cards(scope: Scope, merchant_id: str, references: set[str]) -> dict[str, ReferencedCard]:
    """Cards by what the list calls them: a Zegel number, or a number of the shop's old cards."""
    # Whoever's card it is may be outside this shop's wall: told is only whether there is a card of this number.
    beyond = scope if scope.wall is None else replace(scope, actor_kind="system", _open=None)
    canonical = {reference: numbers.normalise(reference) for reference in references}
    own = {reference: number for reference, number in canonical.items() if numbers.is_valid(number)}
    with beyond.reading() as look:
        issued = cards_by_number(look, set(own.values())) if own else {}
        named = {reference: issued[number] for reference, number in own.items() if number in issued}
        return named | cards_by_reference(look, source_of(merchant_id), references - named.keys())


def _imported_before(
    tx: Transaction, merchant_id: str, kind: str, keys: Iterable[str], cards: Mapping[str, ReferencedCard]
) -> set[str]:
    if kind == "visits":
        rows = tx.rows(_VISITS_BEFORE, {"source": source_of(merchant_id), "references": many(tx, keys)})
        return {row[0] for row in rows}
    members = {card.member_id for card in cards.values()}
    if not members:
        return set()
    found = {row[0] for row in tx.rows(_BEFORE, {"merchant_id": merchant_id, "members": many(tx, members)})}
    return {reference for reference, card in cards.items() if card.member_id in found}
