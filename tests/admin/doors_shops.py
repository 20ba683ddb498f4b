"""Who may open the pages of `admin_shops`."""

DOORS: dict[str, str] = {
    "admin_shops.list_shops": "operator",
    "admin_shops.invite": "administrator",
    "admin_shops.send_invitations": "administrator",
    "admin_shops.call_off_invitation": "administrator",
    "admin_shops.show_shop": "operator",
    "admin_shops.approve": "administrator",
    "admin_shops.ask": "administrator",
    "admin_shops.decline": "administrator",
    "admin_shops.suspend": "administrator",
    "admin_shops.resume": "administrator",
    "admin_shops.close": "administrator",
    "admin_shops.set_plan": "finance",
    "admin_shops.set_price": "finance",
    "admin_shops.sponsor": "finance",
    "admin_shops.look": "support",
}
