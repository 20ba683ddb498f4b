"""The club: who joined, what they are interested in, and the events; its switch is the owner's."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.backoffice.doors import door, place, scope, visitor
from app.backoffice.forms.clubs import ClubForm
from app.backoffice.forms.problems import mark
from app.backoffice.pages import page
from app.backoffice.queries.members.naming import names_of
from app.backoffice.views.clubs import words
from app.backoffice.views.clubs.blueprint import CLUB, blueprint
from app.campaigns.queries.clubs import club_members, list_events, read_club
from app.campaigns.service import clubs
from app.common.errors import DomainError, Kind


@door(blueprint, CLUB, least="manager")
def show_club() -> ResponseReturnValue:
    """Events with their places, members by interest, and who joined."""
    club = read_club(scope())
    members = club_members(scope()) if club.is_on else []
    with scope().reading() as tx:
        names = names_of(tx, scope(), [one[0] for one in members])
    return page(
        "backoffice/clubs/club.html",
        here="campaigns",
        club=club,
        events=list_events(scope()),
        members=[(one, names.get(one[0])) for one in members],
        may_change=scope().location_id is None,
        may_switch=visitor().may("owner") and scope().location_id is None,
        words=words,
    )


@door(blueprint, CLUB + "/settings", least="owner", methods=("GET", "POST"))
def set_club() -> ResponseReturnValue:
    """Turn the club on or off, and say what it is."""
    club = read_club(scope())
    form = ClubForm(
        data={
            "revision": club.revision,
            "is_on": club.is_on,
            "name": club.name,
            "about": club.about,
            "interests": "\n".join(club.interests),
        }
    )
    if form.validate_on_submit():
        try:
            clubs.set_club(
                scope(),
                is_on=bool(form.is_on.data),
                name=form.name.data or "",
                about=form.about.data or "",
                interests=form.chosen(),
                revision=form.revision.data or 0,
            )
        except DomainError as error:
            if error.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
                raise
            mark(form, error)
        else:
            flash(_("Kept. Members see the club now.") if form.is_on.data else _("Kept. The club is off."), "good")
            return redirect(url_for("clubs.show_club", slug=place().slug), 303)
    return page(
        "backoffice/clubs/settings.html", status=422 if form.errors else 200, here="campaigns", form=form, club=club
    )
