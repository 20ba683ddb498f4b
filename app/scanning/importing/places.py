"""Which of our locations a file's ``location_ref`` stands for: three ways, one for each mode of the command."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from app.common.database import Transaction
from app.common.ids import is_id
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.merchants.models import Location, LocationReference, Merchant
from app.merchants.service import add_location, create_merchant
from app.merchants.service.shops import LONGEST_NAME
from app.rewards.rules import points_document, stamps_document
from app.rewards.service import change_programme, create_programme, create_reward
from app.scanning.importing.errors import ImportImpossibleError

_KNOWN = Statement(
    """
    SELECT r.reference, l.id, l.merchant_id FROM location_reference r JOIN location l ON l.id = r.location_id
    WHERE r.source = :source AND r.reference = ANY(CAST(:references AS text[]))
    """,
    sqlite="""
    SELECT r.reference, l.id, l.merchant_id FROM location_reference r JOIN location l ON l.id = r.location_id
    WHERE r.source = :source AND r.reference IN (SELECT value FROM json_each(:references))
    """,
)
_TAKE_CARDS = Statement(
    "INSERT INTO card_source (merchant_id, source) VALUES (:merchant_id, :source)"
    " ON CONFLICT (merchant_id, source) DO NOTHING"
)
_MAP_COLUMNS = ("location_ref", "location_id")


@dataclass(frozen=True, slots=True)
class Place:
    """A location and whose it is. In a dry run ``merchant_id`` is None for one that would be made, and ``currency``
    is what its merchant would have."""

    location_id: str
    merchant_id: str | None
    currency: str | None = None


class Places(Protocol):
    """How the references of a file's shops are understood."""

    def resolve(
        self, scope: Scope, source: str, first: Mapping[str, str], *, dry_run: bool
    ) -> Mapping[str, Place | str]:
        """The place of each reference in ``first`` (which maps it to the currency of its first row), or the reason why
        it has none. Places that are not there yet are made, each in a transaction of its own, once per source."""


class Mapped:
    """A map given by the owner; a reference that is not in it is refused."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = places

    def resolve(
        self, scope: Scope, source: str, first: Mapping[str, str], *, dry_run: bool
    ) -> Mapping[str, Place | str]:
        return {reference: self._places.get(reference, "location_ref is not in the map") for reference in first}


class OneMerchant:
    """All rows are one merchant's. A reference that is one of its locations' ids is that location; any other is made
    a location at first sight, unlisted until the owner gives it an address."""

    def __init__(self, merchant_id: str) -> None:
        self._merchant_id = merchant_id

    def resolve(
        self, scope: Scope, source: str, first: Mapping[str, str], *, dry_run: bool
    ) -> Mapping[str, Place | str]:
        with scope.reading() as tx:
            found: dict[str, Place | str] = {**_known(tx, source, first)}
            ids = [reference for reference in first if reference not in found and is_id(reference)]
            own = select(Location.id).where(Location.merchant_id == self._merchant_id, Location.id.in_(ids))
            for location_id in tx.session.scalars(own) if ids else ():
                found[location_id] = Place(location_id, self._merchant_id)
        for reference in first:
            if reference not in found:
                found[reference] = Place("", self._merchant_id) if dry_run else self._make(scope, source, reference)
        return found

    def _make(self, scope: Scope, source: str, reference: str) -> Place:
        def work(tx: Transaction) -> Place:
            # Asked again inside: another import of this source may have been faster.
            for place in _known(tx, source, [reference]).values():
                return place
            location_id = add_location(scope, self._merchant_id, name=reference[:LONGEST_NAME], is_listed=False)
            tx.session.add(LocationReference(source=source, reference=reference, location_id=location_id))
            return Place(location_id, self._merchant_id)

        return scope.run(work)


@dataclass(frozen=True, slots=True)
class EachAMerchant:
    """Every reference is a merchant with one location and one programme: a stamp card of ``stamps``, or
    ``points_per_unit`` (a decimal text). The merchant gets the currency of its first row, and ``timezone``."""

    stamps: int | None = None
    points_per_unit: str | None = None
    timezone: str = "Europe/Brussels"
    rewards: tuple[tuple[str, int], ...] = ()

    def resolve(
        self, scope: Scope, source: str, first: Mapping[str, str], *, dry_run: bool
    ) -> Mapping[str, Place | str]:
        with scope.reading() as tx:
            found: dict[str, Place | str] = {**_known(tx, source, first)}
        for reference, currency in first.items():
            if reference not in found:
                found[reference] = (
                    Place("", None, currency) if dry_run else self._make(scope, source, reference, currency)
                )
        return found

    def _make(self, scope: Scope, source: str, reference: str, currency: str) -> Place:
        def work(tx: Transaction) -> Place:
            for place in _known(tx, source, [reference]).values():
                return place
            name = f"Shop {reference}"[:LONGEST_NAME]
            merchant_id = create_merchant(scope, name=name, currency=currency, timezone=self.timezone, is_listed=False)
            location_id = add_location(scope, merchant_id, is_listed=False)
            stamps = self.stamps is not None
            rules = stamps_document(self.stamps or 0) if stamps else points_document(self.points_per_unit or "")
            programme_id = create_programme(
                scope,
                merchant_id,
                name="Stamp card" if stamps else "Points",
                kind="stamps" if stamps else "points",
                rules=rules,
            )
            wanted = self.rewards or ((("Full card", self.stamps or 0),) if stamps else ())
            made = [
                create_reward(scope, programme_id, name=reward, cost=cost, position=position)
                for position, (reward, cost) in enumerate(wanted)
            ]
            if stamps:
                change_programme(scope, programme_id, full_card_reward_id=made[0])
            tx.session.add(LocationReference(source=source, reference=reference, location_id=location_id))
            return Place(location_id, merchant_id)

        return scope.run(work)


def take_cards_of(scope: Scope, source: str, merchant_ids: Iterable[str]) -> None:
    """Let the counters of these merchants take the cards of a source from now on. A repeat changes nothing."""
    rows = [{"merchant_id": merchant_id, "source": source} for merchant_id in sorted(merchant_ids)]
    if rows:
        scope.run(lambda tx: tx.run_many(_TAKE_CARDS, rows))


def one_merchant(scope: Scope, merchant_id: str) -> OneMerchant:
    """The places of one merchant. Raises :class:`ImportImpossibleError` when there is no such open one."""
    with scope.reading() as tx:
        merchant = tx.session.get(Merchant, merchant_id) if is_id(merchant_id) else None
    if merchant is None:
        raise ImportImpossibleError(f"There is no merchant {merchant_id}.")
    if merchant.status != "active":
        raise ImportImpossibleError(f"The merchant {merchant_id} is {merchant.status}: nothing can be booked there.")
    return OneMerchant(merchant_id)


def read_map(scope: Scope, path: Path) -> Mapped:
    """The places of a CSV with the columns ``location_ref,location_id``.

    Raises :class:`ImportImpossibleError` when it lacks one of them, names a location that is not there, or names two
    for one reference.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ImportImpossibleError(f"{path} can't be read: {error}.") from None
    rows = list(csv.reader(io.StringIO(text)))
    header = [name.strip().lower() for name in rows[0]] if rows else []
    if any(name not in header for name in _MAP_COLUMNS):
        raise ImportImpossibleError(f"{path} must have the columns {','.join(_MAP_COLUMNS)}.")
    at_reference, at_location = (header.index(name) for name in _MAP_COLUMNS)
    named: dict[str, str] = {}
    for line, row in enumerate(rows[1:], start=2):
        if not any(field.strip() for field in row):
            continue
        if len(row) <= max(at_reference, at_location):
            raise ImportImpossibleError(f"{path}, line {line}: both columns are needed.")
        reference, location_id = row[at_reference].strip(), row[at_location].strip().lower()
        if named.setdefault(reference, location_id) != location_id:
            raise ImportImpossibleError(f"{path}, line {line}: {reference} is mapped to two locations.")
    return Mapped(_locations(scope, path, named))


def _locations(scope: Scope, path: Path, named: Mapping[str, str]) -> dict[str, Place]:
    owners: dict[str, str] = {}
    wanted = sorted({location_id for location_id in named.values() if is_id(location_id)})
    with scope.reading() as tx:
        for start in range(0, len(wanted), 500):
            some = select(Location.id, Location.merchant_id).where(Location.id.in_(wanted[start : start + 500]))
            owners.update({row[0]: row[1] for row in tx.session.execute(some)})
    for reference, location_id in named.items():
        if location_id not in owners:
            raise ImportImpossibleError(f"{path}: {reference} is mapped to {location_id!r}, which is no location here.")
    return {reference: Place(location_id, owners[location_id]) for reference, location_id in named.items()}


def _known(tx: Transaction, source: str, references: Iterable[str]) -> dict[str, Place]:
    rows = tx.rows(_KNOWN, {"source": source, "references": many(tx, references)})
    return {reference: Place(location_id, merchant_id) for reference, location_id, merchant_id in rows}
