"""What is done with a campaign as a whole: planned, taken back, stopped, thrown away."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import door, place, scope
from app.backoffice.views.campaigns.blueprint import CAMPAIGNS, blueprint
from app.campaigns.service import campaigning
from app.common.errors import DomainError, NotFoundError


@door(blueprint, f"{CAMPAIGNS}/<campaign_id>/plan", least="manager", methods=("POST",))
def plan_campaign(campaign_id: str) -> ResponseReturnValue:
    """Let a draft go out now."""
    return _do(
        campaign_id,
        lambda: campaigning.schedule(scope(), campaign_id, revision=_revision()),
        _("It is planned, and goes out within minutes."),
    )


@door(blueprint, f"{CAMPAIGNS}/<campaign_id>/back", least="manager", methods=("POST",))
def take_back(campaign_id: str) -> ResponseReturnValue:
    """Make a planned campaign a draft again."""
    return _do(
        campaign_id,
        lambda: campaigning.take_back(scope(), campaign_id, revision=_revision()),
        _("It is a draft again. Nothing goes out until you plan it."),
    )


@door(blueprint, f"{CAMPAIGNS}/<campaign_id>/stop", least="manager", methods=("POST",))
def stop_campaign(campaign_id: str) -> ResponseReturnValue:
    """Stop a campaign for good."""
    return _do(
        campaign_id,
        lambda: campaigning.stop(scope(), campaign_id),
        _("It is stopped. Who has not heard of it will not; what was given stays."),
    )


@door(blueprint, f"{CAMPAIGNS}/<campaign_id>/drop", least="manager", methods=("POST",))
def drop_campaign(campaign_id: str) -> ResponseReturnValue:
    """Throw a draft away."""
    return _do(
        campaign_id,
        lambda: campaigning.drop_campaign(scope(), campaign_id),
        _("The draft is thrown away."),
        is_gone=True,
    )


def _do(campaign_id: str, act: Callable[[], object], told: str, *, is_gone: bool = False) -> ResponseReturnValue:
    """Do it, say so, and go back to the campaign, or to the list where it is gone."""
    one = url_for("campaigns.show_campaign", slug=place().slug, campaign_id=campaign_id)
    try:
        act()
    except NotFoundError:
        raise
    except DomainError as error:
        flash(messages.sentence(error), "bad")
        return redirect(one, 303)
    flash(told, "good")
    return redirect(url_for("campaigns.list_campaigns", slug=place().slug) if is_gone else one, 303)


def _revision() -> int:
    found = request.form.get("revision", "")
    return int(found) if found.isdecimal() else 0
