"""Campaigns: written, tried, planned, stopped, and what they brought."""

from app.backoffice.views.campaigns import changing, designing, listing, showing, trying
from app.backoffice.views.campaigns.blueprint import blueprint

__all__ = ["blueprint", "changing", "designing", "listing", "showing", "trying"]
