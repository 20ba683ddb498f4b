"""What pages show of all members of a shop, counted once where it changes: so that none of them reads everybody."""

from __future__ import annotations

import json

from app.common.database import Transaction
from app.common.sql import Statement
from app.insights.queries import value

_SUMS = Statement(
    "SELECT count(*), sum(cost_year_minor), sum(profit_year_minor) FROM member_value WHERE merchant_id = :merchant_id"
)
_NOTE = Statement("UPDATE merchant_model SET drawn = :drawn WHERE merchant_id = :merchant_id")


def note_drawn(tx: Transaction, merchant_id: str) -> None:
    """Note a shop's totals and an even sample of its members' places, in the caller's transaction. A repeat gives the
    same."""
    here = {"merchant_id": merchant_id}
    members, cost, profit = (int(one or 0) for one in tx.rows(_SUMS, here)[0])
    groups = value.standing(tx, merchant_id)
    placed = sum(one for one, _ in groups.values())
    dots = value.dots(tx, merchant_id, share=value.share_drawn(placed))
    drawn = {
        "members": members,
        "cost_minor": cost,
        "profit_minor": profit,
        "groups": groups,
        "rungs": value.count_rungs(tx, merchant_id),
        "visits": [round(one, 2) for one in dots.expected_visits],
        "profits": list(dots.profit_minor),
    }
    tx.run(_NOTE, {**here, "drawn": json.dumps(drawn)})
