"""The page behind a mail's link, where one kind of mail, or one shop's, is switched off without signing in.

Looking at it changes nothing, since mail programs open links by themselves; their own button sends a POST (RFC 8058).
"""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Flask, Response, make_response, render_template
from flask_babel import gettext

from app.campaigns import service
from app.campaigns.unsubscribing import PATH
from app.common.errors import NotFoundError
from app.extensions import platform

blueprint = Blueprint("unsubscribing", __name__, template_folder="templates")


@blueprint.get(f"{PATH}<token>")
def show_unsubscribe(token: str) -> Response:
    """Ask whether these mails are to stop."""
    scope = platform().scope()
    with suppress(NotFoundError):
        return _page(shop=service.check_shop_link(scope, token=token).name)
    try:
        service.check_link(scope, token=token)
    except NotFoundError:
        return _page(is_over=True, status=404)
    return _page()


@blueprint.post(f"{PATH}<token>")
def unsubscribe(token: str) -> Response:
    """Stop them. A repeat changes nothing. Takes no cookie and looks at no field: the link says it all."""
    scope = platform().scope()
    with suppress(NotFoundError):
        shop = service.check_shop_link(scope, token=token).name
        wording = gettext("No more mails from %(shop)s?", shop=shop)
        return _page(shop=service.stop_shop_mails(scope, token=token, wording=wording), is_done=True)
    try:
        service.stop_mails(scope, token=token)
    except NotFoundError:
        return _page(is_over=True, status=404)
    return _page(is_done=True)


def _page(*, shop: str | None = None, is_done: bool = False, is_over: bool = False, status: int = 200) -> Response:
    page = render_template("campaigns/unsubscribe.html", shop=shop, is_done=is_done, is_over=is_over)
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def init_app(flask_app: Flask) -> None:
    """Put the page on an application."""
    flask_app.register_blueprint(blueprint)
