"""The designer: the rules as sentences with fields, what they look like to others, and the draft they are kept in."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.backoffice import sentences
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.programme import RevisionForm, RulesForm, filled, mark_fault, rules_of
from app.backoffice.forms.programme.rules import MOST_EARN, MOST_PERIODS, MOST_TIERS, plain
from app.backoffice.pages import page, part
from app.backoffice.views.programme import previews
from app.backoffice.views.programme.board import (
    address,
    blueprint,
    programme_of,
    reward_of,
    rules_in,
    whole_business,
)
from app.common.money import InvalidAmountError, exponent, parse_amount
from app.merchants.errors import SomebodyWasFasterError
from app.rewards import service as rewards
from app.rewards.queries import ProgrammeView
from app.rewards.queries.amounts import Amounts, recent_amounts
from app.rewards.queries.drafts import DraftView, get_draft, latest_simulation
from app.rewards.rules import InvalidRulesError, ProgrammeRules, programme_document
from app.rewards.service.simulations import ask_simulation
from app.web.moments import local_moment


@door(blueprint, "/office/<slug>/programmes/<programme_id>", least="manager", methods=("GET", "POST"))
def design(programme_id: str) -> ResponseReturnValue:
    """The rules of a programme, to be changed; a draft until they are published."""
    whole_business()
    view = programme_of(programme_id)
    draft = get_draft(scope(), programme_id)
    amounts = recent_amounts(scope(), place().merchant_id)
    form = RulesForm()
    if not form.is_submitted():
        rules = view.rules if draft is None else draft.rules
        form = RulesForm(
            formdata=None, data=filled(rules, revision=draft.revision if draft else 0, example=_example(amounts))
        )
        return _designer(view, draft, form, amounts, rules_in(view, rules))
    try:
        compiled = _compiled(view, form)
    except InvalidRulesError as error:
        form.validate()
        mark_fault(form, error)
        return _designer(view, draft, form, amounts, None, status=422)
    if not form.validate():
        return _designer(view, draft, form, amounts, compiled, status=422)
    then = str(form.then.data or "")
    document = programme_document(compiled)
    if draft is None and document == view.rules:
        if then == "simulate":
            return _simulated(programme_id, ask_simulation(scope(), programme_id, document))
        flash(gettext("Nothing differs from the rules that hold, so there is nothing to keep."), "wait")
        return redirect(address("design", programme_id=programme_id), 303)
    try:
        revision = rewards.save_draft(scope(), programme_id, document, revision=form.seen)
    except SomebodyWasFasterError:
        return _told_of(view, form, amounts, compiled)
    if then == "simulate":
        return _simulated(programme_id, ask_simulation(scope(), programme_id, document, revision=revision))
    if then == "publish":
        return redirect(address("publish", programme_id=programme_id), 303)
    flash(gettext("Saved as a draft. The rules that hold go on until you publish it."), "good")
    return redirect(address("design", programme_id=programme_id), 303)


@door(blueprint, "/office/<slug>/programmes/<programme_id>/preview", least="manager", methods=("POST",))
def preview(programme_id: str) -> ResponseReturnValue:
    """What the rules in the form come to; nothing is kept."""
    whole_business()
    view = programme_of(programme_id)
    form = RulesForm()
    try:
        compiled: ProgrammeRules | None = _compiled(view, form)
    except InvalidRulesError as error:
        mark_fault(form, error)
        compiled = None
    amounts = recent_amounts(scope(), place().merchant_id)
    return part("backoffice/programme/preview.html", is_part=True, view=view, **_shown(view, form, compiled, amounts))


@door(blueprint, "/office/<slug>/programmes/<programme_id>/drop", least="manager", methods=("POST",))
def drop(programme_id: str) -> ResponseReturnValue:
    """Throw the draft away."""
    whole_business()
    programme_of(programme_id)
    form = RevisionForm()
    try:
        rewards.drop_draft(scope(), programme_id, revision=form.seen)
    except SomebodyWasFasterError:
        flash(gettext("Somebody changed the draft meanwhile, so it was not thrown away. Look at it first."), "bad")
        return redirect(address("design", programme_id=programme_id), 303)
    flash(gettext("The draft is thrown away. The rules that hold go on."), "good")
    return redirect(address("design", programme_id=programme_id), 303)


def _simulated(programme_id: str, simulation_id: str) -> ResponseReturnValue:
    return redirect(address("show_simulation", programme_id=programme_id, simulation_id=simulation_id), 303)


def _compiled(view: ProgrammeView, form: RulesForm) -> ProgrammeRules:
    return rules_in(view, rules_of(form, kind=view.kind))


def _told_of(view: ProgrammeView, form: RulesForm, amounts: Amounts, mine: ProgrammeRules) -> ResponseReturnValue:
    """Somebody saved another draft meanwhile: whose and what, with what was typed left in the fields."""
    theirs = get_draft(scope(), view.programme_id)
    revision = 0 if theirs is None else theirs.revision
    form.revision.data = str(revision)
    differing = [] if theirs is None else sentences.differences(rules_in(view, theirs.rules), mine)
    return _designer(view, theirs, form, amounts, mine, status=409, clash=(theirs, differing))


def _designer(
    view: ProgrammeView,
    draft: DraftView | None,
    form: RulesForm,
    amounts: Amounts,
    rules: ProgrammeRules | None,
    *,
    status: int = 200,
    clash: tuple[DraftView | None, list[sentences.Difference]] | None = None,
) -> ResponseReturnValue:
    _leave_room(form)
    holding = rules_in(view)
    run = latest_simulation(scope(), view.programme_id)
    return page(
        "backoffice/programme/design.html",
        here="programme",
        status=status,
        view=view,
        draft=draft,
        saved_at=None if draft is None else local_moment(draft.changed_at),
        clash=clash,
        is_refused=status == 422,
        reward=reward_of(view),
        run=run,
        currency_sign=_sign(place().currency),
        holding=sentences.describe(holding, reward=reward_of(view)),
        **_shown(view, form, rules, amounts),
    )


def _shown(view: ProgrammeView, form: RulesForm, rules: ProgrammeRules | None, amounts: Amounts) -> dict[str, Any]:
    """What stands beside the fields."""
    told: dict[str, Any] = {"form": form, "rules": rules, "is_stamps": view.kind == "stamps"}
    if rules is None:
        return told
    holding = rules_in(view)
    reward = reward_of(view)
    amount = _minor(form.example.data, rules.currency)
    card, tablet = previews.examples(view, rules, scope().now, amount, reward)
    return told | {
        "card": card,
        "tablet": tablet,
        "example": None if amount is None else sentences.money(amount, rules.currency),
        "told": sentences.describe(rules, reward=reward),
        "changes": sentences.differences(holding, rules),
        "topic_name": sentences.topic_name,
        "picture": previews.picture(amounts, holding.minimum_minor, rules.minimum_minor, rules.currency),
    }


def _leave_room(form: RulesForm) -> None:
    """One empty row at the end of each list, for one more."""
    if len(form.earn) < MOST_EARN and (not len(form.earn) or form.earn[-1].form.units.data):
        form.earn.append_entry({"per": "amount"})
    if len(form.periods) < MOST_PERIODS and (not len(form.periods) or form.periods[-1].form.collect_from.data):
        form.periods.append_entry()
    while len(form.tiers) < min(MOST_TIERS, 2) or (len(form.tiers) < MOST_TIERS and form.tiers[-1].form.name.data):
        form.tiers.append_entry()


def _example(amounts: Amounts) -> str:
    currency = place().currency
    middle = amounts.middle
    unit = 10 ** exponent(currency)
    return str(14 if middle is None else max(round(middle / unit), 1))


def _minor(text: str | None, currency: str) -> int | None:
    try:
        return parse_amount(plain(text), currency)
    except InvalidAmountError:
        return None


def _sign(currency: str) -> str:
    return sentences.currency_sign(currency)
