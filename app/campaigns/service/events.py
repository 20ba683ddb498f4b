"""Events as their shop makes them: written, opened for booking, changed, and cancelled. What follows for members is
done by :mod:`app.campaigns.service.settling`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from app.campaigns.errors import ClubOffError, EventChangedError, NoTicketsError
from app.campaigns.models import AUDIENCES, Club, ClubEvent
from app.common import audit
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.merchants.configuration import configuration_changed
from app.merchants.errors import NotApprovedError, SomebodyWasFasterError
from app.merchants.models import Location
from app.merchants.trial import is_approved
from app.rewards.models import Programme, Reward

LANGUAGES = ("nl", "fr", "en", "de")
GROUPS = ("stranger", "butterfly", "friend", "barnacle")
LONGEST_TITLE, LONGEST_TEXT, LONGEST_ADDRESS, LONGEST_PRICE, MOST_PLACES = 80, 1_000, 160, 80, 5_000
LONGEST_SPAN = timedelta(days=7)
_MAY = ("owner", "manager")
# Whoever has a ticket has planned for it.
_FIXED = ("location_id", "address", "starts_at", "ends_at")


@dataclass(frozen=True, slots=True)
class EventWords:
    """What an event is. ``title`` and ``text`` by locale. Either at a location of the shop, or at an ``address``.
    ``price`` is words alone. ``audience``: members, club, interest or group, where ``wanted`` is the interest, or the
    group in code. Booking runs from ``opens_at`` (at once) until ``closes_at`` (the start)."""

    title: Mapping[str, str]
    text: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime
    places: int
    location_id: str | None = None
    address: str | None = None
    price: str | None = None
    audience: str = "members"
    wanted: str | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None


def write_event(scope: Scope, words: EventWords, *, event_id: str | None = None, revision: int = 0) -> str:
    """Write the draft of an event for the scope's shop, or change an event, and return its id. Once it is open, when
    and where it is stay as they are: whoever has a ticket has planned for that. More places go to those who wait.

    Raises ``InvalidError`` by field, ``ForbiddenError`` unless an owner or a manager of all locations asks,
    ``NotFoundError``, ``SomebodyWasFasterError``, :class:`EventChangedError` for one that is cancelled or has begun,
    :class:`ClubOffError` while the club is off.
    """
    merchant_id = _whole(scope)
    values = _checked(words)

    def work(tx: Transaction) -> str:
        club = _club(tx, merchant_id)
        if values["audience"] == "interest" and values["wanted"] not in club.interests:
            raise InvalidError(errors={"audience": ["audience_expected"]})
        if words.location_id is not None:
            place = tx.session.get(Location, words.location_id)
            if place is None or place.merchant_id != merchant_id:
                raise InvalidError(errors={"location_id": ["event_place_expected"]})
        if event_id is None:
            if words.starts_at <= scope.now:
                raise InvalidError(errors={"starts_at": ["event_span_expected"]})
            row = ClubEvent(
                id=new_id(), merchant_id=merchant_id, created_at=scope.now, created_by=scope.staff_id, **values
            )
            tx.session.add(row)
        else:
            row = _own(tx, merchant_id, event_id, revision)
            if row.status == "cancelled" or (row.status == "open" and row.starts_at <= scope.now):
                raise EventChangedError
            if words.starts_at <= scope.now or (
                row.status == "open" and any(getattr(row, name) != values[name] for name in _FIXED)
            ):
                raise InvalidError(errors={"starts_at": ["event_span_expected"]})
            if words.places < row.taken:
                raise InvalidError(errors={"places": ["event_places_expected"]})
            for name, value in values.items():
                setattr(row, name, value)
            row.revision += 1
            if row.reward_id is not None:
                _name_ticket(tx.session.get_one(Reward, row.reward_id), row.title)
                configuration_changed(tx, merchant_id)
        tx.session.flush()
        audit.record(tx, scope, "event.written", "club_event", row.id, after={"places": row.places})
        return row.id

    return scope.run(work)


def open_event(scope: Scope, event_id: str, *, revision: int) -> None:
    """Open a draft for booking, as its audience sees it from then on. Its tickets are vouchers of a reward that is made
    here and stands in no catalogue.

    Raises as :func:`write_event`, ``NotApprovedError`` at a shop on trial, :class:`NoTicketsError` without a programme.
    """
    merchant_id = _whole(scope)

    def work(tx: Transaction) -> None:
        _club(tx, merchant_id)
        row = _own(tx, merchant_id, event_id, revision)
        if row.status != "draft" or row.starts_at <= scope.now:
            raise EventChangedError
        if not is_approved(tx, merchant_id):
            raise NotApprovedError
        programme_id = tx.session.scalar(
            select(Programme.id)
            .where(Programme.merchant_id == merchant_id, Programme.is_active.is_(True))
            .order_by(Programme.position, Programme.id)
            .limit(1)
        )
        if programme_id is None:
            raise NoTicketsError
        reward = Reward(
            id=new_id(),
            merchant_id=merchant_id,
            programme_id=programme_id,
            name="",
            names={},
            texts={},
            kind="item",
            cost=1,  # never asked: a ticket costs no units
            is_active=False,
            is_ticket=True,
            location_ids=None if row.location_id is None else [row.location_id],
            created_at=scope.now,
        )
        _name_ticket(reward, row.title)
        tx.session.add(reward)
        tx.session.flush()
        row.reward_id, row.status = reward.id, "open"
        row.revision += 1
        configuration_changed(tx, merchant_id)
        audit.record(tx, scope, "event.opened", "club_event", event_id, after={"places": row.places})

    scope.run(work)


def cancel_event(scope: Scope, event_id: str, *, revision: int) -> None:
    """Cancel an open event: nobody gets a place any more, and a job tells everybody and cancels the tickets. Raises as
    :func:`write_event`; a repeat is :class:`EventChangedError`."""
    merchant_id = _whole(scope)

    def work(tx: Transaction) -> None:
        row = _own(tx, merchant_id, event_id, revision)
        if row.status != "open" or row.ends_at <= scope.now:
            raise EventChangedError
        row.status, row.cancelled_at = "cancelled", scope.now
        row.revision += 1
        audit.record(tx, scope, "event.cancelled", "club_event", event_id, after={"taken": row.taken})

    scope.run(work)


def drop_event(scope: Scope, event_id: str, *, revision: int) -> None:
    """Throw a draft away. Raises as :func:`write_event`."""
    merchant_id = _whole(scope)

    def work(tx: Transaction) -> None:
        if _own(tx, merchant_id, event_id, revision).status != "draft":
            raise EventChangedError
        tx.session.execute(delete(ClubEvent).where(ClubEvent.id == event_id))
        audit.record(tx, scope, "event.dropped", "club_event", event_id)

    scope.run(work)


def _checked(words: EventWords) -> dict[str, Any]:
    title = {key: " ".join(said.split()) for key, said in words.title.items() if said.strip()}
    text = {key: said.strip() for key, said in words.text.items() if said.strip()}
    address, price = ((one or "").strip() or None for one in (words.address, words.price))
    errors: dict[str, list[str]] = {}
    if not title or set(title) != set(text) or set(title) - set(LANGUAGES):
        errors["title"] = ["event_words_expected"]
    for key in LANGUAGES:
        if len(title.get(key, "")) > LONGEST_TITLE:
            errors[f"title_{key}"] = ["too_long"]
        if len(text.get(key, "")) > LONGEST_TEXT:
            errors[f"text_{key}"] = ["too_long"]
    if (words.location_id is None) == (address is None) or len(address or "") > LONGEST_ADDRESS:
        errors["location_id"] = ["event_place_expected"]
    if len(price or "") > LONGEST_PRICE:
        errors["price"] = ["too_long"]
    if not timedelta(0) < words.ends_at - words.starts_at <= LONGEST_SPAN:
        errors["starts_at"] = ["event_span_expected"]
    closes_at = words.closes_at or words.starts_at
    if closes_at > words.ends_at or (words.opens_at is not None and words.opens_at >= closes_at):
        errors["closes_at"] = ["event_booking_expected"]
    if not 1 <= words.places <= MOST_PLACES:
        errors["places"] = ["event_places_expected"]
    needs_wanted = words.audience in ("interest", "group")
    is_odd_group = words.audience == "group" and words.wanted not in GROUPS
    if words.audience not in AUDIENCES or (needs_wanted and not words.wanted) or is_odd_group:
        errors["audience"] = ["audience_expected"]
    if errors:
        raise InvalidError(errors=errors)
    return {
        "title": title,
        "text": text,
        "location_id": words.location_id,
        "address": address,
        "price": price,
        "starts_at": words.starts_at,
        "ends_at": words.ends_at,
        "opens_at": words.opens_at,
        "closes_at": words.closes_at,
        "places": words.places,
        "audience": words.audience,
        "wanted": words.wanted if needs_wanted else None,
    }


def _name_ticket(reward: Reward, title: Mapping[str, str]) -> None:
    reward.name = next(iter(title.values()))
    reward.names = {key: said for key, said in title.items() if said != reward.name}


def _club(tx: Transaction, merchant_id: str) -> Club:
    club = tx.session.get(Club, merchant_id)
    if club is None or not club.is_on:
        raise ClubOffError
    return club


def _own(tx: Transaction, merchant_id: str, event_id: str, revision: int) -> ClubEvent:
    row = None
    if is_id(event_id):
        row = tx.session.scalar(
            select(ClubEvent)
            .where(ClubEvent.id == event_id, ClubEvent.merchant_id == merchant_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    if row is None:
        raise NotFoundError(what="event")
    if row.revision != revision:
        raise SomebodyWasFasterError
    return row


def _whole(scope: Scope) -> str:
    if scope.merchant_id is None or scope.location_id is not None or scope.staff_role not in _MAY:
        raise ForbiddenError
    return scope.merchant_id
