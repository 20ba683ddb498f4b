"""Leaving: told to members in time, then nothing is earned, then nothing is redeemed, then the business is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlalchemy import select

from app.backoffice.leaving_words import SAID, word_notice
from app.backoffice.queries.leaving import liability_in
from app.campaigns.notices import announce as announce_to_members
from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.departures import last_day, moments
from app.merchants.errors import (
    DepartureAnnouncedError,
    DepartureFrozenError,
    DepartureMissingError,
    MerchantClosedError,
)
from app.merchants.models import Departure, Device, Merchant
from app.merchants.rows import merchant_of
from app.rewards.service.closing import end_balances

AHEAD = timedelta(days=7)  # when members are told once more
LONGEST_WORD = 400
_LOCALES = ("nl", "fr", "en", "de")
Progress = Callable[[int], None]
# The steps after the announcement, as ``Departure.told_stage`` counts them.
ANNOUNCED, LAST_WEEK, FROZEN, LAST_CHANCE = range(4)


@dataclass(frozen=True, slots=True)
class Advanced:
    """What one round did. ``frozen`` are merchants that pay for nothing more from now on."""

    steps: int
    frozen: tuple[str, ...]
    closed: int


def announce(scope: Scope, *, last_earning: date, last_redeeming: date, word: Mapping[str, str]) -> None:
    """Announce that the scope's merchant stops, and tell every member. The days are local; ``word`` is the owner's own
    word to the members, by locale.

    Raises DepartureTooSoonError, DepartureWindowError, DepartureAnnouncedError, InvalidError.
    """
    merchant_id = scope.merchant_id or ""
    if set(word) - {*_LOCALES} or any(len(text) > LONGEST_WORD for text in word.values()):
        raise InvalidError(errors={"word": ["texts_by_locale_expected"]})

    def work(tx: Transaction) -> None:
        merchant = _locked(tx, scope, merchant_id)
        if merchant.status == "closed":
            raise MerchantClosedError
        frozen_from, closes_at = moments(last_earning, last_redeeming, timezone=merchant.timezone, now=scope.now)
        if _open(tx, merchant_id) is not None:
            raise DepartureAnnouncedError
        departure = Departure(
            id=new_id(),
            merchant_id=merchant_id,
            announced_at=scope.now,
            announced_by=scope.staff_id,
            frozen_from=frozen_from,
            closes_at=closes_at,
            word=dict(word),
            told_stage=ANNOUNCED,
        )
        tx.session.add(departure)
        merchant.frozen_from = frozen_from
        tx.session.flush()
        _tell(tx, scope, merchant, departure, "announced")
        audit.record(
            tx,
            scope,
            "departure.announced",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            after={"last_earning": last_earning.isoformat(), "last_redeeming": last_redeeming.isoformat()},
        )

    scope.run(work)


def call_off(scope: Scope) -> None:
    """Stay after all, and tell the members so. Raises DepartureMissingError, and DepartureFrozenError once earning has
    stopped."""
    merchant_id = scope.merchant_id or ""

    def work(tx: Transaction) -> None:
        merchant = _locked(tx, scope, merchant_id)
        departure = _open(tx, merchant_id)
        if departure is None or departure.closed_at is not None:
            raise DepartureMissingError
        if departure.frozen_from <= scope.now:
            raise DepartureFrozenError
        departure.called_off_at = scope.now
        merchant.frozen_from = None
        tx.session.flush()
        _tell(tx, scope, merchant, departure, "called_off")
        audit.record(tx, scope, "departure.called_off", "merchant", merchant_id, merchant_id=merchant_id)

    scope.run(work)


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
        _tell(
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


def _tell(tx: Transaction, scope: Scope, merchant: Merchant, departure: Departure, what: str) -> None:
    days = {
        "earn": last_day(departure.frozen_from, merchant.timezone),
        "redeem": last_day(departure.closes_at, merchant.timezone),
    }
    titles, texts = {}, {}
    for locale in SAID[what]:
        own = departure.word.get(locale) or departure.word.get("en") or next(iter(departure.word.values()), "")
        titles[locale], texts[locale] = word_notice(
            what, locale, shop=merchant.name, own=str(own) if what == "announced" else "", **days
        )
    announce_to_members(
        tx,
        scope,
        merchant_id=merchant.id,
        source=f"departure-{what}-{departure.id}",
        title=titles,
        text=texts,
    )


def _locked(tx: Transaction, scope: Scope, merchant_id: str) -> Merchant:
    merchant_of(tx, scope, merchant_id)
    return tx.session.get_one(Merchant, merchant_id, with_for_update=True, populate_existing=True)


def _open(tx: Transaction, merchant_id: str) -> Departure | None:
    return tx.session.scalars(
        select(Departure).where(Departure.merchant_id == merchant_id, Departure.called_off_at.is_(None))
    ).first()
