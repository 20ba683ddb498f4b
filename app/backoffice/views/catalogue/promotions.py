"""Promotions: a month at a glance, and each in a sentence."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from babel import dates
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.backoffice.doors import door, place, scope
from app.backoffice.forms.catalogue.fields import offered
from app.backoffice.forms.catalogue.promotions import PromotionForm
from app.backoffice.forms.catalogue.rewards import SureForm
from app.backoffice.forms.problems import mark
from app.backoffice.pages import page, part
from app.backoffice.queries.catalogue import Plans, get_plans
from app.backoffice.views.catalogue import words
from app.backoffice.views.catalogue.blueprint import blueprint
from app.backoffice.views.catalogue.months import month_of, shifted
from app.backoffice.views.catalogue.telling import stale
from app.common.clock import zone
from app.common.errors import ForbiddenError, InvalidError
from app.rewards import service as catalogue
from app.rewards.clashes import is_everyday, runs_on
from app.rewards.errors import ChangedMeanwhileError
from app.rewards.queries import ProgrammeView, PromotionView
from app.rewards.rules import InvalidRulesError
from app.rewards.rules.dates import day_start
from app.rewards.service.promotions import places_of
from app.web import locale
from app.web.going import wants_part

PROMOTIONS = "/office/<slug>/promotions"
SIGNS = 6  # shapes by which promotions are told apart in the calendar


@dataclass(frozen=True, slots=True)
class Entry:
    """A promotion as the pages show it. ``sign`` is its shape in the calendar, 0 to 5."""

    view: PromotionView
    programme: ProgrammeView
    name: str
    sentence: str
    state: tuple[str, str]
    is_ours: bool
    sign: int


@dataclass(frozen=True, slots=True)
class Square:
    """A day of the calendar."""

    day: date
    is_in_month: bool
    is_today: bool
    entries: tuple[Entry, ...]


@door(blueprint, PROMOTIONS, least="manager")
def list_promotions() -> ResponseReturnValue:
    """The month, what is on, what is planned and what is over."""
    plans = get_plans(scope())
    entries = _entries(plans)
    month = month_of(request.args.get("month"))
    shown: dict[str, Any] = {
        "month": month,
        "month_name": words.headed(str(dates.format_date(month, "LLLL y", locale=words.babel()))),
        "before": shifted(month, -1),
        "after": shifted(month, 1),
        "weeks": _weeks(plans, entries, month),
        "weekday_names": _weekday_names(),
        "always": [
            one for one in entries if one.state[0] == "good" and is_everyday(plans.planned[one.view.promotion_id])
        ],
    }
    if wants_part():
        return part("backoffice/catalogue/calendar.html", **shown)
    by_state = {kind: [one for one in entries if one.state[0] == kind] for kind in ("good", "wait", "off")}
    return page(
        "backoffice/catalogue/promotions.html",
        here="promotions",
        by_state=by_state,
        clashes=[words.clash(one) for one in plans.clashes],
        has_programme=bool(plans.programmes),
        **shown,
    )


@door(blueprint, f"{PROMOTIONS}/new", least="manager", methods=("GET", "POST"))
def add_promotion() -> ResponseReturnValue:
    """A new promotion."""
    plans = get_plans(scope())
    if not plans.programmes:
        return page("backoffice/catalogue/no_programme.html", here="promotions")
    form = PromotionForm(currency=place().currency, is_new=True)
    form.programme.choices = offered((one.programme_id, one.name) for one in plans.programmes)
    if request.method == "GET":
        form.programme.data = plans.programmes[0].programme_id
        form.date_from.data = _day(request.args.get("day"))
    chosen = {one.programme_id: one for one in plans.programmes}
    programme = chosen.get(str(form.programme.data), plans.programmes[0])
    _offer(form, plans, programme)
    if request.method == "GET" and scope().location_id is not None:
        form.places.data = [one.location_id for one in plans.places]
    if request.method == "POST" and form.validate():
        try:
            starts_at, ends_at = _bounds(form, programme)
            catalogue.create_promotion(
                scope(),
                programme.programme_id,
                name=form.name.data,
                names=form.names,
                rule=form.rule,
                starts_at=starts_at,
                ends_at=ends_at,
            )
        except (InvalidError, InvalidRulesError) as error:
            mark(form, error, ends_at="date_to")
        else:
            flash(_("“%(name)s” is planned. The tablets know it at once.", name=form.name.data), "good")
            return redirect(url_for("catalogue.list_promotions", slug=place().slug), 303)
    return _form_page(form, plans, programme, None)


@door(blueprint, f"{PROMOTIONS}/preview", least="manager", methods=("POST",))
def preview_promotion() -> ResponseReturnValue:
    """The sentence of a form as it stands."""
    plans = get_plans(scope())
    known = request.form.get("promotion_id") or None
    form = PromotionForm(currency=place().currency, is_new=known is None)
    if known is not None:
        programme = plans.programme(plans.find(known).programme_id)
    else:
        chosen = {one.programme_id: one for one in plans.programmes}
        programme = chosen.get(str(form.programme.data)) or plans.programmes[0]
    return part("backoffice/catalogue/promotion_preview.html", **_preview(form, plans, programme))


@door(blueprint, f"{PROMOTIONS}/<promotion_id>", least="manager", methods=("GET", "POST"))
def show_promotion(promotion_id: str) -> ResponseReturnValue:
    """One promotion, to be looked at and changed."""
    plans = get_plans(scope())
    promotion = plans.find(promotion_id)
    programme = plans.programme(promotion.programme_id)
    form = PromotionForm(currency=place().currency, is_new=False)
    _offer(form, plans, programme)
    if request.method == "GET":
        _fill(form, promotion, programme)
        return _form_page(form, plans, programme, promotion)
    if not _is_ours(promotion):
        raise ForbiddenError
    if not _is_simple(promotion):
        # Its rule was made elsewhere and says more than the form can: the rule stays, whatever the fields say.
        form.show_rule(promotion.rule, _time)
    if not form.validate():
        return _form_page(form, plans, programme, promotion)
    starts_at, ends_at = _bounds(form, programme)
    told: dict[str, Any] = {
        "name": form.name.data,
        "names": form.names,
        "starts_at": _kept(promotion.starts_at, starts_at, programme, is_end=False),
        "ends_at": _kept(promotion.ends_at, ends_at, programme, is_end=True),
    }
    try:
        if _is_simple(promotion) and form.rule != dict(promotion.rule):
            catalogue.replace_promotion(scope(), promotion_id, rule=form.rule, revision=form.seen, **told)
        else:
            catalogue.change_promotion(scope(), promotion_id, revision=form.seen, **told)
    except (InvalidError, InvalidRulesError) as error:
        mark(form, error, ends_at="date_to")
        return _form_page(form, plans, programme, promotion)
    except ChangedMeanwhileError as error:
        address = url_for("catalogue.list_promotions", slug=place().slug)
        return stale(error, "promotion", promotion_id, promotion.name, address, "promotions")
    flash(_("“%(name)s” is changed. What it gave until now stays.", name=form.name.data), "good")
    return redirect(url_for("catalogue.list_promotions", slug=place().slug), 303)


@door(blueprint, f"{PROMOTIONS}/<promotion_id>/stop", least="manager", methods=("POST",))
def stop_promotion(promotion_id: str) -> ResponseReturnValue:
    """End a promotion now."""
    promotion = get_plans(scope()).find(promotion_id)
    if not _is_ours(promotion):
        raise ForbiddenError
    catalogue.stop_promotion(scope(), promotion_id)
    flash(_("“%(name)s” is over. What it gave until now stays.", name=promotion.name), "good")
    return redirect(url_for("catalogue.list_promotions", slug=place().slug), 303)


@door(blueprint, f"{PROMOTIONS}/<promotion_id>/again", least="manager", methods=("POST",))
def start_again(promotion_id: str) -> ResponseReturnValue:
    """Begin a promotion again from now on, without an end: as another one, so that the time between stays without."""
    promotion = get_plans(scope()).find(promotion_id)
    if not _is_ours(promotion):
        raise ForbiddenError
    catalogue.replace_promotion(
        scope(),
        promotion_id,
        name=promotion.name,
        names=dict(promotion.names),
        rule=promotion.rule,
        starts_at=scope().now,
        ends_at=None,
    )
    flash(_("“%(name)s” is on again.", name=promotion.name), "good")
    return redirect(url_for("catalogue.list_promotions", slug=place().slug), 303)


def _form_page(
    form: PromotionForm, plans: Plans, programme: ProgrammeView, promotion: PromotionView | None
) -> ResponseReturnValue:
    return page(
        "backoffice/catalogue/promotion.html",
        status=422 if form.errors else 200,
        here="promotions",
        form=form,
        sure=SureForm(),
        programme=programme,
        promotion=promotion,
        state=None if promotion is None else words.promotion_state(promotion, scope().now),
        is_ours=promotion is None or _is_ours(promotion),
        is_simple=promotion is None or _is_simple(promotion),
        is_everywhere=scope().location_id is None,
        places=plans.places,
        tiers=plans.tiers.get(programme.programme_id, ()),
        currency=place().currency,
        **_preview(form, plans, programme),
    )


def _offer(form: PromotionForm, plans: Plans, programme: ProgrammeView) -> None:
    form.places.choices = offered((one.location_id, one.name) for one in plans.places)
    form.tiers.choices = offered(plans.tiers.get(programme.programme_id, ()))


def _fill(form: PromotionForm, promotion: PromotionView, programme: ProgrammeView) -> None:
    form.revision.data = str(promotion.revision)
    form.name.data = promotion.name
    form.show_names(dict(promotion.names))
    form.show_rule(promotion.rule, _time)
    timezone = programme.timezone
    form.date_from.data = None if promotion.starts_at is None else words.first_day(promotion.starts_at, timezone)
    form.date_to.data = None if promotion.ends_at is None else _last_day(promotion, timezone)


def _preview(form: PromotionForm, plans: Plans, programme: ProgrammeView) -> dict[str, Any]:
    starts_at, ends_at = _bounds(form, programme)
    shown = PromotionView(
        promotion_id="",
        programme_id=programme.programme_id,
        name=form.name.data or "",
        rule=form.rule,
        starts_at=starts_at,
        ends_at=ends_at,
        is_active=True,
    )
    given = form.rule["effect"]
    earned = int(given["bonus"]) + 1 if "bonus" in given else None
    return {
        "sentence": words.promotion_sentence(
            shown,
            programme,
            places=plans.places,
            tiers=dict(plans.tiers.get(programme.programme_id, ())),
            currency=place().currency,
        ),
        "shown_name": form.name.data or _("Your promotion"),
        "shown_effect": words.headed(words.effect(form.rule, programme.kind)),
        "example": None if earned is None else words.units(programme.kind, earned),
        "is_on_top": bool(form.combinable.data),
    }


def _bounds(form: PromotionForm, programme: ProgrammeView) -> tuple[datetime | None, datetime | None]:
    """The moments between which it runs. Hours over midnight belong to the day on which they begin, the last too."""
    there = zone(programme.timezone)
    first, last = form.date_from.data, form.date_to.data
    starts_at = None if first is None else day_start(there, first)
    if last is None:
        return starts_at, None
    ends_at = day_start(there, last + timedelta(days=1))
    begins, ends = form.from_time.data, form.to_time.data
    if begins is not None and ends is not None and ends < begins:
        ends_at = datetime.combine(last + timedelta(days=1), ends, there)
    return starts_at, ends_at


def _last_day(promotion: PromotionView, timezone: str) -> date:
    """The last day on which it begins: one whose hours go over midnight ends the morning after."""
    assert promotion.ends_at is not None
    last = words.last_day(promotion.ends_at, timezone)
    hours = promotion.rule.get("conditions", {}).get("hours")
    if (
        hours
        and hours["to"] < hours["from"]
        and promotion.ends_at.astimezone(zone(timezone)).strftime("%H:%M") == hours["to"]
    ):
        return last - timedelta(days=1)
    return last


def _kept(
    before: datetime | None, wanted: datetime | None, programme: ProgrammeView, *, is_end: bool
) -> datetime | None:
    """A moment of the day that still stands in the form keeps its time: what was stopped at noon stays so."""
    if before is None or wanted is None:
        return wanted
    days = words.last_day if is_end else words.first_day
    return before if days(before, programme.timezone) == days(wanted, programme.timezone) else wanted


def _is_simple(promotion: PromotionView) -> bool:
    """Whether the form can say its rule, whole."""
    form = PromotionForm(currency=place().currency, is_new=False, formdata=None)
    hours = promotion.rule.get("conditions", {}).get("hours")
    if hours and "24:00" in hours.values():
        return False
    form.show_rule(promotion.rule, _time)
    return form.rule == dict(promotion.rule)


def _time(text: str) -> time | None:
    return None if text == "24:00" else time.fromisoformat(text)


def _is_ours(promotion: PromotionView) -> bool:
    """Whether this person may change it: somebody of one location only what is for that one alone."""
    here = scope().location_id
    return here is None or places_of(promotion.rule) == [here]


def _entries(plans: Plans) -> list[Entry]:
    now = scope().now
    programmes = {one.programme_id: one for one in plans.programmes}
    entries: list[Entry] = []
    for promotion in sorted(plans.promotions, key=lambda one: (one.starts_at is not None, one.starts_at or now)):
        programme = programmes.get(promotion.programme_id)
        if programme is None:
            continue
        entries.append(
            Entry(
                promotion,
                programme,
                locale.named(promotion.names, promotion.name),
                words.promotion_sentence(
                    promotion,
                    programme,
                    places=plans.places,
                    tiers=dict(plans.tiers.get(programme.programme_id, ())),
                    currency=place().currency,
                ),
                words.promotion_state(promotion, now),
                _is_ours(promotion),
                len(entries) % SIGNS,
            )
        )
    return entries


def _weeks(plans: Plans, entries: list[Entry], month: date) -> list[list[Square]]:
    today = scope().now.astimezone(zone(place().timezone)).date()
    dated = [one for one in entries if one.view.is_active and not is_everyday(plans.planned[one.view.promotion_id])]
    return [
        [
            Square(
                day,
                day.month == month.month,
                day == today,
                tuple(
                    one
                    for one in dated
                    if runs_on(plans.planned[one.view.promotion_id], zone(one.programme.timezone), day)
                ),
            )
            for day in week
        ]
        for week in calendar.Calendar().monthdatescalendar(month.year, month.month)
    ]


def _weekday_names() -> list[tuple[str, str]]:
    """From Monday on: short, and whole."""
    short = dates.get_day_names("abbreviated", locale=words.babel())
    wide = dates.get_day_names("wide", locale=words.babel())
    return [(short[index], wide[index]) for index in range(7)]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
