"""Cards and members: finding them, everything that happened to them, what can be done, and printed batches."""

from app.admin.views.cards import batches, finding, members  # noqa: F401  they hang their pages on the blueprint
from app.admin.views.cards.blueprint import blueprint

__all__ = ["blueprint"]
