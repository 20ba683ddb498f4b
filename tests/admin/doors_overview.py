"""The overview, its figures and the counts of the navigation."""

DOORS = {
    "admin_overview.show": "operator",
    "admin_overview.show_figure": "operator",
    "admin_overview.count": "operator",
}
