"""Shops as the operators see them: the list, and all of one."""

from app.admin.queries.shops.listing import SHOWN, SORTS, STATES, ShopRow, ShopsPage, list_shops, name_of_shop
from app.admin.queries.shops.shop import ShopFacts, get_shop_facts

__all__ = [
    "SHOWN",
    "SORTS",
    "STATES",
    "ShopFacts",
    "ShopRow",
    "ShopsPage",
    "get_shop_facts",
    "list_shops",
    "name_of_shop",
]
