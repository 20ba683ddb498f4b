"""Which operator may open which page: one table, held against every route there is.

Each area's file has ``DOORS``: from an endpoint to the right that passes (``anybody``, ``operator``, ``support``,
``finance``, ``risk``, ``administrator``). It is written by hand: what the code says of itself would prove nothing."""

from __future__ import annotations

from tests.admin import (
    doors_account,
    doors_cards,
    doors_health,
    doors_ledger,
    doors_overview,
    doors_privacy,
    doors_risk,
    doors_settings,
    doors_shops,
    doors_support,
)

_AREAS = (
    doors_privacy,
    doors_support,
    doors_ledger,
    doors_risk,
    doors_account,
    doors_cards,
    doors_settings,
    doors_shops,
    doors_overview,
    doors_health,
)
TABLE: dict[str, str] = {endpoint: right for area in _AREAS for endpoint, right in area.DOORS.items()}
