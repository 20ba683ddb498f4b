"""Service levels: how each group is served, what that changes, and the people whom somebody looks after."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.backoffice.doors import door, place, scope
from app.backoffice.forms.automations import LevelsForm
from app.backoffice.forms.problems import mark
from app.backoffice.group_names import ORDER, group_names
from app.backoffice.pages import page
from app.backoffice.queries.members.naming import NAMELESS, names_of
from app.backoffice.views.automations import words
from app.backoffice.views.automations.blueprint import AUTOMATIONS, HERE, blueprint
from app.campaigns.automations.catalogue import READY
from app.campaigns.models import LEVELS
from app.campaigns.queries.automations import Person, levels_of, list_people, members_by_group, standing_of
from app.campaigns.service.setting_automations import changes_of, set_levels
from app.common.errors import InvalidError
from app.merchants.errors import SomebodyWasFasterError
from app.merchants.queries.team import list_team
from app.rewards.models import ShopMember


@dataclass(frozen=True, slots=True)
class Row:
    """A level in the table: its automations by name."""

    level: str
    automations: list[str]


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody to look after, with the words for her."""

    person: Person
    name: str
    looks_after: str | None
    is_mine: bool


@door(blueprint, f"{AUTOMATIONS}/levels", least="manager", methods=("GET", "POST"))
def show_levels() -> ResponseReturnValue:
    """How each group is served. Sent without ``sure`` it shows what would change, and changes nothing."""
    levels = levels_of(scope())
    form = _form()
    if request.method == "GET":
        form.fill(levels)
        return _page(form)
    if not form.validate():
        return _page(form)
    chosen = form.chosen
    changes = changes_of(standing_of(scope()), {group: one.level for group, one in chosen.items()})
    if "sure" not in request.form:
        return page(
            "backoffice/automations/levels_sure.html",
            here=HERE,
            form=form,
            changes=changes,
            words=words,
            order=ORDER,
            groups=group_names(),
        )
    leave = [one.trigger for one in changes if f"do_{one.trigger}" not in request.form]
    try:
        made = set_levels(scope(), chosen, leave=leave, revision=form.seen)
    except (InvalidError, SomebodyWasFasterError) as error:
        mark(form, error)
        return _page(form)
    told = ngettext("%(num)s automation follows from it.", "%(num)s automations follow from it.", len(made))
    flash(f"{_('Saved.')} {told if made else _('Nothing else changed.')}", "good")
    return redirect(url_for("automations.list_automations", slug=place().slug), 303)


@door(blueprint, f"{AUTOMATIONS}/people", least="manager", endpoint="list_people")
def show_people() -> ResponseReturnValue:
    """The people whom somebody of the team looks after, who have been quiet or have a birthday this month."""
    served = levels_of(scope())
    found = list_people(scope())
    with scope().reading() as tx:
        names = names_of(tx, scope(), [one.member_id for one in found])
        tails = {one.member_id: tx.session.get(ShopMember, (one.member_id, scope().merchant_id)) for one in found}
    told = []
    for one in found:
        name = names.get(one.member_id, NAMELESS)
        row = tails[one.member_id]
        tail = None if row is None else row.card_tail
        card = _("Card …%(tail)s", tail=tail) if tail else _("Without a card")
        person = served.groups[one.group].person
        told.append(Looked(one, name.called or name.shown or card, person, one.staff_id == scope().staff_id))
    told.sort(key=lambda one: not one.is_mine)
    return page(
        "backoffice/automations/people.html",
        here=HERE,
        people=told,
        groups=group_names(),
        has_partnership=any(one.level == "partnership" for one in served.groups.values()),
        words=words,
        now=scope().now,
    )


def _form() -> LevelsForm:
    staff = [(one.staff_id, one.name) for one in list_team(scope()) if one.is_active]
    return LevelsForm(groups=group_names(), levels=words.LEVELS, staff=staff)


def _page(form: LevelsForm) -> ResponseReturnValue:
    rows = [Row(level, [str(words.NAMES[one]) for one in READY if READY[one].level == level]) for level in LEVELS]
    return page(
        "backoffice/automations/levels.html",
        status=422 if form.errors or form.form_errors else 200,
        here=HERE,
        form=form,
        rows=rows,
        order=ORDER,
        groups=group_names(),
        members=members_by_group(scope()),
        levels=levels_of(scope()),
        words=words,
        is_everywhere=scope().location_id is None,
    )
