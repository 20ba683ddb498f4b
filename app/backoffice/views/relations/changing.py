"""What is changed on the page of relationships: the lines, the groups' names, the margin."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.problems import mark
from app.backoffice.forms.relations import LinesForm, MarginForm, NamesForm
from app.backoffice.group_names import ORDER, group_names
from app.backoffice.pages import page, part
from app.backoffice.queries import relations as asked
from app.backoffice.views.relations.blueprint import blueprint
from app.backoffice.views.relations.pages import lines_form
from app.common.errors import DomainError, ForbiddenError, NotFoundError
from app.common.scope import Scope
from app.insights import service as insights
from app.insights.errors import RelationsChangedError
from app.web.going import wants_part


@door(blueprint, "/office/<slug>/relations/lines", least="manager", methods=("POST",))
def draw_lines() -> ResponseReturnValue:
    """Put the lines where they were dragged or typed, or (``way=data``) back to where the data would draw them."""
    form = LinesForm(currency=place().currency)
    is_back = request.form.get("way") == "data"
    if not is_back and not form.validate():
        return _lines(form, status=422)
    visits, profit = (None, None) if is_back else (form.visits.data, form.profit_minor)
    try:
        insights.set_lines(_whole(), visits, profit, form.revision.data or 0)
    except RelationsChangedError as error:
        if wants_part():
            return _lines(None, status=409, problem=messages.sentence(error))
        flash(messages.sentence(error), "bad")
        return _back()
    said = _("The lines are back where your figures draw them.") if is_back else _("Kept. The groups are counted anew.")
    if wants_part() and not is_back:
        return _lines(None, said=said)
    flash(said, "good")
    return _back()


@door(blueprint, "/office/<slug>/relations/names", least="manager", methods=("GET", "POST"))
def name_groups() -> ResponseReturnValue:
    """Call the groups by the owner's own words."""
    setting = asked.setting_of(scope())
    form = NamesForm(data={**{key: setting.names.get(key, "") for key in ORDER}, "revision": setting.revision})
    if form.validate_on_submit():
        try:
            insights.set_names(_whole(), {key: form[key].data or "" for key in ORDER}, form.revision.data or 0)
        except NotFoundError:
            raise
        except DomainError as error:
            mark(form, error)
        else:
            flash(_("Kept. These names stand in the back office alone: no customer sees them."), "good")
            return _back()
    return _form("backoffice/relations/names.html", form)


@door(blueprint, "/office/<slug>/relations/margin", least="manager", methods=("GET", "POST"))
def set_margin() -> ResponseReturnValue:
    """Say what is left of what is sold."""
    setting = asked.setting_of(scope())
    form = MarginForm(data={"margin": setting.margin_percent, "revision": setting.revision})
    if form.validate_on_submit():
        try:
            insights.set_margin(_whole(), form.margin.data, form.revision.data or 0)
        except NotFoundError:
            raise
        except DomainError as error:
            mark(form, error)
        else:
            flash(_("Kept. What your customers are worth is reckoned anew."), "good")
            return _back()
    return _form("backoffice/relations/margin.html", form)


def _whole() -> Scope:
    """The scope, of somebody who looks after the whole business. Raises ForbiddenError."""
    if scope().location_id is not None:
        raise ForbiddenError
    return scope()


def _form(template: str, form: Any) -> ResponseReturnValue:
    return page(template, status=422 if form.errors else 200, here="relations", form=form, names=group_names())


def _lines(
    form: LinesForm | None, *, status: int = 200, said: str | None = None, problem: str | None = None
) -> ResponseReturnValue:
    look, setting = asked.look_of(scope()), asked.setting_of(scope())
    told: dict[str, Any] = {
        "lines_form": lines_form(look, setting) if form is None else form,
        "is_dragged": look.lines.is_dragged,
        "said": said,
        "problem": problem,
    }
    if wants_part():
        return part("backoffice/relations/lines.html", status=status, **told)
    return page("backoffice/relations/lines_page.html", status=status, here="relations", **told)


def _back() -> ResponseReturnValue:
    address = url_for("relations.show_relations", slug=place().slug)
    # Asked by a script, the whole page comes anew: everything on it may have changed.
    return ("", 204, {"HX-Redirect": address}) if wants_part() else redirect(address, 303)
