"""Writing a campaign: whom, what, when, and how it is measured, on one page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import door, place, scope, visitor
from app.backoffice.forms.campaigns import CampaignForm
from app.backoffice.forms.catalogue.fields import offered
from app.backoffice.forms.problems import mark
from app.backoffice.pages import page, part
from app.backoffice.queries.members import locations_of, tiers_of
from app.backoffice.views.campaigns import whom, words
from app.backoffice.views.campaigns.blueprint import CAMPAIGNS, blueprint
from app.backoffice.views.campaigns.ideas import Idea, idea_of
from app.backoffice.views.campaigns.listing import may_change
from app.backoffice.views.members import words as member_words
from app.campaigns.queries.campaigns import CampaignView, get_campaign
from app.campaigns.queries.results import Prospect, prospect
from app.campaigns.service.campaigning import (
    Words,
    change_campaign,
    create_campaign,
    schedule,
)
from app.campaigns.service.contact_settings import read_contact_setting
from app.campaigns.service.previewing import Preview, preview
from app.common.clock import zone
from app.common.errors import DomainError, ForbiddenError, NotFoundError
from app.extensions import platform
from app.merchants.errors import SomebodyWasFasterError
from app.rewards.queries import list_programmes
from app.rewards.segments import MemberFilter
from app.rewards.service.segments import list_segments
from app.web import locale

_MORNING = time(9, 30)


@door(blueprint, f"{CAMPAIGNS}/new", least="manager", methods=("GET", "POST"))
def new_campaign() -> ResponseReturnValue:
    """A new campaign: from nothing, an idea, a group, a list, or an earlier campaign (with those of it alone who were
    away for less than ``weeks``)."""
    if not may_change():
        raise ForbiddenError
    form = campaign_form()
    if request.method == "GET":
        wanted = _begin(form)
        return _form_page(form, wanted, None)
    wanted = whom.wanted_of(request.form)
    if form.validate():
        try:
            campaign_id = create_campaign(scope(), words_of(form, wanted))
            return _go_on(form, campaign_id, revision=1)
        except NotFoundError:
            raise
        except DomainError as error:
            mark(form, error)
    return _form_page(form, wanted, None)


@door(blueprint, f"{CAMPAIGNS}/<campaign_id>/change", least="manager", methods=("GET", "POST"), endpoint="change")
def change_words(campaign_id: str) -> ResponseReturnValue:
    """Change a draft, or a planned campaign whose time has not come."""
    if not may_change():
        raise ForbiddenError
    known = get_campaign(scope(), campaign_id)
    if not known.can_change:
        flash(_("This campaign is past that. Copy it to send something like it again."), "wait")
        return redirect(url_for("campaigns.show_campaign", slug=place().slug, campaign_id=campaign_id), 303)
    form = campaign_form()
    if request.method == "GET":
        _fill(form, known)
        return _form_page(form, known.wanted, known)
    wanted = whom.wanted_of(request.form)
    if form.validate():
        try:
            revision = change_campaign(scope(), campaign_id, words_of(form, wanted), revision=form.seen)
            return _go_on(form, campaign_id, revision=revision, is_planned=known.status == "scheduled")
        except NotFoundError:
            raise
        except SomebodyWasFasterError:
            return page("backoffice/campaigns/stale.html", status=409, here="campaigns", campaign=known)
        except DomainError as error:
            mark(form, error)
    return _form_page(form, wanted, known)


@door(blueprint, f"{CAMPAIGNS}/audience", least="manager", methods=("POST",))
def count_audience() -> ResponseReturnValue:
    """Whom the form means as it stands, and what could be told."""
    form = campaign_form()
    return part("backoffice/campaigns/audience.html", words=words, **_audience(form, whom.wanted_of(request.form)))


@door(blueprint, f"{CAMPAIGNS}/preview", least="manager", methods=("POST",))
def preview_words() -> ResponseReturnValue:
    """How the form's words look to members, as they stand."""
    return part("backoffice/campaigns/preview.html", shown=shown_of(campaign_form()))


def words_of(form: CampaignForm, wanted: MemberFilter) -> Words:
    """What a form says, as the service takes it."""
    return Words(
        name=str(form.name.data or ""),
        wanted=wanted,
        ways=tuple(form.ways.data or ()),
        title=form.titles,
        text=form.texts,
        reward_id=form.reward_id.data or None,
        offer_days=form.offer_days.data,
        most=form.most.data,
        control_percent=20 if form.control_percent.data is None else form.control_percent.data,
        measure_days=form.measure_days.data or 28,
        cost_minor=form.cost.minor or 0,
    )


def shown_of(form: CampaignForm, *, to: str = "") -> Preview:
    """The form's words in the language that is looked at: the wished one, else the first that has any."""
    wish = request.form.get("tongue", "")
    said = [tongue for tongue in locale.LANGUAGES if form.title(tongue) or form.text(tongue)]
    tongue = wish if wish in locale.LANGUAGES else said[0] if said else locale.language()
    return preview(
        scope(),
        title=form.titles or {tongue: _("Your title")},
        text=form.texts or {tongue: _("Your text")},
        locale=tongue,
        reward_id=form.reward_id.data or None,
        offer_days=form.offer_days.data,
        brand=platform().brand,
        public_url=platform().settings.public_url,
        to=to,
    )


def campaign_form() -> CampaignForm:
    """The form with its choices, filled with what was sent."""
    form = CampaignForm(currency=place().currency)
    programmes = list_programmes(scope(), place().merchant_id, on_offer=True)
    rewards = [(one.reward_id, one.name) for programme in programmes for one in programme.rewards]
    form.reward_id.choices = offered([("", _("nothing")), *rewards])
    return form


def _begin(form: CampaignForm) -> MemberFilter:
    """Fill a new form with what the address asks for."""
    form.ways.data = ["inbox", "push", "email"]
    form.offer_days.data = 14
    if earlier := request.args.get("from"):
        known = get_campaign(scope(), earlier)
        _fill(form, known)
        form.name.data = _("%(name)s again", name=known.name)[:60]
        form.revision.data = ""
        weeks = request.args.get("weeks", "")
        wanted = known.wanted
        if weeks.isdecimal() and 0 < int(weeks) <= 104:
            wanted = replace(wanted, seen_days=int(weeks) * 7)
        return wanted
    found: Idea | None = idea_of(request.args.get("idea"))
    if found is not None:
        form.name.data = str(found.name)
        form.show_words(found.title, found.text)
        return found.wanted
    return whom.wanted_of(request.args)


def _fill(form: CampaignForm, known: CampaignView) -> None:
    form.revision.data = str(known.revision)
    form.name.data = known.name
    form.ways.data = list(known.ways)
    form.show_words(known.title, known.text)
    form.reward_id.data = known.reward_id or ""
    form.offer_days.data = known.offer_days
    form.most.data = known.most
    form.control_percent.data = known.control_percent
    form.measure_days.data = known.measure_days
    form.cost.show(known.cost_minor or None)
    if known.send_at is not None:
        local = known.send_at.astimezone(zone(place().timezone))
        form.when.data, form.day.data, form.time.data = "later", local.date(), local.time()


def _go_on(form: CampaignForm, campaign_id: str, *, revision: int, is_planned: bool = False) -> ResponseReturnValue:
    """After saving: plan it where that was asked for."""
    address = url_for("campaigns.show_campaign", slug=place().slug, campaign_id=campaign_id)
    if "plan" not in request.form and not is_planned:
        flash(_("The draft is kept. Nothing goes out until you plan it."), "good")
        return redirect(address, 303)
    try:
        schedule(scope(), campaign_id, revision=revision, send_at=_send_at(form))
    except DomainError as error:
        flash(messages.sentence(error), "bad")
        return redirect(address, 303)
    flash(_("“%(name)s” is planned. It can be changed or stopped until it goes out.", name=form.name.data), "good")
    return redirect(address, 303)


def _send_at(form: CampaignForm) -> datetime | None:
    if form.when.data != "later" or form.day.data is None:
        return None
    there = zone(place().timezone)
    return datetime.combine(form.day.data, form.time.data or _MORNING, there).astimezone(UTC)


def _audience(form: CampaignForm, wanted: MemberFilter) -> dict[str, Any]:
    percent = 0 if wanted.is_birthday else _percent(form)
    found: Prospect = prospect(
        scope(),
        wanted,
        tuple(form.ways.data or ()),
        control_percent=percent,
        measure_days=form.measure_days.data or 28,
        most=form.most.data,
    )
    return {"found": found, "percent": percent, "is_promise": wanted.is_birthday, "said": whom.said(wanted)}


def _percent(form: CampaignForm) -> int:
    share = form.control_percent.data
    return 20 if share is None or not 0 <= share <= 50 else int(share)


def _form_page(form: CampaignForm, wanted: MemberFilter, known: CampaignView | None) -> ResponseReturnValue:
    locations = locations_of(scope())
    return page(
        "backoffice/campaigns/design.html",
        status=422 if form.errors else 200,
        here="campaigns",
        form=form,
        known=known,
        segments=list_segments(scope()),
        fields=whom.fields_of(wanted),
        member_words=member_words,
        locations=locations if len(locations) > 1 else {},
        tiers=dict(tiers_of(scope())),
        tongues=locale.LANGUAGES,
        mine=locale.language(),
        manners=read_contact_setting(scope()).manners,
        own_address=visitor().signed_in.email,
        has_rewards=len(form.reward_id.choices) > 1,
        shown=shown_of(form),
        words=words,
        # Counting reads all members: the page asks for it when it is there.
        said=whom.said(wanted),
        is_promise=wanted.is_birthday,
    )
