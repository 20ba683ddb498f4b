"""The rules: their limits, what they caught and annoyed, and trying limits on the past."""

from __future__ import annotations

from dataclasses import replace

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin.doors import door, scope
from app.admin.pages import page, part
from app.admin.queries.shops import list_shops, name_of_shop
from app.admin.views.risk import words
from app.admin.views.risk.blueprint import AREA, blueprint
from app.messages import sentence
from app.risk.errors import LimitChangedError, LimitInvalidError
from app.risk.queries.cases import get_try, list_tries, records
from app.risk.queries.limits import current_limits, history
from app.risk.rules import RULES
from app.risk.service import limits, tries

_FOUND = 8  # shops of a search


@door(blueprint, "/admin/risk/rules", right="risk")
def list_rules() -> ResponseReturnValue:
    """All rules with the limits that hold."""
    here = scope()
    return page(
        "admin/risk/rules.html",
        here=AREA,
        rules=RULES,
        current=current_limits(here),
        told=records(here),
        words=words,
    )


@door(blueprint, "/admin/risk/rules/<rule>", right="risk")
def show_rule(rule: str) -> ResponseReturnValue:
    """One rule: its limits, their history, tries."""
    return _show(rule)


@door(blueprint, "/admin/risk/rules/<rule>/limits", right="risk", methods=("POST",), is_fresh=True)
def set_limits(rule: str) -> ResponseReturnValue:
    """Set its limits, everywhere or at one shop."""
    shop = request.form.get("merchant_id") or None
    try:
        limits.set_limits(
            scope(),
            rule,
            soft=_number("soft"),
            hard=_number("hard"),
            was=_number("was") or 0,
            merchant_id=shop,
            note=request.form.get("note", ""),
        )
    except (LimitInvalidError, LimitChangedError) as error:
        flash(sentence(error), "bad")
        return redirect(url_for("admin_risk.show_rule", rule=rule, shop=shop))
    flash(_("The limits hold from now on."), "good")
    return redirect(url_for("admin_risk.show_rule", rule=rule, shop=shop))


@door(blueprint, "/admin/risk/rules/<rule>/tries", right="risk", methods=("POST",))
def try_limits(rule: str) -> ResponseReturnValue:
    """Try limits on the last 90 days."""
    try:
        tries.ask_try(scope(), rule, soft=_number("soft") or 0, hard=_number("hard"))
    except LimitInvalidError as error:
        flash(sentence(error), "bad")
    return redirect(url_for("admin_risk.show_rule", rule=rule) + "#tries")


@door(blueprint, "/admin/risk/tries/<try_id>", right="risk")
def show_try(try_id: str) -> ResponseReturnValue:
    """How far a try is, for the page to put in its place."""
    return part("admin/risk/try.html", one=get_try(scope(), try_id), words=words)


def _show(rule: str) -> ResponseReturnValue:
    if rule not in RULES:
        abort(404)
    here = scope()
    current = current_limits(here)[rule]
    shop_id, asked = request.args.get("shop"), request.args.get("q", "").strip()
    own = next((one for one in current[1:] if one.merchant_id == shop_id), None)
    return page(
        "admin/risk/rule.html",
        here=AREA,
        rule=RULES[rule],
        limits=current,
        shop_id=shop_id,
        shop_name=name_of_shop(here, shop_id) if shop_id else None,
        # Where it has none yet, the form begins with what holds there now.
        own=own or replace(current[0], version=0),
        asked=asked,
        found=list_shops(here, words=asked).rows[:_FOUND] if asked else [],
        versions=history(here, rule),
        tries=list_tries(here, rule),
        record=records(here).by_rule[rule],
        words=words,
    )


def _number(name: str) -> int | None:
    """A number of the form; nothing where the field is empty."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise LimitInvalidError(least=1) from None
