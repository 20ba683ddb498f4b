"""What a visit comes to on average, as an owner says it where no amounts are entered at the counter."""

from __future__ import annotations

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.scope import Scope
from app.merchants.errors import BasketChangedError
from app.merchants.models import Merchant

KEY = "average_basket_minor"
MOST = 1_000_000_00


def set_average_basket(scope: Scope, amount_minor: int | None, *, was: int | None) -> None:
    """Note the scope's merchant's average basket in minor units; None takes it away. Reports estimate with it.

    ``was`` is what the person saw: raises BasketChangedError when it is something else by now, InvalidError for an
    amount of nothing or too much. A repeat raises BasketChangedError unless it changes nothing.
    """
    if amount_minor is not None and not 0 < amount_minor <= MOST:
        raise InvalidError(errors={"amount": ["amount_expected"]})

    def work(tx: Transaction) -> None:
        merchant = tx.session.get_one(Merchant, scope.merchant_id, with_for_update=True)
        before = merchant.settings.get(KEY)
        if before == amount_minor:
            return
        if before != was:
            raise BasketChangedError
        kept = {key: value for key, value in merchant.settings.items() if key != KEY}
        merchant.settings = kept if amount_minor is None else {**kept, KEY: amount_minor}
        audit.record(
            tx,
            scope,
            "merchant.basket_changed",
            "merchant",
            merchant.id,
            before={"average_basket": before},
            after={"average_basket": amount_minor},
        )

    scope.run(work)
