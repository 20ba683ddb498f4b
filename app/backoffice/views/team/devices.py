"""Tablets and keys: how they are, what they are called, and their end."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import messages
from app.backoffice.doors import door, place, scope, visitor
from app.backoffice.forms.problems import mark
from app.backoffice.forms.team import ReasonForm, RenameForm
from app.backoffice.pages import page
from app.backoffice.views.team.blueprint import blueprint
from app.common.errors import DomainError
from app.merchants import service as merchants
from app.merchants.errors import SomebodyWasFasterError
from app.merchants.queries.team import Equipment, get_equipment
from app.rewards.service.write_offs import write_off_device, write_off_missing

SILENT = timedelta(days=3)
LIVELY = timedelta(minutes=5)
CLOCK_MS = 60_000  # a clock that is a minute wrong stamps visits on the wrong day around midnight


def state_of(one: Equipment, now: datetime) -> tuple[str, str]:
    """How a tablet is, as a kind (good, wait, bad) and in words: the worst first."""
    if one.revoked_at is not None:
        return "bad", _("shut out")
    if one.missing:
        return "bad", ngettext("%(num)d visit missing", "%(num)d visits missing", one.missing)
    if one.last_seen_at is None:
        return "wait", _("never seen")
    if one.clock_offset_ms is not None and abs(one.clock_offset_ms) > CLOCK_MS:
        return "wait", _("its clock is wrong")
    if one.queue_length:
        return "wait", ngettext("%(num)d visit waits", "%(num)d visits wait", one.queue_length)
    if one.is_storage_kept is False:
        return "wait", _("its queue may be lost")
    if now - one.last_seen_at > SILENT:
        return "wait", _("silent for days")
    if now - one.last_seen_at <= LIVELY:
        return "good", _("awake")
    return "good", _("in order")


@door(blueprint, "/office/<slug>/team/devices/<device_id>", least="manager", methods=("GET", "POST"))
def show_device(device_id: str) -> ResponseReturnValue:
    """One tablet or key, to look at and to give another name."""
    one = get_equipment(scope(), device_id)
    form = RenameForm(was=one.name, name=one.name)
    status = 200
    if form.validate_on_submit():
        try:
            merchants.rename_device(scope(), device_id, name=form.name.data or "", was=form.was.data or "")
        except SomebodyWasFasterError:
            form.name.errors = [_("Somebody called it “%(name)s” meanwhile. Save again to change that.", name=one.name)]
            form.was.raw_data, form.was.data, status = None, one.name, 409
        except DomainError as error:
            mark(form, error)
        else:
            flash(_("Saved."), "good")
            return redirect(url_for("team.show_device", slug=place().slug, device_id=device_id), 303)
    return page(
        "backoffice/team/device.html",
        here="team",
        one=one,
        state=state_of(one, scope().now),
        form=form,
        reason_form=ReasonForm(formdata=None),
        may_write_off=visitor().may("owner"),
        status=422 if form.errors and status == 200 else status,
    )


@door(blueprint, "/office/<slug>/team/devices/<device_id>/revoke", least="manager", methods=("POST",), is_fresh=True)
def revoke_device(device_id: str) -> ResponseReturnValue:
    """Shut a tablet or key out, at once. Keys are the owner's."""
    one = get_equipment(scope(), device_id)
    if one.kind == "key" and not visitor().may("owner"):
        flash(messages.text("forbidden"), "bad")
        return redirect(url_for("team.show_device", slug=place().slug, device_id=device_id), 303)
    merchants.revoke_device(scope(), device_id)
    flash(_("%(name)s is shut out.", name=one.name), "good")
    where = "team.list_keys" if one.kind == "key" else "team.show_team"
    return redirect(url_for(where, slug=place().slug), 303)


@door(blueprint, "/office/<slug>/team/devices/<device_id>/write-off", least="owner", methods=("POST",), is_fresh=True)
def write_off(device_id: str) -> ResponseReturnValue:
    """Give a tablet up with its queue, or only what is missing of it."""
    one = get_equipment(scope(), device_id)
    form = ReasonForm()
    if not form.validate_on_submit():
        flash(next((str(errors[0]) for errors in form.errors.values()), _("Say why, in a few words.")), "bad")
        return redirect(url_for("team.show_device", slug=place().slug, device_id=device_id), 303)
    reason = form.reason.data or ""
    if request.form.get("missing_only"):
        write_off_missing(scope(), device_id, reason=reason)
        flash(_("What is missing of the queue is not missed any more."), "good")
    else:
        lost = write_off_device(scope(), device_id, reason=reason)
        told = ngettext(
            "%(name)s is given up. %(num)d reserved reward is free again.",
            "%(name)s is given up. %(num)d reserved rewards are free again.",
            lost.released,
            name=one.name,
        )
        flash(told, "good")
    return redirect(url_for("team.show_device", slug=place().slug, device_id=device_id), 303)
