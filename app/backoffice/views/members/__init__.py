"""A shop's members: the list, one of them, saved lists, and lists that come and go as files."""

from app.backoffice.views.members import exporting, importing, listing, one, segments
from app.backoffice.views.members.blueprint import blueprint

__all__ = ["blueprint", "exporting", "importing", "listing", "one", "segments"]
