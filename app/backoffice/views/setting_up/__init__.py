"""Signing up, the shop's own pages, what is printed, and help."""

from app.backoffice.views.setting_up import asking, first_steps, shop, signing_up
from app.backoffice.views.setting_up.base import blueprint

__all__ = ["asking", "blueprint", "first_steps", "shop", "signing_up"]
