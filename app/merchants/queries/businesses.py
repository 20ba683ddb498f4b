"""What a business says of itself, for its own screens."""

from __future__ import annotations

from sqlalchemy import select

from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.merchants.models import Merchant


def get_logo(scope: Scope, merchant_id: str) -> str | None:
    """The SVG of a merchant's logo; None where it has none. Raises NotFoundError for one that is not the scope's."""
    if scope.merchant_id not in (None, merchant_id):
        raise NotFoundError
    with scope.reading() as tx:
        found = tx.session.execute(select(Merchant.logo_svg).where(Merchant.id == merchant_id)).first()
    if found is None:
        raise NotFoundError
    return found[0]
