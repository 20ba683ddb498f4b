"""The automations: all of them at a glance, and each to be changed, looked at, tried, turned on and stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.backoffice.doors import door, place, scope, visitor
from app.backoffice.forms.automations import OWN_HOUR, AutomationForm
from app.backoffice.forms.problems import mark
from app.backoffice.group_names import group_names
from app.backoffice.pages import page, part
from app.backoffice.queries.members.naming import NAMELESS, names_of
from app.backoffice.views.automations import words
from app.backoffice.views.automations.blueprint import AUTOMATIONS, HERE, blueprint
from app.backoffice.views.campaigns import words as campaign_words
from app.campaigns.automations.filling import Facts, filled
from app.campaigns.queries.automations import (
    AutomationView,
    DryRun,
    dry_run,
    get_automation,
    levels_of,
    list_automations,
)
from app.campaigns.queries.results import result_of
from app.campaigns.service.setting_automations import change_automation, start_automation, stop_automation
from app.campaigns.service.trying import sample_facts, try_automation
from app.common.errors import InvalidError
from app.extensions import platform
from app.merchants.errors import SomebodyWasFasterError
from app.rewards.models import ShopMember
from app.rewards.queries import list_programmes
from app.web.locale import LANGUAGES, language

ONE = f"{AUTOMATIONS}/<trigger>"
NAMED = 12
CAMPAIGNS = "campaigns.list_campaigns"


@dataclass(frozen=True, slots=True)
class Card:
    """An automation on the list. ``effect``: what it brought, against those left out by lot, in words."""

    view: AutomationView
    effect: str


@dataclass(frozen=True, slots=True)
class Said:
    """Words as a member reads them, in one language."""

    language: str
    title: str
    text: str
    reward: str | None


@door(blueprint, AUTOMATIONS, least="manager", endpoint="list_automations")
def show_list() -> ResponseReturnValue:
    """All of them, with what they did and what comes."""
    views = list_automations(scope())
    cards = [Card(view, _effect(view)) for view in views]
    return page(
        "backoffice/automations/list.html",
        here=HERE,
        on=[one for one in cards if one.view.is_on],
        off=[one for one in cards if not one.view.is_on],
        levels=levels_of(scope()),
        words=words,
        is_everywhere=scope().location_id is None,
        campaigns=_campaigns(),
    )


@door(blueprint, ONE, least="manager", methods=("GET", "POST"), endpoint="show_automation")
def show_one(trigger: str) -> ResponseReturnValue:
    """One of them, to be looked at and changed."""
    view = get_automation(scope(), trigger)
    form = _form(view)
    if request.method == "GET":
        form.fill(view)
        return _form_page(view, form)
    if not form.validate():
        return _form_page(view, form)
    try:
        change_automation(scope(), trigger, form.wanted(view.settings), revision=form.seen)
    except InvalidError as error:
        mark(form, error)
        return _form_page(view, form)
    except SomebodyWasFasterError as error:
        mark(form, error)
        return _form_page(view, form, status=409)
    flash(_("“%(name)s” is saved. It holds at once, also for whoever waits.", name=words.NAMES[trigger]), "good")
    return redirect(url_for("automations.show_automation", slug=place().slug, trigger=trigger), 303)


@door(blueprint, f"{ONE}/preview", least="manager", methods=("POST",), endpoint="preview_automation")
def show_preview(trigger: str) -> ResponseReturnValue:
    """The words of a form as it stands, as a member reads them."""
    view = get_automation(scope(), trigger)
    form = _form(view)
    wanted = form.wanted(view.settings)
    tongue = request.form.get("preview_language", language())
    return part(
        "backoffice/automations/preview.html",
        said=_said(view, wanted.title, wanted.text, wanted.reward_id, tongue),
        ways=wanted.ways,
    )


@door(blueprint, f"{ONE}/dry-run", least="manager", endpoint="run_dry")
def show_dry_run(trigger: str) -> ResponseReturnValue:
    """To whom it would write, as it is kept."""
    view = get_automation(scope(), trigger)
    found = dry_run(scope(), trigger)
    return page(
        "backoffice/automations/dry_run.html",
        here=HERE,
        view=view,
        words=words,
        found=found,
        people=_people(found),
        more=max(0, len(found.members) - NAMED),
    )


@door(blueprint, f"{ONE}/try", least="manager", methods=("POST",), endpoint="try_automation")
def send_trial(trigger: str) -> ResponseReturnValue:
    """Mail it to the person who asks."""
    view = get_automation(scope(), trigger)
    to = visitor().signed_in.email
    try_automation(scope(), view, to=to, public_url=platform().settings.public_url, locale=language())
    flash(_("Sent to %(to)s. It takes a moment.", to=to), "good")
    return redirect(url_for("automations.show_automation", slug=place().slug, trigger=trigger), 303)


@door(blueprint, f"{ONE}/start", least="manager", methods=("POST",), endpoint="start_automation")
def start(trigger: str) -> ResponseReturnValue:
    """Turn it on."""
    start_automation(scope(), trigger)
    flash(_("“%(name)s” is on. What was before is not made up for.", name=words.NAMES[trigger]), "good")
    return redirect(url_for("automations.list_automations", slug=place().slug), 303)


@door(blueprint, f"{ONE}/stop", least="manager", methods=("POST",), endpoint="stop_automation")
def stop(trigger: str) -> ResponseReturnValue:
    """Stop it at once."""
    stop_automation(scope(), trigger)
    flash(_("“%(name)s” is stopped, also for whoever was waiting.", name=words.NAMES[trigger]), "good")
    return redirect(url_for("automations.list_automations", slug=place().slug), 303)


def _effect(view: AutomationView) -> str:
    found = result_of(cast(Any, view)) if view.control_percent else None
    return "" if found is None else campaign_words.headline(cast(Any, view), found)


def _form(view: AutomationView) -> AutomationForm:
    trigger = view.trigger
    rewards = [
        (one.reward_id, one.name)
        for programme in list_programmes(scope(), scope().merchant_id or "")
        for one in programme.rewards
        if one.is_active or one.reward_id == view.reward_id
    ]
    hours = [(str(hour), f"{hour}:00") for hour in range(8, 21)]
    if view.ready.standard.hour is None:
        hours = [(OWN_HOUR, _("When this member usually comes, two hours before")), *hours]
    return AutomationForm(
        ready=view.ready,
        groups=group_names(),
        rewards=rewards,
        days_label=words.days_label(trigger),
        hours=hours,
    )


def _form_page(view: AutomationView, form: AutomationForm, *, status: int | None = None) -> ResponseReturnValue:
    wanted = form.wanted(view.settings)
    return page(
        "backoffice/automations/one.html",
        status=status or (422 if form.errors or form.form_errors else 200),
        here=HERE,
        view=view,
        effect=_effect(view),
        form=form,
        words=words,
        languages_of_text=LANGUAGES,
        said=_said(view, wanted.title, wanted.text, wanted.reward_id, language()),
        ways=wanted.ways,
        is_everywhere=scope().location_id is None,
        to=visitor().signed_in.email,
    )


def _said(view: AutomationView, title: Any, text: Any, reward_id: str | None, tongue: str) -> Said:
    tongue = tongue if tongue in LANGUAGES else language()
    facts: Facts = sample_facts(scope(), view.trigger, view.settings.days)
    told = {
        "title": title.get(tongue) or view.title.get(tongue, ""),
        "text": text.get(tongue) or view.text.get(tongue, ""),
    }
    reward = None
    if reward_id:
        reward = next(
            (
                one.name
                for programme in list_programmes(scope(), scope().merchant_id or "")
                for one in programme.rewards
                if one.reward_id == reward_id
            ),
            None,
        )
    return Said(
        tongue,
        filled({tongue: told["title"]}, facts).get(tongue, ""),
        filled({tongue: told["text"]}, facts).get(tongue, ""),
        reward,
    )


def _people(found: DryRun) -> list[tuple[str, str]]:
    """Some of them by the name that the shop may see, else by their card."""
    ids = list(found.members[:NAMED])
    with scope().reading() as tx:
        names = names_of(tx, scope(), ids)
        told = []
        for member_id in ids:
            name = names.get(member_id, NAMELESS)
            row = tx.session.get(ShopMember, (member_id, scope().merchant_id))
            tail = None if row is None else row.card_tail
            card = _("Card …%(tail)s", tail=tail) if tail else _("Without a card")
            told.append((member_id, name.shown or name.called or card))
    return told


def _campaigns() -> str | None:
    return url_for(CAMPAIGNS, slug=place().slug) if CAMPAIGNS in current_app.view_functions else None
