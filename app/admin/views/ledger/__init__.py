"""The ledger: totals and their rows, an account's book, one row, and adjustments."""

from app.admin.views.ledger import account, adjusting, totals  # noqa: F401  they hang their pages on the blueprint
from app.admin.views.ledger.blueprint import blueprint

__all__ = ["blueprint"]
