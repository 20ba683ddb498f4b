"""Counting the whole platform by day, for the operator's overview, so that no page ever reads all visits.

Two kinds of figures stand in one row. What happened on a day (visits, rewards given, new members, mails that came back)
is counted from the tables of hours and members, and counting it again gives the same. What was so on a day (shops,
tablets, subscriptions, what members hold) is looked at while it is so, every few minutes, and the last look stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import partial
from zoneinfo import ZoneInfo

from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.common.types import decode_time
from app.insights.tablets import list_offline
from app.insights.worth import basket_of, worth_of_units

SETTLED_AFTER = timedelta(days=5)  # a tablet without a network tells of its visits for three days
WEEK = 7
DEFAULT_ZONE = "Europe/Brussels"
_CHUNK = timedelta(days=31)
_PAYING = "a.plan_id IS NOT NULL AND a.status IN ('active', 'past_due')"

_ZONE = Statement("SELECT timezone FROM merchant GROUP BY timezone ORDER BY count(*) DESC, timezone LIMIT 1")
_CURRENCY = Statement("SELECT currency FROM merchant GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1")
# The day of the very first visit may be empty by now, when that was undone.
_FIRST = Statement(
    "SELECT min(f.day) FROM (SELECT min(day) AS day FROM visit_hour UNION ALL SELECT min(day) FROM platform_day) f"
)
_HOURS = Statement(
    """
    SELECT h.day, sum(h.visits), sum(h.redemptions) FROM visit_hour h JOIN merchant m ON m.id = h.merchant_id
    WHERE h.day >= :first AND h.day <= :last AND m.sandbox_of IS NULL GROUP BY h.day
    """
)
_SEEN = Statement(
    """
    SELECT DISTINCT h.day, h.merchant_id FROM visit_hour h JOIN merchant m ON m.id = h.merchant_id
    WHERE h.day >= :first AND h.day <= :last AND h.visits > 0 AND m.sandbox_of IS NULL
    """
)
# By shop, whose members stand in the order of their first visit: nothing is read but what began since.
_NEW = Statement(
    """
    SELECT s.first_at FROM merchant m JOIN shop_member s ON s.place_id = m.id
    WHERE m.sandbox_of IS NULL AND s.first_at >= :since AND s.first_at < :until
        AND NOT EXISTS (
            SELECT 1 FROM shop_member o JOIN merchant x ON x.id = o.place_id
            WHERE o.member_id = s.member_id AND x.sandbox_of IS NULL
                AND (o.first_at < s.first_at OR (o.first_at = s.first_at AND o.place_id < s.place_id))
        )
    """
)
_BOUNCED = Statement("SELECT bounced_at FROM mail_bounce WHERE bounced_at >= :since AND bounced_at < :until")
_COUNT = Statement(
    """
    INSERT INTO platform_day (day, visits, redemptions, new_members, shops_seen, bounced)
    VALUES (:day, :visits, :redemptions, :new_members, :shops_seen, :bounced)
    ON CONFLICT (day) DO UPDATE SET visits = :visits, redemptions = :redemptions, new_members = :new_members,
        shops_seen = :shops_seen, bounced = :bounced
    """
)
_SHOPS = Statement(
    "SELECT count(*) FROM merchant WHERE status = 'active' AND sandbox_of IS NULL AND approved_at IS NOT NULL"
)
_TABLETS = Statement("SELECT count(*) FROM device WHERE kind = 'tablet' AND revoked_at IS NULL AND is_sandbox = :no")
_PAID = Statement(
    f"""
    SELECT count(*), coalesce(sum(CASE WHEN p.currency = :currency THEN p.amount_minor ELSE 0 END), 0)
    FROM billing_account a JOIN billing_plan p ON p.id = a.plan_id WHERE {_PAYING}
    """  # noqa: S608  constants
)
_MAILS = Statement(
    "SELECT count(*) FROM outbox WHERE topic = 'mail' AND done_at >= :since AND done_at < :until"
    " AND tries > 0 AND last_error IS NULL"
)
_HELD = Statement(
    """
    SELECT p.merchant_id, p.id, s.outstanding FROM programme p JOIN programme_standing s ON s.programme_id = p.id
    JOIN merchant m ON m.id = p.merchant_id WHERE m.sandbox_of IS NULL AND m.currency = :currency
    """
)
_LOOK = Statement(
    """
    INSERT INTO platform_day (day, mails, shops, tablets, offline, offline_most, liability_minor, paying,
        monthly_minor, currency, counted_at)
    VALUES (:day, :mails, :shops, :tablets, :offline, :offline, :liability_minor, :paying, :monthly_minor, :currency,
        :now)
    ON CONFLICT (day) DO UPDATE SET mails = :mails, shops = :shops, tablets = :tablets, offline = :offline,
        offline_most = CASE WHEN platform_day.offline_most > :offline THEN platform_day.offline_most ELSE :offline END,
        liability_minor = :liability_minor, paying = :paying, monthly_minor = :monthly_minor, currency = :currency,
        counted_at = :now
    """
)
_MAILS_OF = Statement("UPDATE platform_day SET mails = :mails WHERE day = :day")
# What members gained and gave up on each moment, for the days on which nobody looked.
_MOVED = Statement(
    """
    SELECT t.programme_id, b.occurred_at, CASE WHEN t.credit = 'balance' THEN t.amount ELSE -t.amount END
    FROM transfer t JOIN ledger_transaction b ON b.member_id = t.member_id AND b.id = t.transaction_id
    WHERE t.credit = 'balance' OR t.debit = 'balance'
    """
)
_UNKNOWN = Statement("SELECT day FROM platform_day WHERE liability_minor IS NULL ORDER BY day")
_FILL = Statement("UPDATE platform_day SET liability_minor = :minor WHERE day = :day AND liability_minor IS NULL")

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Rates:
    """What a unit of each programme comes to, in the currency of most shops."""

    currency: str
    per_unit: Mapping[str, Fraction]

    def total(self, held: Mapping[str, int]) -> int:
        """What so many units of each programme come to together, in minor units."""
        return round(
            sum((self.per_unit[key] * units for key, units in held.items() if key in self.per_unit), Fraction())
        )


def town_zone(tx: Transaction) -> ZoneInfo:
    """The zone in which the platform's days are counted: that of most shops."""
    found = tx.rows(_ZONE, {})
    return zone(found[0][0] if found else DEFAULT_ZONE)


def count(scope: Scope, *, on_progress: Progress | None = None) -> int:
    """Count the last days, in which something may still have changed. Returns how many; a repeat gives the same."""
    with scope.reading() as tx:
        today = scope.now.astimezone(town_zone(tx)).date()
    return _count(scope, today - SETTLED_AFTER, today, on_progress)


def rebuild(scope: Scope, *, on_progress: Progress | None = None) -> int:
    """Count every day since the first visit, and fill in what members held on days on which nobody looked. Returns how
    many days; a repeat gives the same."""
    with scope.reading() as tx:
        today = scope.now.astimezone(town_zone(tx)).date()
        first = tx.rows(_FIRST, {})[0][0]
    if first is None:
        return _count(scope, today, today, on_progress)
    days = _count(scope, date.fromisoformat(first), today, on_progress)
    _fill_liability(scope)
    return days


def look(scope: Scope) -> dict[str, int]:
    """Note how things are now, as today's: shops, tablets, subscriptions, what members hold. Returns some of it. A
    repeat replaces what was noted; of the tablets that are offline the most of the day is kept too."""
    now = scope.now
    with scope.reading() as tx:
        there = town_zone(tx)
        today = now.astimezone(there).date()
        rates = _rates(tx, today)
        held: dict[str, int] = {key: int(units) for _, key, units in tx.rows(_HELD, {"currency": rates.currency})}
        paying, monthly = tx.rows(_PAID, {"currency": rates.currency})[0]
        seen = {
            "shops": int(tx.rows(_SHOPS, {})[0][0]),
            "tablets": int(tx.rows(_TABLETS, {"no": False})[0][0]),
            "offline": len(list_offline(tx, now)),
            "liability_minor": rates.total(held),
            "paying": int(paying),
            "monthly_minor": int(monthly),
            "mails": _mails(tx, today, there),
        }
        before = today - timedelta(days=1)
        mails_before = _mails(tx, before, there)

    def write(tx: Transaction) -> None:
        tx.run(_LOOK, {"day": today.isoformat(), "currency": rates.currency, "now": now, **seen})
        # What went out since the last look of yesterday belongs to yesterday.
        tx.run(_MAILS_OF, {"day": before.isoformat(), "mails": mails_before})

    scope.run(write)
    return seen


def _count(scope: Scope, first: date, last: date, on_progress: Progress | None) -> int:
    done = 0
    while first <= last:
        end = min(first + _CHUNK - timedelta(days=1), last)
        with scope.reading() as tx:
            rows = _days(tx, first, end)
        scope.run(partial(_write, rows))
        done += len(rows)
        if on_progress is not None:
            on_progress(done)
        first = end + timedelta(days=1)
    return done


def _write(rows: list[dict[str, object]], tx: Transaction) -> None:
    tx.run_many(_COUNT, rows)


def _days(tx: Transaction, first: date, last: date) -> list[dict[str, object]]:
    there = town_zone(tx)
    span = {"first": first.isoformat(), "last": last.isoformat()}
    happened = {day: (int(visits), int(given)) for day, visits, given in tx.rows(_HOURS, span)}
    shops: defaultdict[str, set[str]] = defaultdict(set)
    week_before = {**span, "first": (first - timedelta(days=WEEK - 1)).isoformat()}
    for day, merchant_id in tx.rows(_SEEN, week_before):
        shops[day].add(merchant_id)
    moments = {"since": _midnight(first, there), "until": _midnight(last + timedelta(days=1), there)}
    new = Counter(_day(at, there) for (at,) in tx.rows(_NEW, moments))
    bounced = Counter(_day(at, there) for (at,) in tx.rows(_BOUNCED, moments))
    rows: list[dict[str, object]] = []
    for number in range((last - first).days + 1):
        at = first + timedelta(days=number)
        day = at.isoformat()
        visits, given = happened.get(day, (0, 0))
        week = (shops[(at - timedelta(days=back)).isoformat()] for back in range(WEEK))
        rows.append(
            {
                "day": day,
                "visits": visits,
                "redemptions": given,
                "new_members": new[day],
                "shops_seen": len(set().union(*week)),
                "bounced": bounced[day],
            }
        )
    return rows


def _rates(tx: Transaction, today: date) -> Rates:
    found = tx.rows(_CURRENCY, {})
    currency = found[0][0] if found else "EUR"
    shops = sorted({merchant_id for merchant_id, *_ in tx.rows(_HELD, {"currency": currency})})
    per_unit: dict[str, Fraction] = {}
    for merchant_id in shops:
        for key, worth in worth_of_units(tx, merchant_id, basket_of(tx, merchant_id, today)).items():
            if worth.per_unit is not None:
                per_unit[key] = worth.per_unit
    return Rates(currency, per_unit)


def _mails(tx: Transaction, day: date, there: ZoneInfo) -> int:
    span = {"since": _midnight(day, there), "until": _midnight(day + timedelta(days=1), there)}
    return int(tx.rows(_MAILS, span)[0][0])


def _fill_liability(scope: Scope) -> None:
    """The days on which nobody looked: from what moved in the ledger, at what a unit comes to today."""
    with scope.reading() as tx:
        days = [day for (day,) in tx.rows(_UNKNOWN, {})]
        if not days:
            return
        there = town_zone(tx)
        rates = _rates(tx, scope.now.astimezone(there).date())
        moved: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for programme_id, at, units in tx.rows(_MOVED, {}):
            moved[_day(at, there)][programme_id] += int(units)
    held: Counter[str] = Counter()
    filled: list[dict[str, object]] = []
    waiting = sorted(moved)
    for day in days:
        while waiting and waiting[0] <= day:
            held.update(moved[waiting.pop(0)])
        filled.append({"day": day, "minor": rates.total(held)})
    scope.run(lambda tx: tx.run_many(_FILL, filled))


def _midnight(day: date, there: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), there).astimezone(UTC)


def _day(at: datetime | str, there: ZoneInfo) -> str:
    moment = decode_time(at) if isinstance(at, str) else at
    return moment.astimezone(there).date().isoformat()
