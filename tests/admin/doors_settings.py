"""Who may open the pages of the town's settings."""

DOORS: dict[str, str] = {
    "admin_settings.show": "support",
    "admin_settings.list_terms": "administrator",
    "admin_settings.new_terms": "administrator",
    "admin_settings.show_terms": "administrator",
    "admin_settings.news": "administrator",
    "admin_settings.cancel_news": "administrator",
    "admin_settings.brand": "administrator",
    "admin_settings.list_content": "support",
    "admin_settings.show_content": "support",
    "admin_settings.take_down_content": "support",
    "admin_settings.restore_content": "support",
    "admin_settings.dismiss_content": "support",
}
