"""The day, and what a shop looks back on."""

from __future__ import annotations

from app.backoffice.views.reports import closings, crossing, letters, live, months, pages, today
from app.backoffice.views.reports.blueprint import blueprint

__all__ = ["blueprint", "closings", "crossing", "letters", "live", "months", "pages", "today"]
