"""A person's businesses side by side: each read in a scope of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.backoffice.queries.looking_back import Span, Sums, get_frame, sums_by_location, total
from app.common.scope import Scope
from app.merchants.service import Place


def compare_businesses(system: Scope, places: Sequence[Place], span: Span) -> list[tuple[Place, Sums, Sums]]:
    """The sums of each place in ``span`` and in the days before, the most visited first. ``places`` are those that the
    person may see; where the person works at one location, of that alone."""
    found = []
    for one in places:
        within = replace(
            system,
            actor_kind="staff",
            actor_id=one.staff_id,
            merchant_id=one.merchant_id,
            location_id=one.location_id,
            staff_id=one.staff_id,
            staff_role=one.role,
        )
        frame = get_frame(within, timezone=one.timezone)
        now = total(sums_by_location(within, frame, span))
        before = total(sums_by_location(within, frame, span.before()))
        found.append((one, now, before))
    return sorted(found, key=lambda each: (-each[1].visits, each[0].name))
