"""One campaign: how far it is, and what it brought."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.backoffice.doors import door, place, scope
from app.backoffice.pages import page, part
from app.backoffice.views.campaigns import drawing, whom, words
from app.backoffice.views.campaigns.blueprint import CAMPAIGNS, blueprint
from app.backoffice.views.campaigns.listing import may_change
from app.campaigns.queries.audience import audience
from app.campaigns.queries.campaigns import CampaignView, get_campaign
from app.campaigns.queries.results import Result, result_of
from app.campaigns.service.measuring import FIRST_LOOK
from app.rewards.queries import list_programmes
from app.web import locale
from app.web.going import wants_part


@door(blueprint, f"{CAMPAIGNS}/<campaign_id>", least="manager")
def show_campaign(campaign_id: str) -> ResponseReturnValue:
    """A campaign's page; while it goes out, its progress alone is asked for again and again."""
    campaign = get_campaign(scope(), campaign_id)
    told: dict[str, Any] = {"campaign": campaign, "state": words.state(campaign), "words": words}
    if wants_part():
        return part("backoffice/campaigns/progress.html", **told)
    result = result_of(campaign)
    return page(
        "backoffice/campaigns/show.html",
        here="campaigns",
        said=whom.said(campaign.wanted),
        title=locale.named(campaign.title, ""),
        text=locale.named(campaign.text, ""),
        reward=_reward(campaign),
        first_look=None if campaign.send_at is None else campaign.send_at + FIRST_LOOK,
        last_look=None if campaign.send_at is None else campaign.send_at + timedelta(days=campaign.measure_days),
        lists=(campaign.result or {}).get("lists"),
        result=result,
        shown=None if result is None else _shown(campaign, result),
        may_change=may_change(),
        **told,
    )


def _reward(campaign: CampaignView) -> str | None:
    if campaign.reward_id is None:
        return None
    programmes = list_programmes(scope(), place().merchant_id)
    names = {one.reward_id: one.name for programme in programmes for one in programme.rewards}
    return names.get(campaign.reward_id) or str(_("a reward that is gone"))


def _shown(campaign: CampaignView, result: Result) -> dict[str, Any]:
    """The pictures and words of a result."""
    told = result.told
    money = told["money"]
    headline = words.headline(campaign, result)
    effects = told["effects"]
    heads = [
        (name, effects[key], key == "spend")
        for key, name in (("visits", _("Visits")), ("spend", _("Spent")), ("redemptions", _("Rewards")))
        if effects[key] is not None
    ]
    parts = told["parts"] if any(one["effect"] for one in told["parts"]) else []
    visits = [effects["visits"]] if effects["visits"] is not None else []
    scale = drawing.scale_of([*visits, *(one["effect"] for one in parts if one["effect"])])
    treated, each = drawing.field(told["treated"], told["came"][0], "with")
    control, _each = drawing.field(told["control"], told["came"][1], "without")
    currency = money["currency"]
    return {
        "headline": headline,
        "money": words.money_line(result),
        "dots": None if result.total is None else drawing.twenty_dots(result.total, money["break_even"], headline),
        "span": words.span(told),
        "treated": treated,
        "control": control,
        "each": each,
        "heads": [_row(name, effect, scale, in_money=is_money, currency=currency) for name, effect, is_money in heads],
        "parts": [_row(words.part(one), one["effect"], scale, in_money=False, currency=currency) for one in parts],
        "orders": "" if not told["orders"] else words.orders(told["orders"]),
        "next": _next(campaign, result),
    }


def _row(
    name: str, effect: dict[str, Any] | None, scale: tuple[float, float], *, in_money: bool, currency: str
) -> dict[str, Any]:
    if effect is None:
        return {"name": name, "picture": None}
    is_own = in_money or not (scale[0] <= effect["low"] and effect["high"] <= scale[1])
    how: dict[str, Any] = {"in_money": in_money, "currency": currency}
    return {
        "name": name,
        "with": words.per_head(effect["with"], **how),
        "without": words.per_head(effect["without"], **how),
        # Money is on a scale of its own; else all rows can be compared.
        "picture": drawing.interval(effect, drawing.scale_of([effect]) if is_own else scale),
        "difference": words.difference(effect, **how),
        "interval": words.interval(effect, **how),
    }


def _next(campaign: CampaignView, result: Result) -> dict[str, Any]:
    """What to do with it: write earlier, where nothing is to be seen of those who were away for long, or once more."""
    values: dict[str, Any] = {"slug": place().slug, "from": campaign.campaign_id}
    weeks = result.until_weeks
    if weeks is None:
        return {"weeks": None, "address": url_for("campaigns.new_campaign", **values), "members": None}
    wanted = replace(campaign.wanted, seen_days=weeks * 7)
    found = audience(scope(), wanted, campaign.ways)
    return {
        "weeks": weeks,
        "address": url_for("campaigns.new_campaign", **values, weeks=weeks),
        "members": found.with_consent,
    }
