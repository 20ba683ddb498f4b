"""The page behind a mail's link, where a person fetches her whole record, once.

Looking at it uses nothing up, since mail programs open links by themselves; its button does.
"""

from __future__ import annotations

import json

from flask import Blueprint, Flask, Response, make_response, render_template
from flask_babel import format_datetime

from app.extensions import platform
from app.privacy import service
from app.privacy.errors import RecordLinkOverError

blueprint = Blueprint("privacy", __name__, template_folder="templates")


@blueprint.get("/record/<token>")
def show_link(token: str) -> Response:
    """Ask whether the record is to be fetched now."""
    try:
        until = service.peek_at_link(platform().scope(), token)
    except RecordLinkOverError:
        return _page(status=404)
    return _page(until=format_datetime(until, "long"))


@blueprint.post("/record/<token>")
def fetch(token: str) -> Response:
    """Hand the record out as a file. Takes no cookie and looks at no field: the link says it all, once."""
    try:
        record = service.fetch_record(platform().scope(), token)
    except RecordLinkOverError:
        return _page(status=404)
    response = make_response(json.dumps(record, ensure_ascii=False, indent=2))
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="zegel-record.json"'
    return _guarded(response)


def _page(*, until: str | None = None, status: int = 200) -> Response:
    return _guarded(make_response(render_template("privacy/record.html", until=until), status))


def _guarded(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def init_app(flask_app: Flask) -> None:
    """Put the page on an application."""
    flask_app.register_blueprint(blueprint)
