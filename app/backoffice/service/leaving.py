"""Leaving: told to members in time, then nothing is earned, then nothing is redeemed, then the business is closed.
How it begins is in :mod:`app.campaigns.service.leaving`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from app.backoffice.queries.leaving import liability_in
from app.campaigns.service.leaving import announce_departure as announce
from app.campaigns.service.leaving import call_departure_off as call_off
from app.campaigns.service.leaving import tell_of_departure
from app.common import audit
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.models import Departure, Device, Merchant
from app.rewards.service.closing import end_balances

AHEAD = timedelta(days=7)  # when members are told once more
Progress = Callable[[int], None]
__all__ = ["Advanced", "advance", "announce", "call_off"]
# The steps after the announcement, as ``Departure.told_stage`` counts them.
LAST_WEEK, FROZEN, LAST_CHANCE = range(1, 4)


@dataclass(frozen=True, slots=True)
class Advanced:
    """What one round did. ``frozen`` are merchants that pay for nothing more from now on."""

    steps: int
    frozen: tuple[str, ...]
    closed: int


def advance(scope: Scope, *, on_progress: Progress | None = None) -> Advanced:
    """Do what is due of every departure: members are told once more a week before either end, the liability is noted
    when earning stops, and the business is closed at the end. A repeat finds nothing more; what broke off goes on."""
    with scope.reading() as tx:
        waiting = tx.session.scalars(
            select(Departure.id)
            .where(Departure.called_off_at.is_(None), Departure.closed_at.is_(None))
            .order_by(Departure.id)
        ).all()
    steps = closed = 0
    frozen: list[str] = []
    for departure_id in waiting:
        while (done := scope.run(partial(_step, scope=scope, departure_id=departure_id))) is not None:
            steps += 1
            if done[0] == FROZEN:
                frozen.append(done[1])
        closed += _close(scope, departure_id, on_progress)
    return Advanced(steps, tuple(frozen), closed)


def _step(tx: Transaction, scope: Scope, departure_id: str) -> tuple[int, str] | None:
    """Do the next step of one departure, if it is due. What was missed is made up for where it still makes sense."""
    departure = tx.session.get(Departure, departure_id, with_for_update=True, populate_existing=True)
    if departure is None or departure.called_off_at is not None or departure.told_stage >= LAST_CHANCE:
        return None
    stage = departure.told_stage + 1
    due = {
        LAST_WEEK: departure.frozen_from - AHEAD,
        FROZEN: departure.frozen_from,
        LAST_CHANCE: departure.closes_at - AHEAD,
    }[stage]
    if due > scope.now:
        return None
    departure.told_stage = stage
    merchant = tx.session.get_one(Merchant, departure.merchant_id)
    if stage == FROZEN:
        departure.liability_minor = liability_in(tx, merchant.id, scope.now.date()).minor
        tx.session.flush()
        merchants.change_merchant(scope, merchant.id, is_listed=False)
        audit.record(
            tx,
            scope,
            "departure.frozen",
            "merchant",
            merchant.id,
            merchant_id=merchant.id,
            after={"liability_minor": departure.liability_minor},
        )
    tx.session.flush()
    ends = departure.frozen_from if stage == LAST_WEEK else departure.closes_at
    if ends > scope.now:
        tell_of_departure(
            tx,
            scope,
            merchant,
            departure,
            {LAST_WEEK: "last_week", FROZEN: "frozen", LAST_CHANCE: "last_chance"}[stage],
        )
    return stage, merchant.id


def _close(scope: Scope, departure_id: str, on_progress: Progress | None) -> int:
    with scope.reading() as tx:
        departure = tx.session.get_one(Departure, departure_id)
        if departure.closes_at > scope.now or departure.closed_at is not None:
            return 0
        merchant_id = departure.merchant_id
        devices = tx.session.scalars(
            select(Device.id).where(Device.merchant_id == merchant_id, Device.revoked_at.is_(None))
        ).all()
    # First nothing more can be booked, then what is left ends.
    for device_id in devices:
        merchants.revoke_device(scope, device_id)
    gone = end_balances(scope, merchant_id, on_progress=on_progress)

    def work(tx: Transaction) -> None:
        row = tx.session.get_one(Departure, departure_id, with_for_update=True, populate_existing=True)
        row.closed_at = scope.now
        tx.session.flush()
        merchants.change_merchant(scope, merchant_id, status="closed")
        audit.record(
            tx, scope, "departure.closed", "merchant", merchant_id, merchant_id=merchant_id, after={"units": gone}
        )

    scope.run(work)
    return 1
