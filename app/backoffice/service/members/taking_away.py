"""Taking the list of members away as a file: noted first, then written line by line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime

from app.backoffice.queries.members.taking_away import Taken, every_member
from app.common import audit
from app.common.clock import zone
from app.common.money import format_amount
from app.common.scope import Scope

BOM = "\ufeff"  # by which a spreadsheet knows the letters
_DANGER = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS = (
    "member", "card_ends_in", "name", "called_here", "visits", "spent", "currency", "first_visit", "last_visit",
    "balances", "tier", "has_app", "notes",
)  # fmt: skip
FORMATS = ("csv", "json")


def note_export(scope: Scope, *, form: str) -> None:
    """Write down that somebody takes the list away; before the first line leaves. Each call writes anew."""
    with scope.transaction() as tx:
        audit.record(tx, scope, "members.exported", "merchant", scope.merchant_id, after={"format": form})


def as_csv(scope: Scope, *, currency: str, timezone: str) -> Iterator[str]:
    """The list as CSV for a spreadsheet: no cell of it is read as a formula."""
    yield BOM + _line(COLUMNS)
    for one in every_member(scope):
        balances = "; ".join(f"{standing.name}: {standing.balance}" for standing in one.standings)
        yield _line(
            (
                one.member_id,
                one.card_tail or "",
                one.name or "",
                one.called or "",
                str(one.visits),
                format_amount(one.spend_minor, currency),
                currency,
                _day(one.first_at, timezone),
                _day(one.seen_at, timezone),
                balances,
                one.tier or "",
                "yes" if one.has_app else "no",
                " | ".join(one.notes),
            )
        )


def as_json(scope: Scope, *, currency: str) -> Iterator[str]:
    """The list as one JSON document."""
    yield '{"members": ['
    for number, one in enumerate(every_member(scope)):
        yield ("," if number else "") + "\n" + json.dumps(_document(one, currency), ensure_ascii=False)
    yield "\n]}\n"


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: what would be one is put behind an apostrophe."""
    return "'" + text if text.startswith(_DANGER) else text


def _line(values: tuple[str, ...]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow([safe(value) for value in values])
    return written.getvalue()


def _day(moment: datetime, timezone: str) -> str:
    return moment.astimezone(zone(timezone)).date().isoformat()


def _document(one: Taken, currency: str) -> dict[str, object]:
    return {
        "member_id": one.member_id,
        "card_ends_in": one.card_tail,
        "name": one.name,
        "called_here": one.called,
        "visits": one.visits,
        "spent": format_amount(one.spend_minor, currency),
        "currency": currency,
        "first_visit_at": one.first_at.isoformat().replace("+00:00", "Z"),
        "last_visit_at": one.seen_at.isoformat().replace("+00:00", "Z"),
        "balances": [
            {"programme_id": standing.programme_id, "programme": standing.name, "balance": standing.balance}
            for standing in one.standings
        ],
        "tier": one.tier,
        "has_app": one.has_app,
        "notes": list(one.notes),
    }
