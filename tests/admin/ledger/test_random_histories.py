"""Whatever was booked in whatever order: each account's picture leads to its balance, each row to the next one's, and
every programme's total to its days and their rows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from app.admin.queries import ledger as books
from app.common.errors import NotFoundError
from app.insights import turnover
from tests.properties.test_ledger_machine import LedgerMachine


class BookMachine(LedgerMachine):
    """The ledger's own machine, with an operator who looks at everything."""

    @invariant()
    def every_book_leads_to_its_balance(self) -> None:
        for owner in self.owners:
            for programme_id, account in owner.accounts.items():
                try:
                    book = books.read_book(self.scope, owner.member_id, programme_id)
                except NotFoundError:
                    assert (account.lots, account.owed) == ([], 0), "nothing was ever booked"
                    continue
                assert book.faults == []
                assert sum(step.units for step in book.steps) == book.balance - book.owed
                assert sum(step.rows for step in book.steps) == len(book.rows)
                assert sum(lot.remaining for lot in book.lots) == book.balance
                assert [lot.number for lot in book.lots] == list(range(1, len(book.lots) + 1))
                balance = owed = 0
                for row in book.rows:
                    balance += row.change("balance")
                    owed -= row.change("owed")
                    assert (row.balance, row.owed) == (balance, owed)
                    assert balance >= 0
                    assert owed >= 0
                assert (balance, owed) == (book.balance, book.owed)

    def teardown(self) -> None:
        try:
            if hasattr(self, "cafe"):
                every_total_leads_to_its_rows(self)
        finally:
            super().teardown()


def every_total_leads_to_its_rows(machine: LedgerMachine) -> None:
    turnover.count_ledger(machine.scope)
    for total in books.list_totals(machine.scope).programmes:
        assert sum(total.units.values()) == total.outstanding - total.owed
        sums = dict.fromkeys(books.COUNTERS, 0)
        before = None
        while True:
            days = books.list_days(machine.scope, total.programme_id, before=before)
            for day in days.days:
                for counter, units in day.units.items():
                    sums[counter] += units
                    found = books.list_rows(machine.scope, total.programme_id, day.day, counter)
                    assert found.next is None
                    assert (sum(row.units for row in found.rows), len(found.rows)) == (units, day.rows[counter])
            before = days.next
            if before is None:
                break
        assert sums == total.units


@pytest.mark.parametrize(("dialect", "examples"), [("sqlite", 6), ("postgresql", 2)])
def test_every_picture_leads_to_its_balance(request: pytest.FixtureRequest, dialect: str, examples: int) -> None:
    template = request.getfixturevalue(f"{dialect}_template")
    limits = settings(
        max_examples=examples,
        stateful_step_count=15,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        print_blob=True,
        phases=[Phase.generate],
    )
    made: Any = lambda: BookMachine(template.copy)  # noqa: E731  each example has a database of its own
    run_state_machine_as_test(made, settings=limits)
