"""What members are to a shop: the map, the ladder, levels, lists and kinds of customers."""

from app.backoffice.views.relations import changing, dots, pages
from app.backoffice.views.relations.blueprint import blueprint

__all__ = ["blueprint", "changing", "dots", "pages"]
