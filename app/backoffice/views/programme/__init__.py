"""Programmes: the list, the designer, publishing, and the simulator."""

from app.backoffice.views.programme import designing, listing, publishing, simulating
from app.backoffice.views.programme.board import blueprint

__all__ = ["blueprint", "designing", "listing", "publishing", "simulating"]
