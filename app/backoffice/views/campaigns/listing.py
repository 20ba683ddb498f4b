"""The list of campaigns; where there is none yet, ready ideas."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from app.backoffice.doors import door, scope
from app.backoffice.pages import page
from app.backoffice.views.campaigns import whom, words
from app.backoffice.views.campaigns.blueprint import CAMPAIGNS, blueprint
from app.backoffice.views.campaigns.ideas import IDEAS
from app.campaigns.queries.campaigns import CampaignView, list_campaigns
from app.campaigns.queries.results import Result, result_of


@door(blueprint, CAMPAIGNS, least="manager", endpoint="list_campaigns")
def show_list() -> ResponseReturnValue:
    """All campaigns with what they brought, the newest first."""
    found = list_campaigns(scope())
    return page(
        "backoffice/campaigns/list.html",
        here="campaigns",
        campaigns=[(one, words.state(one), whom.said(one.wanted), _finding(one, result_of(one))) for one in found],
        ideas=IDEAS,
        may_change=may_change(),
        words=words,
    )


def may_change() -> bool:
    """Whether this person may write campaigns: somebody of one location alone may only look."""
    return scope().location_id is None


def _finding(campaign: CampaignView, result: Result | None) -> str:
    return "" if result is None else words.headline(campaign, result)
