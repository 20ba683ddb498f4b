"""How it stands with leaving, and the last statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.common.clock import zone
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement
from app.insights.worth import basket_of, worth_of_units
from app.merchants.departures import last_day
from app.merchants.models import Departure, Merchant

_STANDING = Statement(
    """
    SELECT p.id, p.name, p.kind, s.outstanding, s.holders, s.counted_at FROM programme p
    LEFT JOIN programme_standing s ON s.programme_id = p.id WHERE p.merchant_id = :merchant_id
    ORDER BY p.position, p.id
    """
)
# Through the programme's accounts: transfers lie by member.
_MOVED = Statement(
    """
    SELECT t.debit, t.credit, sum(t.amount) FROM account a
    JOIN transfer t ON t.member_id = a.member_id AND t.account_id = a.id
    WHERE a.programme_id = :programme_id GROUP BY t.debit, t.credit
    """
)
_HELD = Statement(
    "SELECT coalesce(sum(balance), 0), count(*) FROM account WHERE programme_id = :programme_id AND balance > 0"
)
_GIVEN = Statement(
    """
    SELECT coalesce(sum(redemptions), 0), coalesce(sum(redeemed_minor), 0), coalesce(sum(unpriced), 0) FROM visit_hour
    WHERE merchant_id = :merchant_id AND day >= :since
    """
)


@dataclass(frozen=True, slots=True)
class Liability:
    """What members hold, in money: None where no reward says what a unit is worth. ``is_estimated``: with a basket that
    the owner typed."""

    minor: int | None
    is_estimated: bool
    holders: int
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class DepartureView:
    """A departure that was announced. The days are the last local ones."""

    announced_at: datetime
    last_earning: date
    last_redeeming: date
    is_frozen: bool
    is_closed: bool
    word: Mapping[str, str]
    liability_minor: int | None


@dataclass(frozen=True, slots=True)
class ProgrammeFigures:
    """What became of a programme's units. ``held_minor`` is what is held in money, where a reward says it."""

    name: str
    kind: str
    given: int
    redeemed: int
    expired: int
    corrected: int
    held: int
    holders: int
    held_minor: int | None


@dataclass(frozen=True, slots=True)
class LastStatement:
    """The last statement of a business, as of a moment."""

    shop: str
    currency: str
    hue: int
    made_at: datetime
    timezone: str
    departure: DepartureView | None
    programmes: Sequence[ProgrammeFigures]
    liability_minor: int | None
    is_estimated: bool
    redeemed_since: int  # rewards given since earning stopped, or since the announcement
    redeemed_since_minor: int
    unpriced_since: int


def get_departure(scope: Scope) -> DepartureView | None:
    """The departure of the scope's merchant that is announced or done; None: it stays."""
    with scope.reading() as tx:
        return _departure(tx, scope)


def get_liability(scope: Scope) -> Liability:
    """What the members of the scope's merchant hold, as last counted."""
    with scope.reading() as tx:
        return liability_in(tx, scope.merchant_id or "", scope.now.date())


def liability_in(tx: Transaction, merchant_id: str, today: date) -> Liability:
    """As :func:`get_liability`, in an open transaction. It reads what was counted beside the accounts."""
    worth = worth_of_units(tx, merchant_id, basket_of(tx, merchant_id, today))
    total, holders, is_estimated, counted = 0, 0, False, None
    is_known = False
    for programme_id, _, _, outstanding, held_by, counted_at in tx.rows(_STANDING, {"merchant_id": merchant_id}):
        holders += int(held_by or 0)
        counted = counted_at or counted
        known = worth.get(programme_id)
        minor = None if known is None else known.of(int(outstanding or 0))
        if known is not None and minor is not None:
            is_known = True
            total += minor
            is_estimated = is_estimated or known.is_estimated
    return Liability(total if is_known else None, is_estimated, holders, counted)


def make_statement(scope: Scope) -> LastStatement:
    """The last statement, counted from the ledger itself at this moment. Raises NotFoundError."""
    merchant_id = scope.merchant_id or ""
    with scope.reading() as tx:
        merchant = tx.session.get(Merchant, merchant_id)
        if merchant is None:
            raise NotFoundError
        departure = _departure(tx, scope)
        worth = worth_of_units(tx, merchant_id, basket_of(tx, merchant_id, scope.now.date()))
        programmes, total, is_known, is_estimated = [], 0, False, False
        for programme_id, name, kind, *_ in tx.rows(_STANDING, {"merchant_id": merchant_id}):
            moved = {
                (debit, credit): int(units) for debit, credit, units in tx.rows(_MOVED, {"programme_id": programme_id})
            }
            ((held, holders),) = tx.rows(_HELD, {"programme_id": programme_id})
            known = worth.get(programme_id)
            minor = None if known is None else known.of(int(held))
            if known is not None and minor is not None:
                is_known, total, is_estimated = True, total + minor, is_estimated or known.is_estimated
            programmes.append(
                ProgrammeFigures(
                    name=name,
                    kind=kind,
                    given=_net(moved, "issued") * -1,
                    redeemed=_net(moved, "redeemed"),
                    expired=_net(moved, "expired"),
                    corrected=-(_net(moved, "adjusted") + _net(moved, "moved")),
                    held=int(held),
                    holders=int(holders),
                    held_minor=minor,
                )
            )
        since = scope.now.astimezone(zone(merchant.timezone)).date()
        if departure is not None:
            since = min(departure.announced_at.astimezone(zone(merchant.timezone)).date(), since)
        ((count, minor_given, unpriced),) = tx.rows(_GIVEN, {"merchant_id": merchant_id, "since": since.isoformat()})
        return LastStatement(
            shop=merchant.name,
            currency=merchant.currency,
            hue=merchant.hue,
            made_at=scope.now,
            timezone=merchant.timezone,
            departure=departure,
            programmes=programmes,
            liability_minor=total if is_known else None,
            is_estimated=is_estimated,
            redeemed_since=int(count),
            redeemed_since_minor=int(minor_given),
            unpriced_since=int(unpriced),
        )


def _net(moved: Mapping[tuple[str, str], int], counter: str) -> int:
    """Units that went to a counter-account, less those that came back from it."""
    to = sum(units for (_, credit), units in moved.items() if credit == counter)
    return to - sum(units for (debit, _), units in moved.items() if debit == counter)


def _departure(tx: Transaction, scope: Scope) -> DepartureView | None:
    found = tx.session.execute(
        select(Departure, Merchant.timezone)
        .join(Merchant, Merchant.id == Departure.merchant_id)
        .where(Departure.merchant_id == scope.merchant_id, Departure.called_off_at.is_(None))
    ).first()
    if found is None:
        return None
    row, timezone = found
    return DepartureView(
        announced_at=row.announced_at,
        last_earning=last_day(row.frozen_from, timezone),
        last_redeeming=last_day(row.closes_at, timezone),
        is_frozen=row.frozen_from <= scope.now,
        is_closed=row.closed_at is not None,
        word=row.word,
        liability_minor=row.liability_minor,
    )
