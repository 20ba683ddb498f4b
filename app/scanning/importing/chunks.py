"""One chunk of an import, in one transaction: look-ups by one query each, every visit judged and posted as at the
counter, everything written at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.cards import numbers
from app.cards.service.referencing import (
    ReferencedCard,
    add_referenced_member,
    cards_by_number,
    cards_by_reference,
)
from app.common.batch import Batch, Table
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.ledger.accounts import AccountState
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCK_HERE, accounts_by_programme, expire_due, gather, load_open_lots, lock_pairs
from app.rewards.booking import PlannedVisit, book_visit
from app.rewards.configuration import MerchantConfig, configuration
from app.rewards.history import History
from app.scanning.importing.places import Place
from app.scanning.importing.records import Record

IMPORTED_VISIT = Table("imported_visit", 80, "source reference member_id visit_id")
_LOCALE = "nl"
_HERE_ALREADY = Statement(
    "SELECT reference FROM imported_visit WHERE source = :source AND reference = ANY(CAST(:references AS text[]))",
    sqlite="SELECT reference FROM imported_visit"
    " WHERE source = :source AND reference IN (SELECT value FROM json_each(:references))",
)
_MERCHANTS = Statement(
    "SELECT id, config_version, status, currency, sandbox_of FROM merchant WHERE id = ANY(CAST(:ids AS uuid[]))",
    sqlite="SELECT id, config_version, status, currency, sandbox_of FROM merchant"
    " WHERE id IN (SELECT value FROM json_each(:ids))",
)


@dataclass(slots=True)
class Outcome:
    """What became of a chunk's records."""

    imported: int = 0
    duplicates: int = 0
    rejected: list[tuple[Record, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Merchant:
    version: int
    status: str
    currency: str
    is_sandbox: bool


@dataclass(frozen=True, slots=True)
class _Accepted:
    record: Record
    place: Place
    merchant_id: str
    card: ReferencedCard


def book_chunk(
    tx: Transaction,
    scope: Scope,
    source: str,
    records: Sequence[Record],
    places: Mapping[str, Place | str],
) -> Outcome:
    """Book a chunk whose records are in order of time. What is here already is passed over."""
    outcome = Outcome()
    people, batch = Batch(), Batch()
    now = scope.now
    accepted = _accept(tx, scope, source, records, places, people, outcome)
    people.write_bulk(tx)
    posting = Posting(Sealer(scope.keys.ledger), now)
    history = History(tx, scope.keys)
    configs = {
        merchant_id: configuration(tx, merchant_id, merchant.version)
        for merchant_id, merchant in _merchants(tx, {one.merchant_id for one in accepted}).items()
    }
    kept = {merchant_id: config for merchant_id, config in configs.items() if _is_foreseeable(config)}
    accounts = _accounts(tx, accepted, kept)
    for one in accepted:
        record = one.record
        visit = PlannedVisit(
            member_id=one.card.member_id,
            number=one.card.number,
            location_id=one.place.location_id,
            occurred_at=record.occurred_at,
            amount_minor=record.amount_minor,
            source="import",
        )
        config = kept.get(one.merchant_id)
        if config is None:
            _book_alone(tx, scope, configs[one.merchant_id], visit)
        else:
            held = accounts.setdefault((one.card.member_id, one.merchant_id), {})
            expire_due(tx, posting, held.values(), visit.occurred_at)
            book_visit(tx, posting, batch, config, held, visit, history)
        batch.insert(IMPORTED_VISIT, (source, record.visit_id, one.card.member_id, visit.id))
        outcome.imported += 1
    gather(posting, batch)
    batch.write_bulk(tx)
    return outcome


def check_chunk(
    tx: Transaction, scope: Scope, source: str, records: Sequence[Record], places: Mapping[str, Place | str]
) -> Outcome:
    """What :func:`book_chunk` would make of the records, without booking anything."""
    outcome = Outcome()
    outcome.imported = len(_accept(tx, scope, source, records, places, Batch(), outcome))
    return outcome


def _accept(
    tx: Transaction,
    scope: Scope,
    source: str,
    records: Sequence[Record],
    places: Mapping[str, Place | str],
    people: Batch,
    outcome: Outcome,
) -> list[_Accepted]:
    seen = {row[0] for row in tx.rows(_HERE_ALREADY, {"source": source, "references": _references(tx, records)})}
    fresh: list[Record] = []
    for record in records:
        if record.visit_id in seen:
            outcome.duplicates += 1
        else:
            fresh.append(record)
            seen.add(record.visit_id)
    merchants = _merchants(
        tx, {place.merchant_id for place in places.values() if isinstance(place, Place) and place.merchant_id}
    )
    cards = _cards(tx, source, {record.card_ref for record in fresh})
    accepted: list[_Accepted] = []
    for record in fresh:
        place = places[record.location_ref]
        if isinstance(place, str):
            outcome.rejected.append((record, place))
            continue
        merchant = (
            merchants[place.merchant_id] if place.merchant_id else _Merchant(0, "active", place.currency or "", False)
        )
        card = cards.get(record.card_ref)
        reason = _objection(record, merchant, card)
        if reason is not None:
            outcome.rejected.append((record, reason))
            continue
        if card is None:
            card = cards[record.card_ref] = add_referenced_member(
                people,
                source=source,
                reference=record.card_ref,
                locale=_LOCALE,
                now=scope.now,
                is_sandbox=merchant.is_sandbox,
            )
        accepted.append(_Accepted(record, place, place.merchant_id or "", card))
    return accepted


def _objection(record: Record, merchant: _Merchant, card: ReferencedCard | None) -> str | None:
    if merchant.status != "active":
        return f"the shop is {merchant.status}"
    if record.currency != merchant.currency:
        return f"currency is {record.currency}, but the shop's is {merchant.currency}"
    if card is None:
        return None
    if card.is_sandbox != merchant.is_sandbox:
        return "card_ref is a test card at a real shop, or the other way round"
    if card.status != "active" and (card.blocked_at is None or card.blocked_at <= record.occurred_at):
        return "card_ref is a card that was blocked by then"
    return None


def _references(tx: Transaction, records: Iterable[Record]) -> object:
    return many(tx, {record.visit_id for record in records})


def _merchants(tx: Transaction, ids: Iterable[str]) -> dict[str, _Merchant]:
    rows = tx.rows(_MERCHANTS, {"ids": many(tx, ids)})
    return {row[0]: _Merchant(row[1], row[2], row[3], row[4] is not None) for row in rows}


def _cards(tx: Transaction, source: str, references: set[str]) -> dict[str, ReferencedCard]:
    """Cards by what the file calls them. The number of an issued card comes first; any other text is a reference."""
    canonical = {reference: numbers.normalise(reference) for reference in references}
    wanted = {number for number in canonical.values() if numbers.is_valid(number)}
    issued = cards_by_number(tx, wanted) if wanted else {}
    named = {reference: issued[number] for reference, number in canonical.items() if number in issued}
    return named | cards_by_reference(tx, source, references - named.keys())


def _is_foreseeable(config: MerchantConfig) -> bool:
    """Whether a chunk's visits can be judged before the earlier ones are written: nothing is asked of the day's visits,
    of months towards a tier, or of a reward's stock."""
    for programme in config.programmes:
        reward = config.rewards.get(programme.full_card_reward_id or "")
        if programme.needs.day or programme.needs.tier or (reward is not None and reward.tracks_stock):
            return False
    return True


def _accounts(
    tx: Transaction, accepted: Sequence[_Accepted], configs: Mapping[str, MerchantConfig]
) -> dict[tuple[str, str], dict[str, AccountState]]:
    owners = {programme.id: merchant_id for merchant_id, config in configs.items() for programme in config.programmes}
    pairs = sorted(
        {
            (one.card.member_id, programme.id)
            for one in accepted
            if one.merchant_id in configs
            for programme in configs[one.merchant_id].programmes
        }
    )
    found: dict[tuple[str, str], dict[str, AccountState]] = {}
    states = lock_pairs(tx, pairs)
    for state in states:
        found.setdefault((state.member_id, owners[state.programme_id]), {})[state.programme_id] = state
    stamped = {programme.id for config in configs.values() for programme in config.programmes if programme.goal}
    load_open_lots(tx, [state for state in states if state.programme_id in stamped or state.next_expiry_at])
    return found


def _book_alone(tx: Transaction, scope: Scope, config: MerchantConfig, visit: PlannedVisit) -> None:
    """One visit written before the next is judged, which may ask for it."""
    batch, posting = Batch(), Posting(Sealer(scope.keys.ledger), scope.now)
    accounts = accounts_by_programme(tx, LOCK_HERE, visit.member_id, config.id)
    expire_due(tx, posting, accounts.values(), visit.occurred_at)
    book_visit(tx, posting, batch, config, accounts, visit, History(tx, scope.keys))
    gather(posting, batch)
    batch.write_bulk(tx)
