"""What follows from events by themselves: free places go to those who wait, tickets are reminded of, cancelled events
are told, and what is over is counted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import func, select, update

from app.campaigns.errors import PlaceUsedError
from app.campaigns.models import ClubEvent, EventPlace
from app.campaigns.quiet import quiet_end
from app.campaigns.reaching import manners_of
from app.campaigns.service.places import release
from app.campaigns.telling import hold_member
from app.campaigns.tickets import DAY, cancel_ticket, fill_free, held_event, say
from app.common.database import Transaction
from app.common.scope import Scope
from app.rewards.models import Voucher

ROWS = 200
_LEAST = "00000000-0000-0000-0000-000000000000"
_COUNTED_AFTER = timedelta(days=1)  # a tablet may tell of the door's tickets a while later
_ACTIVE = ("waiting", "offered", "held")
_CANCELLED = {
    "nl": ("Gaat niet door: {event}", "Het spijt ons. Wie een ticket had, heeft er geen meer nodig."),
    "fr": ("Annulé : {event}", "Nous en sommes désolés. Les billets ne sont plus valables."),
    "en": ("Cancelled: {event}", "We are sorry. Tickets for it are no longer good."),
    "de": ("Abgesagt: {event}", "Es tut uns leid. Tickets dafür gelten nicht mehr."),
}
_TOMORROW = {
    "nl": ("Binnenkort: {event}", "Het is zover binnen een dag. Je ticket staat bij je bonnen."),
    "fr": ("Bientôt : {event}", "C’est dans moins d’un jour. Votre billet se trouve parmi vos bons."),
    "en": ("Coming up: {event}", "It is within a day from now. Your ticket is among your vouchers."),
    "de": ("Bald: {event}", "Es beginnt in weniger als einem Tag. Ihr Ticket finden Sie bei Ihren Gutscheinen."),
}


def mind_events(scope: Scope, *, on_progress: Callable[[], object] | None = None) -> dict[str, int]:
    """Do what is due at events, a stretch of members at a time. Returns how many were given or offered a place, how
    many reminded, how many told of an event that doesn't take place, and how many events were counted. A repeat, and
    another who does it at once, tells nobody twice."""
    done = dict.fromkeys(("placed", "reminded", "cancelled", "counted"), 0)
    after = _LEAST
    while True:
        with scope.reading() as tx:
            row = tx.session.execute(
                select(ClubEvent.id)
                .where(ClubEvent.status != "draft", ClubEvent.settled_at.is_(None), ClubEvent.id > after)
                .order_by(ClubEvent.id)
                .limit(1)
            ).first()
        if row is None:
            return done
        while True:
            found = scope.run(lambda tx, event_id=row.id: _mind(tx, scope, event_id))  # type: ignore[misc]
            for key, count in found.items():
                done[key] += count
            if on_progress is not None:
                on_progress()
            if max(found.get("reminded", 0), found.get("cancelled", 0)) < ROWS and found.get("placed", 0) < 100:
                break
        after = row.id


def _mind(tx: Transaction, scope: Scope, event_id: str) -> dict[str, int]:
    event = held_event(tx, event_id)
    if event is None or event.settled_at is not None:
        return {}
    if event.status == "cancelled":
        return {"cancelled": _tell_cancelled(tx, scope, event)}
    if scope.now >= event.ends_at + _COUNTED_AFTER:
        return {"counted": _count(tx, scope, event)}
    if scope.now >= event.starts_at:
        return {}
    for place in _places(tx, event, EventPlace.status == "offered", EventPlace.offered_until <= scope.now):
        release(tx, scope, event, place)
    found = {"placed": fill_free(tx, scope, event)}
    if event.starts_at - scope.now <= DAY and not _is_quiet(tx, scope, event):
        rows = _places(tx, event, EventPlace.status == "held", EventPlace.reminded_at.is_(None))
        for place in rows:
            place.reminded_at = scope.now
            if hold_member(tx, place.member_id) == place.member_id:
                say(tx, scope, event, place, _TOMORROW, f"event:{event.id}:tomorrow")
        found["reminded"] = len(rows)
    return found


def _tell_cancelled(tx: Transaction, scope: Scope, event: ClubEvent) -> int:
    if _is_quiet(tx, scope, event):
        return 0
    rows = _places(tx, event, EventPlace.status.in_(_ACTIVE))
    for place in rows:
        if place.status == "held":
            with suppress(PlaceUsedError):  # shown before it was called off: what happened stays
                cancel_ticket(tx, scope, place)
        place.status, place.offered_until, place.changed_at = "cancelled", None, scope.now
        place.pass_hash = place.pass_until = None
        if hold_member(tx, place.member_id) == place.member_id:
            say(tx, scope, event, place, _CANCELLED, f"event:{event.id}:cancelled")
    if len(rows) < ROWS:
        event.settled_at = scope.now
    return len(rows)


def _count(tx: Transaction, scope: Scope, event: ClubEvent) -> int:
    held = (EventPlace.event_id == event.id) & (EventPlace.status == "held")
    came = tx.session.scalar(
        select(func.count())
        .select_from(EventPlace)
        .join(Voucher, (Voucher.member_id == EventPlace.member_id) & (Voucher.id == EventPlace.voucher_id))
        .where(held, Voucher.status == "redeemed")
    )
    everybody = tx.session.scalar(select(func.count()).select_from(EventPlace).where(held))
    event.attended = came or 0
    event.missed = (everybody or 0) - event.attended
    event.settled_at = scope.now
    waited = (EventPlace.event_id == event.id) & EventPlace.status.in_(("waiting", "offered"))
    tx.session.execute(update(EventPlace).where(waited).values(status="gone", offered_until=None))
    return 1


def _places(tx: Transaction, event: ClubEvent, *which: object) -> list[EventPlace]:
    return list(
        tx.session.scalars(
            select(EventPlace)
            .where(EventPlace.event_id == event.id, *which)  # type: ignore[arg-type]
            .order_by(EventPlace.member_id)
            .limit(ROWS)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _is_quiet(tx: Transaction, scope: Scope, event: ClubEvent) -> bool:
    """Whether members had better not be written to now, and there is time to wait."""
    manners, timezone = manners_of(tx, event.merchant_id)
    end = quiet_end(scope.now, timezone, manners)
    return end is not None and end < event.starts_at
