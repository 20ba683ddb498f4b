"""Logos: drawn by the program as trading stamps, and checked when somebody brings one along."""

from app.merchants.logos.checking import check_logo
from app.merchants.logos.drawing import TRADES, draw_logo, shop_colour, sign

__all__ = ["TRADES", "check_logo", "draw_logo", "shop_colour", "sign"]
