"""Automations and service levels: what a shop says to each member by itself, and to whom."""

from app.backoffice.views.automations import levels, pages  # noqa: F401  their routes
from app.backoffice.views.automations.blueprint import blueprint

__all__ = ["blueprint"]
