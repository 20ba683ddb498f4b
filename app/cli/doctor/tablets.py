"""What the shops' tablets tell, and what they don't."""

from __future__ import annotations

from datetime import timedelta

from app.cli.doctor.findings import OK, WARN, Finding, Patient
from app.common.sql import Statement
from app.scanning.service import missing

# A tablet that rests over a long weekend is no news.
_SILENT = timedelta(days=7)
_TABLETS = Statement("SELECT count(*) FROM device WHERE kind = 'tablet' AND revoked_at IS NULL AND NOT is_sandbox")
_GAPS = Statement(
    "SELECT g.device_id, sum(g.last - g.first + 1) FROM device_gap g JOIN device d ON d.id = g.device_id"
    " WHERE NOT d.is_sandbox GROUP BY g.device_id ORDER BY g.device_id LIMIT 3"
)
# A revoked tablet never answers again, so what is reserved for it stays so until it is written off.
_STUCK = Statement(
    """
    SELECT d.id, count(*) FROM voucher v JOIN device d ON d.id = v.hold_device_id
    WHERE v.hold_id IS NOT NULL AND v.status = 'issued'
        AND (d.revoked_at IS NOT NULL OR coalesce(d.last_seen_at, d.created_at) < :silent)
    GROUP BY d.id ORDER BY d.id LIMIT 3
    """
)


def tablets(patient: Patient) -> Finding:
    """Whether something is missing of a queue, and whether vouchers wait for a tablet that is gone."""
    rows = patient.rows
    lost = missing(rows, patient.now)
    if lost.runs:
        which = ", ".join(f"{device_id} ({count})" for device_id, count in rows.rows(_GAPS, {}))
        return Finding(
            "tablets",
            WARN,
            f"{lost.numbers} events of tablets' queues never came: {which}.",
            "Ask the shop; what is lost for good: `zegel device write-off ID --missing-only --reason …`.",
        )
    stuck = rows.rows(_STUCK, {"silent": patient.now - _SILENT})
    if stuck:
        which = ", ".join(f"{device_id} ({count})" for device_id, count in stuck)
        return Finding(
            "tablets",
            WARN,
            f"Vouchers are reserved for tablets that are revoked or silent for a week: {which}.",
            "Switch the tablet on; one that will not come back: `zegel device write-off ID --reason …`.",
        )
    ((count,),) = rows.rows(_TABLETS, {})
    return Finding("tablets", OK, f"{count} tablets, nothing missing of their queues." if count else "No tablets.")
