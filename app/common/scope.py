"""Who acts, for which shop, and when: every service and query takes a scope, and sees only what it may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from app.common.clock import Clock, system_clock
from app.common.database import Database, Transaction
from app.common.errors import ReadOnlyError
from app.common.keys import Keys

Result = TypeVar("Result")
# Whose transactions the database itself holds to one merchant's rows, a second time.
WALLED = frozenset({"staff", "reports"})


@dataclass(slots=True)
class Scope:
    """``actor_kind`` is system, operator, staff, login, device, member, or reports (what reads for a merchant's staff
    without one of them asking). ``merchant_id`` set: only that merchant's rows are there, which for staff and reports
    the database holds a second time where it can (see :mod:`app.common.database.walls`). ``member_id`` set: only that
    member's. Not yours and not there get the same answer."""

    database: Database
    keys: Keys
    clock: Clock = system_clock
    actor_kind: str = "system"
    actor_id: str | None = None
    merchant_id: str | None = None
    location_id: str | None = None
    device_id: str | None = None
    device_kind: str | None = None  # tablet, key
    staff_id: str | None = None
    staff_role: str | None = None
    member_id: str | None = None
    session_id: str | None = None  # the member's own, where one is behind the request
    waits_until: datetime | None = None  # until then that session may not spend
    is_sandbox: bool = False
    scopes: frozenset[str] = frozenset()
    locale: str = "en"
    currency: str | None = None  # the merchant's, where the face knows it already
    is_walled: bool = False  # held to the merchant's rows by the database too, as staff are: a look at one shop
    is_read_only: bool = False  # whatever writes is refused
    _open: Transaction | None = field(default=None, repr=False)

    @property
    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        return self.clock()

    @property
    def wall(self) -> str | None:
        """The merchant whose rows alone the database lets this scope see and write; None where ``Scope`` alone, or
        nothing, holds it to one."""
        return self.merchant_id if self.is_walled or self.actor_kind in WALLED else None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """The use case's one transaction; inside an open one of the same scope it joins that. Raises ReadOnlyError for
        a scope that only reads."""
        self._check_writing()
        if self._open is not None:
            yield self._open
            return
        with self.database.transaction(self.wall) as transaction:
            self._open = transaction
            try:
                yield transaction
            finally:
                self._open = None

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction for reading only; joins an open one."""
        if self._open is not None:
            yield self._open
            return
        with self.database.reading(self.wall) as transaction:
            yield transaction

    def run(self, work: Callable[[Transaction], Result]) -> Result:
        """Run ``work`` as one transaction, again as a whole when it lost a race; joins an open transaction. Raises
        ReadOnlyError for a scope that only reads."""
        self._check_writing()
        return work(self._open) if self._open is not None else self.database.run(self._opened(work), self.wall)

    def run_single(self, work: Callable[[Transaction], Result]) -> Result:
        """Like :meth:`run`, at the least cost, for work that reads and then writes one guarded batch: see
        :meth:`Database.run_single`."""
        self._check_writing()
        if self._open is not None or self.wall is not None:
            return self.run(work)
        return self.database.run_single(self._opened(work))

    def look(self, work: Callable[[Transaction], Result]) -> Result:
        """Run ``work``, which only reads and needs no snapshot, at the least cost: see :meth:`Database.look`. Joins an
        open transaction."""
        if self._open is not None:
            return work(self._open)
        if self.wall is not None:
            with self.reading() as transaction:
                return work(transaction)
        return self.database.look(work)

    def _check_writing(self) -> None:
        if self.is_read_only:
            raise ReadOnlyError

    def _opened(self, work: Callable[[Transaction], Result]) -> Callable[[Transaction], Result]:
        def opened(transaction: Transaction) -> Result:
            self._open = transaction
            try:
                return work(transaction)
            finally:
                self._open = None

        return opened
