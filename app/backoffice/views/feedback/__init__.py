"""What members say: promoters and detractors, complaints with their clock, notices to buyers, and ideas."""

from __future__ import annotations

from app.backoffice.views.feedback import ideas, notices, pages
from app.backoffice.views.feedback.blueprint import blueprint

__all__ = ["blueprint", "ideas", "notices", "pages"]
