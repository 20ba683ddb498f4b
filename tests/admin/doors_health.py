"""The service's own health: every operator looks, an administrator acts."""

DOORS = {
    "admin_health.show": "operator",
    "admin_health.show_backups": "operator",
    "admin_health.ask_backup": "administrator",
    "admin_health.take_backup": "administrator",
    "admin_health.retry": "administrator",
    "admin_health.drop": "administrator",
}
