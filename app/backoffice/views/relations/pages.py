"""The page of relationships: the map with its groups, their movement, the ladder, levels, lists, kinds of customers,
and what all of them are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.backoffice.doors import DOORS, door, place, scope
from app.backoffice.forms.relations import LinesForm, MarginForm, NamesForm
from app.backoffice.group_names import ORDER, group_names, rung_names
from app.backoffice.pages import page
from app.backoffice.queries import relations as asked
from app.backoffice.queries.relations import Look, Setting
from app.backoffice.views.relations import drawing, telling
from app.backoffice.views.relations.blueprint import blueprint
from app.backoffice.views.relations.scales import Scales, profit_marks, scales_for, visit_marks
from app.backoffice.views.reports import words
from app.backoffice.views.reports.words import _
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.money import exponent, format_amount
from app.web.locale import language

_CAMPAIGN = "campaigns.new_campaign"
_LEVELS = "automations.show_levels"


@dataclass(frozen=True, slots=True)
class Group:
    """One group beside the map. ``moved`` is by how many it grew in the last months, None where that isn't known;
    ``action`` is where its button leads, with what it says."""

    key: str
    name: str
    members: int
    share: float
    profit: str
    profit_share: float
    moved: int | None
    approach: telling.Approach
    action: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The map as the page has it."""

    picture: Markup
    scales: Scales
    look: Look
    groups: list[Group]
    finding: str
    since: str | None


@door(blueprint, "/office/<slug>/relations", least="manager")
def show_relations() -> ResponseReturnValue:
    """Map, ladder, levels, lists and kinds of customers on one page."""
    if scope().location_id is not None:
        return page("backoffice/relations/elsewhere.html", here="relations")
    look, setting, equity = asked.look_of(scope()), asked.setting_of(scope()), asked.equity_of(scope())
    rungs = asked.count_rungs(scope())
    names = group_names()
    return page(
        "backoffice/relations/relations.html",
        here="relations",
        drawn=draw(look, names) if look.members else None,
        basis=look.basis,
        names=names,
        order=ORDER,
        lines_form=lines_form(look, setting),
        names_form=_names_form(setting),
        margin_form=_margin_form(setting),
        setting=setting,
        equity=equity,
        worth=None if equity is None or equity.minor is None else _about(equity.minor),
        history=_history(names),
        rungs=rungs,
        rung_names=rung_names(),
        rung_month=None if rungs.month is None else _month(rungs.month),
        climbers=asked.movers_of(scope(), is_up=True),
        sliders=asked.movers_of(scope(), is_up=False),
        tiers=asked.levels_of(scope()),
        lists=[(one, drawing.sections(one.groups, _made_of(one.groups, names))) for one in asked.lists_of(scope())],
        kinds=[telling.tell_kind(one, place().currency) for one in asked.list_kinds(scope())],
        levels=url_for(_LEVELS, slug=place().slug) if _LEVELS in DOORS else None,
        words=words,
        telling=telling,
        sign=drawing.sign,
        made_of=lambda groups: _made_of(groups, names),
        unit=10 ** exponent(place().currency),
        babel_tag=language(),
        nobody=new_id(),
    )


@door(blueprint, "/office/<slug>/relations/kinds/<int:number>", least="manager")
def show_kind(number: int) -> ResponseReturnValue:
    """One kind of customers, and who is of it."""
    if scope().location_id is not None:
        return page("backoffice/relations/elsewhere.html", here="relations")
    kind = next((one for one in asked.list_kinds(scope()) if one.number == number), None)
    if kind is None:
        raise NotFoundError(what="kind")
    return page(
        "backoffice/relations/kind.html",
        here="relations",
        kind=telling.tell_kind(kind, place().currency),
        people=asked.list_of_kind(scope(), number),
        names=group_names(),
        words=words,
    )


def draw(look: Look, names: Mapping[str, str]) -> Drawn:
    """The map, its groups and what it says."""
    currency = place().currency
    unit = 10 ** exponent(currency)
    dots, lines = look.dots, look.lines
    scales = scales_for(dots.visits, dots.profits, lines.visits, lines.profit_minor)
    told = {f"x{mark}": words.count(mark) for mark in visit_marks(scales)}
    told |= {f"y{mark}": words.count(mark // unit) for mark in profit_marks(scales, unit)}
    told |= {"visits": visits_told(lines.visits), "profit": words.money(lines.profit_minor, currency)}
    told["loss"] = _("below zero: costs you money")
    standing = look.groups
    total = look.members
    profit = sum(max(0, one.profit_minor) for one in standing.values())
    moved, since = _moved()
    groups = [
        Group(
            key,
            names[key],
            standing[key].members,
            standing[key].members / total if total else 0.0,
            words.money(standing[key].profit_minor, currency),
            max(0, standing[key].profit_minor) / profit if profit else 0.0,
            None if moved is None else moved.get(key, 0),
            telling.APPROACHES[key],
            _action(key),
        )
        for key in ORDER
    ]
    said = _("Map of relationships: %(members)s members by expected visits and profit.", members=words.count(total))
    said += " " + "; ".join(f"{one.name} {words.count(one.members)}" for one in groups)
    return Drawn(
        drawing.relation_map(dots, lines, scales, said, told, unit),
        scales,
        look,
        groups,
        _finding(groups, total),
        since,
    )


def visits_told(visits: float) -> str:
    """``6 visits``, as the line says it."""
    return words.ngettext("%(count)s visit", "%(count)s visits", 1 if visits == 1 else 2, count=words.count(visits))


def lines_form(look: Look, setting: Setting) -> LinesForm:
    """The form with the lines as they are."""
    form = LinesForm(formdata=None, currency=place().currency)
    form.revision.data = setting.revision
    form.visits.data = round(look.lines.visits, 1)
    text = format_amount(look.lines.profit_minor, place().currency)
    form.profit.data = text.removesuffix(".00")
    return form


def _about(minor: int) -> str:
    """A sum in money to three figures: more would claim to know more."""
    unit = 10 ** max(len(str(abs(minor))) - 3, 0)
    return words.money(round(minor / unit) * unit, place().currency)


def _names_form(setting: Setting) -> NamesForm:
    form = NamesForm(formdata=None, data={key: setting.names.get(key, "") for key in ORDER})
    form.revision.data = setting.revision
    return form


def _margin_form(setting: Setting) -> MarginForm:
    form = MarginForm(formdata=None)
    form.revision.data, form.margin.data = setting.revision, setting.margin_percent
    return form


def _finding(groups: list[Group], total: int) -> str:
    best = max(groups, key=lambda one: one.profit_share)
    if not best.profit_share:
        return _("No group brings a profit yet.")
    return _(
        "%(group)s: %(count)s of %(total)s members bring %(share)s of the profit",
        group=best.name,
        count=words.count(best.members),
        total=words.count(total),
        share=words.percent(best.profit_share),
    )


def _action(key: str) -> tuple[str, str]:
    approach = telling.APPROACHES[key]
    if approach.action is not None and _CAMPAIGN in DOORS:
        return url_for(_CAMPAIGN, slug=place().slug, relationship=key), str(approach.action)
    return url_for("members.list_members", slug=place().slug, relationship=key), _("See who they are")


def _moved() -> tuple[dict[str, int] | None, str | None]:
    """By how many each group grew by what members did: who went in less who went out, over the latest three months."""
    months = [one.month for one in asked.months_of(scope())]
    if len(months) < 2:
        return None, None
    counted = months[-3:] if len(months) > 3 else months[1:]
    moved = dict.fromkeys(ORDER, 0)
    for month in counted:
        for one in asked.passages_of(scope(), month):
            moved[one.relationship] += one.members
            if one.was in moved:
                moved[one.was] -= one.members
    before = months[months.index(counted[0]) - 1]
    return moved, _month(before)


@dataclass(frozen=True, slots=True)
class History:
    """The groups month by month, and who went where in the latest."""

    picture: Markup | None
    rows: list[tuple[str, list[str]]]
    month: str
    passages: list[tuple[str, str, int]]


def _history(names: Mapping[str, str]) -> History | None:
    months = asked.months_of(scope())
    if not months:
        return None
    labels = [words.short_month(_first(one.month)) for one in months]
    said = _("Members of each group, month by month")
    latest = months[-1].month
    return History(
        drawing.areas(months, names, labels, said) if len(months) > 1 else None,
        [(_month(one.month), [words.count(one.members.get(key, 0)) for key in ORDER]) for one in reversed(months)],
        _month(latest),
        [
            (names.get(one.was) or _("new"), names[one.relationship], one.members)
            for one in asked.passages_of(scope(), latest)
        ],
    )


def _made_of(groups: Mapping[str, int], names: Mapping[str, str]) -> str:
    told = [f"{names[key]} {words.count(groups[key])}" for key in ORDER if groups.get(key)]
    return ", ".join(told) or _("nobody in a group yet")


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _month(month: str) -> str:
    return words.month(_first(month))
