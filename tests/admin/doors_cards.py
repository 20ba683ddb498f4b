"""Cards, members and printed batches."""

DOORS = {
    "admin_cards.find": "support",
    "admin_cards.find_anything": "operator",
    "admin_cards.show_card": "support",
    "admin_cards.show_member": "support",
    "admin_cards.block": "support",
    "admin_cards.replace": "support",
    "admin_cards.unmask": "support",
    "admin_cards.preview": "support",
    "admin_cards.merge": "support",
    "admin_cards.undo_merge": "support",
    "admin_cards.list_batches": "administrator",
    "admin_cards.older_batches": "administrator",
    "admin_cards.order_batch": "administrator",
    "admin_cards.show_batch": "administrator",
    "admin_cards.download_sheets": "administrator",
    "admin_cards.download_list": "administrator",
    "admin_cards.destroy_codes": "administrator",
    "admin_cards.disable_batch": "administrator",
    "admin_cards.enable_batch": "administrator",
    "admin_cards.retry_batch": "administrator",
}
