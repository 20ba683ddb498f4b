"""A reward for one member, by hand."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.catalogue.fields import offered
from app.backoffice.forms.catalogue.rewards import GiveForm
from app.backoffice.forms.problems import mark
from app.backoffice.pages import page
from app.backoffice.queries.catalogue import get_catalogue, get_recipient
from app.backoffice.service.giving import give_reward as give
from app.backoffice.service.giving import withdraw_gift
from app.backoffice.views.catalogue import words
from app.backoffice.views.catalogue.blueprint import blueprint
from app.common.errors import DomainError, Kind
from app.common.ids import is_id, new_id

GIVE = "/office/<slug>/members/<member_id>/give"


@door(blueprint, GIVE, least="manager", methods=("GET", "POST"))
def give_reward(member_id: str) -> ResponseReturnValue:
    """Choose what one member gets, and say why."""
    who = get_recipient(scope(), member_id)
    found = get_catalogue(scope())
    now = scope().now
    on = [
        (shelf, reward)
        for shelf in found.shelves
        for reward in shelf.rewards
        if words.state(reward, shelf.programme, now)[0] == "good"
    ]
    form = GiveForm()
    form.reward.choices = offered(
        (reward.reward_id, words.what(reward, place().currency) if reward.kind == "item" else reward.name)
        for _shelf, reward in on
    )
    if request.method == "GET":
        form.gift.data = new_id()
    elif form.validate():
        try:
            give(
                scope(),
                member_id=member_id,
                reward_id=form.reward.data,
                reason=form.reason.data,
                days=form.days.data,
                gift_id=form.gift.data if is_id(form.gift.data) else None,
            )
        except DomainError as error:
            if error.kind is Kind.NOT_FOUND:
                raise
            mark(form, error)
        else:
            name = next(reward.name for _shelf, reward in on if reward.reward_id == form.reward.data)
            flash(
                _("“%(name)s” is given. It waits in the member’s app, and for the card at the counter.", name=name),
                "good",
            )
            return redirect(url_for("catalogue.give_reward", slug=place().slug, member_id=member_id), 303)
    return page(
        "backoffice/catalogue/give.html",
        status=422 if form.errors else 200,
        here="members",
        who=who,
        member_id=member_id,
        form=form,
        days_word=words.day,
        timezone=place().timezone,
        last_day=words.last_day,
    )


@door(blueprint, f"{GIVE}/<voucher_id>/withdraw", least="manager", methods=("POST",))
def withdraw(member_id: str, voucher_id: str) -> ResponseReturnValue:
    """Take back a gift that was not used yet."""
    try:
        withdraw_gift(scope(), member_id=member_id, voucher_id=voucher_id)
    except DomainError as error:
        if error.kind is Kind.NOT_FOUND:
            raise
        flash(messages.sentence(error), "bad")
    else:
        flash(_("The gift is taken back."), "good")
    return redirect(url_for("catalogue.give_reward", slug=place().slug, member_id=member_id), 303)
