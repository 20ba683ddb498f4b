"""The catalogue: what units are given for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.backoffice.doors import door, place, scope
from app.backoffice.forms.catalogue.fields import offered
from app.backoffice.forms.catalogue.rewards import CodesForm, PictureForm, RewardForm, SureForm
from app.backoffice.forms.problems import mark
from app.backoffice.pages import page, part
from app.backoffice.queries.catalogue import Catalogue, Shelf, get_catalogue, get_codes
from app.backoffice.views.catalogue import words
from app.backoffice.views.catalogue.blueprint import blueprint
from app.backoffice.views.catalogue.telling import stale
from app.common.clock import zone
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.rewards import service as catalogue
from app.rewards.errors import ChangedMeanwhileError
from app.rewards.queries import ProgrammeView, RewardView
from app.rewards.queries.pictures import picture_path
from app.rewards.rules.dates import day_start
from app.rewards.service.segments import list_segments
from app.web import locale

REWARDS = "/office/<slug>/rewards"
_BLANK = RewardView(
    reward_id="",
    programme_id="",
    name="",
    texts={},
    kind="item",
    cost=1,
    amount_minor=None,
    percent=None,
    is_flexible=False,
    stock=None,
    per_member_limit=None,
    tier=None,
    valid_from=None,
    valid_until=None,
    voucher_days=None,
    is_active=True,
)


@door(blueprint, REWARDS, least="manager")
def list_rewards() -> ResponseReturnValue:
    """All rewards, programme by programme."""
    found = get_catalogue(scope())
    segments = _segments()
    now = scope().now
    shelves = [
        (
            shelf,
            [
                {
                    "view": reward,
                    "lead": words.reward_lead(reward, shelf.programme, place().currency),
                    "details": words.reward_details(
                        reward, shelf.programme, places=found.places, tiers=dict(shelf.tiers), segments=segments
                    ),
                    "state": words.state(reward, shelf.programme, now),
                    "stock": words.stock(reward),
                    "taken": found.taken.get(reward.reward_id),
                    "is_full_card": reward.reward_id == shelf.programme.full_card_reward_id,
                    "is_ours": _is_ours(reward),
                    "mark": _mark(reward),
                }
                for reward in shelf.rewards
            ],
        )
        for shelf in found.shelves
    ]
    return page("backoffice/catalogue/rewards.html", here="rewards", shelves=shelves, is_everywhere=_is_everywhere())


@door(blueprint, f"{REWARDS}/new", least="manager", methods=("GET", "POST"))
def add_reward() -> ResponseReturnValue:
    """A new reward."""
    found = get_catalogue(scope())
    programmes = [shelf.programme for shelf in found.shelves if shelf.programme.is_active]
    if not programmes:
        return page("backoffice/catalogue/no_programme.html", here="rewards")
    form = RewardForm(currency=place().currency, is_new=True)
    form.programme.choices = offered((one.programme_id, one.name) for one in programmes)
    if request.method == "GET":
        wanted = request.args.get("programme", "")
        form.programme.data = wanted if any(one.programme_id == wanted for one in programmes) else None
        form.programme.data = form.programme.data or programmes[0].programme_id
    shelf = _shelf(found, str(form.programme.data), programmes)
    _offer(form, found, shelf)
    if request.method == "GET":
        form.places.data = [one.location_id for one in found.places] if not _is_everywhere() else []
    elif form.validate():
        try:
            reward_id = catalogue.create_reward(
                scope(),
                shelf.programme.programme_id,
                kind=form.kind.data,
                has_codes=form.way.data == "webshop",
                position=len(shelf.rewards),
                **_fields(form, shelf.programme),
            )
        except InvalidError as error:
            mark(form, error, location_ids="places", amount_minor="amount")
        else:
            flash(_("“%(name)s” is in your catalogue now. Give it a picture.", name=form.name.data), "good")
            return redirect(url_for("catalogue.show_reward", slug=place().slug, reward_id=reward_id), 303)
    return _form_page(form, found, shelf, None)


@door(blueprint, f"{REWARDS}/preview", least="manager", methods=("POST",))
def preview_reward() -> ResponseReturnValue:
    """What a member and a tablet would see of a form as it stands."""
    found = get_catalogue(scope())
    known = request.form.get("reward_id") or None
    form = RewardForm(currency=place().currency, is_new=known is None)
    if known is None:
        shelf = _shelf(found, str(form.programme.data), [one.programme for one in found.shelves])
        reward = None
    else:
        shelf, reward = found.find(known)
        form.kind.data = reward.kind
    return part("backoffice/catalogue/reward_preview.html", **_preview(form, found, shelf, reward))


@door(blueprint, f"{REWARDS}/<reward_id>", least="manager", methods=("GET", "POST"))
def show_reward(reward_id: str) -> ResponseReturnValue:
    """One reward, to be looked at and changed."""
    found = get_catalogue(scope())
    shelf, reward = found.find(reward_id)
    form = RewardForm(currency=place().currency, is_new=False, is_online=reward.has_codes)
    form.kind.data = reward.kind
    _offer(form, found, shelf)
    if request.method == "GET":
        _fill(form, reward, shelf.programme)
        return _form_page(form, found, shelf, reward)
    if not _is_ours(reward):
        raise ForbiddenError
    if not form.validate():
        return _form_page(form, found, shelf, reward)
    fields = _fields(form, shelf.programme)
    if reward.has_codes:
        fields.pop("stock")
    elif form.stock_by is not None and reward.stock is not None:
        fields.pop("stock")
        fields["stock_by"] = form.stock_by
    try:
        catalogue.change_reward(scope(), reward_id, revision=form.seen, **fields)
    except InvalidError as error:
        mark(form, error, location_ids="places", amount_minor="amount")
        return _form_page(form, found, shelf, reward)
    except ChangedMeanwhileError as error:
        address = url_for("catalogue.show_reward", slug=place().slug, reward_id=reward_id)
        return stale(error, "reward", reward_id, reward.name, address, "rewards")
    flash(
        _("“%(name)s” is changed. Vouchers that members have already keep what they promised.", name=form.name.data),
        "good",
    )
    return redirect(url_for("catalogue.list_rewards", slug=place().slug), 303)


@door(blueprint, f"{REWARDS}/<reward_id>/switch", least="manager", methods=("POST",))
def switch_reward(reward_id: str) -> ResponseReturnValue:
    """Put a reward on or off."""
    reward = get_catalogue(scope()).find(reward_id)[1]
    is_on = request.form.get("on") == "1"
    catalogue.change_reward(scope(), reward_id, is_active=is_on)
    told = _("“%(name)s” is on.", name=reward.name) if is_on else _("“%(name)s” is off.", name=reward.name)
    flash(told, "good")
    return redirect(url_for("catalogue.list_rewards", slug=place().slug), 303)


@door(blueprint, f"{REWARDS}/<reward_id>/move", least="manager", methods=("POST",))
def move_reward(reward_id: str) -> ResponseReturnValue:
    """Put a reward one place up or down."""
    get_catalogue(scope()).find(reward_id)
    catalogue.move_reward(scope(), reward_id, by=-1 if request.form.get("to") == "up" else 1)
    return redirect(url_for("catalogue.list_rewards", slug=place().slug, _anchor=f"reward-{reward_id}"), 303)


def _form_page(form: RewardForm, found: Catalogue, shelf: Shelf, reward: RewardView | None) -> ResponseReturnValue:
    told: dict[str, Any] = {}
    if reward is not None and _is_ours(reward):
        told |= {"picture_form": PictureForm(), "sure": SureForm(), "codes_form": CodesForm()}
        if reward.has_codes:
            told["codes"] = get_codes(scope(), reward.reward_id)
    return page(
        "backoffice/catalogue/reward.html",
        status=422 if form.errors else 200,
        here="rewards",
        form=form,
        shelf=shelf,
        reward=reward,
        is_ours=reward is None or _is_ours(reward),
        is_everywhere=_is_everywhere(),
        places=found.places,
        taken=None if reward is None else found.taken.get(reward.reward_id),
        currency=place().currency,
        **_preview(form, found, shelf, reward),
        **told,
    )


def _shelf(found: Catalogue, programme_id: str, programmes: list[ProgrammeView]) -> Shelf:
    for shelf in found.shelves:
        if shelf.programme.programme_id == programme_id:
            return shelf
    if not programmes:
        raise NotFoundError(what="programme")
    return next(shelf for shelf in found.shelves if shelf.programme == programmes[0])


def _offer(form: RewardForm, found: Catalogue, shelf: Shelf) -> None:
    """What can be chosen: only what is there in this business."""
    everybody = ("", _("for everybody"))
    form.tier.choices = offered([everybody, *shelf.tiers])
    form.segment.choices = offered([everybody, *_segments().items()])
    form.places.choices = offered((one.location_id, one.name) for one in found.places)


def _segments() -> dict[str, str]:
    return {one.segment_id: one.name for one in list_segments(scope())}


def _fill(form: RewardForm, reward: RewardView, programme: ProgrammeView) -> None:
    form.revision.data = str(reward.revision)
    form.name.data = reward.name
    form.show_names(dict(reward.names))
    form.show_texts(dict(reward.texts))
    form.cost.data = reward.cost
    (form.amount if reward.kind == "amount_off" else form.worth).show(reward.amount_minor)
    form.percent.data = reward.percent
    form.is_flexible.data = reward.is_flexible
    form.stock.data = reward.stock
    form.stock_seen.data = "" if reward.stock is None else str(reward.stock)
    form.per_member_limit.data = reward.per_member_limit
    form.tier.data = reward.tier or ""
    form.segment.data = reward.segment_id or ""
    form.places.data = list(reward.location_ids)
    form.voucher_days.data = reward.voucher_days
    timezone = programme.timezone
    form.valid_from.data = None if reward.valid_from is None else words.first_day(reward.valid_from, timezone)
    form.valid_until.data = None if reward.valid_until is None else words.last_day(reward.valid_until, timezone)


def _fields(form: RewardForm, programme: ProgrammeView) -> dict[str, Any]:
    there = zone(programme.timezone)
    until: date | None = form.valid_until.data
    return {
        "name": form.name.data,
        "names": form.names,
        "texts": form.texts,
        "cost": form.cost.data,
        "amount_minor": form.amount_minor,
        "percent": form.percent.data if form.kind.data == "percent_off" else None,
        "is_flexible": bool(form.is_flexible.data) and form.kind.data == "amount_off",
        "stock": form.stock.data,
        "per_member_limit": form.per_member_limit.data,
        "tier": form.tier.data or None,
        "segment_id": form.segment.data or None,
        "location_ids": _chosen(form.places.data, form.places.choices),
        "valid_from": None if form.valid_from.data is None else day_start(there, form.valid_from.data),
        "valid_until": None if until is None else day_start(there, until + timedelta(days=1)),
        "voucher_days": form.voucher_days.data,
    }


def _chosen(chosen: list[str] | None, choices: Any) -> list[str] | None:
    """The locations that were ticked; all of them or none mean everywhere, also where one is added later."""
    wanted = [choice.value for choice in choices if choice.value in (chosen or ())]
    if scope().location_id is None and (not wanted or len(wanted) == len(choices)):
        return None
    return wanted or None


def _is_ours(reward: RewardView) -> bool:
    """Whether this person may change it: somebody of one location only what is for that one alone."""
    return _is_everywhere() or reward.location_ids == (scope().location_id,)


def _is_everywhere() -> bool:
    return scope().location_id is None


def _mark(reward: RewardView) -> str | None:
    """What stands in a picture's place: what comes off."""
    if reward.kind == "percent_off":
        return words.percent(-(reward.percent or 0))
    if reward.kind == "amount_off" and reward.amount_minor:
        return words.minor(-reward.amount_minor, place().currency)
    return None


def _preview(form: RewardForm, found: Catalogue, shelf: Shelf, reward: RewardView | None) -> dict[str, Any]:
    """The form as a reward, as far as it can be read: a preview must not wait until all is right."""
    kind = form.kind.data if form.kind.data in ("item", "amount_off", "percent_off") else "item"
    base = reward or _BLANK
    shown = replace(
        base,
        name=form.name.data or _("Your reward"),
        names=form.names,
        texts=form.texts,
        kind=kind,
        cost=max(1, form.cost.data or 1),
        amount_minor=form.amount_minor,
        percent=min(100, max(0, form.percent.data or 0)) if kind == "percent_off" else None,
        is_flexible=bool(form.is_flexible.data) and kind == "amount_off",
        stock=base.stock if base.has_codes else form.stock.data,
        per_member_limit=form.per_member_limit.data or None,
        voucher_days=form.voucher_days.data or None,
        location_ids=tuple(form.places.data or ()) if len(form.places.data or ()) < len(found.places) else (),
        tier=form.tier.data or None,
        segment_id=form.segment.data or None,
        has_codes=base.has_codes if reward is not None else form.way.data == "webshop",
    )
    return {
        "shown": shown,
        "shown_name": words.reward_name(shown),
        "shown_text": locale.choose(shown.texts),
        "shown_cost": words.units(shelf.programme.kind, shown.cost),
        "shown_mark": _mark(shown),
        "shown_what": words.what(shown, place().currency),
        "shown_lead": words.reward_lead(shown, shelf.programme, place().currency),
        "shown_details": words.reward_details(
            shown, shelf.programme, places=found.places, tiers=dict(shelf.tiers), segments=_segments()
        ),
        "picture": None if base.picture_id is None else picture_path(base.picture_id, "small"),
    }
