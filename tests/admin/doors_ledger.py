"""The ledger: everybody at the desk may read it, support and finance adjust, an administrator sets the limits."""

DOORS = {
    "admin_ledger.show": "operator",
    "admin_ledger.show_days": "operator",
    "admin_ledger.show_rows": "operator",
    "admin_ledger.show_account": "operator",
    "admin_ledger.show_row": "operator",
    "admin_ledger.as_csv": "operator",
    "admin_ledger.list_adjustments": "operator",
    "admin_ledger.adjust": "support, finance",
    "admin_ledger.undo": "support, finance",
    "admin_ledger.approve": "support, finance",
    "admin_ledger.decline": "support, finance",
    "admin_ledger.withdraw": "support, finance",
    "admin_ledger.set_limit": "administrator",
}
