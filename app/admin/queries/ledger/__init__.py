"""Reading the ledger for the operators: totals, an account's book, one row, what waits for a second person."""

from app.admin.queries.ledger.adjustments import Adjustments, AdjustmentView, list_adjustments
from app.admin.queries.ledger.book import (
    Book,
    BookPage,
    BookRow,
    Lot,
    Step,
    page_of,
    page_with,
    programme_of,
    read_book,
)
from app.admin.queries.ledger.detail import Detail, read_row
from app.admin.queries.ledger.naming import Rule, Told, tell_rows
from app.admin.queries.ledger.totals import (
    COUNTERS,
    Day,
    DayRows,
    Days,
    Moved,
    Total,
    Totals,
    list_days,
    list_rows,
    list_totals,
)

__all__ = [
    "COUNTERS",
    "AdjustmentView",
    "Adjustments",
    "Book",
    "BookPage",
    "BookRow",
    "Day",
    "DayRows",
    "Days",
    "Detail",
    "Lot",
    "Moved",
    "Rule",
    "Step",
    "Told",
    "Total",
    "Totals",
    "list_adjustments",
    "list_days",
    "list_rows",
    "list_totals",
    "page_of",
    "page_with",
    "programme_of",
    "read_book",
    "read_row",
    "tell_rows",
]
