"""Reading merchants: who a device is, what a shop looks like, which shops are near."""

from app.merchants.queries.devices import (
    DeviceIdentity,
    DeviceView,
    StaffView,
    find_device_by_token_hash,
    list_devices,
    list_staff,
)
from app.merchants.queries.shops import (
    ShopDetail,
    ShopPage,
    ShopSearch,
    ShopView,
    find_shop,
    find_shop_by_path,
    get_shop,
    list_shops,
)

__all__ = [
    "DeviceIdentity",
    "DeviceView",
    "ShopDetail",
    "ShopPage",
    "ShopSearch",
    "ShopView",
    "StaffView",
    "find_device_by_token_hash",
    "find_shop",
    "find_shop_by_path",
    "get_shop",
    "list_devices",
    "list_shops",
    "list_staff",
]
