"""Colleagues: asked in, changed, stopped."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.problems import mark
from app.backoffice.forms.team import ColleagueForm, NewColleagueForm, PinForm
from app.backoffice.pages import page
from app.backoffice.queries.audit import last_change
from app.backoffice.views.team.blueprint import MAY, ROLES, blueprint, public_url
from app.backoffice.views.team.words import action_words, actor_words, changes
from app.common.errors import DomainError
from app.merchants import service as merchants
from app.merchants.errors import (
    LastOwnerError,
    SomebodyWasFasterError,
    StaffExistsError,
    StaffPinInvalidError,
    StaffPinTakenError,
)
from app.merchants.queries.team import get_colleague, list_location_names


@door(blueprint, "/office/<slug>/team/people/new", least="owner", methods=("GET", "POST"), is_fresh=True)
def add_person() -> ResponseReturnValue:
    """Ask a colleague in."""
    form = NewColleagueForm()
    form.offer(list_location_names(scope()))
    if not form.validate_on_submit():
        return _new(form, 422 if form.errors else 200)
    try:
        merchants.invite_staff(
            scope(),
            place().merchant_id,
            name=form.name.data or "",
            role=form.role.data,
            email=(form.email.data or "").strip() or None,
            location_id=form.chosen(),
            pin=(form.pin.data or "").strip() or None,
            public_url=public_url(),
        )
    except StaffExistsError as error:
        form.email.errors = [messages.sentence(error)]
        return _new(form, 422)
    except (StaffPinInvalidError, StaffPinTakenError) as error:
        form.pin.errors = [messages.sentence(error)]
        return _new(form, 422)
    except DomainError as error:
        mark(form, error, location_id="location")
        return _new(form, 422)
    if form.email.data:
        flash(_("%(name)s is asked in by mail.", name=form.name.data), "good")
    else:
        flash(_("%(name)s is added, and works at the tablet with a PIN.", name=form.name.data), "good")
    return redirect(url_for("team.show_team", slug=place().slug), 303)


@door(blueprint, "/office/<slug>/team/people/<staff_id>", least="owner", methods=("GET", "POST"), is_fresh=True)
def show_person(staff_id: str) -> ResponseReturnValue:
    """One colleague, to look at and to change."""
    person = get_colleague(scope(), staff_id)
    form = ColleagueForm(
        revision=person.revision, name=person.name, role=person.role, location=person.location_id or ""
    )
    form.offer(list_location_names(scope()))
    faster, status = None, 422 if form.errors else 200
    if form.validate_on_submit():
        try:
            merchants.change_staff(
                scope(),
                staff_id,
                revision=form.revision.data,
                name=form.name.data or "",
                role=form.role.data,
                location_id=form.chosen(),
                public_url=public_url(),
            )
        except SomebodyWasFasterError:
            faster, status = last_change(scope(), "staff", staff_id), 409
            # What was typed stays; saving again is a decision with both in view.
            form.revision.raw_data = None
            form.revision.data = person.revision
        except LastOwnerError as error:
            form.role.errors = [messages.sentence(error)]
            status = 422
        except DomainError as error:
            mark(form, error, location_id="location")
            status = 422
        else:
            flash(_("Saved."), "good")
            return redirect(url_for("team.show_team", slug=place().slug), 303)
    return page(
        "backoffice/team/person.html",
        here="team",
        person=person,
        form=form,
        pin_form=PinForm(formdata=None),
        roles=ROLES,
        may=MAY,
        faster=faster,
        action_words=action_words,
        actor_words=actor_words,
        changes=changes,
        is_stale=status == 409,
        status=422 if form.errors and status == 200 else status,
    )


@door(blueprint, "/office/<slug>/team/people/<staff_id>/pin", least="owner", methods=("POST",), is_fresh=True)
def set_pin(staff_id: str) -> ResponseReturnValue:
    """Another PIN for the tablet, or none."""
    form = PinForm()
    back = redirect(url_for("team.show_person", slug=place().slug, staff_id=staff_id), 303)
    if request.form.get("remove"):
        merchants.remove_staff_pin(scope(), staff_id)
        flash(_("The PIN is gone."), "good")
        return back
    get_colleague(scope(), staff_id)
    try:
        merchants.set_staff_pin(scope(), staff_id, (form.pin.data or "").strip())
    except (StaffPinInvalidError, StaffPinTakenError) as error:
        flash(messages.sentence(error), "bad")
        return back
    flash(_("The PIN is set. Tell it to nobody else."), "good")
    return back


@door(blueprint, "/office/<slug>/team/people/<staff_id>/stop", least="owner", methods=("POST",), is_fresh=True)
def stop_person(staff_id: str) -> ResponseReturnValue:
    """End a colleague's access, at once."""
    person = get_colleague(scope(), staff_id)
    try:
        merchants.stop_staff(scope(), staff_id, public_url=public_url())
    except LastOwnerError as error:
        flash(messages.sentence(error), "bad")
        return redirect(url_for("team.show_person", slug=place().slug, staff_id=staff_id), 303)
    flash(_("%(name)s has no access any more.", name=person.name), "good")
    return redirect(url_for("team.show_team", slug=place().slug), 303)


@door(blueprint, "/office/<slug>/team/people/<staff_id>/restart", least="owner", methods=("POST",), is_fresh=True)
def restart_person(staff_id: str) -> ResponseReturnValue:
    """Let a colleague back in."""
    person = get_colleague(scope(), staff_id)
    merchants.restart_staff(scope(), staff_id, public_url=public_url())
    flash(_("%(name)s may come back. Give a new PIN for the tablet.", name=person.name), "good")
    return redirect(url_for("team.show_person", slug=place().slug, staff_id=staff_id), 303)


@door(blueprint, "/office/<slug>/team/people/<staff_id>/invite", least="owner", methods=("POST",), is_fresh=True)
def invite_person(staff_id: str) -> ResponseReturnValue:
    """Send the invitation once more."""
    person = get_colleague(scope(), staff_id)
    merchants.invite_again(scope(), staff_id, public_url=public_url())
    flash(_("%(name)s is asked in by mail.", name=person.name), "good")
    return redirect(url_for("team.show_team", slug=place().slug), 303)


def _new(form: NewColleagueForm, status: int) -> ResponseReturnValue:
    return page("backoffice/team/person_new.html", here="team", form=form, roles=ROLES, may=MAY, status=status)
