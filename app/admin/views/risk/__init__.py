"""Risk: the queue, a case, the rules with their limits."""

from __future__ import annotations

from app.admin.views.risk import deciding, limits, queue
from app.admin.views.risk.blueprint import blueprint

__all__ = ["blueprint", "deciding", "limits", "queue"]
