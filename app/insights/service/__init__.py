"""Keeping what members are worth up to date, and what an owner sets about it."""

from app.insights.service.refreshing import Refreshed, refresh
from app.insights.service.settings import set_lines, set_margin, set_names
from app.insights.service.steps import STEPS

__all__ = ["STEPS", "Refreshed", "refresh", "set_lines", "set_margin", "set_names"]
