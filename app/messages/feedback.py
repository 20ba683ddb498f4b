"""Refusals about feedback, complaints, ideas, clubs and events."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SENTENCES: Mapping[str, LazyString] = {
    "complaint_open": _l("The shop has not answered this yet."),
    "complaint_closed": _l("The shop has closed this. Rate another visit to say more."),
    "nothing_offered": _l("The shop has offered nothing here."),
    "recall_sent": _l("This notice is on its way and can’t be changed any more. Write another."),
    "ideas_off": _l("Ideas are for who has been to the shop, where the shop asks for them."),
    "ideas_enough": _l("Three of your ideas are open here. Wait for an answer before you add another."),
    "club_off": _l("The shop has no club now, or this is not open to you."),
    "event_over": _l("This can’t be booked: the event is over or cancelled, or booking isn’t open."),
    "event_changed": _l("The event has changed meanwhile. Load the page again."),
    "no_tickets": _l("Tickets belong to a programme. Start your programme first."),
    "place_used": _l("This ticket has been shown at the door already."),
    "place_held": _l("There is a place for you at this event already."),
    "ticket_fixed": _l("A ticket that came from somebody else can’t be passed on again."),
}
FIELDS: Mapping[str, LazyString] = {
    "answer_hours_expected": _l("Choose between 4 hours and two weeks."),
    "ending_expected": _l("Choose how it ended."),
    "recall_words_expected": _l("Write a title and a text, both in at least one language."),
    "recall_days_expected": _l("The last day can’t be before the first, nor more than two years after it."),
    "idea_expected": _l("Say it in 10 to 300 characters."),
    "club_name_expected": _l("Give the club a name of at most 60 characters."),
    "interests_expected": _l("At most 12 interests, each of at most 40 characters."),
    "event_words_expected": _l("Write a title and a text, both in at least one language."),
    "event_span_expected": _l("It must end after it starts, within a week, and start in the future."),
    "event_booking_expected": _l("Booking must open before it closes, and close before the end."),
    "event_places_expected": _l("Between 1 and 5000 places, and no fewer than are taken."),
    "event_place_expected": _l("Choose one of your shops, or write an address."),
    "audience_expected": _l("Choose whom it is for."),
}
