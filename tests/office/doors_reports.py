"""Who may open the pages of `reports`."""

DOORS: dict[str, str] = {
    "reports.today": "cashier",
    "reports.now": "cashier",
    "reports.live": "cashier",
    "reports.put_aside": "cashier",
    "reports.show_reports": "manager",
    "reports.show_report": "manager",
    "reports.download_report": "manager",
    "reports.change_basket": "manager",
    "reports.download_month": "manager",
    "reports.change_month_mail": "manager",
    "reports.show_letter": "manager",
    "reports.change_crossing": "owner",
    "reports.show_closings": "manager",
    "reports.add_closing": "manager",
    "reports.change_closing": "manager",
    "reports.remove_closing": "manager",
    "reports.compare": "login",
}
