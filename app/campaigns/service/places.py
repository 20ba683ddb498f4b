"""Members at events: a place taken, waited for, given back, and passed on to somebody else."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from app.campaigns.errors import EventOverError, PlaceHeldError, PlaceUsedError, TicketFixedError
from app.campaigns.meaning import is_meant
from app.campaigns.models import ClubEvent, EventPlace
from app.campaigns.service.clubs import club_for
from app.campaigns.telling import hold_member
from app.campaigns.tickets import (
    cancel_ticket,
    fill_free,
    free_place,
    held_event,
    issue_ticket,
    place_of,
    require_bookable,
    say,
    take_place,
)
from app.common import audit
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.rewards import vouchers

PASS_FOR = timedelta(days=7)
_ACTIVE = ("waiting", "offered", "held")
_PASSED = {
    "nl": ("Je ticket is doorgegeven: {event}", "Iemand heeft je ticket overgenomen. Dat van jou geldt niet meer."),
    "fr": ("Votre billet est cédé : {event}", "Quelqu’un a repris votre billet. Le vôtre n’est plus valable."),
    "en": ("Your ticket is passed on: {event}", "Somebody has taken your ticket over. Yours is no longer good."),
    "de": ("Ihr Ticket ist weitergegeben: {event}", "Jemand hat Ihr Ticket übernommen. Ihres gilt nicht mehr."),
}


def take(scope: Scope, *, event_id: str) -> str:
    """Take a place at an event as the scope's member, or one that is offered to her; where none is free, wait for one.

    Returns ``held`` or ``waiting``. A repeat changes nothing. Raises ``NotFoundError`` for an event that is not for
    her, :class:`EventOverError` where it can't be booked now, :class:`ClubOffError`.
    """

    def work(tx: Transaction) -> str:
        found = tx.session.get(ClubEvent, event_id)
        if found is None or found.status == "draft":
            raise NotFoundError(what="event")
        member_id, _ = club_for(tx, scope, found.merchant_id)
        event = held_event(tx, event_id)
        if event is None or not is_meant(tx, event, member_id):
            raise NotFoundError(what="event")
        place = place_of(tx, member_id, event_id)
        if place is not None and place.status == "offered":
            if (
                event.status != "open"
                or scope.now >= event.starts_at
                or scope.now >= (place.offered_until or scope.now)
            ):
                raise EventOverError
            issue_ticket(tx, scope, event, place)
            return place.status
        if place is not None and place.status in _ACTIVE:
            return place.status
        require_bookable(event, scope.now)
        place = _ask(tx, scope, event, member_id, place)
        if take_place(tx, event_id):
            issue_ticket(tx, scope, event, place)
        else:
            place.status = "waiting"
            tx.session.flush()
        return place.status

    return scope.run(work)


def give_back(scope: Scope, *, event_id: str) -> None:
    """Give a place at an event back as the scope's member, or wait no longer: the first who waits gets it. A repeat
    changes nothing.

    Raises ``NotFoundError``, :class:`EventOverError` once it has begun, :class:`PlaceUsedError` for a ticket that was
    shown.
    """

    def work(tx: Transaction) -> None:
        event, place = _own(tx, scope, event_id)
        if place.status not in _ACTIVE:
            return
        if scope.now >= event.starts_at:
            raise EventOverError
        release(tx, scope, event, place)
        fill_free(tx, scope, event)

    scope.run(work)


def release(tx: Transaction, scope: Scope, event: ClubEvent, place: EventPlace) -> None:
    """End a place of a held event, in the caller's transaction: its ticket is cancelled and the place free. Raises
    :class:`PlaceUsedError`."""
    if place.status == "held":
        cancel_ticket(tx, scope, place)
    if place.status != "waiting":
        free_place(tx, event.id)
    _end(place, scope.now)
    tx.session.flush()


def make_pass(scope: Scope, *, event_id: str) -> tuple[str, datetime]:
    """Make a code by which somebody else can take the scope's member's ticket over, good once, for seven days and until
    the event begins; a code that was made before is void. Returns the code, which is kept nowhere, and until when.

    Raises ``NotFoundError`` without a ticket, :class:`EventOverError`, :class:`PlaceUsedError`, and
    :class:`TicketFixedError` for a ticket that came this way itself.
    """
    code = secrets.token_urlsafe(18)

    def work(tx: Transaction) -> tuple[str, datetime]:
        event, place = _own(tx, scope, event_id)
        if place.status != "held":
            raise NotFoundError(what="ticket")
        if event.status != "open" or scope.now >= event.starts_at:
            raise EventOverError
        if place.is_passed_on:
            raise TicketFixedError
        voucher = vouchers.find_by_id(tx, place.voucher_id or "", lock=False)
        if voucher is None or voucher.status != "issued":
            raise PlaceUsedError
        place.pass_hash, place.pass_until = _hash(code), min(scope.now + PASS_FOR, event.starts_at)
        return code, place.pass_until

    return scope.run(work)


def revoke_pass(scope: Scope, *, event_id: str) -> None:
    """Make the code void that the scope's member has given out. A repeat changes nothing. Raises ``NotFoundError``."""

    def work(tx: Transaction) -> None:
        _, place = _own(tx, scope, event_id)
        place.pass_hash = place.pass_until = None

    scope.run(work)


def accept_pass(scope: Scope, *, code: str) -> tuple[str, str]:
    """Take a ticket over by its code, as the scope's member, and return the ids of event and shop: the other's
    voucher is cancelled and a new one is hers, together or not at all. Of two at once the second finds the code used.

    Raises ``NotFoundError`` for a code that is unknown, used, void or her own, :class:`EventOverError`,
    :class:`PlaceHeldError` where she has a ticket already, :class:`PlaceUsedError` where it was shown meanwhile.
    """
    hashed = _hash(code)

    def work(tx: Transaction) -> tuple[str, str]:
        taker = hold_member(tx, scope.member_id or "")
        event_id = tx.session.scalar(select(EventPlace.event_id).where(EventPlace.pass_hash == hashed))
        event = None if event_id is None or taker is None else held_event(tx, event_id)
        # Under the event's lock: of two with one code the second finds none.
        place = tx.session.scalar(
            select(EventPlace)
            .where(EventPlace.pass_hash == hashed)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if event is None or taker is None or place is None or place.status != "held" or place.member_id == taker:
            raise NotFoundError(what="ticket")
        if event.status != "open" or scope.now >= (place.pass_until or scope.now):
            raise EventOverError
        mine = place_of(tx, taker, event.id)
        if mine is not None and mine.status in ("held", "offered"):
            raise PlaceHeldError
        cancel_ticket(tx, scope, place)
        _end(place, scope.now)
        tx.session.flush()
        mine = _ask(tx, scope, event, taker, mine)
        issue_ticket(tx, scope, event, mine)
        mine.is_passed_on = True
        if hold_member(tx, place.member_id) == place.member_id:
            say(tx, scope, event, place, _PASSED, f"passed:{mine.voucher_id}")
        audit.record(tx, scope, "ticket.passed_on", "club_event", event.id, merchant_id=event.merchant_id)
        return event.id, event.merchant_id

    return scope.run(work)


def _own(tx: Transaction, scope: Scope, event_id: str) -> tuple[ClubEvent, EventPlace]:
    member_id = hold_member(tx, scope.member_id or "")
    event = held_event(tx, event_id)
    place = None if member_id is None or event is None else place_of(tx, member_id, event_id)
    if event is None or place is None:
        raise NotFoundError(what="event")
    return event, place


def _ask(tx: Transaction, scope: Scope, event: ClubEvent, member_id: str, place: EventPlace | None) -> EventPlace:
    """The member's place, waiting from now on in the caller's transaction, and at the end of the queue."""
    if place is None:
        place = EventPlace(member_id=member_id, event_id=event.id, merchant_id=event.merchant_id, is_passed_on=False)
        tx.session.add(place)
    place.status, place.queue_id, place.is_passed_on = "gone", new_id(), False
    place.voucher_id = place.offered_until = None
    place.asked_at = place.changed_at = scope.now
    return place


def _end(place: EventPlace, now: datetime) -> None:
    place.status, place.offered_until = "gone", None
    place.pass_hash = place.pass_until = None
    place.changed_at = now


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
