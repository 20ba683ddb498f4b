"""Shops: the list, one of them, what is done with it, and looking through its eyes."""

from app.admin.views.shops import acts, inviting, looking, paying, reading
from app.admin.views.shops.blueprint import blueprint

__all__ = ["acts", "blueprint", "inviting", "looking", "paying", "reading"]
