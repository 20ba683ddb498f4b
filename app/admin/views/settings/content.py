"""The queue of what people report about what shops show."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.admin.doors import door, scope
from app.admin.forms.settings import TakeDownForm
from app.admin.pages import page
from app.admin.views.settings.blueprint import blueprint
from app.common.errors import DomainError
from app.rewards.queries.content import find_report, list_reports
from app.rewards.queries.pictures import picture_path
from app.rewards.service.content import dismiss, restore, take_down
from app.rewards.views.reporting import REASONS
from app.web.locale import LANGUAGES


@door(blueprint, "/admin/settings/content", right="support")
def list_content() -> ResponseReturnValue:
    """What waits, or what was decided."""
    is_open = request.args.get("show") != "decided"
    return page(
        "admin/settings/content.html",
        here="settings",
        reports=list_reports(scope(), is_open=is_open),
        is_open=is_open,
        reasons=REASONS,
    )


@door(blueprint, "/admin/settings/content/<report_id>", right="support")
def show_content(report_id: str) -> ResponseReturnValue:
    """One report: what was reported, as it was shown, and what can be decided."""
    return _one(report_id, TakeDownForm())


@door(blueprint, "/admin/settings/content/<report_id>/take-down", right="support", methods=("POST",))
def take_down_content(report_id: str) -> ResponseReturnValue:
    """Hide it, and tell the shop why."""
    form = TakeDownForm()
    if not form.validate_on_submit():
        return _one(report_id, form, status=422)
    return _decided(
        lambda: take_down(scope(), report_id, reason=form.reason.data or ""),
        _("Taken down. The shop's owners are told why by mail."),
    )


@door(blueprint, "/admin/settings/content/<report_id>/restore", right="support", methods=("POST",))
def restore_content(report_id: str) -> ResponseReturnValue:
    """Show it again."""
    return _decided(lambda: restore(scope(), report_id), _("Shown again. The shop's owners are told by mail."))


@door(blueprint, "/admin/settings/content/<report_id>/dismiss", right="support", methods=("POST",))
def dismiss_content(report_id: str) -> ResponseReturnValue:
    """Leave it as it is."""
    return _decided(lambda: dismiss(scope(), report_id), _("Set aside. Nothing has changed for the shop."))


def _one(report_id: str, form: TakeDownForm, *, status: int = 200) -> ResponseReturnValue:
    found = find_report(scope(), report_id)
    picture_id = found.shown.get("picture_id")
    return page(
        "admin/settings/content_one.html",
        here="settings",
        report=found,
        form=form,
        reasons=REASONS,
        languages_of=LANGUAGES,
        # As a picture of its own: a drawing inside the page could reach into it.
        logo=f"data:image/svg+xml;base64,{b64encode(str(found.shown.get('logo_svg') or '').encode()).decode()}",
        picture=None if picture_id is None else picture_path(picture_id, "large"),
        status=status,
    )


def _decided(act: Callable[[], None], told: str) -> ResponseReturnValue:
    try:
        act()
    except DomainError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(told, "good")
    return redirect(url_for("admin_settings.list_content"), 303)
