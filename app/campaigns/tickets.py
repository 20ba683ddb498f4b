"""Places at events as their tickets: issued, cancelled, and handed to whoever waits; in a caller's transaction.

Every way into or out of a place holds the event's row first, then the member's place, so that of two at once the second
waits. That no more places are taken than there are is held by the update itself, and once more by the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from app.campaigns.errors import EventOverError, PlaceUsedError
from app.campaigns.kinds import SHOP_NOTICE
from app.campaigns.models import ClubEvent, EventPlace
from app.campaigns.quiet import quiet_end
from app.campaigns.reaching import manners_of
from app.campaigns.telling import Told, hold_member, tell
from app.cards import changes
from app.common.batch import Batch
from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.rewards import vouchers
from app.rewards.configuration import current_configuration

TICKET = "ticket"
"""The source of vouchers that are tickets."""
DAY = timedelta(days=1)
SHORT = timedelta(hours=2)
"""So long a place is kept for whom it is offered on the last day."""

# Nobody passes those who wait.
TAKE = Statement(
    """
    UPDATE club_event SET taken = taken + 1 WHERE id = :event_id AND status = 'open' AND taken < places
        AND NOT EXISTS (SELECT 1 FROM event_place p WHERE p.event_id = club_event.id AND p.status = 'waiting')
    """
)
_TAKE_NEXT = Statement(
    "UPDATE club_event SET taken = taken + 1 WHERE id = :event_id AND status = 'open' AND taken < places"
)
_FREE = Statement("UPDATE club_event SET taken = taken - 1 WHERE id = :event_id AND taken > 0")
_PLACED = {
    "nl": ("Je hebt een plaats: {event}", "Er kwam een plaats vrij. Je ticket staat bij je bonnen."),
    "fr": ("Vous avez une place : {event}", "Une place s’est libérée. Votre billet se trouve parmi vos bons."),
    "en": ("You have a place: {event}", "A place has become free. Your ticket is among your vouchers."),
    "de": ("Sie haben einen Platz: {event}", "Ein Platz wurde frei. Ihr Ticket finden Sie bei Ihren Gutscheinen."),
}
_OFFERED = {
    "nl": ("Een plaats voor je: {event}", "Er kwam een plaats vrij. Neem ze tot {until}, daarna gaat ze verder."),
    "fr": ("Une place pour vous : {event}", "Une place s’est libérée. Prenez-la avant {until}, sinon elle sera cédée."),
    "en": ("A place for you: {event}", "A place has become free. Take it by {until}; then it goes to the next."),
    "de": ("Ein Platz für Sie: {event}", "Ein Platz wurde frei. Nehmen Sie ihn bis {until}, sonst geht er weiter."),
}


def held_event(tx: Transaction, event_id: str) -> ClubEvent | None:
    """An event, held until the transaction ends, as it is now."""
    return tx.session.scalar(
        select(ClubEvent).where(ClubEvent.id == event_id).with_for_update().execution_options(populate_existing=True)
    )


def place_of(tx: Transaction, member_id: str, event_id: str) -> EventPlace | None:
    """A member's place at an event, held until the transaction ends, as it is now."""
    return tx.session.scalar(
        select(EventPlace)
        .where(EventPlace.member_id == member_id, EventPlace.event_id == event_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def take_place(tx: Transaction, event_id: str) -> bool:
    """Count one more place as taken, if one is free and nobody waits for it. Whether it did."""
    return tx.run(TAKE, {"event_id": event_id}) == 1


def free_place(tx: Transaction, event_id: str) -> None:
    """Count one place less as taken."""
    tx.run(_FREE, {"event_id": event_id})


def issue_ticket(tx: Transaction, scope: Scope, event: ClubEvent, place: EventPlace) -> None:
    """Make a place held, with a voucher that ends with the day of the event."""
    config = current_configuration(tx, event.merchant_id)
    reward = config.rewards[event.reward_id or ""]
    timezone = config.any_programme(reward.programme_id).timezone
    days = _day(event.ends_at, timezone).toordinal() - _day(scope.now, timezone).toordinal()
    batch = Batch()
    row = vouchers.issue(
        batch,
        reward=replace(reward, voucher_days=max(days, 0)),
        member_id=place.member_id,
        merchant_id=event.merchant_id,
        currency=config.currency,
        timezone=timezone,
        source=TICKET,
        cost=0,
        transaction_id=None,
        now=scope.now,
    )
    batch.write(tx)
    changes.changed(tx, place.member_id, merchant_id=event.merchant_id, now=scope.now)
    place.status, place.voucher_id, place.offered_until = "held", row.id, None
    # Whoever gets it on the last day is not reminded of what she has just done.
    place.reminded_at = scope.now if event.starts_at - scope.now <= DAY else None
    place.changed_at = scope.now
    tx.session.flush()


def cancel_ticket(tx: Transaction, scope: Scope, place: EventPlace) -> None:
    """Cancel the voucher of a held place; one that has ended otherwise stays as it is. Raises :class:`PlaceUsedError`
    where it was shown, or a till or a tablet has it in hand."""
    voucher = vouchers.find_by_id(tx, place.voucher_id or "")
    if voucher is None or voucher.status in ("cancelled", "expired"):
        return
    if voucher.status != "issued" or voucher.is_held(scope.now):
        raise PlaceUsedError
    batch = Batch()
    batch.change(
        vouchers.END,
        (
            *("cancelled", scope.now, None, None, None, None, None, None, None, None),
            *(voucher.member_id, voucher.id, voucher.status),
        ),
    )
    batch.write(tx)
    changes.changed(tx, voucher.member_id, merchant_id=voucher.merchant_id, now=scope.now)


def fill_free(tx: Transaction, scope: Scope, event: ClubEvent, *, most: int = 100) -> int:
    """Give free places of a held event to those who wait, in their order, and tell them: the place at once while there
    is more than a day left, else an offer for two hours. In the shop's quiet hours they wait, unless it starts before
    these are over. Returns how many were given."""
    if event.status != "open" or event.starts_at <= scope.now:
        return 0
    manners, timezone = manners_of(tx, event.merchant_id)
    end = quiet_end(scope.now, timezone, manners)
    if end is not None and end < event.starts_at:
        return 0
    given = 0
    while given < most:
        place = tx.session.scalar(
            select(EventPlace)
            .where(EventPlace.event_id == event.id, EventPlace.status == "waiting")
            .order_by(EventPlace.queue_id)
            .limit(1)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if place is None or tx.run(_TAKE_NEXT, {"event_id": event.id}) != 1:
            break
        standing = hold_member(tx, place.member_id)
        if standing != place.member_id:
            place.status, place.changed_at = "gone", scope.now
            free_place(tx, event.id)
            tx.session.flush()
            continue
        given += 1
        if event.starts_at - scope.now > DAY:
            issue_ticket(tx, scope, event, place)
            say(tx, scope, event, place, _PLACED, f"ticket:{place.voucher_id}")
        else:
            place.status, place.changed_at = "offered", scope.now
            place.offered_until = min(scope.now + SHORT, event.starts_at)
            tx.session.flush()
            until = place.offered_until.astimezone(zone(timezone)).strftime("%H:%M")
            say(tx, scope, event, place, _OFFERED, f"offer:{event.id}:{place.queue_id}:{until}", until=until)
    return given


def say(
    tx: Transaction,
    scope: Scope,
    event: ClubEvent,
    place: EventPlace,
    words: Mapping[str, tuple[str, str]],
    source: str,
    **facts: str,
) -> None:
    """Tell one member of an event in her inbox, as a message of the shop's service: of one ``source`` once."""
    titles: Mapping[str, str] = event.title
    usual = next(iter(titles.values()), "")
    params = {
        "title": {key: title.format(event=titles.get(key, usual), **facts) for key, (title, _) in words.items()},
        "text": {key: text.format(event=titles.get(key, usual), **facts) for key, (_, text) in words.items()},
        "link": f"#/shops/{event.merchant_id}/club",
    }
    tell(tx, scope, place.member_id, Told(SHOP_NOTICE, source, params, event.merchant_id))


def require_bookable(event: ClubEvent, now: datetime) -> None:
    """Raise :class:`EventOverError` where a place can't be asked for now."""
    is_early = event.opens_at is not None and now < event.opens_at
    if event.status != "open" or is_early or now >= (event.closes_at or event.starts_at):
        raise EventOverError


def _day(when: datetime, timezone: str) -> datetime:
    return when.astimezone(zone(timezone))
