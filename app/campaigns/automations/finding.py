"""Which members an automation would write to: what is due on a local day, or since a visit. Reads only.

A look through a shop reads a range of one index of :class:`~app.rewards.models.ShopMember` (last seen, first seen,
month of birth), and what only a few rows decide is asked of those few.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from app.campaigns.automations.automation import NO_GROUP, Automation
from app.campaigns.automations.rhythm import LATE_BY, LATEST, SOONEST, good_hour, is_missed_on
from app.campaigns.automations.visits import ASKED_OF, Visited, cycle_of, moment, of, silence_of, visits_of
from app.campaigns.automations.yearly import falls_on, origins
from app.cards.profiles import read_profile
from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.merchants import closing
from app.rewards.segments import NEARLY_FULL

YEARS = 30
SURE = 900
"""Thousandths: of whom the model is so sure that she still comes, her silence is nothing unusual."""
_DAY = timedelta(days=1)
_MADE_UP_FOR = timedelta(days=2)  # visits while no worker ran are thanked for until then
_CAUGHT_UP = 3  # days that a yearly or daily moment is made up for within a look back


class Due(NamedTuple):
    """A member to write to: not before ``at``, and once for each ``occasion``."""

    member_id: str
    occasion: str
    at: datetime
    facts: Mapping[str, Any]


class _Row(NamedTuple):
    member_id: str
    seen_at: datetime
    first_at: datetime
    recent: Any
    gap_days: int | None
    alive: int | None

    @property
    def days(self) -> list[int]:
        return json.loads(self.recent) if isinstance(self.recent, str) else list(self.recent)


_FIELDS = "s.member_id, s.seen_at, s.first_at, s.recent, s.gap_days, s.alive"
_SERVED = f"coalesce(s.relationship, '{NO_GROUP}') {{groups}}"
_SEEN = f"""
    SELECT {_FIELDS} FROM shop_member s
    WHERE s.place_id = :place_id AND s.seen_at >= :since AND s.seen_at < :until AND s.visits > 0 AND {_SERVED}
"""  # noqa: S608  constants
_BY_SEEN = of(_SEEN + " ORDER BY s.member_id")
_NEARLY_FULL = of(
    _SEEN + f" AND s.fill >= {NEARLY_FULL} AND s.fill < 1000 AND s.programme_id IS NOT NULL ORDER BY s.member_id",
)
_BY_FIRST = of(
    f"""
    SELECT {_FIELDS} FROM shop_member s
    WHERE s.place_id = :place_id AND s.first_at >= :since AND s.first_at < :until AND s.visits > 0
        AND s.seen_at >= :seen AND {_SERVED}
    ORDER BY s.member_id
    """,  # noqa: S608  constants
)
_BORN = of(
    f"""
    SELECT {_FIELDS} FROM shop_member s
    WHERE s.place_id = :place_id AND s.birth_month = :month AND s.seen_at >= :seen AND s.visits > 0 AND {_SERVED}
    ORDER BY s.member_id
    """,  # noqa: S608  constants
)
_ENDING = Statement(
    """
    SELECT a.member_id, min(l.expires_at)
    FROM programme p JOIN account a ON a.programme_id = p.id
    JOIN lot l ON l.member_id = a.member_id AND l.account_id = a.id
    JOIN member m ON m.id = a.member_id
    WHERE p.merchant_id = :place_id AND a.next_expiry_at IS NOT NULL AND a.next_expiry_at <= :until
        AND l.remaining > 0 AND l.expires_at > :now AND l.expires_at <= :until
        AND m.status IN ('anonymous', 'claimed') AND m.is_sandbox = :no
        AND NOT EXISTS (
            SELECT 1 FROM expiry_notice n
            WHERE n.member_id = a.member_id AND n.account_id = a.id AND n.expires_at = l.expires_at
        )
    GROUP BY a.member_id ORDER BY a.member_id
    """
)
_SPENT = of(
    """
    SELECT a.member_id, a.programme_id, a.units_earned - a.balance FROM account a JOIN shop_member s
        ON s.member_id = a.member_id AND s.place_id = :place_id AND s.programme_id = a.programme_id
    WHERE a.member_id {members}
    """,
)
_HAD = of(
    """
    SELECT c.member_id, c.occasion, c.assigned_at FROM campaign_member c
    WHERE c.campaign_id = :campaign_id AND c.member_id {members}
    """,
)

_ALIASES = of("SELECT id, merged_into FROM member WHERE merged_into {members}")
_SAID = of(
    """
    SELECT member_id, channel, is_given FROM consent_event
    WHERE member_id {members} AND merchant_id = :place_id AND channel {groups} ORDER BY id
    """
)


class Look:
    """One look of an automation through its shop, in the caller's transaction: on the local day ``day``, and for what
    follows a visit as of ``now``."""

    def __init__(self, tx: Transaction, scope: Scope, automation: Automation, day: date, now: datetime) -> None:
        self._tx = tx
        self._scope = scope
        self._of = automation
        self._settings = automation.settings
        self._zone = zone(automation.timezone)
        self._day = day
        self._now = now
        self._asked = {"place_id": automation.merchant_id, "groups": many(tx, automation.settings.groups)}

    def due(self) -> list[Due]:
        """Who is due and was not written to for that occasion, nor within the automation's pause; by member."""
        finders: Mapping[str, Callable[[], list[Due]]] = {
            "welcome": self._welcome,
            "thanks": self._thanks,
            "come_back": self._come_back,
            "birthday": self._birthday,
            "expiring": self._expiring,
            "nearly_full": self._nearly_full,
            "anniversary": self._anniversary,
            "tip": self._tip,
        }
        return self._fresh(finders[self._of.trigger]())

    def _welcome(self) -> list[Due]:
        wait = timedelta(hours=self._settings.hours or 0)
        since = max(self._now - wait - _MADE_UP_FOR, self._settings.since or self._now - wait - _MADE_UP_FOR)
        asked = {"since": since, "until": self._now - wait + timedelta(microseconds=1), "seen": since}
        return [Due(row.member_id, "first", row.first_at + wait, {}) for row in self._rows(_BY_FIRST, asked)]

    def _thanks(self) -> list[Due]:
        wait = timedelta(hours=self._settings.hours or 0)
        since = max(self._now - wait - _MADE_UP_FOR, self._settings.since or self._now - wait - _MADE_UP_FOR)
        asked = {"since": since, "until": self._now - wait + timedelta(microseconds=1)}
        rows = {row.member_id: row for row in self._rows(_BY_SEEN, asked)}
        found = []
        for member_id, visits in self._visits(rows, since).items():
            latest = visits[-1]
            if latest.occurred_at == rows[member_id].seen_at and latest.source in ASKED_OF:
                found.append(Due(member_id, latest.visit_id, latest.occurred_at + wait, {}))
        return found

    def _come_back(self) -> list[Due]:
        first = self._day - _DAY * (LATEST + LATE_BY)
        closed = closing.closed_days(self._tx, self._of.merchant_id, first - _DAY * LATEST, self._day)
        # A day on which the shop is shut, or was until lately, is none to ask anybody back.
        if any(self._day - _DAY * closing.GRACE <= day <= self._day for day in closed):
            return []
        # Who was away while the shop was shut may be away for so much longer.
        asked = {
            "since": self._midnight(first - _DAY * len(closed)),
            "until": self._midnight(self._day - _DAY * (SOONEST - 1)),
        }
        without = self._settings.days or None
        missed = {
            row.member_id: row
            for row in self._rows(_BY_SEEN, asked)
            if (row.alive is None or row.alive < SURE)
            and is_missed_on(self._day, row.days, without_rhythm=without, closed=closed)
        }
        visits = self._visits(missed, self._midnight(first - 2 * _DAY * LATEST))
        found = []
        for member_id, row in missed.items():
            own = visits.get(member_id, [])
            hours = [_hour(one.occurred_at.astimezone(self._zone)) for one in own]
            silent = (self._day - row.seen_at.astimezone(self._zone).date()).days
            facts = {"gap": row.gap_days, "silent": silent}
            found.append(Due(member_id, silence_of(row.seen_at, own), self._at(hours), facts))
        return found

    def _birthday(self) -> list[Due]:
        found = []
        for row in self._rows(_BORN, {"month": self._day.month, "seen": self._seen_since()}):
            born = read_profile(self._tx, self._scope, row.member_id).birthday_month_day
            if born is not None and falls_on(*born, self._day):
                found.append(Due(row.member_id, str(self._day.year), self._at(), {}))
        return found

    def _anniversary(self) -> list[Due]:
        found = []
        for day in origins(self._day, YEARS):
            asked = {
                "since": self._midnight(day),
                "until": self._midnight(day + _DAY),
                "seen": self._seen_since(),
            }
            years = self._day.year - day.year
            found += [
                Due(row.member_id, str(self._day.year), self._at(), {"years": years})
                for row in self._rows(_BY_FIRST, asked)
            ]
        return found

    def _expiring(self) -> list[Due]:
        until = self._midnight(self._day + _DAY * ((self._settings.days or 0) + 1))
        asked = {**self._asked, "now": self._now, "until": until, "no": False}
        asked.pop("groups")
        found = []
        for member_id, ends_at in self._tx.rows(_ENDING, asked):
            last = (moment(ends_at) - timedelta(microseconds=1)).astimezone(self._zone).date()
            found.append(Due(str(member_id), last.isoformat(), self._at(), {}))
        return found

    def _nearly_full(self) -> list[Due]:
        quiet = self._settings.days or 1
        asked = {
            "since": self._midnight(self._day - _DAY * (quiet + _CAUGHT_UP)),
            "until": self._midnight(self._day - _DAY * (quiet - 1)),
        }
        rows = {row.member_id: row for row in self._rows(_NEARLY_FULL, asked)}
        spent = {str(member_id): (str(programme), n) for member_id, programme, n in self._of_members(_SPENT, rows)}
        visits = self._visits(rows, self._midnight(self._day - _DAY * LATEST))
        found = []
        for member_id in rows:
            if member_id in spent:
                hours = [_hour(one.occurred_at.astimezone(self._zone)) for one in visits.get(member_id, ())]
                found.append(Due(member_id, cycle_of(*spent[member_id]), self._at(hours), {}))
        return found

    def _tip(self) -> list[Due]:
        after = self._settings.days or 1
        asked = {
            "since": self._midnight(self._day - _DAY * after),
            "until": self._midnight(self._day - _DAY * (after - 1)),
        }
        occasion = f"tip {self._settings.edition}"
        return [Due(row.member_id, occasion, self._at(), {}) for row in self._rows(_BY_SEEN, asked)]

    def _fresh(self, found: list[Due]) -> list[Due]:
        if not found:
            return found
        heard = {one.member_id for one in found}
        if self._of.is_news:
            # Nothing is written down of whom the shop may not write to; at the moment of sending it is asked again.
            heard = self._said_yes(heard)
        had: dict[str, list[tuple[str, datetime]]] = {}
        asked = {"campaign_id": self._of.id}
        for member_id, occasion, assigned_at in self._of_members(_HAD, [one.member_id for one in found], asked):
            had.setdefault(str(member_id), []).append((occasion, moment(assigned_at)))
        free = self._midnight(self._day + _DAY) - _DAY * self._settings.pause_days
        return [
            one
            for one in found
            if one.member_id in heard
            and not any(occasion == one.occasion or at > free for occasion, at in had.get(one.member_id, ()))
        ]

    def _said_yes(self, members: set[str]) -> set[str]:
        """Those whose latest word on one of the ways at least is yes: their own, or that of a card that was merged into
        theirs."""
        owner = {str(alias): str(member_id) for alias, member_id in self._of_members(_ALIASES, members)}
        latest: dict[tuple[str, str], bool] = {}
        asked = {"groups": many(self._tx, self._of.ways)}
        for member_id, channel, is_given in self._of_members(_SAID, [*members, *owner], asked):
            latest[owner.get(str(member_id), str(member_id)), channel] = bool(is_given)
        return {member_id for (member_id, _), is_given in latest.items() if is_given}

    def _rows(self, statement: Statement, asked: Mapping[str, Any]) -> list[_Row]:
        return [
            _Row(str(member_id), moment(seen_at), moment(first_at), recent, gap_days, alive)
            for member_id, seen_at, first_at, recent, gap_days, alive in self._tx.rows(
                statement, {**self._asked, **asked}
            )
        ]

    def _visits(self, members: Iterable[str], since: datetime) -> dict[str, list[Visited]]:
        return visits_of(self._tx, self._of.merchant_id, members, since)

    def _of_members(
        self, statement: Statement, members: Iterable[str], asked: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        ids = list(members)
        if not ids:
            return []
        values = {"place_id": self._of.merchant_id, "members": many(self._tx, ids), **(asked or {})}
        return self._tx.rows(statement, values)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    def _seen_since(self) -> datetime:
        return self._now - _DAY * (self._settings.days or 365)

    def _at(self, hours: Sequence[float] = ()) -> datetime:
        hour = good_hour(hours) if self._settings.hour is None else self._settings.hour
        return datetime.combine(self._day, time(hour), self._zone).astimezone(UTC)


def _hour(local: datetime) -> float:
    return local.hour + local.minute / 60
