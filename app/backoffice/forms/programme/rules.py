"""The rules of a programme as fields of a form, and the document that the fields make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Field, FieldList, Form, FormField, HiddenField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from app.backoffice.forms.programme.pieces import RevisionForm
from app.rewards.rules import InvalidRulesError

MOST_EARN, MOST_PERIODS, MOST_TIERS = 12, 6, 8
_SHORT = [Length(max=20)]
_TEXT = [Length(max=100)]
_LIST = [Length(max=2_000)]
_SPACES = re.compile(r"[\s\u202f\u00a0]+")
_NOT_KEY = re.compile(r"[^a-z0-9]+")


class EarnForm(Form):
    """One way of collecting; without units it is left out."""

    per = SelectField(
        _l("What counts"),
        default="visit",
        choices=[
            SelectChoice("visit", _l("each visit")),
            SelectChoice("unit", _l("each visit, or each piece that is entered")),
            SelectChoice("amount", _l("money that is spent")),
            SelectChoice("item", _l("each piece of a product")),
        ],
    )
    step = StringField(_l("for every"), _SHORT)
    goods = SelectField(
        _l("of which goods"),
        default="",
        choices=[
            SelectChoice("", _l("all goods")),
            SelectChoice("category", _l("a kind of goods")),
            SelectChoice("sku", _l("a product code")),
        ],
    )
    what = StringField(_l("which one"), _TEXT)
    units = StringField(_l("gives"), _SHORT)


class PeriodForm(Form):
    """One savings period; without a first day it is left out."""

    collect_from = DateField(_l("Collecting from"), [Optional()])
    collect_to = DateField(_l("to"), [Optional()])
    redeem_from = DateField(_l("redeeming from"), [Optional()])
    redeem_to = DateField(_l("to"), [Optional()])


class TierForm(Form):
    """One level; without a name it is left out."""

    key = HiddenField(validators=[Length(max=40)])
    name = StringField(_l("Level"), _TEXT)
    threshold = StringField(_l("from"), _SHORT)
    multiplier = StringField(_l("everything counts times"), _SHORT)


class RulesForm(RevisionForm):
    """All rules of a programme. An empty field means that there is no such rule."""

    goal = StringField(_l("Stamps that fill a card"), _SHORT)
    earn = FieldList(FormField(EarnForm), max_entries=MOST_EARN)
    minimum = StringField(_l("Smallest purchase that counts"), _SHORT)
    exclude_categories = StringField(_l("Kinds of goods that do not count"), _LIST)
    exclude_skus = StringField(_l("Product codes that do not count"), _LIST)
    rounding = SelectField(
        _l("Parts of a unit"),
        default="floor",
        choices=[
            SelectChoice("floor", _l("are dropped")),
            SelectChoice("nearest", _l("are rounded to the nearest whole")),
            SelectChoice("ceil", _l("are rounded up")),
            SelectChoice("carry", _l("are kept for the next visit")),
        ],
    )
    cap_visit = StringField(_l("Most units a visit"), _SHORT)
    cap_day_visits = StringField(_l("Most visits a day"), _SHORT)
    cap_day_units = StringField(_l("Most units a day"), _SHORT)
    cap_card = StringField(_l("Most units for one member in all"), _SHORT)
    expiry = SelectField(
        _l("When units expire"),
        default="never",
        choices=[
            SelectChoice("never", _l("never")),
            SelectChoice("months", _l("some months after they were given")),
            SelectChoice("yearly", _l("each year on the same day")),
            SelectChoice("periods", _l("at the end of a savings period")),
        ],
    )
    expiry_months = StringField(_l("Months"), _SHORT)
    expiry_day = StringField(_l("Day"), _SHORT)
    expiry_month = SelectField(
        _l("Month"), default="12", choices=[SelectChoice(str(number), str(number)) for number in range(1, 13)]
    )
    periods = FieldList(FormField(PeriodForm), max_entries=MOST_PERIODS)
    tiers_by = SelectField(
        _l("Levels are reached by"),
        default="",
        choices=[
            SelectChoice("", _l("there are no levels")),
            SelectChoice("spend", _l("what is spent")),
            SelectChoice("visits", _l("the number of visits")),
            SelectChoice("units", _l("what is collected")),
        ],
    )
    tiers_months = StringField(_l("Months that are looked back"), _SHORT)
    tiers = FieldList(FormField(TierForm), max_entries=MOST_TIERS)
    example = StringField(_l("A purchase of"), _SHORT)
    then = StringField(validators=_SHORT)  # what is to be done once it is saved: simulate, publish


def filled(rules: Mapping[str, Any], *, revision: int, example: str) -> dict[str, Any]:
    """What stands in the fields for a document of rules."""
    caps = rules.get("caps", {})
    expiry = rules.get("expiry", {"kind": "never"})
    tiers = rules.get("tiers", {})
    month, _, day = expiry.get("on", "12-31").partition("-")
    return {
        "revision": str(revision),
        "goal": str(rules.get("goal", "")),
        "earn": [
            {
                "per": one["per"],
                "step": _shown(one.get("step", "")),
                "goods": next((name for name in ("category", "sku") if one.get(name)), ""),
                "what": one.get("category") or one.get("sku") or "",
                "units": _shown(one["units"]),
            }
            for one in rules.get("earn", ())
        ],
        "minimum": _shown(rules.get("minimum", "")),
        "exclude_categories": ", ".join(rules.get("exclude", {}).get("categories", ())),
        "exclude_skus": ", ".join(rules.get("exclude", {}).get("skus", ())),
        "rounding": rules.get("rounding", "floor"),
        "cap_visit": str(caps.get("visit", {}).get("units", "")),
        "cap_day_visits": str(caps.get("day", {}).get("visits", "")),
        "cap_day_units": str(caps.get("day", {}).get("units", "")),
        "cap_card": str(caps.get("card", {}).get("units", "")),
        "expiry": expiry["kind"],
        "expiry_months": str(expiry.get("months", "")),
        "expiry_day": str(int(day)),
        "expiry_month": str(int(month)),
        "periods": [{name: date.fromisoformat(day) for name, day in one.items()} for one in expiry.get("periods", ())],
        "tiers_by": tiers.get("by", ""),
        "tiers_months": str(tiers.get("months", "")),
        "tiers": [
            {
                "key": one["key"],
                "name": one.get("name", one["key"]),
                "threshold": _shown(one["from"]),
                "multiplier": _shown(one.get("multiplier", "1")),
            }
            for one in tiers.get("table", ())
        ],
        "example": example,
    }


def rules_of(form: RulesForm, *, kind: str) -> dict[str, Any]:
    """The document that the fields make; whether it can be taken is for the rules themselves to say."""
    rules: dict[str, Any] = {"earn": [_earn(row) for row in _earning(form)]}
    if kind == "stamps":
        rules["goal"] = _whole(form.goal)
    exclude = {
        "categories": _listed(form.exclude_categories.data),
        "skus": _listed(form.exclude_skus.data),
    }
    if any(exclude.values()):
        rules["exclude"] = {name: values for name, values in exclude.items() if values}
    if plain(form.minimum.data):
        rules["minimum"] = plain(form.minimum.data)
    rules["rounding"] = form.rounding.data
    caps = {
        "visit": {"units": _whole(form.cap_visit)},
        "day": {"visits": _whole(form.cap_day_visits), "units": _whole(form.cap_day_units)},
        "card": {"units": _whole(form.cap_card)},
    }
    rules["caps"] = {
        name: {field: most for field, most in cap.items() if most is not None}
        for name, cap in caps.items()
        if any(most is not None for most in cap.values())
    }
    rules["expiry"] = _expiry(form)
    if form.tiers_by.data:
        rules["tiers"] = {
            "by": form.tiers_by.data,
            "months": _whole(form.tiers_months),
            "table": _tiers(form, form.tiers_by.data),
        }
    return {name: value for name, value in rules.items() if value != {}}


def mark_fault(form: RulesForm, error: InvalidRulesError) -> None:
    """Put what is wrong with the rules beside the field that it is about."""
    field = _field_at(form, error.path)
    told = fault(error)
    if field is None:
        form.form_errors = [*form.form_errors, told]
    else:
        field.errors = [*field.errors, told]


def fault(error: InvalidRulesError) -> str:
    """What is wrong with a rule, in words."""
    params = error.params
    told: dict[str, str] = {
        "missing": gettext("Fill this in."),
        "empty": gettext("Give at least one."),
        "too_small": gettext("This is too little: %(least)s at least.", least=params.get("minimum", "")),
        "too_large": gettext("This is too much: %(most)s at most.", most=params.get("maximum", "")),
        "too_many": gettext("These are too many: %(most)s at most.", most=params.get("maximum", "")),
        "too_long": gettext("This is too long."),
        "too_fine": gettext("These rates can't be added exactly. Choose rounder figures."),
        "whole_number_expected": gettext("Give a whole number."),
        "decimal_expected": gettext("Give a number, such as 1 or 2.5."),
        "amount_expected": gettext("Give an amount of money, such as 5 or 7.50."),
        "date_expected": gettext("Give a date."),
        "month_day_expected": gettext("There is no such day in that month."),
        "before_start": gettext("This lies before the beginning."),
        "before_collecting": gettext("Redeeming can't begin before collecting does."),
        "overlapping": gettext("Two savings periods collect at the same time. Part them."),
        "not_rising": gettext("Each level must ask for more than the one before it."),
        "repeated": gettext("Two levels have this name. Give each its own."),
        "key_expected": gettext("Use letters or digits in the name."),
        "category_or_sku": gettext("Choose a kind of goods or a product code, not both."),
    }
    return told.get(error.message_code) or str(gettext("This can't be taken. Check it."))


def _earning(form: RulesForm) -> list[Any]:
    return [row.form for row in form.earn if plain(row.form.units.data)]


def _earn(row: EarnForm) -> dict[str, Any]:
    rule: dict[str, Any] = {"per": row.per.data, "units": plain(row.units.data)}
    if rule["per"] == "amount":
        rule["step"] = plain(row.step.data) or "1"
    if rule["per"] == "item" or (rule["per"] == "amount" and row.goods.data):
        rule[row.goods.data or "category"] = (row.what.data or "").strip() or None
    return {name: value for name, value in rule.items() if value is not None}


def _expiry(form: RulesForm) -> dict[str, Any]:
    kind = form.expiry.data
    if kind == "months":
        return {"kind": kind, "months": _whole(form.expiry_months)}
    if kind == "yearly":
        day = plain(form.expiry_day.data)
        return {"kind": kind, "on": f"{int(form.expiry_month.data):02}-{day.zfill(2)}"}
    if kind == "periods":
        periods = [
            {
                name: None if (day := getattr(row.form, name).data) is None else day.isoformat()
                for name in ("collect_from", "collect_to", "redeem_from", "redeem_to")
            }
            for row in _periods(form)
        ]
        return {"kind": kind, "periods": periods}
    return {}


def _periods(form: RulesForm) -> list[Any]:
    return [row for row in form.periods if any(field.data for field in row.form)]


def _tiers(form: RulesForm, by: str) -> list[dict[str, Any]]:
    table: list[dict[str, Any]] = []
    taken = {row.form.key.data for row in form.tiers if row.form.key.data}
    for row in _levels(form):
        name = (row.form.name.data or "").strip()
        key = row.form.key.data
        if not key:
            key = _NOT_KEY.sub("-", name.casefold()).strip("-")[:40] or name
            # A level that is renamed keeps its key: members stay in it. A new one must not take another's.
            while key in taken:
                key = f"{key[:37]}-{len(taken)}"
        taken.add(key)
        start = plain(row.form.threshold.data) if by == "spend" else _whole(row.form.threshold)
        level = {"key": key, "name": name, "from": start or (0 if by != "spend" else None)}
        level["multiplier"] = plain(row.form.multiplier.data) or "1"
        table.append({field: value for field, value in level.items() if value is not None})
    return table


def _levels(form: RulesForm) -> list[Any]:
    return [row for row in form.tiers if (row.form.name.data or "").strip()]


def _field_at(form: RulesForm, path: str) -> Field | None:
    named = {
        "goal": form.goal,
        "minimum": form.minimum,
        "rounding": form.rounding,
        "exclude.categories": form.exclude_categories,
        "exclude.skus": form.exclude_skus,
        "caps.visit.units": form.cap_visit,
        "caps.day.visits": form.cap_day_visits,
        "caps.day.units": form.cap_day_units,
        "caps.card.units": form.cap_card,
        "expiry.months": form.expiry_months,
        "expiry.on": form.expiry_day,
        "expiry.periods": form.expiry,
        "tiers.months": form.tiers_months,
        "tiers.by": form.tiers_by,
        "tiers.table": form.tiers_by,
    }
    if path in named:
        return named[path]
    if path.startswith("exclude."):
        return named.get(path.partition("[")[0])
    names = {"category": "what", "sku": "what", "from": "threshold", "key": "name"}
    for prefix, rows in (
        ("earn", [row for row in form.earn if plain(row.form.units.data)]),
        ("expiry.periods", _periods(form)),
        ("tiers.table", _levels(form)),
    ):
        match = re.fullmatch(re.escape(prefix) + r"\[(\d+)\](?:\.(\w+))?", path)
        if match is not None and int(match[1]) < len(rows):
            inner = rows[int(match[1])].form
            found: Field | None = inner._fields.get(names.get(match[2] or "", match[2] or ""))
            return found
    return form.earn[0].form.units if path == "earn" and len(form.earn) else None


def plain(text: str | None) -> str:
    """A number as it was typed, with a point and without spaces."""
    return _SPACES.sub("", text or "").replace(",", ".")


def _whole(field: Field) -> int | str | None:
    text = plain(field.data)
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text


def _shown(text: Any) -> str:
    """A decimal string without needless zeros: ``5`` for ``5.00``, and ``7.50`` as it is."""
    told = str(text)
    return told.partition(".")[0] if told.endswith((".00", ".000")) else told


def _listed(text: str | None) -> list[str]:
    return [part for part in (piece.strip() for piece in re.split(r"[,;\n]", text or "")) if part]
