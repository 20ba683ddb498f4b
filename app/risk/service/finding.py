"""Looking for cases: at what was booked since the last look, and at tries that missed. A repeat finds nothing new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from app.cards import attempts
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.risk import detecting, keeping
from app.risk.models import GuessPeak
from app.risk.queries import reading
from app.risk.queries.limits import Held, held
from app.risk.rules import DAY, PAST, RULES, SHARE_LEAST
from app.risk.seen import Finding, SeenPlace

Progress = Callable[[int], object]

LATE = timedelta(days=4)  # how old a visit may be that comes now: a tablet's queue of a long week-end
_BACK = timedelta(days=14)  # of bookings that were made while no job ran
_AHEAD = timedelta(minutes=10)
_BEFORE = timedelta(hours=25)  # the longest window of the rules that look at a location

# Tries by which somebody may guess what is not theirs, and after how many in its window each kind is refused.
GUESSES: Mapping[str, int] = {
    "misses an hour": 60,
    "misses a day": 300,
    "wrong sign-in codes of a network": 60,
    "wrong sign-in codes of an address": 50,
    "wrong codes for moving of a network": 30,
    "claims of a member": 20,
    "member-lookup": 20,
    "pairing from one address": 20,
}
OF_DEVICES = frozenset({"misses an hour", "misses a day", "member-lookup"})

_ADVANCE = Statement(
    """
    INSERT INTO risk_progress (location_id, upto, looked_at) VALUES (:location_id, :upto, :now)
    ON CONFLICT (location_id) DO UPDATE SET looked_at = :now,
        upto = CASE WHEN excluded.upto > risk_progress.upto THEN excluded.upto ELSE risk_progress.upto END
    """
)
_GUESSED = Statement(
    "SELECT subject, name, count, started_at FROM attempt WHERE name = ANY(CAST(:names AS text[]))"
    " AND count >= :least AND started_at > :since",
    sqlite="SELECT subject, name, count, started_at FROM attempt"
    " WHERE name IN (SELECT value FROM json_each(:names)) AND count >= :least AND started_at > :since",
)
_KEEP = Statement(
    """
    INSERT INTO guess_peak (subject, started_at, name, count)
    SELECT subject, started_at, name, count FROM attempt
    WHERE name = ANY(CAST(:names AS text[])) AND count >= :least AND started_at > :since
    ON CONFLICT (subject, started_at) DO UPDATE SET count = excluded.count WHERE excluded.count > guess_peak.count
    """,
    sqlite="""
    INSERT INTO guess_peak (subject, started_at, name, count)
    SELECT subject, started_at, name, count FROM attempt
    WHERE name IN (SELECT value FROM json_each(:names)) AND count >= :least AND started_at > :since
    ON CONFLICT (subject, started_at) DO UPDATE SET count = excluded.count WHERE excluded.count > guess_peak.count
    """,
)
_FORGET = Statement("DELETE FROM guess_peak WHERE started_at < :before")
_DEVICES = Statement("SELECT d.id, d.merchant_id, d.location_id FROM device d WHERE NOT d.is_sandbox")


def find_cases(scope: Scope, *, on_progress: Progress | None = None) -> int:
    """Look at everything that was booked since the last time, a location after the other, each in a transaction of its
    own. Returns how many cases were opened. A repeat opens none."""
    with scope.reading() as tx:
        places = reading.read_places(tx)
        standards = held(tx, scope.now)
        waiting = reading.waiting_locations(tx)
    opened = 0
    for location_id, upto in waiting:
        opened += _look_at(scope, places, places[location_id], upto, standards)
        if on_progress is not None:
            on_progress(opened)
    return opened


def find_guesses(scope: Scope) -> int:
    """Look at the tries that missed. Quick, since it is to be done every minute. Returns how many cases were opened."""
    with scope.reading() as tx:
        standards = held(tx, scope.now)
        findings = _guesses(tx, scope, standards)
        peaks = tx.rows(_GUESSED, _asked(tx, scope))
    if peaks:
        # For trying limits on the past: from the least that can be set, whether or not the limit of now finds it.
        scope.run(lambda tx: tx.run(_KEEP, _asked(tx, scope)))
    if not findings:
        return 0
    return scope.run(lambda tx: sum(keeping.keep(tx, one, now=scope.now, cards={}) for one in findings))


def forget_guesses(scope: Scope) -> int:
    """Delete what no limit is tried on any more. Returns how many."""
    return scope.run(lambda tx: tx.run(_FORGET, {"before": scope.now - PAST}))


def guesses_kept(tx: Transaction, scope: Scope, *, soft: int, since: datetime) -> dict[str, list[GuessPeak]]:
    """What a soft limit finds in what was kept of guesses since then, by the device or the source that guessed."""
    peaks = tx.session.scalars(
        select(GuessPeak).where(GuessPeak.started_at >= since).order_by(GuessPeak.started_at)
    ).all()
    found = [peak for peak in peaks if peak.count >= min(soft, GUESSES.get(peak.name, soft))]
    devices = _devices(tx, scope) if any(peak.name in OF_DEVICES for peak in found) else {}
    sources: dict[str, list[GuessPeak]] = {}
    for peak in found:
        known = devices.get(bytes(peak.subject))
        sources.setdefault(bytes(peak.subject).hex() if known is None else known[0], []).append(peak)
    return sources


def _asked(tx: Transaction, scope: Scope) -> dict[str, object]:
    least = min(RULES["guessing"].least, *GUESSES.values())
    return {"names": many(tx, GUESSES), "least": least, "since": scope.now - RULES["guessing"].window}


def _look_at(scope: Scope, places: Mapping[str, SeenPlace], place: SeenPlace, upto: str | None, standards: Held) -> int:
    now = scope.now
    with scope.reading() as tx:
        booked = reading.booked_since(tx, place.location_id, upto, since=now - _BACK)
        findings: list[Finding] = []
        if booked.since is not None:
            since = max(booked.since, now - LATE)
            findings = _found(tx, places, reading.with_clocks(tx, place), booked, since, now, standards)
        cards = reading.card_ids(tx, keeping.numbers_in(findings))
    return scope.run(partial(_keep, scope, place.location_id, booked.upto, findings, cards))


def _found(
    tx: Transaction,
    places: Mapping[str, SeenPlace],
    place: SeenPlace,
    booked: reading.Booked,
    since: datetime,
    now: datetime,
    standards: Held,
) -> list[Finding]:
    until = now + _AHEAD
    visits = reading.visits_at(tx, place, since - _BEFORE, until)
    findings = list(detecting.at_place(place, visits, standards))
    abroad = reading.visits_of(tx, sorted(booked.members), since - DAY, until)
    findings += detecting.too_far(abroad, places.get, standards)
    fortnight = since - RULES["staff_card"].window
    staff = reading.favouring_staff(tx, place, sorted(booked.members), since=fortnight, least=SHARE_LEAST)
    if staff:
        awarded = [visit for visit in reading.visits_at(tx, place, fortnight, until) if visit.staff_id in staff]
        findings += detecting.staff_and_card(awarded, standards)
    if booked.has_reversal:
        undone = reading.reversals_at(tx, place, since - RULES["reversed"].window, until)
        findings += detecting.reversals(undone, standards)
    return findings


def _keep(
    scope: Scope,
    location_id: str,
    upto: str,
    findings: Sequence[Finding],
    cards: Mapping[str, str],
    tx: Transaction,
) -> int:
    opened = sum(keeping.keep(tx, one, now=scope.now, cards=cards) for one in findings)
    tx.run(_ADVANCE, {"location_id": location_id, "upto": upto, "now": scope.now})
    return opened


def _guesses(tx: Transaction, scope: Scope, standards: Held) -> list[Finding]:
    limit = standards.limit("guessing", None)
    least = min(limit, *GUESSES.values())
    asked = {"names": many(tx, GUESSES), "least": least, "since": scope.now - RULES["guessing"].window}
    rows = [row for row in tx.rows(_GUESSED, asked) if row[2] >= min(limit, GUESSES[row[1]])]
    devices = _devices(tx, scope) if any(row[1] in OF_DEVICES for row in rows) else {}
    findings = []
    for subject, name, count, started_at in rows:
        known = devices.get(bytes(subject))
        kind, who = ("source", bytes(subject).hex()) if known is None else ("device", known[0])
        standard = standards("guessing", kind, who, None if known is None else known[1])
        # Its window began before somebody decided: those are the tries that were decided on.
        if not standard.counts(started_at) or count < min(standard.soft, GUESSES[name]):
            continue
        findings.append(
            Finding(
                rule="guessing",
                subject_kind=kind,
                subject=who,
                merchant_id=None if known is None else known[1],
                location_id=None if known is None else known[2],
                score=int(count),
                soft=limit,
                at_stake=0,
                first_at=started_at,
                last_at=scope.now,
                rows=[],
                members=frozenset(),
                told={"tries": name, "most": GUESSES[name]},
            )
        )
    return findings


def _devices(tx: Transaction, scope: Scope) -> dict[bytes, tuple[str, str, str]]:
    """From the hashes under which devices' misses are counted to the devices: hashes can't be turned back, so all of
    them are reckoned, now that one is there."""
    return {
        attempts.hashed_subject(scope, name, row[0]): (row[0], row[1], row[2])
        for row in tx.rows(_DEVICES, {})
        for name in OF_DEVICES
    }
