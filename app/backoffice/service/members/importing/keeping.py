"""An import from its upload to its end, as the wizard shows it. What runs long is left to the jobs."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from app.backoffice.service.members.importing.planning import Plan, plan
from app.backoffice.service.members.importing.reading import ROLES, Sheet, guess, read_sheet
from app.backoffice.service.members.importing.undoing import spent_members
from app.common import audit, outbox
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.common.sealing import seal, unseal
from app.merchants.models import Location
from app.rewards.configuration import current_configuration
from app.rewards.errors import ImportChangedError, ImportColumnsError, ImportSpentError, NotReadyToImportError
from app.rewards.models import MemberImport, MemberImportRow

TOPIC = "member.import"
KEPT = timedelta(days=7)  # a list that nobody went on with
_PURPOSE = "member import"
_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import as it stands. ``columns`` says which role each column has, by its place."""

    import_id: str
    file_name: str
    kind: str
    status: str
    rows: int
    position: int
    revision: int
    location_id: str
    programme_id: str | None
    counts: str
    columns: Mapping[str, int]
    totals: Mapping[str, int]
    created_at: datetime
    finished_at: datetime | None
    is_there: bool  # the list itself, still


def upload(scope: Scope, *, content: bytes, file_name: str, kind: str) -> str:
    """Keep a list, sealed, and guess its columns. Returns the import's id; each call makes another.

    Raises ``ImportUnreadableError``, ``ImportTooLongError``, NotFoundError where the business has no shop yet.
    """
    if kind not in ROLES:
        raise InvalidError(errors={"kind": ["unknown"]})
    sheet = read_sheet(content)

    def work(tx: Transaction) -> str:
        config = current_configuration(tx, scope.merchant_id or "")
        location_id = scope.location_id or tx.session.scalar(
            select(Location.id)
            .where(Location.merchant_id == config.id, Location.is_active)
            .order_by(Location.id)
            .limit(1)
        )
        if location_id is None:
            raise NotFoundError(what="location")
        import_id = new_id()
        options = {
            "columns": guess(sheet, kind),
            "programme_id": config.programmes[0].id if config.programmes else None,
            "counts": "history",
        }
        tx.session.add(
            MemberImport(
                id=import_id,
                merchant_id=config.id,
                location_id=location_id,
                file_name=file_name[-120:] or "list.csv",
                kind=kind,
                options=options,
                content=seal(scope.keys.data, _PURPOSE, zlib.compress(content, 6), bound=import_id),
                rows=len(sheet.rows),
                totals={},
                staff_id=scope.staff_id,
                created_at=scope.now,
                updated_at=scope.now,
            )
        )
        audit.record(tx, scope, "member_import.uploaded", "import", import_id, after={"rows": len(sheet.rows)})
        return import_id

    return scope.run(work)


def list_imports(scope: Scope) -> list[ImportView]:
    """The imports of the scope's merchant, the newest first."""
    with scope.reading() as tx:
        rows = tx.session.scalars(
            select(MemberImport).where(MemberImport.merchant_id == scope.merchant_id).order_by(MemberImport.id.desc())
        )
        return [_view(row) for row in rows]


def get_import(scope: Scope, import_id: str) -> ImportView:
    """One of them. Raises NotFoundError."""
    with scope.reading() as tx:
        return _view(_row(tx, scope, import_id))


def sheet_of(scope: Scope, import_id: str) -> Sheet | None:
    """The list itself, while it is there. Raises NotFoundError."""
    with scope.reading() as tx:
        row = _row(tx, scope, import_id)
        return None if row.content is None else read_sheet(content_of(scope, row))


def content_of(scope: Scope, row: MemberImport) -> bytes:
    """The uploaded file."""
    return zlib.decompress(unseal(scope.keys.data, _PURPOSE, bytes(row.content or b""), bound=row.id))


def problems_of(scope: Scope, import_id: str) -> list[tuple[int, str]]:
    """Lines that were not taken over, each with the code of why; the first two hundred. Raises NotFoundError."""
    with scope.reading() as tx:
        _row(tx, scope, import_id)
        rows = tx.session.execute(
            select(MemberImportRow.line, MemberImportRow.reason)
            .where(MemberImportRow.import_id == import_id, MemberImportRow.reason.is_not(None))
            .order_by(MemberImportRow.line)
            .limit(_PROBLEMS)
        )
        return [(line, reason or "") for line, reason in rows]


def try_out(
    scope: Scope,
    import_id: str,
    *,
    revision: int,
    columns: Mapping[str, int],
    location_id: str,
    programme_id: str | None,
    counts: str,
) -> Plan:
    """Say which column is what, and what would come of it. Nothing is booked.

    Raises NotFoundError, :class:`ImportColumnsError`, :class:`ImportChangedError` where somebody went on meanwhile.
    """

    def work(tx: Transaction) -> Plan:
        row = _row(tx, scope, import_id, lock=True)
        _require(row, revision, ("uploaded", "tried"))
        sheet = read_sheet(content_of(scope, row))
        own = {role: place for role, place in columns.items() if role in ROLES[row.kind] and place < len(sheet.columns)}
        if "card" not in own or (row.kind == "visits" and "date" not in own):
            raise ImportColumnsError
        config = current_configuration(tx, row.merchant_id)
        found = tx.session.get(Location, location_id) if is_id(location_id) else None
        if found is None or found.merchant_id != row.merchant_id or scope.location_id not in (None, location_id):
            raise NotFoundError(what="location")
        if programme_id is not None and config.programme(programme_id) is None:
            raise NotFoundError(what="programme")
        if programme_id is None and "balance" in own:
            raise ImportColumnsError
        options = {"columns": own, "programme_id": programme_id, "counts": "earn" if counts == "earn" else "history"}
        row.options, row.location_id, row.status = options, location_id, "tried"
        row.revision += 1
        row.updated_at = scope.now
        made = plan(tx, scope, sheet, row.kind, options, config)
        row.totals = made.totals()
        return made

    return scope.run(work)


def start(scope: Scope, import_id: str, *, revision: int) -> None:
    """Take the list over, by the jobs, as it was tried out. Raises NotFoundError, :class:`ImportChangedError`, which is
    also the answer to a repeat."""

    def work(tx: Transaction) -> None:
        row = _row(tx, scope, import_id, lock=True)
        _require(row, revision, ("tried",))
        row.status, row.position, row.totals = "running", 0, {}
        row.revision += 1
        row.updated_at = scope.now
        outbox.enqueue(tx, topic=TOPIC, payload={"import_id": row.id}, merchant_id=row.merchant_id, now=scope.now)
        audit.record(tx, scope, "member_import.started", "import", row.id, after={"rows": row.rows})

    scope.run(work)


def undo(scope: Scope, import_id: str, *, revision: int) -> None:
    """Undo an import as a whole, by the jobs. Raises NotFoundError, :class:`ImportChangedError`, and
    :class:`ImportSpentError` when something of it is spent already: then nothing is changed."""

    def work(tx: Transaction) -> None:
        row = _row(tx, scope, import_id, lock=True)
        _require(row, revision, ("done",))
        spent = spent_members(tx, row.id)
        if spent:
            raise ImportSpentError(members=spent)
        row.status, row.position = "undoing", 0
        row.revision += 1
        row.updated_at = scope.now
        outbox.enqueue(tx, topic=TOPIC, payload={"import_id": row.id}, merchant_id=row.merchant_id, now=scope.now)
        audit.record(tx, scope, "member_import.undone", "import", row.id, before={"rows": row.rows})

    scope.run(work)


def drop(scope: Scope, import_id: str) -> None:
    """Throw away a list that was not taken over. Raises NotFoundError, :class:`NotReadyToImportError` for one that
    was."""

    def work(tx: Transaction) -> None:
        row = _row(tx, scope, import_id, lock=True)
        if row.status not in ("uploaded", "tried"):
            raise NotReadyToImportError
        tx.session.execute(delete(MemberImportRow).where(MemberImportRow.import_id == row.id))
        tx.session.delete(row)
        audit.record(tx, scope, "member_import.dropped", "import", import_id)

    scope.run(work)


def forget_left(scope: Scope) -> int:
    """Throw away the content of lists that nobody went on with for a week. Returns how many. A repeat finds none."""

    def work(tx: Transaction) -> int:
        rows = tx.session.scalars(
            select(MemberImport)
            .where(
                MemberImport.content.is_not(None),
                MemberImport.status.in_(("uploaded", "tried")),
                MemberImport.updated_at < scope.now - KEPT,
            )
            .order_by(MemberImport.id)
        ).all()
        for row in rows:
            row.content = None
            audit.record(tx, scope, "member_import.gone", "import", row.id, merchant_id=row.merchant_id)
        return len(rows)

    return scope.run(work)


def _row(tx: Transaction, scope: Scope, import_id: str, *, lock: bool = False) -> MemberImport:
    row = tx.session.get(MemberImport, import_id, with_for_update=True if lock else None) if is_id(import_id) else None
    if row is None or row.merchant_id != scope.merchant_id:
        raise NotFoundError(what="import")
    return row


def _require(row: MemberImport, revision: int, statuses: tuple[str, ...]) -> None:
    if row.revision != revision or row.status not in statuses or (statuses != ("done",) and row.content is None):
        raise ImportChangedError


def _view(row: MemberImport) -> ImportView:
    options: dict[str, Any] = row.options
    return ImportView(
        import_id=row.id,
        file_name=row.file_name,
        kind=row.kind,
        status=row.status,
        rows=row.rows,
        position=row.position,
        revision=row.revision,
        location_id=row.location_id,
        programme_id=options.get("programme_id"),
        counts=options.get("counts", "history"),
        columns=options.get("columns", {}),
        totals=row.totals,
        created_at=row.created_at,
        finished_at=row.finished_at,
        is_there=row.content is not None,
    )
