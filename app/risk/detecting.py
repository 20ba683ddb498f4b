"""The rules themselves. Pure: what was seen in, findings out, so that the job, the try on the past and a test reckon
alike. All lists are in order of time."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import TypeVar

from app.common.clock import zone
from app.merchants import opening_hours
from app.risk.rules import (
    CLOCK_OFF,
    EVEN_LONGEST,
    EVEN_SECONDS,
    FAR_LEAST_KM,
    NIGHT,
    RULES,
    SHARE_LEAST,
    SHUT_SLACK,
)
from app.risk.seen import Finding, SeenPlace, SeenReversal, SeenVisit, Standard

Standards = Callable[[str, str, str, str | None], Standard]  # rule, kind of subject, subject, merchant
Row = TypeVar("Row", SeenVisit, SeenReversal)
_FASTEST = 9999  # km/h; two scans at one moment
_DOTS = 120  # of a strip that is drawn


def at_place(place: SeenPlace, visits: Sequence[SeenVisit], standards: Standards) -> Iterator[Finding]:
    """All that the visits of one location tell by themselves."""
    yield from card_at_device(visits, standards)
    yield from at_night(place, visits, standards)
    yield from welcomes(visits, standards)
    yield from odd_clocks(place, visits, standards)


def card_at_device(visits: Iterable[SeenVisit], standards: Standards) -> Iterator[Finding]:
    """One card too often at one device."""
    grouped: dict[tuple[str, str], list[SeenVisit]] = defaultdict(list)
    for visit in visits:
        if visit.device_id is not None:
            grouped[visit.device_id, visit.number].append(visit)
    for (device_id, number), rows in grouped.items():
        if len(rows) < RULES["card_device"].least:
            continue
        standard = standards("card_device", "card", number, rows[0].merchant_id)
        for run, most in bursts(rows, RULES["card_device"].window, standard):
            yield _finding("card_device", "card", number, run, most, standard, device_id=device_id)


def staff_and_card(visits: Iterable[SeenVisit], standards: Standards) -> Iterator[Finding]:
    """Too much of what one person awards goes to one card. ``visits`` are all that these people awarded."""
    grouped: dict[str, list[SeenVisit]] = defaultdict(list)
    for visit in visits:
        if visit.staff_id is not None:
            grouped[visit.staff_id].append(visit)
    for staff_id, rows in grouped.items():
        standard = standards("staff_card", "staff", staff_id, rows[0].merchant_id)
        found: dict[str, Finding] = {}
        window: deque[SeenVisit] = deque()
        given: dict[str, int] = defaultdict(int)
        for row in rows:
            if not standard.counts(row.recorded_at):
                continue
            window.append(row)
            given[row.number] += 1
            while row.at - window[0].at > RULES["staff_card"].window:
                given[window.popleft().number] -= 1
            share = round(100 * given[row.number] / len(window))
            if given[row.number] < SHARE_LEAST or share < standard.soft:
                continue
            known = found.get(row.number)
            if known is None or share >= known.score or row.at - known.last_at > RULES["staff_card"].window:
                if known is not None and row.at - known.last_at > RULES["staff_card"].window:
                    yield known
                mine = [one for one in window if one.number == row.number]
                told = {
                    "card": row.number,
                    "count": len(mine),
                    "of": len(window),
                    "strip": [int(one.number == row.number) for one in window][-_DOTS:],
                }
                found[row.number] = _finding("staff_card", "staff", staff_id, mine, share, standard, **told)
            else:
                known.last_at = row.at
        yield from found.values()


def too_far(
    visits: Iterable[SeenVisit], places: Callable[[str], SeenPlace | None], standards: Standards
) -> Iterator[Finding]:
    """One card at two shops, faster than anybody gets from one to the other. ``visits`` are whole members' ones."""
    grouped: dict[str, list[SeenVisit]] = defaultdict(list)
    for visit in visits:
        grouped[visit.number].append(visit)
    for number, rows in grouped.items():
        for before, after in pairwise(rows):
            if before.location_id == after.location_id or after.at - before.at > RULES["far_apart"].window:
                continue
            here, there = places(before.location_id), places(after.location_id)
            apart = None if here is None or there is None else distance_km(here, there)
            if apart is None or apart < FAR_LEAST_KM:
                continue
            hours = max((after.at - before.at).total_seconds(), 60) / 3600
            speed = min(round(apart / hours), _FASTEST)
            standard = standards("far_apart", "card", number, after.merchant_id)
            if speed >= standard.soft and standard.counts(after.recorded_at):
                told = {"km": round(apart), "minutes": round((after.at - before.at).total_seconds() / 60)}
                yield _finding("far_apart", "card", number, [before, after], speed, standard, **told)


def reversals(undone: Iterable[SeenReversal], standards: Standards) -> Iterator[Finding]:
    """One person undoes again and again what something was given for."""
    grouped: dict[tuple[str, str], list[SeenReversal]] = defaultdict(list)
    for one in undone:
        if one.staff_id is not None:
            grouped["staff", one.staff_id].append(one)
        elif one.device_id is not None:
            grouped["device", one.device_id].append(one)
    for (kind, subject), rows in grouped.items():
        standard = standards("reversed", kind, subject, rows[0].merchant_id)
        for run, most in bursts(rows, RULES["reversed"].window, standard):
            days = (run[-1].at - run[0].at).days + 1
            yield _finding("reversed", kind, subject, run, most, standard, days=days)


def at_night(place: SeenPlace, visits: Iterable[SeenVisit], standards: Standards) -> Iterator[Finding]:
    """Awards at a device while its shop is shut."""
    grouped: dict[str, list[SeenVisit]] = defaultdict(list)
    for visit in visits:
        if visit.device_id is not None and is_shut(place, visit.at):
            grouped[visit.device_id].append(visit)
    for device_id, rows in grouped.items():
        standard = standards("night", "device", device_id, place.merchant_id)
        for run, most in bursts(rows, RULES["night"].window, standard):
            open_ = opening_hours.today(place.hours, run[-1].at, timezone=place.timezone, country=place.country)
            yield _finding("night", "device", device_id, run, most, standard, open=open_, timezone=place.timezone)


def welcomes(visits: Iterable[SeenVisit], standards: Standards) -> Iterator[Finding]:
    """Bonuses for first visits, one after the other at one device, of cards that never came again."""
    grouped: dict[str, list[SeenVisit]] = defaultdict(list)
    for visit in visits:
        if visit.device_id is not None and visit.is_welcome:
            grouped[visit.device_id].append(visit)
    for device_id, rows in grouped.items():
        standard = standards("welcome", "device", device_id, rows[0].merchant_id)
        for run, most in bursts(rows, RULES["welcome"].window, standard):
            yield _finding("welcome", "device", device_id, run, most, standard)


def odd_clocks(place: SeenPlace, visits: Iterable[SeenVisit], standards: Standards) -> Iterator[Finding]:
    """A tablet's queue that no real day would have written: visits in equal steps, or by a clock that is far off."""
    grouped: dict[str, list[SeenVisit]] = defaultdict(list)
    for visit in visits:
        if visit.device_id is not None and visit.source == "queue":
            grouped[visit.device_id].append(visit)
    for device_id, rows in grouped.items():
        standard = standards("offline_clock", "device", device_id, place.merchant_id)
        counted = [row for row in rows if standard.counts(row.recorded_at)]
        for run in even_runs(counted, standard.soft):
            seconds = round((run[-1].at - run[0].at).total_seconds() / (len(run) - 1))
            yield _finding("offline_clock", "device", device_id, run, len(run), standard, gap=seconds)
        offset = timedelta(milliseconds=place.offsets.get(device_id, 0))
        if abs(offset) >= CLOCK_OFF:
            for run, most in bursts(counted, RULES["offline_clock"].window, standard):
                minutes = round(offset.total_seconds() / 60)
                yield _finding("offline_clock", "device", device_id, run, most, standard, offset=minutes)


def bursts(rows: Iterable[Row], window: timedelta, standard: Standard) -> Iterator[tuple[list[Row], int]]:
    """Stretches in which at least ``standard.soft`` rows lie within ``window``, each with the most that did."""
    kept: deque[Row] = deque()
    run: list[Row] = []
    most = 0
    for row in rows:
        if not standard.counts(row.recorded_at):
            continue
        kept.append(row)
        while row.at - kept[0].at > window:
            kept.popleft()
        if len(kept) >= standard.soft:
            if run:
                run.append(row)
            else:
                run = list(kept)
            most = max(most, len(kept))
        elif run and row.at - run[-1].at > window:
            yield run, most
            run, most = [], 0
    if run:
        yield run, most


def even_runs(rows: Sequence[SeenVisit], least: int) -> Iterator[list[SeenVisit]]:
    """Longest stretches of at least ``least`` visits that follow one another in equal steps."""
    run: list[SeenVisit] = []
    step = 0.0
    for row in rows:
        gap = (row.at - run[-1].at).total_seconds() if run else 0.0
        if len(run) >= 2 and abs(gap - step) <= EVEN_SECONDS:
            run.append(row)
            continue
        if len(run) >= least:
            yield run
        is_step = bool(run) and 0 < gap <= EVEN_LONGEST.total_seconds()
        run, step = ([run[-1], row], gap) if is_step else ([row], 0.0)
    if len(run) >= least:
        yield run


def is_shut(place: SeenPlace, at: datetime) -> bool:
    """Whether nobody would stand in the shop then: more than an hour from its hours, or, where they are not known, in
    the small hours."""
    if not place.hours.is_known:
        return NIGHT[0] <= at.astimezone(zone(place.timezone)).hour < NIGHT[1]
    return not any(
        opening_hours.is_open(place.hours, moment, timezone=place.timezone, country=place.country)
        for moment in (at, at - SHUT_SLACK, at + SHUT_SLACK)
    )


def distance_km(here: SeenPlace, there: SeenPlace) -> float | None:
    """As the crow flies; None where a place is not known."""
    if here.lat is None or here.lon is None or there.lat is None or there.lon is None:
        return None
    a, b = radians(here.lat), radians(there.lat)
    across = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(there.lon - here.lon) / 2) ** 2
    return 2 * 6371 * asin(sqrt(across))


def _finding(
    rule: str,
    kind: str,
    subject: str,
    rows: Sequence[SeenVisit] | Sequence[SeenReversal],
    score: int,
    standard: Standard,
    **told: object,
) -> Finding:
    return Finding(
        rule=rule,
        subject_kind=kind,
        subject=subject,
        merchant_id=rows[-1].merchant_id,
        location_id=rows[-1].location_id,
        score=score,
        soft=standard.soft,
        at_stake=sum(row.units for row in rows),
        first_at=rows[0].at,
        last_at=rows[-1].at,
        rows=[(row.at, row.member_id, row.transaction_id, row.location_id) for row in rows],
        members=frozenset(row.member_id for row in rows),
        told=dict(told),
    )
