"""Rewards, promotions and their calendar, and what is given by hand."""

from app.backoffice.views.catalogue import giving, promotions, rewards, uploads
from app.backoffice.views.catalogue.blueprint import blueprint

__all__ = ["blueprint", "giving", "promotions", "rewards", "uploads"]
