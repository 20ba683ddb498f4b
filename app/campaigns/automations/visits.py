"""The visits by which an automation knows one occasion from another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from app.common.database import Transaction
from app.common.sql import Statement, many

ASKED_OF = ("counter", "queue", "kiosk")
"""Sources of visits that are thanked for: not of imported ones."""


def of(text: str) -> Statement:
    """A statement whose ``{groups}`` and ``{members}`` stand for "one of those in this parameter"."""
    arrays = {"groups": "= ANY(CAST(:groups AS text[]))", "members": "= ANY(CAST(:members AS uuid[]))"}
    lists = {name: f"IN (SELECT value FROM json_each(:{name}))" for name in arrays}  # noqa: S608  names of ours
    return Statement(text.format(**arrays), sqlite=text.format(**lists))


_VISITS = of(
    """
    SELECT v.member_id, v.id, v.location_id, v.occurred_at, v.source FROM visit v
    WHERE v.member_id {members} AND v.merchant_id = :place_id AND v.reversed_at IS NULL
        AND v.occurred_at >= :since
    ORDER BY v.occurred_at, v.id
    """,
)


class Visited(NamedTuple):
    """A visit that stands."""

    visit_id: str
    location_id: str
    occurred_at: datetime
    source: str


def visits_of(tx: Transaction, merchant_id: str, members: Iterable[str], since: datetime) -> dict[str, list[Visited]]:
    """The members' own visits to a shop since then, the oldest first."""
    ids = list(members)
    found: dict[str, list[Visited]] = {}
    if ids:
        asked = {"place_id": merchant_id, "members": many(tx, ids), "since": since}
        for member_id, *rest in tx.rows(_VISITS, asked):
            visit_id, location_id, occurred_at, source = rest
            found.setdefault(str(member_id), []).append(
                Visited(str(visit_id), str(location_id), moment(occurred_at), source)
            )
    return found


def silence_of(seen_at: datetime, visits: Sequence[Visited]) -> str:
    """Which silence it is: the one since that visit. Of a visit with a card that was merged into hers the moment
    tells as well."""
    latest = visits[-1] if visits else None
    return latest.visit_id if latest is not None and latest.occurred_at == seen_at else seen_at.isoformat()


def cycle_of(programme_id: str, spent: int) -> str:
    """Which card it is that fills: what was spent and ended before is the same until the next is begun."""
    return f"{programme_id} {spent}"


def moment(value: Any) -> datetime:
    """An instant as either driver gives it."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    found: datetime = value
    return found.astimezone(UTC)
