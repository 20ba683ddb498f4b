"""The privacy desk: support does its work; the register is every operator's to read."""

DOORS = {
    "admin_privacy.list_requests": "support",
    "admin_privacy.receive": "support",
    "admin_privacy.show_request": "support",
    "admin_privacy.identify": "support",
    "admin_privacy.send_record": "support",
    "admin_privacy.erase": "support",
    "admin_privacy.finish": "support",
    "admin_privacy.wait": "support",
    "admin_privacy.extend": "support",
    "admin_privacy.show_retention": "support",
    "admin_privacy.change_retention": "support",
    "admin_privacy.find_consents": "support",
    "admin_privacy.show_consents": "support",
    "admin_privacy.download_consents": "support",
    "admin_privacy.show_register": "operator",
}
