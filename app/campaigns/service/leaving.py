"""A shop announces that it stops, or that it stays after all; its members are told in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from app.campaigns.leaving_words import SAID, word_notice
from app.campaigns.notices import announce as announce_to_members
from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.departures import last_day, moments
from app.merchants.errors import (
    DepartureAnnouncedError,
    DepartureFrozenError,
    DepartureMissingError,
    MerchantClosedError,
)
from app.merchants.models import Departure, Merchant
from app.merchants.rows import merchant_of

LONGEST_WORD = 400
ANNOUNCED = 0  # the first of the steps that ``Departure.told_stage`` counts
_LOCALES = ("nl", "fr", "en", "de")


def announce_departure(
    scope: Scope, *, last_earning: date, last_redeeming: date, word: Mapping[str, str], reason: str | None = None
) -> None:
    """Announce that the scope's merchant stops, and tell every member. The days are local; ``word`` is the owner's own
    word to the members, by locale; ``reason`` stands in the audit list.

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
        tell_of_departure(tx, scope, merchant, departure, "announced")
        audit.record(
            tx,
            scope,
            "departure.announced",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            after={"last_earning": last_earning.isoformat(), "last_redeeming": last_redeeming.isoformat()}
            | ({} if reason is None else {"reason": reason}),
        )

    scope.run(work)


def call_departure_off(scope: Scope) -> None:
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
        tell_of_departure(tx, scope, merchant, departure, "called_off")
        audit.record(tx, scope, "departure.called_off", "merchant", merchant_id, merchant_id=merchant_id)

    scope.run(work)


def tell_of_departure(tx: Transaction, scope: Scope, merchant: Merchant, departure: Departure, what: str) -> None:
    """Tell the members one step of a departure, in the caller's transaction."""
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
