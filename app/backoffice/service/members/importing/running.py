"""Taking a list over, a few hundred rows at a time: each chunk is one transaction that also notes its rows, so that a
killed import goes on where it stopped and doubles nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import insert

from app.backoffice.service.members.importing.keeping import TOPIC, content_of
from app.backoffice.service.members.importing.planning import FIRST_LINE, Judged, judge, ordinals, source_of
from app.backoffice.service.members.importing.reading import Sheet, read_sheet
from app.backoffice.service.members.importing.rows import Wanted
from app.backoffice.service.members.importing.undoing import undo_chunk
from app.backoffice.service.members.noting import set_name
from app.campaigns.news import queue_unlocked
from app.cards import changes
from app.cards.models import CardSource
from app.cards.service.referencing import ReferencedCard, add_referenced_member
from app.common import audit, outbox
from app.common.batch import Batch
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.ledger.accounts import AccountState
from app.ledger.posting import Posting
from app.ledger.seals import Sealer
from app.ledger.writing import LOCATION_TRANSACTION, LOCK_HERE, accounts_by_programme, expire_due, gather
from app.merchants.models import Merchant
from app.rewards.booking import VISIT, PlannedVisit, book_visit
from app.rewards.configuration import MerchantConfig, current_configuration
from app.rewards.gifting import give
from app.rewards.history import History
from app.rewards.models import ImportedVisit, MemberImport, MemberImportRow, MemberNote
from app.rewards.shop_members.belongings import seal_words

CHUNK = 100  # rows in one transaction: other writers wait for it, on SQLite all of them
SECONDS = 3.0  # of one message: mails wait for it
REASON = "import"


def go_on(scope: Scope, import_id: str, *, seconds: float = SECONDS) -> bool:
    """Do some of an import's rows, or of its undoing, and leave a message for the rest. Returns whether all is done. To
    be called by the jobs; a repeat does what is left."""
    until = time.monotonic() + seconds
    sheet: Sheet | None = None
    same: list[int] = []
    while True:
        with scope.reading() as tx:
            row = tx.session.get(MemberImport, import_id)
            if row is None or row.status not in ("running", "undoing"):
                return True
            if row.status == "running" and sheet is None:
                sheet = read_sheet(content_of(scope, row))
                same = ordinals(sheet, row.kind, row.options)
            acting = replace(scope, merchant_id=row.merchant_id, staff_id=row.staff_id)
        if acting.run(partial(_chunk, scope=acting, import_id=import_id, sheet=sheet, same=same)):
            return True
        if time.monotonic() >= until:
            scope.run(partial(_leave_rest, import_id=import_id, scope=scope))
            return False


def _leave_rest(tx: Transaction, *, import_id: str, scope: Scope) -> None:
    outbox.enqueue(tx, topic=TOPIC, payload={"import_id": import_id}, now=scope.now)


def _chunk(tx: Transaction, scope: Scope, import_id: str, sheet: Sheet | None, same: Sequence[int]) -> bool:
    row = tx.session.get(MemberImport, import_id, with_for_update=True, populate_existing=True)
    if row is None or row.status not in ("running", "undoing"):
        return True
    if row.status == "undoing":
        left = undo_chunk(tx, scope, row, count=CHUNK)
        if left:
            row.updated_at = scope.now
            return False
        row.status, row.finished_at = "undone", scope.now
        row.revision += 1
        return True
    assert sheet is not None
    if row.position == 0:
        _take_cards(tx, row.merchant_id)
    rows = sheet.rows[row.position : row.position + CHUNK]
    numbered = list(enumerate(rows, start=FIRST_LINE + row.position))
    config = current_configuration(tx, row.merchant_id)
    totals = dict(row.totals)
    is_sandbox = tx.session.get_one(Merchant, row.merchant_id).sandbox_of is not None
    judged = list(judge(tx, scope, numbered, row.kind, row.options, config, same, set()))
    people, made = _people(tx, scope, row, judged, is_sandbox=is_sandbox)
    people.write_bulk(tx)
    for one in judged:
        note: dict[str, Any] = {"import_id": row.id, "line": one.line, "outcome": one.outcome, "reason": one.reason}
        if one.wanted is not None:
            card = one.card or made[one.wanted.card]
            booked = _book(tx, scope, row, config, one, card)
            note |= {"member_id": card.member_id, "made_reference": one.card is None, **booked}
            totals["units"] = totals.get("units", 0) + one.wanted.units
        totals[one.outcome] = totals.get(one.outcome, 0) + 1
        tx.session.execute(insert(MemberImportRow).values(**note))
    row.totals, row.updated_at = totals, scope.now
    row.position += len(numbered)
    if row.position < row.rows:
        return False
    row.status, row.finished_at, row.content = "done", scope.now, None
    row.revision += 1
    audit.record(tx, scope, "member_import.done", "import", row.id, merchant_id=row.merchant_id, after=totals)
    return True


def _take_cards(tx: Transaction, merchant_id: str) -> None:
    """From now on this shop's counters take its old cards."""
    source = source_of(merchant_id)
    if tx.session.get(CardSource, (merchant_id, source)) is None:
        tx.session.add(CardSource(merchant_id=merchant_id, source=source))
        tx.session.flush()


def _people(
    tx: Transaction, scope: Scope, row: MemberImport, judged: Sequence[Judged], *, is_sandbox: bool
) -> tuple[Batch, dict[str, ReferencedCard]]:
    batch, made = Batch(), {}
    for one in judged:
        if one.wanted is not None and one.card is None and one.wanted.card not in made:
            made[one.wanted.card] = add_referenced_member(
                batch,
                source=source_of(row.merchant_id),
                reference=one.wanted.card,
                locale="nl",
                now=scope.now,
                is_sandbox=is_sandbox,
            )
    return batch, made


def _book(
    tx: Transaction, scope: Scope, row: MemberImport, config: MerchantConfig, one: Judged, card: ReferencedCard
) -> dict[str, Any]:
    wanted = one.wanted
    assert wanted is not None
    posting, batch = Posting(Sealer(scope.keys.ledger), scope.now), Batch()
    accounts = accounts_by_programme(tx, LOCK_HERE, card.member_id, config.id)
    if row.kind == "visits":
        return _book_visit(tx, scope, row, config, one, card, posting, batch, accounts)
    programme = config.programme(row.options.get("programme_id") or "")
    booked: dict[str, Any] = {}
    if programme is not None and wanted.units:
        expire_due(tx, posting, accounts.values(), posting.now)
        booking, unlocked = give(
            tx,
            posting,
            batch,
            config,
            programme,
            accounts,
            member_id=card.member_id,
            units=wanted.units,
            reason=REASON,
            location_id=row.location_id,
            staff_id=scope.staff_id,
        )
        batch.insert(LOCATION_TRANSACTION, (row.location_id, booking.id, card.member_id, "adjust", posting.now))
        queue_unlocked(batch, unlocked, member_id=card.member_id, merchant_id=config.id, now=posting.now)
        booked["transaction_id"] = booking.id
    elif config.programmes:
        first = programme or config.programmes[0]
        if first.id not in accounts:
            # Without a balance she still is this shop's member, and is found in its list.
            posting.touch(AccountState.open(member_id=card.member_id, programme_id=first.id, now=posting.now))
    gather(posting, batch)
    batch.write(tx)
    _write_down(tx, scope, row, card.member_id, wanted)
    changes.changed(tx, card.member_id, merchant_id=config.id, now=scope.now)
    return booked


def _write_down(tx: Transaction, scope: Scope, row: MemberImport, member_id: str, wanted: Wanted) -> None:
    if wanted.name:
        set_name(tx, scope, member_id, wanted.name, import_id=row.id)
    if wanted.note:
        note_id = new_id()
        tx.session.execute(
            insert(MemberNote).values(
                member_id=member_id,
                id=note_id,
                merchant_id=row.merchant_id,
                kind="note",
                words=seal_words(tx, scope, member_id, note_id, wanted.note),
                staff_id=None,
                import_id=row.id,
                written_at=scope.now,
            )
        )


def _book_visit(
    tx: Transaction,
    scope: Scope,
    row: MemberImport,
    config: MerchantConfig,
    one: Judged,
    card: ReferencedCard,
    posting: Posting,
    batch: Batch,
    accounts: dict[str, AccountState],
) -> dict[str, Any]:
    wanted = one.wanted
    assert wanted is not None
    assert wanted.occurred_at is not None
    visit = PlannedVisit(
        member_id=card.member_id,
        number=card.number,
        location_id=row.location_id,
        occurred_at=wanted.occurred_at,
        amount_minor=wanted.amount_minor,
        staff_id=scope.staff_id,
        source="import",
    )
    if row.options.get("counts") == "earn":
        expire_due(tx, posting, accounts.values(), visit.occurred_at)
        book_visit(tx, posting, batch, config, accounts, visit, History(tx, scope.keys))
        expire_due(tx, posting, accounts.values(), posting.now)
    else:
        _note_visit(posting, batch, config, visit)
    gather(posting, batch)
    batch.write(tx)
    tx.session.execute(
        insert(ImportedVisit).values(
            source=source_of(config.id), reference=one.key, member_id=card.member_id, visit_id=visit.id
        )
    )
    return {"transaction_id": visit.transaction_id, "visit_id": visit.id}


def _note_visit(posting: Posting, batch: Batch, config: MerchantConfig, visit: PlannedVisit) -> None:
    """A visit that counts in figures and earns nothing: what it earned came with the balance."""
    booking = posting.book(
        "earn",
        visit.member_id,
        transaction_id=visit.transaction_id,
        occurred_at=visit.occurred_at,
        merchant_id=config.id,
        location_id=visit.location_id,
        staff_id=visit.staff_id,
        visit_id=visit.id,
    )
    batch.insert(LOCATION_TRANSACTION, (visit.location_id, booking.id, visit.member_id, "earn", posting.now))
    batch.insert(
        VISIT,
        (
            *(visit.member_id, visit.id, booking.id, config.id, visit.location_id, None, visit.staff_id, visit.number),
            *(visit.amount_minor, config.currency, None, None, None, "[]", visit.source, visit.occurred_at),
            posting.now,
        ),
    )
