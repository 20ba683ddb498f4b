"""Addresses that are told what happens: added, tried, switched off; and what was sent there."""

from __future__ import annotations

import json

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app import messages
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.problems import mark
from app.backoffice.forms.team import WebhookForm
from app.backoffice.pages import page
from app.backoffice.views.team.blueprint import blueprint
from app.common.errors import DomainError, InvalidError, NotFoundError
from app.common.outgoing import reach_of
from app.extensions import platform
from app.merchants import deliveries, webhooks
from app.merchants.deliveries import EndpointDisabledError
from app.merchants.webhooks import Endpoint

PAGE = 30
EVENT_WORDS = {
    "visit.recorded": _l("Somebody was here and earned"),
    "reward.unlocked": _l("Somebody earned a reward"),
    "voucher.redeemed": _l("A reward was given out"),
    "transaction.reversed": _l("Something was undone"),
    "member.joined": _l("Somebody is new here"),
    "test": _l("A test"),
}
STATES = {"pending": _l("under way"), "delivered": _l("arrived"), "failed": _l("failed")}


@door(blueprint, "/office/<slug>/team/webhooks", least="owner", needs_second=True)
def list_webhooks() -> ResponseReturnValue:
    """Where somebody is told."""
    return page(
        "backoffice/team/webhooks.html",
        here="team",
        endpoints=webhooks.endpoints(scope()),
        event_words=EVENT_WORDS,
    )


@door(
    blueprint,
    "/office/<slug>/team/webhooks/new",
    least="owner",
    methods=("GET", "POST"),
    is_fresh=True,
    needs_second=True,
)
def add_webhook() -> ResponseReturnValue:
    """One more address, and its secret: told this once."""
    form = WebhookForm()
    if form.validate_on_submit():
        try:
            made = webhooks.add_endpoint(
                scope(),
                url=(form.url.data or "").strip(),
                events=form.events.data or [],
                reach=reach_of(platform().settings),
            )
        except InvalidError as error:
            mark(form, error)
            if form.url.errors:
                form.url.errors = [
                    _("This address can’t be called. It begins with https:// and is reached from the whole internet.")
                    if not str(form.url.errors[0]).startswith("a merchant has")
                    else _("There are ten already. Remove one first.")
                ]
        else:
            return page("backoffice/team/webhook_secret.html", here="team", endpoint=made, is_new=True)
    return page(
        "backoffice/team/webhook_new.html",
        here="team",
        form=form,
        event_words=EVENT_WORDS,
        status=422 if form.errors else 200,
    )


@door(blueprint, "/office/<slug>/team/webhooks/<endpoint_id>", least="owner", needs_second=True)
def show_webhook(endpoint_id: str) -> ResponseReturnValue:
    """One address, and what was sent there."""
    endpoint = _own(endpoint_id)
    status = request.args.get("status")
    found = deliveries.deliveries(
        scope(),
        endpoint_id=endpoint_id,
        status=status if status in STATES else None,
        limit=PAGE + 1,
        before=request.args.get("before"),
    )
    return page(
        "backoffice/team/webhook.html",
        here="team",
        endpoint=endpoint,
        sent=found[:PAGE],
        next=found[PAGE - 1].id if len(found) > PAGE else None,
        status_shown=status,
        event_words=EVENT_WORDS,
        states=STATES,
    )


@door(
    blueprint,
    "/office/<slug>/team/webhooks/<endpoint_id>/change",
    least="owner",
    methods=("POST",),
    is_fresh=True,
    needs_second=True,
)
def change_webhook(endpoint_id: str) -> ResponseReturnValue:
    """Switch an address on or off, try it, send again what failed, or give it another secret."""
    _own(endpoint_id)
    act = request.form.get("act", "")
    try:
        if act == "secret":
            made = webhooks.renew_secret(scope(), endpoint_id)
            return page("backoffice/team/webhook_secret.html", here="team", endpoint=made, is_new=False)
        if act == "stop":
            webhooks.set_active(scope(), endpoint_id, active=False, reason="switched off")
            flash(_("Switched off. What waits goes out when it is switched on again."), "good")
        elif act == "start":
            webhooks.set_active(scope(), endpoint_id, active=True)
            flash(_("Switched on."), "good")
        elif act == "test":
            deliveries.send_test(scope(), endpoint_id)
            flash(_("A test is under way. Look again in a few seconds."), "good")
        elif act == "replay":
            count = deliveries.replay_failed(scope(), endpoint_id)
            flash(ngettext("%(num)d delivery is sent again.", "%(num)d deliveries are sent again.", count), "good")
    except EndpointDisabledError as error:
        flash(messages.sentence(error), "bad")
    return redirect(url_for("team.show_webhook", slug=place().slug, endpoint_id=endpoint_id), 303)


@door(
    blueprint,
    "/office/<slug>/team/deliveries/<delivery_id>",
    least="owner",
    methods=("GET", "POST"),
    needs_second=True,
)
def show_delivery(delivery_id: str) -> ResponseReturnValue:
    """What was sent and what came back; sent again by POST."""
    delivery = deliveries.get_delivery(scope(), delivery_id)
    if request.method == "POST":
        try:
            deliveries.replay(scope(), delivery_id)
        except DomainError as error:
            flash(messages.sentence(error), "bad")
        else:
            flash(_("It is sent again."), "good")
        return redirect(url_for("team.show_delivery", slug=place().slug, delivery_id=delivery_id), 303)
    return page(
        "backoffice/team/delivery.html",
        here="team",
        one=delivery,
        body=json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False),
        event_words=EVENT_WORDS,
        states=STATES,
    )


def _own(endpoint_id: str) -> Endpoint:
    for one in webhooks.endpoints(scope()):
        if one.id == endpoint_id:
            return one
    raise NotFoundError
