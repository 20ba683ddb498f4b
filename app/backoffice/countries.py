"""Countries in which a shop signs up by itself, each with the currency and the zone of most of its people."""

from __future__ import annotations

from collections.abc import Mapping

COUNTRIES: Mapping[str, tuple[str, str]] = {
    "BE": ("EUR", "Europe/Brussels"),
    "NL": ("EUR", "Europe/Amsterdam"),
    "FR": ("EUR", "Europe/Paris"),
    "DE": ("EUR", "Europe/Berlin"),
    "LU": ("EUR", "Europe/Luxembourg"),
    "AT": ("EUR", "Europe/Vienna"),
    "CH": ("CHF", "Europe/Zurich"),
    "DK": ("DKK", "Europe/Copenhagen"),
    "ES": ("EUR", "Europe/Madrid"),
    "GB": ("GBP", "Europe/London"),
    "IE": ("EUR", "Europe/Dublin"),
    "IT": ("EUR", "Europe/Rome"),
    "PL": ("PLN", "Europe/Warsaw"),
    "PT": ("EUR", "Europe/Lisbon"),
    "SE": ("SEK", "Europe/Stockholm"),
}
