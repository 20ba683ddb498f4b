"""The pages that anybody may open: the member's app, the welcome, the counter, and the API's description."""

from __future__ import annotations

import mimetypes

from flask import Response, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as WerkzeugResponse

from app.web import branding, front_end, installable, locale
from app.web.assets import AssetBlueprint
from app.web.front_end import Entry
from app.web.hues import allow_style, hue_style

# Some machines lack these in their table, and a browser refuses WebAssembly of another type.
mimetypes.add_type("application/wasm", ".wasm")
mimetypes.add_type("font/woff2", ".woff2")

YEAR = 365 * 24 * 3600

blueprint = AssetBlueprint(
    "web", __name__, template_folder="templates", static_folder="static", static_url_path="/assets"
)  # fmt: skip
installable.init_blueprint(blueprint)


@blueprint.app_context_processor
def shared() -> dict[str, object]:
    """What every template may use."""
    return {
        "language": locale.language(),
        "languages": locale.LANGUAGES,
        "front_end": _entry_or_none,
        "card_brand": branding.town(),
        "town_logo": branding.logo_url(),
    }


def _entry_or_none(name: str) -> Entry | None:
    # A page without its styles is still read; the pages that are nothing without their scripts ask for the entry.
    try:
        return front_end.entry(name)
    except front_end.FrontEndNotBuiltError:
        current_app.logger.warning("the front end is not built: %s has no styles", request.path)
        return None


@blueprint.after_request
def keep_language(response: Response) -> Response:
    """Keep a language that was chosen by ``?lang=``."""
    if wanted := locale.chosen():
        response.set_cookie(
            locale.COOKIE, wanted, max_age=YEAR, samesite="Lax", secure=request.is_secure, httponly=True
        )
    return response


@blueprint.get("/")
def member() -> str:
    """The member's app."""
    return installable.member_page()


@blueprint.get("/welcome")
def start() -> str:
    """What this is, and where to go."""
    return render_template("web/start.html")


@blueprint.get("/tablet")
def tablet() -> str:
    """The counter."""
    return installable.tablet_page()


@blueprint.get("/design")
def design() -> Response:
    """The pieces that pages are made of, all at once."""
    style = hue_style(range(0, 360, 30)) + hue_style([25])
    return allow_style(_unlisted(render_template("web/design.html", style=style)), style)


@blueprint.get("/api/docs")
def api_docs() -> str:
    """The API's description to browse and try."""
    return render_template("web/api_docs.html", built=front_end.entry("api-docs"))


@blueprint.get("/api/")
def api() -> WerkzeugResponse:
    """Whoever shortens the address lands on the description."""
    return redirect("/api/docs")


@blueprint.get("/C/<number>")
@blueprint.get("/c/<number>")
@blueprint.get("/C/<number>/<digits>")
@blueprint.get("/c/<number>/<digits>")
def card(number: str, digits: str = "") -> Response:
    """The page behind a card's QR: the member's app, which asks for what proves that the card is hers. It looks nothing
    up: every number, known or not, gets the same answer."""
    del number, digits
    return _unlisted(installable.member_page())


@blueprint.get("/I/<code>")
@blueprint.get("/i/<code>")
def invitation(code: str) -> Response:
    """The page behind an invitation: the member's app, which asks who invites. Nothing is looked up here either."""
    del code
    return _unlisted(installable.member_page())


def _unlisted(page: str) -> Response:
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
