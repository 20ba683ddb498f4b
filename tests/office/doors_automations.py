"""Who may open the pages of `automations`."""

DOORS: dict[str, str] = {
    "automations.list_automations": "manager",
    "automations.show_automation": "manager",
    "automations.preview_automation": "manager",
    "automations.run_dry": "manager",
    "automations.try_automation": "manager",
    "automations.start_automation": "manager",
    "automations.stop_automation": "manager",
    "automations.show_levels": "manager",
    "automations.list_people": "manager",
}
