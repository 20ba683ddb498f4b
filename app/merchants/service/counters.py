"""How a merchant's counters work."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.common import audit
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.configuration import configuration_changed
from app.merchants.counter_settings import KEY, CounterSettings, as_document, changed, counter_settings
from app.merchants.models import Merchant
from app.merchants.rows import merchant_of


def change_counter_settings(scope: Scope, merchant_id: str, **changes: Any) -> CounterSettings:
    """Change some of a merchant's counter settings (the fields of :class:`CounterSettings`) and return them all.

    They hold from the next request on, also in the merchant's sandbox. What is already so stays so, and leaves no
    event; without changes this only reads. Raises NotFoundError, InvalidError for an unknown or bad field.
    """

    def work(tx: Transaction) -> CounterSettings:
        merchant = merchant_of(tx, scope, merchant_id)
        before = counter_settings(merchant.settings)
        after = changed(before, changes)
        if after == before:
            return before
        was, is_now = as_document(before), as_document(after)
        merchant.settings = {**merchant.settings, KEY: is_now}
        tx.session.flush()
        configuration_changed(tx, merchant_id)
        # Whoever practises must find the counter as it is in the shop.
        for twin in tx.session.scalars(select(Merchant).where(Merchant.sandbox_of == merchant_id)).all():
            twin.settings = {**twin.settings, KEY: is_now}
            tx.session.flush()
            configuration_changed(tx, twin.id)
        differing = [name for name in is_now if is_now[name] != was[name]]
        audit.record(
            tx,
            scope,
            "merchant.counter_changed",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before={name: was[name] for name in differing},
            after={name: is_now[name] for name in differing},
        )
        return after

    return scope.run(work)
