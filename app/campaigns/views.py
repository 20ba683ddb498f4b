"""The page behind a mail's link, where one kind of mail is switched off without signing in.

Looking at it changes nothing, since mail programs open links by themselves; their own button sends a POST (RFC 8058).
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, make_response, render_template

from app.campaigns import service
from app.campaigns.unsubscribing import PATH
from app.common.errors import NotFoundError
from app.extensions import platform

blueprint = Blueprint("campaigns", __name__, template_folder="templates")


@blueprint.get(f"{PATH}<token>")
def show_unsubscribe(token: str) -> Response:
    """Ask whether these mails are to stop."""
    try:
        service.check_link(platform().scope(), token=token)
    except NotFoundError:
        return _page(is_over=True, status=404)
    return _page()


@blueprint.post(f"{PATH}<token>")
def unsubscribe(token: str) -> Response:
    """Stop them. A repeat changes nothing. Takes no cookie and looks at no field: the link says it all."""
    try:
        service.stop_mails(platform().scope(), token=token)
    except NotFoundError:
        return _page(is_over=True, status=404)
    return _page(is_done=True)


def _page(*, is_done: bool = False, is_over: bool = False, status: int = 200) -> Response:
    page = render_template("campaigns/unsubscribe.html", is_done=is_done, is_over=is_over)
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def init_app(flask_app: Flask) -> None:
    """Put the page on an application."""
    flask_app.register_blueprint(blueprint)
