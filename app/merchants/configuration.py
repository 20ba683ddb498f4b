"""The number by which every process knows that its compiled copy of a merchant's set-up is old."""

from __future__ import annotations

from app.common.database import Transaction
from app.common.sql import Statement

_GROW = Statement("UPDATE merchant SET config_version = config_version + 1 WHERE id = :merchant_id")


def configuration_changed(tx: Transaction, merchant_id: str) -> None:
    """Say, in the change's own transaction, that a merchant's rules, rewards, shops, people or devices changed."""
    tx.run(_GROW, {"merchant_id": merchant_id})
