"""The rows behind a figure of the overview: which shops, tablets or mails make it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.common.scope import Scope
from app.common.sql import Statement
from app.common.types import decode_time
from app.insights.platform_days import town_zone
from app.insights.tablets import list_offline
from app.insights.worth import basket_of, worth_of_units

MOST = 200

_WEEK = "h.day >= :first AND h.day <= :last AND m.sandbox_of IS NULL"
_BY_SHOP = {
    name: Statement(
        f"""
        SELECT m.id, m.name, sum(h.{column}) FROM visit_hour h JOIN merchant m ON m.id = h.merchant_id
        WHERE {_WEEK} GROUP BY m.id, m.name HAVING sum(h.{column}) > 0 ORDER BY 3 DESC, m.name LIMIT :most
        """  # noqa: S608  constants
    )
    for name, column in (("visits", "visits"), ("rewards", "redemptions"), ("members", "new_visits"))
}
_SILENT = Statement(
    """
    SELECT m.id, m.name, (SELECT max(h.day) FROM visit_hour h WHERE h.merchant_id = m.id AND h.visits > 0)
    FROM merchant m
    WHERE m.status = 'active' AND m.sandbox_of IS NULL AND m.approved_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM visit_hour h WHERE h.merchant_id = m.id AND h.day >= :first AND h.day <= :last AND h.visits > 0
    )
    ORDER BY 3, m.name LIMIT :most
    """
)
_HELD = Statement(
    """
    SELECT m.id, m.name, p.id, p.name, s.outstanding, m.currency FROM programme p
    JOIN programme_standing s ON s.programme_id = p.id JOIN merchant m ON m.id = p.merchant_id
    WHERE m.sandbox_of IS NULL AND s.outstanding > 0 ORDER BY s.outstanding DESC LIMIT :most
    """
)
_BOUNCES = Statement(
    """
    SELECT domain, how, told, count(*), max(bounced_at) FROM mail_bounce WHERE bounced_at >= :since
    GROUP BY domain, how, told ORDER BY 4 DESC, domain LIMIT :most
    """
)
_PAYING = Statement(
    """
    SELECT m.id, m.name, p.code, p.amount_minor, p.currency, a.status FROM billing_account a
    JOIN billing_plan p ON p.id = a.plan_id JOIN merchant m ON m.id = a.merchant_id
    WHERE a.status IN ('active', 'past_due') ORDER BY a.status DESC, m.name LIMIT :most
    """
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row behind a figure: of which shop (or none), its name, more of it, and what it counts for."""

    merchant_id: str | None
    name: str
    detail: str | None = None
    number: int | None = None
    at: datetime | None = None
    day: date | None = None
    currency: str | None = None
    units: int | None = None


def rows_behind(scope: Scope, figure: str) -> list[Row]:
    """The rows behind the last week of a figure, at most two hundred. Empty for a name that is none."""
    with scope.reading() as tx:
        today = scope.now.astimezone(town_zone(tx)).date()
        last = today - timedelta(days=1)
        span = {"first": (last - timedelta(days=6)).isoformat(), "last": last.isoformat(), "most": MOST}
        if figure in _BY_SHOP:
            return [Row(key, name, number=int(count)) for key, name, count in tx.rows(_BY_SHOP[figure], span)]
        if figure == "shops":
            rows = tx.rows(_SILENT, span)
            return [Row(key, name, day=date.fromisoformat(day) if day else None) for key, name, day in rows]
        if figure == "tablets":
            return [
                Row(one.merchant_id, one.merchant, f"{one.location}, {one.name}", one.queued, one.seen_at)
                for one in list_offline(tx, scope.now)[:MOST]
            ]
        if figure == "mails":
            since = {"since": scope.now - timedelta(days=7), "most": MOST}
            return [
                Row(None, domain, f"{how} {told}".strip(), int(count), _instant(at))
                for domain, how, told, count, at in tx.rows(_BOUNCES, since)
            ]
        if figure == "paying":
            return [
                Row(key, name, f"{code}, {status}", int(minor), currency=currency)
                for key, name, code, minor, currency, status in tx.rows(_PAYING, {"most": MOST})
            ]
        if figure != "liability":
            return []
        found = []
        for key, name, programme_id, programme, units, currency in tx.rows(_HELD, {"most": MOST}):
            worth = worth_of_units(tx, key, basket_of(tx, key, today)).get(programme_id)
            minor = None if worth is None else worth.of(int(units))
            found.append(Row(key, name, programme, minor, units=int(units), currency=currency))
        return sorted(found, key=lambda row: -(row.number or 0))


def _instant(value: datetime | str) -> datetime:
    return decode_time(value) if isinstance(value, str) else value
