"""Who may open the pages of a club and its events."""

DOORS: dict[str, str] = {
    "clubs.show_club": "manager",
    "clubs.set_club": "owner",
    "clubs.write_event": "manager",
    "clubs.show_event": "manager",
    "clubs.change_event": "manager",
    "clubs.open_event": "manager",
    "clubs.cancel_event": "manager",
    "clubs.drop_event": "manager",
}
