"""What the palette finds besides cards."""

from __future__ import annotations

from sqlalchemy import select

from app.common.scope import Scope
from app.merchants.models import Merchant

MOST = 8


def shops_named(scope: Scope, text: str) -> list[tuple[str, str]]:
    """Id and name of the shops whose name holds this text, those that begin with it first."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(Merchant.id, Merchant.name)
            .where(Merchant.name.icontains(text, autoescape=True), Merchant.sandbox_of.is_(None))
            .order_by(~Merchant.name.istartswith(text, autoescape=True), Merchant.name)
            .limit(MOST)
        ).all()
    return [(row[0], row[1]) for row in rows]
