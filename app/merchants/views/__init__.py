"""The page behind a one-time link, where staff and operators set their password; and the pages of the town."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, make_response, render_template, request

from app import messages
from app.common.errors import DomainError
from app.extensions import platform
from app.merchants import service
from app.merchants.errors import SetupLinkSpentError
from app.merchants.proofs import SHORTEST_PASSWORD
from app.merchants.views import town

blueprint = Blueprint("merchants", __name__, template_folder="../templates")


_SIGN_IN = {"staff": "/account/sign-in", "operator": "/admin/sign-in"}


@blueprint.get("/setup/<token>")
def show_setup(token: str) -> Response:
    """The form. Whether the link is still good is told when it is used: looking at it uses nothing up."""
    del token
    return _page()


@blueprint.post("/setup/<token>")
def set_password(token: str) -> Response:
    """Set the password and use the link up; a password that can't be taken leaves the link as it was."""
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        return _page(problem=messages.text("passwords_differ"), status=422)
    try:
        who = service.set_password(platform().scope(), token, password)
    except DomainError as error:
        spent = isinstance(error, SetupLinkSpentError)
        return _page(problem=messages.sentence(error), is_spent=spent, status=410 if spent else 422)
    return _page(is_done=True, sign_in=_SIGN_IN[who])


def _page(
    *,
    problem: str | None = None,
    is_done: bool = False,
    is_spent: bool = False,
    sign_in: str | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        "merchants/setup.html",
        problem=problem,
        is_done=is_done,
        is_spent=is_spent,
        sign_in=sign_in,
        shortest=SHORTEST_PASSWORD,
    )
    response = make_response(page, status)
    # The address itself is the secret: it may be kept nowhere and told to nobody.
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def init_app(flask_app: Flask) -> None:
    """Put the pages on an application."""
    flask_app.register_blueprint(blueprint)
    flask_app.register_blueprint(town.blueprint)
