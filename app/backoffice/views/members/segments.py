"""Saved lists of members: a filter with a name."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.members import SegmentForm
from app.backoffice.forms.problems import mark
from app.backoffice.pages import page
from app.backoffice.queries.members import list_members, locations_of, tiers_of
from app.backoffice.views.members import words
from app.backoffice.views.members.blueprint import blueprint
from app.backoffice.views.members.listing import arguments, filter_of
from app.common.errors import DomainError, NotFoundError
from app.rewards.errors import SegmentChangedError
from app.rewards.segments import MemberFilter
from app.rewards.service import segments


@door(blueprint, "/office/<slug>/members/lists", least="manager")
def show_segments() -> ResponseReturnValue:
    """All saved lists."""
    locations, tiers = locations_of(scope()), dict(tiers_of(scope()))
    found = [
        (one, [told for _name, told in words.chips(one.wanted, locations, tiers)])
        for one in segments.list_segments(scope())
    ]
    return page("backoffice/members/lists.html", here="members", segments=found, words=words)


@door(blueprint, "/office/<slug>/members/lists/new", least="manager", methods=("GET", "POST"))
def save_segment() -> ResponseReturnValue:
    """Save the filter in the address under a name."""
    wanted = filter_of(request.values, place().currency)
    if wanted.is_empty:
        flash(_("Choose a filter first; then it can be saved under a name."), "wait")
        return redirect(url_for("members.list_members", slug=place().slug), 303)
    form = SegmentForm()
    if form.validate_on_submit():
        try:
            segment_id = segments.save_segment(scope(), name=form.name.data, wanted=wanted)
        except NotFoundError:
            raise
        except DomainError as error:
            mark(form, error)
        else:
            flash(_("The list is kept. It fills itself: whoever comes to fit in is in it within minutes."), "good")
            return redirect(_list(segment_id), 303)
    return _form_page(form, wanted, None)


@door(blueprint, "/office/<slug>/members/lists/<segment_id>", least="manager", methods=("GET", "POST"))
def change_segment(segment_id: str) -> ResponseReturnValue:
    """Give a saved list another name or another filter."""
    known = segments.get_segment(scope(), segment_id)
    form = SegmentForm(data={"name": known.name, "revision": known.revision})
    wanted = filter_of(request.values, place().currency) if "filtered" in request.values else known.wanted
    if form.validate_on_submit():
        try:
            segments.change_segment(
                scope(), segment_id, revision=form.revision.data or 0, name=form.name.data, wanted=wanted
            )
        except NotFoundError:
            raise
        except SegmentChangedError:
            locations, tiers = locations_of(scope()), dict(tiers_of(scope()))
            told = [told for _name, told in words.chips(known.wanted, locations, tiers)]
            return page(
                "backoffice/members/list_stale.html", status=409, here="members", segment=known, told=told, words=words
            )
        except DomainError as error:
            mark(form, error)
        else:
            flash(_("The list is changed."), "good")
            return redirect(_list(segment_id), 303)
    return _form_page(form, wanted, known)


@door(blueprint, "/office/<slug>/members/lists/<segment_id>/drop", least="manager", methods=("POST",))
def drop_segment(segment_id: str) -> ResponseReturnValue:
    """Forget a saved list; its members stay."""
    try:
        segments.drop_segment(scope(), segment_id)
    except NotFoundError:
        raise
    except DomainError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(_("The list is forgotten. Its members are still there."), "good")
    return redirect(url_for("members.show_segments", slug=place().slug), 303)


def _form_page(form: SegmentForm, wanted: MemberFilter, known: segments.SegmentView | None) -> ResponseReturnValue:
    locations, tiers = locations_of(scope()), dict(tiers_of(scope()))
    found = list_members(scope(), timezone=place().timezone, wanted=wanted, limit=5)
    return page(
        "backoffice/members/list_form.html",
        status=422 if form.errors else 200,
        here="members",
        form=form,
        known=known,
        found=found,
        chips=words.chips(wanted, locations, tiers),
        fields=arguments(wanted, place().currency),
        locations=locations if len(locations) > 1 else {},
        tiers=tiers,
        words=words,
    )


def _list(segment_id: str) -> str:
    return url_for("members.list_members", slug=place().slug, list=segment_id)
