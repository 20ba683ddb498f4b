"""Risk: the queue, a case, the rules."""

from __future__ import annotations

DOORS = {
    "admin_risk.list_cases": "risk",
    "admin_risk.show_case": "risk",
    "admin_risk.confirm": "risk",
    "admin_risk.dismiss": "risk",
    "admin_risk.ask": "risk",
    "admin_risk.list_rules": "risk",
    "admin_risk.show_rule": "risk",
    "admin_risk.set_limits": "risk",
    "admin_risk.try_limits": "risk",
    "admin_risk.show_try": "risk",
}
