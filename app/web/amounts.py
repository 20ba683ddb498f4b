"""Money and shares of it, in the reader's language."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import format_currency, format_percent

from app.common.money import format_amount


def less(percent: Decimal | None, amount_minor: int | None, currency: str) -> str:
    """What is taken off: ``20 %`` or ``€ 5,00``."""
    if percent is not None:
        return str(format_percent(percent / 100, "#,##0.## %" if percent % 1 else None))
    return str(format_currency(Decimal(format_amount(amount_minor or 0, currency)), currency))
