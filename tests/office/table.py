"""Who may open which page of the back office: one table, held against every route there is.

Each area's file has ``DOORS``: from an endpoint to the least role that may pass (``anybody``, ``login``, ``cashier``,
``manager``, ``owner``). It is written by hand: what the code says of itself would prove nothing."""

from __future__ import annotations

from tests.office import (
    doors_account,
    doors_automations,
    doors_campaigns,
    doors_catalogue,
    doors_clubs,
    doors_feedback,
    doors_members,
    doors_programme,
    doors_relations,
    doors_reports,
    doors_setting_up,
    doors_subscription,
    doors_team,
    doors_town,
)

_AREAS = (
    doors_account,
    doors_automations,
    doors_setting_up,
    doors_programme,
    doors_campaigns,
    doors_catalogue,
    doors_clubs,
    doors_feedback,
    doors_members,
    doors_relations,
    doors_team,
    doors_reports,
    doors_subscription,
    doors_town,
)
TABLE: dict[str, str] = {endpoint: least for area in _AREAS for endpoint, least in area.DOORS.items()}
