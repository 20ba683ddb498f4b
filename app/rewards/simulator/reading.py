"""The visits of the last days of a programme, member by member, with where each member stood before. In batches: a shop
of any size takes little memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from app.cards import personal_data
from app.cards.data_keys import data_keys
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.rewards.configuration import MerchantConfig, ProgrammeConfig, document
from app.rewards.evaluator import Item, Needs, VisitFacts
from app.rewards.history import month_of
from app.rewards.rules import ProgrammeRules
from app.rewards.rules.dates import day_start
from app.rewards.simulator.replay import Event, Past

DAYS = 90
BATCH = 1_000


def _of_members(text: str) -> Statement:
    """A statement over a batch of members, whose ids are one parameter."""
    return Statement(
        text.replace(":members", "(SELECT unnest(CAST(:ids AS uuid[])))"),
        sqlite=text.replace(":members", "(SELECT value FROM json_each(:ids))"),
    )


_COLLECTORS = Statement("SELECT member_id FROM account WHERE programme_id = :programme_id AND last_visit_at >= :start")
# Whoever came and earned nothing may have no account: found by the shop's list of bookings, whose ids hold the time.
_VISITORS = Statement(
    "SELECT DISTINCT t.member_id FROM location_transaction t JOIN location l ON l.id = t.location_id"
    " WHERE l.merchant_id = :merchant_id AND t.transaction_id >= :least AND t.kind = 'earn'"
)
_OWED = Statement("SELECT COALESCE(sum(balance), 0), count(*) FROM account WHERE programme_id = :programme_id")
_VISITS = _of_members(
    "SELECT member_id, id, occurred_at, amount_minor, refunded_minor, units, items, location_id, earned, recorded_at"
    " FROM visit WHERE member_id IN :members AND merchant_id = :merchant_id AND occurred_at >= :start"
    " AND occurred_at <= :until AND reversed_at IS NULL"
)
_ACCOUNTS = _of_members(
    "SELECT member_id, id, balance, remainder, remainder_per, visits, units_earned, first_visit_at, opened_at"
    " FROM account WHERE member_id IN :members AND programme_id = :programme_id"
)
# What changed balances since, besides what visits earned: that is known from the visits. Read by an index of its own.
_CHANGES = _of_members(
    """
    SELECT b.member_id, b.id, b.recorded_at, l.earned_at,
        CASE WHEN t.credit = 'balance' THEN t.amount ELSE -t.amount END,
        b.kind, b.visit_id, u.kind, u.visit_id, u.occurred_at
    FROM ledger_transaction b
    JOIN transfer t ON t.member_id = b.member_id AND t.transaction_id = b.id
    JOIN lot l ON l.member_id = t.member_id AND l.id = t.lot_id
    LEFT JOIN ledger_transaction u ON u.member_id = b.reverses_member_id AND u.id = b.reverses_id
    WHERE b.member_id IN :members AND b.occurred_at >= :start AND b.kind <> 'earn' AND t.programme_id = :programme_id
    """
)
_LAST_BEFORE = _of_members(
    "SELECT member_id, max(occurred_at) FROM visit WHERE member_id IN :members AND merchant_id = :merchant_id"
    " AND occurred_at < :start AND reversed_at IS NULL GROUP BY member_id"
)
_MONTHS = _of_members(
    "SELECT m.member_id, m.month, m.gathered FROM tier_month m JOIN account a ON a.member_id = m.member_id"
    " AND a.id = m.account_id WHERE m.member_id IN :members AND a.programme_id = :programme_id"
)
_BIRTHDAYS = _of_members(
    "SELECT p.member_id, p.birthday, k.wrapped FROM member_profile p JOIN member_key k ON k.member_id = p.member_id"
    " WHERE p.member_id IN :members AND p.birthday IS NOT NULL"
)


@dataclass(slots=True)
class Story:
    """A member's part: where she stood, what happened, and what each of her visits earned when it was booked."""

    member_id: str
    past: Past
    events: list[Event] = field(default_factory=list)
    booked: list[int] = field(default_factory=list)
    amounts: list[int] = field(default_factory=list)


class Reader:
    """Reads a programme's last ``days`` days up to ``scope.now``. Only that merchant's rows are asked for."""

    def __init__(
        self,
        scope: Scope,
        config: MerchantConfig,
        programme: ProgrammeConfig,
        *,
        created_at: datetime,
        wanted: Needs,
        days: int = DAYS,
    ) -> None:
        self._scope = scope
        self._config = config
        self._programme = programme
        self._created_at = created_at
        self._needs = wanted
        self._rules = programme.rules_at(scope.now)[1]
        self.until = scope.now
        first = scope.now.astimezone(self._rules.zone).date() - timedelta(days=days)
        self.start = day_start(self._rules.zone, first)

    def members(self) -> list[str]:
        """Whoever may have had a visit in that time."""
        with self._scope.reading() as tx:
            found = {row[0] for row in tx.rows(_COLLECTORS, self._who())}
            visitors = tx.rows(_VISITORS, {"merchant_id": self._config.id, "least": least_id(self.start)})
            found.update(row[0] for row in visitors)
        return sorted(found)

    def owed(self) -> tuple[int, int]:
        """Units that all members of the programme hold now, and how many members."""
        with self._scope.reading() as tx:
            units, members = tx.rows(_OWED, {"programme_id": self._programme.id})[0]
        return int(units), int(members)

    def stories(self, members: Sequence[str]) -> Iterator[Story]:
        """What happened to some members, those without a visit left out."""
        with self._scope.reading() as tx:
            ids = many(tx, members)
            visits = tx.rows(_VISITS, {**self._who(), "ids": ids, "until": self.until})
            if not visits:
                return
            came = sorted({row[0] for row in visits})
            part = {**self._who(), "ids": many(tx, came)}
            accounts = {row[0]: row for row in tx.rows(_ACCOUNTS, part)}
            changes = tx.rows(_CHANGES, part)
            last: dict[str, Any] = dict(tx.rows(_LAST_BEFORE, part)) if self._needs.last_visit_at else {}
            months = tx.rows(_MONTHS, part) if self._needs.tier else []
            birthdays = self._birthdays(tx, part) if self._needs.birthday else {}
        stories = {
            member_id: Story(member_id, _past(account, self.start, birthdays.get(member_id), last.get(member_id)))
            for member_id in came
            for account in (accounts.get(member_id),)
        }
        for member_id, month, gathered in months:
            stories[member_id].past.months[int(month)] = int(gathered)
        yield from self._told(stories, visits, changes)

    def _told(
        self, stories: Mapping[str, Story], visits: Sequence[tuple[Any, ...]], changes: Sequence[tuple[Any, ...]]
    ) -> Iterator[Story]:
        ordered: dict[str, list[tuple[datetime, str, Event, int | None]]] = {one: [] for one in stories}
        standing = {row[1] for row in visits}
        for row in visits:
            member_id, visit_id, occurred_at, *_, recorded_at = row
            entry = self._entry(row)
            if entry is None:
                continue
            facts = _facts(row)
            story = stories[member_id]
            ordered[member_id].append((recorded_at, visit_id, Event(occurred_at, facts), int(entry.get("units", 0))))
            if facts.amount_minor is not None:
                story.amounts.append(facts.amount_minor)
            _before(story.past, entry, month_of(self._rules, occurred_at))
        for member_id, booking_id, recorded_at, earned_at, units, *booking in changes:
            story = stories[member_id]
            kind, _, undone, undone_visit, undone_at = booking
            # A visit that was undone as a whole left nothing, and is not among the visits.
            is_gone = undone == "earn" and undone_at >= self.start and undone_visit not in standing
            if kind != "reverse" or not is_gone:
                story.past.balance -= int(units)
            if self._is_run_again(*booking):
                continue
            is_expiry = booking[0] == "expire"
            if is_expiry and earned_at >= self.start:
                continue  # what was earned meanwhile expires by the rules that are tried
            event = Event(recorded_at, units=int(units), is_expiry=is_expiry)
            ordered[member_id].append((recorded_at, booking_id, event, None))
        for member_id, story in stories.items():
            if not any(units is not None for *_, units in ordered[member_id]):
                continue
            past = story.past
            past.balance = max(past.balance, 0)
            past.visits = max(past.visits, 0)
            past.units_earned = max(past.units_earned, 0)
            for _, _, event, booked in sorted(ordered[member_id], key=lambda one: (one[0], one[1])):
                story.events.append(event)
                if booked is not None:
                    story.booked.append(booked)
            yield story

    def _is_run_again(
        self, kind: str, visit_id: str | None, undone: str | None, undone_visit: str | None, undone_at: datetime | None
    ) -> bool:
        """Whether a booking is a visit's, which the rules that are tried decide on anew, or undoes such a one."""
        if undone is not None and undone_at is not None:
            return undone_at >= self.start and _is_of_visit(undone, undone_visit)
        return _is_of_visit(kind, visit_id)

    def _entry(self, row: tuple[Any, ...]) -> Mapping[str, Any] | None:
        """What the visit earned in this programme; nothing where it was booked for another one alone."""
        for entry in document(row[8]):
            if entry["programme_id"] == self._programme.id:
                found: Mapping[str, Any] = entry
                return found
        return {} if row[9] < self._created_at else None

    def _birthdays(self, tx: Transaction, part: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
        keys = data_keys(self._scope.keys.data)
        found = {}
        for member_id, sealed, wrapped in tx.rows(_BIRTHDAYS, part):
            data_key = personal_data.unwrap_data_key(keys, member_id, bytes(wrapped))
            month, day = personal_data.decrypt_text(data_key, member_id, "birthday", bytes(sealed))[-5:].split("-")
            found[member_id] = (int(month), int(day))
        return found

    def _who(self) -> dict[str, Any]:
        return {"merchant_id": self._config.id, "programme_id": self._programme.id, "start": self.start}


def least_id(at: datetime) -> str:
    """The least identifier that can have been made at a moment: identifiers begin with their time."""
    number = f"{max(int(at.timestamp() * 1000), 0):012x}"
    return f"{number[:8]}-{number[8:]}-7000-8000-000000000000"


def wanted_by(*rules: ProgrammeRules, programme: ProgrammeConfig) -> Needs:
    """What must be known of members to run any of these rules with the programme's promotions."""
    promotions = [one.rules for one in programme.promotions]
    return Needs(
        last_visit_at=any(one.comeback_days is not None for one in promotions),
        tier=any(one.tiers is not None for one in rules),
        birthday=any(one.birthday_week for one in promotions),
    )


def _is_of_visit(kind: str, visit_id: str | None) -> bool:
    return kind == "earn" or (kind == "redeem" and visit_id is not None)


def _past(
    account: tuple[Any, ...] | None,
    start: datetime,
    birthday: tuple[int, int] | None,
    last_visit_at: datetime | str | None,
) -> Past:
    if account is None:
        return Past(birthday=birthday)
    _, _, balance, remainder, per, visits, units_earned, first_visit_at, opened_at = account
    is_open = opened_at < start or (first_visit_at is not None and first_visit_at < start)
    return Past(
        is_open=is_open,
        balance=int(balance),
        visits=int(visits) if is_open else 0,
        units_earned=int(units_earned),
        last_visit_at=datetime.fromisoformat(f"{last_visit_at}+00:00")
        if isinstance(last_visit_at, str)
        else last_visit_at,
        remainder=Fraction(int(remainder), int(per)),
        birthday=birthday,
    )


def _before(past: Past, entry: Mapping[str, Any], month: int) -> None:
    """Take one of the visits off what is known of a member now."""
    past.visits -= 1
    past.units_earned -= int(entry.get("units", 0))
    past.balance -= int(entry.get("units", 0))
    if "exact" in entry:
        past.remainder = (past.remainder - Fraction(entry["exact"])) % 1
    if entry.get("qualifying") and month in past.months:
        past.months[month] = max(past.months[month] - int(entry["qualifying"]), 0)


def _facts(row: tuple[Any, ...]) -> VisitFacts:
    _, _, occurred_at, amount_minor, refunded_minor, units, items, location_id, _, _ = row
    if amount_minor is not None and not items:
        amount_minor = int(amount_minor) - int(refunded_minor or 0)
    return VisitFacts(
        occurred_at,
        None if amount_minor is None else int(amount_minor),
        None if units is None else int(units),
        tuple(Item(**item) for item in document(items)) if items else (),
        location_id,
    )
