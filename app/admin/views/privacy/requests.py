"""Requests: the list by deadline, one request, and what is done for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.admin.doors import door, scope
from app.admin.pages import page
from app.admin.views.privacy.blueprint import (
    ACTIONS,
    AREA,
    CHANNELS,
    CHECKS,
    KINDS,
    RECEIPT,
    STANDINGS,
    blueprint,
    require_id,
    say_no,
)
from app.common.errors import DomainError, InvalidError, NotFoundError
from app.common.mail import FOLDER
from app.extensions import platform
from app.privacy import service
from app.privacy.queries import count_requests, get_request, list_requests

_ONE = "/admin/privacy/requests/<request_id>"
_WORDS: dict[str, Any] = {"kinds": KINDS, "channels": CHANNELS, "standings": STANDINGS}


@door(blueprint, "/admin/privacy", right="support", endpoint="list_requests")
def list_requests_page() -> ResponseReturnValue:
    """Requests by their deadline, and a form for one that came by mail or telephone."""
    return _list({})


@door(blueprint, "/admin/privacy/requests", right="support", methods=("POST",))
def receive() -> ResponseReturnValue:
    """Note a request."""
    told = request.form
    try:
        request_id = service.receive_request(
            scope(),
            kind=told.get("kind", ""),
            channel=told.get("channel", ""),
            received_at=_day(told.get("received_on", "")),
            contact=told.get("contact") or None,
            words=told.get("words") or None,
        )
    except DomainError as error:
        say_no(error)
        return _list(dict(told), status=422)
    flash(_("Noted. It is due in one month."), "good")
    return redirect(url_for("admin_privacy.show_request", request_id=request_id))


@door(blueprint, _ONE, right="support")
def show_request(request_id: str) -> ResponseReturnValue:
    """One request, and what can be done for it."""
    found = get_request(scope(), require_id(request_id))
    told = _WORDS | {"checks": CHECKS, "actions": ACTIONS, "receipt": RECEIPT, "now": scope().now}
    return page("admin/privacy/request.html", here=AREA, one=found, **told)


@door(blueprint, f"{_ONE}/member", right="support", methods=("POST",))
def identify(request_id: str) -> ResponseReturnValue:
    """Say whose data is meant."""
    told = request.form
    return _act(
        request_id,
        lambda: service.identify(scope(), request_id, sought=told.get("sought", ""), check=told.get("check", "")),
        _("Identified. Compare once more before you do what can't be undone."),
    )


@door(blueprint, f"{_ONE}/record", right="support", methods=("POST",), is_fresh=True)
def send_record(request_id: str) -> ResponseReturnValue:
    """Send the link to the whole record."""
    return _act(
        request_id,
        lambda: service.send_record(scope(), request_id, public_url=platform().settings.public_url),
        _("The link is on its way to the address by which she signs in. It works once, for a week."),
    )


@door(blueprint, f"{_ONE}/erase", right="support", methods=("POST",), is_fresh=True)
def erase(request_id: str) -> ResponseReturnValue:
    """Erase the member."""
    return _act(
        request_id,
        lambda: service.erase_for(
            scope(),
            request_id,
            reason=request.form.get("reason", ""),
            mail_folder=platform().settings.var / FOLDER,
        ),
        _("Erased. The receipt below names nobody; keep it as it is."),
    )


@door(blueprint, f"{_ONE}/finish", right="support", methods=("POST",))
def finish(request_id: str) -> ResponseReturnValue:
    """Note it as done or refused, with the reason."""
    told = request.form
    return _act(
        request_id,
        lambda: service.finish_request(
            scope(), request_id, status=told.get("status", ""), reason=told.get("reason", "")
        ),
        _("Noted. The request is over."),
    )


@door(blueprint, f"{_ONE}/wait", right="support", methods=("POST",))
def wait(request_id: str) -> ResponseReturnValue:
    """Note that she was asked something."""
    return _act(
        request_id,
        lambda: service.wait_for_answer(scope(), request_id),
        _("Noted. The month goes on while you wait."),
    )


@door(blueprint, f"{_ONE}/extend", right="support", methods=("POST",))
def extend(request_id: str) -> ResponseReturnValue:
    """Take two months more, once."""
    return _act(
        request_id,
        lambda: service.extend_request(scope(), request_id, reason=request.form.get("reason", "")),
        _("Two months more. Tell her so, and why, before the first month is over."),
    )


def _list(typed: dict[str, str], *, status: int = 200) -> ResponseReturnValue:
    view = "done" if request.args.get("view") == "done" else "open"
    return page(
        "admin/privacy/list.html",
        here=AREA,
        status=status,
        lines=list_requests(scope(), view=view),
        counts=count_requests(scope()),
        view=view,
        typed=typed,
        today=scope().now.date().isoformat(),
        now=scope().now,
        **_WORDS,
    )


def _act(request_id: str, work: Callable[[], object], done: str) -> ResponseReturnValue:
    require_id(request_id)
    try:
        work()
    except NotFoundError as error:
        if error.params.get("what") == "request":
            raise
        say_no(error)
    except DomainError as error:
        say_no(error)
    else:
        flash(done, "good")
    return redirect(url_for("admin_privacy.show_request", request_id=request_id))


def _day(text: str) -> datetime | None:
    """The beginning of a day that was typed; none for none. Raises ``InvalidError`` for what is no day."""
    if not text:
        return None
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError:
        raise InvalidError(errors={"received_at": ["not_a_day"]}) from None
    # The month runs from the day it came, whenever on that day it came.
    return datetime.combine(day, time.min, UTC)
