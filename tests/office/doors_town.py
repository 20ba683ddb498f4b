"""Who may open the pages of what the town asks and tells."""

DOORS: dict[str, str] = {
    "town_office.show_terms": "owner",
    "town_office.accept": "owner",
    "town_office.put_away": "cashier",
}
