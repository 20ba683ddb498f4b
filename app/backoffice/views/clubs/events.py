"""Events: written, looked at, opened, changed, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.backoffice.doors import door, place, scope
from app.backoffice.forms.clubs import EventForm
from app.backoffice.forms.problems import mark
from app.backoffice.pages import page
from app.backoffice.queries.shop import list_locations
from app.backoffice.views.clubs import words
from app.backoffice.views.clubs.blueprint import CLUB, blueprint
from app.backoffice.views.feedback.pages import sentence
from app.campaigns.queries.clubs import EventView, get_event, read_club
from app.campaigns.service import events
from app.common.clock import zone
from app.common.errors import DomainError, Kind
from app.merchants.trial import is_approved


@door(blueprint, CLUB + "/events/new", least="manager", methods=("GET", "POST"))
def write_event() -> ResponseReturnValue:
    """Say what, when, where, for whom, and how many."""
    return _write(_form(None), None)


@door(blueprint, CLUB + "/events/<event_id>/change", least="manager", methods=("GET", "POST"))
def change_event(event_id: str) -> ResponseReturnValue:
    """Change an event; once it is open, not when and where."""
    known = get_event(scope(), event_id)
    return _write(_form(known), known)


@door(blueprint, CLUB + "/events/<event_id>", least="manager")
def show_event(event_id: str) -> ResponseReturnValue:
    """How many come, how many wait, and what members read."""
    event = get_event(scope(), event_id)
    with scope().reading() as tx:
        approved = is_approved(tx, place().merchant_id)
    return page(
        "backoffice/clubs/event.html",
        here="campaigns",
        event=event,
        place_name=_places().get(event.location_id or "", event.address),
        languages=EventForm.languages,
        approved=approved,
        is_past=event.starts_at <= scope().now,
        may_change=scope().location_id is None,
        words=words,
    )


@door(blueprint, CLUB + "/events/<event_id>/open", least="manager", methods=("POST",))
def open_event(event_id: str) -> ResponseReturnValue:
    """Let members book."""
    return _act(event_id, events.open_event, _("It is open: members can take a place now."))


@door(blueprint, CLUB + "/events/<event_id>/cancel", least="manager", methods=("POST",))
def cancel_event(event_id: str) -> ResponseReturnValue:
    """Call it off."""
    return _act(event_id, events.cancel_event, _("It is cancelled. Everybody with a place is told within minutes."))


@door(blueprint, CLUB + "/events/<event_id>/drop", least="manager", methods=("POST",))
def drop_event(event_id: str) -> ResponseReturnValue:
    """Throw a draft away."""
    return _act(event_id, events.drop_event, _("The draft is gone."), gone=True)


def _act(event_id: str, act: Callable[..., None], said: str, *, gone: bool = False) -> ResponseReturnValue:
    try:
        act(scope(), event_id, revision=request.form.get("revision", 0, type=int))
    except DomainError as error:
        if error.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
            raise
        flash(sentence(error), "bad")
        gone = False
    else:
        flash(said, "good")
    if gone:
        return redirect(url_for("clubs.show_club", slug=place().slug), 303)
    return _to(event_id)


def _write(form: EventForm, known: EventView | None) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            event_id = events.write_event(
                scope(),
                form.words(place().timezone),
                event_id=None if known is None else known.event_id,
                revision=form.revision.data or 0,
            )
        except DomainError as error:
            if error.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
                raise
            mark(form, error, title="title_nl", starts_at="day", closes_at="closes", location_id="location")
        else:
            return _to(event_id)
    return page(
        "backoffice/clubs/write.html",
        status=422 if form.errors else 200,
        here="campaigns",
        form=form,
        known=known,
        club=read_club(scope()),
        may_change=scope().location_id is None,
    )


def _form(known: EventView | None) -> EventForm:
    timezone = zone(place().timezone)
    if known is None:
        day = (scope().now + timedelta(days=14)).astimezone(timezone).date()
        told: dict[str, Any] = {"day": day, "audience": "members", "revision": 0}
    else:
        begins, ends = known.starts_at.astimezone(timezone), known.ends_at.astimezone(timezone)
        told = {f"title_{key}": said for key, said in known.title.items()}
        told |= {f"text_{key}": said for key, said in known.text.items()}
        told |= {"day": begins.date(), "begins": begins.time(), "ends": ends.time(), "revision": known.revision}
        told |= {"location": known.location_id or "", "address": known.address, "price": known.price}
        told |= {"places": known.places, "audience": ":".join(filter(None, (known.audience, known.wanted)))}
        told["opens"] = None if known.opens_at is None else known.opens_at.astimezone(timezone).date()
        if known.closes_at is not None:
            told["closes"] = (known.closes_at - timedelta(seconds=1)).astimezone(timezone).date()
    form = EventForm(data=told)
    form.location.choices = [*_places().items(), ("", _("Somewhere else"))]
    if known is None and form.location.data is None:
        form.location.data = next(iter(_places()), "")
    form.audience.choices = words.audiences(read_club(scope()))
    return form


def _places() -> dict[str, str]:
    return {one.location_id: one.name for one in list_locations(scope())}


def _to(event_id: str) -> ResponseReturnValue:
    return redirect(url_for("clubs.show_event", slug=place().slug, event_id=event_id), 303)
