"""Reporting what a shop shows, by a plain form: for whoever has no app."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app import messages
from app.cards.errors import TriesUsedUpError
from app.common.errors import InvalidError, NotFoundError
from app.extensions import platform
from app.merchants.queries import ShopDetail, find_shop_by_path
from app.rewards.queries import list_programmes
from app.rewards.service.content import report_content
from app.web import locale
from app.web.networks import network
from app.web.views import keep_language

REASONS: dict[str, LazyString] = {
    "illegal": _l("It is against the law"),
    "offensive": _l("It hurts or offends"),
    "misleading": _l("It misleads"),
    "rights": _l("It is somebody else's picture or text"),
    "other": _l("Something else"),
}
_LARGEST_FORM = 16 * 1024

blueprint = Blueprint("reporting", __name__, template_folder="../templates")
blueprint.after_request(keep_language)


@blueprint.before_request
def limit() -> None:
    """Read no more than the form may hold."""
    request.max_content_length = _LARGEST_FORM


@blueprint.route("/s/<merchant>/<name>/report", methods=("GET", "POST"))
def report(merchant: str, name: str) -> ResponseReturnValue:
    """The form, and its answer. It changes nothing that anybody sees, and knows nobody: it needs no token."""
    scope = platform().scope()
    try:
        shop = find_shop_by_path(scope, merchant, name)
    except NotFoundError:
        abort(404)
    if request.path != f"{shop.path}/report":
        return redirect(f"{shop.path}/report", 308)
    if request.method == "GET":
        return _page(shop)
    what, _, reward_id = request.form.get("what", "").partition(":")
    try:
        report_content(
            scope,
            shop.location_id,
            what=what,
            reward_id=reward_id or None,
            reason=request.form.get("reason", ""),
            words=request.form.get("words"),
            network=network(request),
        )
    except InvalidError:
        return _page(shop, problem=messages.text("report_incomplete"), status=422)
    except NotFoundError:
        return _page(shop, problem=messages.text("report_gone"), status=409)
    except TriesUsedUpError as error:
        return _page(shop, problem=messages.sentence(error), status=429)
    return _page(shop, is_done=True)


def _page(
    shop: ShopDetail, *, problem: str | None = None, is_done: bool = False, status: int = 200
) -> ResponseReturnValue:
    rewards = [
        (reward.reward_id, locale.named(reward.names, reward.name), reward.picture_id is not None)
        for programme in list_programmes(platform().scope(), shop.merchant_id, on_offer=True)
        for reward in programme.rewards
    ]
    body = render_template(
        "rewards/report.html",
        shop=shop,
        has_story=bool(shop.story),
        rewards=rewards,
        reasons=REASONS,
        problem=problem,
        is_done=is_done,
        given=request.form,
    )
    return body, status, {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
