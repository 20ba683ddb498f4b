"""A campaign's result as the measuring keeps it."""

from __future__ import annotations

from typing import Any


def result(**of: Any) -> dict[str, Any]:
    """One that helped, with whatever is to be otherwise."""
    effect = {"with": 0.49, "without": 0.29, "mean": 0.19, "low": 0.06, "high": 0.33}
    unsure = {"with": 0.27, "without": 0.25, "mean": 0.02, "low": -0.2, "high": 0.24}
    total = {"mean": 31.0, "low": 9.0, "high": 53.0, "dots": [9 + 44 * at / 19 for at in range(20)]}
    told: dict[str, Any] = {
        "version": 1,
        "treated": 160,
        "control": 160,
        "reached": 152,
        "came": [63, 40],
        "visits": [78, 47],
        "redeemed": 18,
        "left": 3,
        "merged": 0,
        "erased": 0,
        "effects": {"visits": effect, "spend": None, "redemptions": unsure},
        "total": total | {"chance_helped": 0.99},
        "money": {
            "currency": "EUR",
            "cost_minor": 9400,
            "sending_minor": 0,
            "offers_minor": 9400,
            "unpriced": 0,
            "visit_minor": 1135,
            "margin_percent": 50,
            "is_estimated": False,
            "profit_minor": 35200,
            "break_even": 8.3,
            "chance_paid": 0.98,
        },
        "parts": [
            {"from_weeks": 0, "to_weeks": 8, "people": 200, "effect": effect},
            {"from_weeks": 8, "to_weeks": None, "people": 120, "effect": unsure},
        ],
        "orders": None,
        "at": "2026-03-01T12:00:00+00:00",
        "starts": "2026-02-01T12:00:00+00:00",
        "ends": "2026-03-01T12:00:00+00:00",
        "days": 28,
        "is_final": True,
    }
    return told | of
