"""The pages that anybody may open: the start, the counter, a card's own page, and the API's description."""

from __future__ import annotations

import mimetypes

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as WerkzeugResponse

from app.web import front_end, locale
from app.web.front_end import Entry

# Some machines lack these in their table, and a browser refuses WebAssembly of another type.
mimetypes.add_type("application/wasm", ".wasm")
mimetypes.add_type("font/woff2", ".woff2")

YEAR = 365 * 24 * 3600

blueprint = Blueprint(
    "web", __name__, template_folder="templates", static_folder="static", static_url_path="/assets"
)  # fmt: skip


@blueprint.app_context_processor
def shared() -> dict[str, object]:
    """What every template may use."""
    return {"language": locale.language(), "languages": locale.LANGUAGES, "front_end": _entry_or_none}


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
def start() -> str:
    """What this is, and where to go."""
    return render_template("web/start.html")


@blueprint.get("/tablet")
def tablet() -> str:
    """The counter. Its page holds no words: the script speaks the language that is chosen on the tablet."""
    hosts = current_app.config.get("CARD_HOSTS", ())
    return render_template("web/tablet.html", built=front_end.entry("tablet"), hosts=" ".join(hosts))


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
    """The page behind a card's QR. It looks nothing up: every number, known or not, gets the same answer."""
    del number, digits
    response = make_response(render_template("web/card.html"))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
