"""The business's programmes: what they say, their order, new ones, and those that are closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms.fields import SelectChoice

from app import messages
from app.backoffice import sentences
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.problems import mark
from app.backoffice.forms.programme import DetailsForm, NewProgrammeForm
from app.backoffice.forms.programme.rules import fault
from app.backoffice.pages import page
from app.backoffice.queries.programmes import held_by_programme
from app.backoffice.sentences import Difference, Sentence
from app.backoffice.views.programme.board import (
    address,
    blueprint,
    programme_of,
    programmes,
    reward_of,
    rules_in,
    whole_business,
)
from app.common.errors import DomainError
from app.rewards import service as rewards
from app.rewards.queries import ProgrammeView, VersionView, list_versions
from app.rewards.queries.drafts import DraftView, list_drafts
from app.rewards.rules import InvalidRulesError, points_document, stamps_document
from app.web.moments import local_moment


@dataclass(frozen=True, slots=True)
class Told:
    """A programme in the list. ``planned`` is when other rules begin."""

    view: ProgrammeView
    sentences: list[Sentence]
    draft: DraftView | None
    planned: str | None
    owed: str
    holders: int


@dataclass(frozen=True, slots=True)
class ToldVersion:
    """A version of the rules, and what it changed. ``state``: over, now, planned, withdrawn."""

    number: int
    begins: str | None
    state: str
    sentences: list[Sentence]
    changes: list[Difference]
    may_withdraw: bool


@door(blueprint, "/office/<slug>/programmes", least="manager")
def show_programmes() -> ResponseReturnValue:
    """The programmes in plain sentences."""
    drafts = list_drafts(scope())
    owed = held_by_programme(scope())
    told = []
    for view in programmes():
        rules = rules_in(view)
        versions = list_versions(scope(), view.programme_id)
        ahead = [one for one in versions if one.valid_from is not None and one.valid_from > scope().now]
        units, holders = owed.get(view.programme_id, (0, 0))
        begins = ahead[-1].valid_from if ahead and ahead[-1].rules != view.rules else None
        told.append(
            Told(
                view,
                sentences.describe(rules, reward=reward_of(view)),
                drafts.get(view.programme_id),
                None if begins is None else local_moment(begins),
                sentences.units(rules, units),
                holders,
            )
        )
    return page(
        "backoffice/programme/list.html",
        here="programme",
        on=[one for one in told if one.view.is_active],
        closed=[one for one in told if not one.view.is_active],
        may_change=place().location_id is None,
    )


@door(blueprint, "/office/<slug>/programmes/new", least="manager", methods=("GET", "POST"))
def make_programme() -> ResponseReturnValue:
    """One more programme; it begins closed, so that its rules can be written first."""
    whole_business()
    form = NewProgrammeForm()
    if form.validate_on_submit():
        kind = form.kind.data
        try:
            rules = (
                stamps_document(_number(form.goal.data))
                if kind == "stamps"
                else points_document((form.rate.data or "").replace(",", ".").strip())
            )
            programme_id = rewards.create_programme(
                scope(),
                place().merchant_id,
                name=form.name.data or "",
                kind=kind,
                rules=rules,
                position=len(programmes()),
                is_active=False,
            )
        except InvalidRulesError as error:
            field = form.goal if kind == "stamps" else form.rate
            field.errors = [*field.errors, fault(error)]
        except DomainError as error:
            mark(form, error)
        else:
            flash(gettext("It is made, and still closed. Write its rules, then open it."), "good")
            return redirect(address("design", programme_id=programme_id), 303)
    return page("backoffice/programme/new.html", here="programme", form=form, status=422 if form.errors else 200)


@door(blueprint, "/office/<slug>/programmes/<programme_id>/details", least="manager", methods=("GET", "POST"))
def change_details(programme_id: str) -> ResponseReturnValue:
    """What a programme is called, and what a full card gives."""
    whole_business()
    view = programme_of(programme_id)
    is_sent = request.method == "POST"
    form = DetailsForm(
        formdata=request.form if is_sent else None,
        data={"name": view.name, "reward": view.full_card_reward_id or "", "seen": _seen(view)},
    )
    form.reward.choices = [SelectChoice("", gettext("nothing by itself"))] + [
        SelectChoice(one.reward_id, one.name)
        for one in view.rewards
        if one.is_active or one.reward_id == view.full_card_reward_id
    ]
    if is_sent and form.seen.data != _seen(view):
        form.form_errors = [gettext("Somebody changed this meanwhile. This is how it stands now.")]
        form.name.data, form.reward.data, form.seen.data = view.name, view.full_card_reward_id or "", _seen(view)
        return page("backoffice/programme/details.html", here="programme", form=form, view=view, status=409)
    if is_sent and form.validate():
        changes: dict[str, str | None] = {"name": (form.name.data or "").strip()}
        if view.kind == "stamps":
            changes["full_card_reward_id"] = form.reward.data or None
        try:
            rewards.change_programme(scope(), programme_id, **changes)
        except DomainError as error:
            mark(form, error, full_card_reward_id="reward")
        else:
            flash(gettext("Saved. It holds from now on."), "good")
            return redirect(address("show_programmes"), 303)
    return page(
        "backoffice/programme/details.html",
        here="programme",
        form=form,
        view=view,
        status=422 if form.errors else 200,
    )


@door(blueprint, "/office/<slug>/programmes/<programme_id>/move", least="manager", methods=("POST",))
def move_programme(programme_id: str) -> ResponseReturnValue:
    """Put a programme before or after its neighbour: the first one stands first on tablets and in the app."""
    whole_business()
    order = [one for one in programmes() if one.is_active]
    index = next((number for number, one in enumerate(order) if one.programme_id == programme_id), None)
    if index is None:
        abort(404)
    other = index + (1 if request.form.get("to") == "down" else -1)
    if 0 <= other < len(order):
        order[index], order[other] = order[other], order[index]
        rewards.order_programmes(scope(), [one.programme_id for one in order])
    return redirect(address("show_programmes"), 303)


@door(blueprint, "/office/<slug>/programmes/<programme_id>/open", least="owner", methods=("POST",))
def open_programme(programme_id: str) -> ResponseReturnValue:
    """Let visits earn in a programme."""
    whole_business()
    rewards.change_programme(scope(), programme_of(programme_id).programme_id, is_active=True)
    flash(gettext("It is open: from now on visits earn in it."), "good")
    return redirect(address("show_programmes"), 303)


@door(
    blueprint,
    "/office/<slug>/programmes/<programme_id>/close",
    least="owner",
    methods=("GET", "POST"),
    is_fresh=True,
)
def close_programme(programme_id: str) -> ResponseReturnValue:
    """Let nothing be earned or redeemed in a programme any more; it can be opened again."""
    whole_business()
    view = programme_of(programme_id)
    if request.method == "POST":
        rewards.change_programme(scope(), programme_id, is_active=False)
        flash(gettext("It is closed. What members hold in it stays noted, and you can open it again."), "good")
        return redirect(address("show_programmes"), 303)
    units, holders = held_by_programme(scope()).get(programme_id, (0, 0))
    return page(
        "backoffice/programme/close.html",
        here="programme",
        view=view,
        owed=sentences.units(rules_in(view), units),
        holders=holders,
    )


@door(blueprint, "/office/<slug>/programmes/<programme_id>/history", least="manager")
def show_history(programme_id: str) -> ResponseReturnValue:
    """Every version of the rules, the newest first, with what it changed."""
    view = programme_of(programme_id)
    versions = list_versions(scope(), programme_id)
    now = scope().now
    told: list[ToldVersion] = []
    for index, one in enumerate(versions):
        rules = rules_in(view, one.rules)
        before = versions[index - 1].rules if index else None
        is_last = index == len(versions) - 1
        told.append(
            ToldVersion(
                one.version,
                None if one.valid_from is None else local_moment(one.valid_from),
                _state(one.valid_from, now, one.version == view.version, versions[index + 1 :]),
                sentences.describe(rules, reward=reward_of(view)),
                [] if before is None else sentences.differences(rules_in(view, before), rules),
                is_last
                and one.valid_from is not None
                and one.valid_from > now
                and one.rules != before
                and place().location_id is None,
            )
        )
    return page("backoffice/programme/history.html", here="programme", view=view, versions=told[::-1])


@door(blueprint, "/office/<slug>/programmes/<programme_id>/withdraw", least="manager", methods=("POST",))
def withdraw(programme_id: str) -> ResponseReturnValue:
    """Call off rules that are planned."""
    whole_business()
    programme_of(programme_id)
    version = request.form.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        abort(404)
    try:
        rewards.withdraw_version(scope(), programme_id, version=int(version))
    except DomainError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(gettext("Called off. The rules that hold now go on."), "good")
    return redirect(address("show_history", programme_id=programme_id), 303)


def _state(begins: datetime | None, now: datetime, is_current: bool, later: Sequence[VersionView]) -> str:
    if is_current:
        return "now"
    if begins is None or begins <= now:
        return "over"
    same = any(one.valid_from == begins for one in later)
    return "withdrawn" if same else "planned"


def _seen(view: ProgrammeView) -> str:
    return f"{view.name}|{view.full_card_reward_id or ''}"


def _number(text: str | None) -> int:
    plain = (text or "").strip()
    # 0 is refused with a sentence of its own, as is whatever is no number.
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 7 else 0
