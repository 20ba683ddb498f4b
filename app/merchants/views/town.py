"""What the town shows to everybody: its terms, its statement about privacy, its logo and its colour."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.common.branding import HUE, read_logo
from app.extensions import platform
from app.merchants.logos import shop_colour
from app.merchants.queries.terms import in_force
from app.web import branding, locale
from app.web.front_end import DIST
from app.web.views import keep_language

YEAR = 365 * 24 * 3600
_SEAL = "#b4232a"

blueprint = Blueprint("town", __name__, template_folder="../templates")
blueprint.after_request(keep_language)


@blueprint.get("/terms")
def terms() -> ResponseReturnValue:
    """The terms in force."""
    return _version("terms")


@blueprint.get("/privacy")
def privacy() -> ResponseReturnValue:
    """The statement about privacy in force."""
    return _version("privacy")


@blueprint.get("/data-processing")
def data_processing() -> ResponseReturnValue:
    """The agreement about processing data that shops accept, in force."""
    return _version("dpa")


@blueprint.get("/brand/logo")
def logo() -> ResponseReturnValue:
    """The town's logo: the drawing or the picture that it brought, or the seal in its colour. ``?v=`` names the
    version, so that a browser may keep it for ever."""
    brand = branding.town()
    with platform().scope().reading() as tx:
        svg, picture = read_logo(tx, brand.version)
    if picture is not None:
        response = make_response(picture)
        response.mimetype = "image/webp"
    else:
        response = make_response(svg if svg is not None else _seal(brand.hue))
        response.mimetype = "image/svg+xml"
    # A drawing that somebody opens by itself runs nothing and fetches nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return _kept(response, is_named=request.args.get("v") == str(brand.version))


@blueprint.get("/brand/colour.css")
def colour() -> ResponseReturnValue:
    """The town's colour, for pages that show its name."""
    brand = branding.town()
    rule = "" if brand.hue == HUE else f".top{{border-top:4px solid {shop_colour(brand.hue)}}}\n"
    response = make_response(rule)
    response.mimetype = "text/css"
    return _kept(response, is_named=request.args.get("v") == str(brand.version))


def _version(kind: str) -> ResponseReturnValue:
    found = in_force(platform().scope(), kind)
    if found is None:
        abort(404)
    text = locale.choose(found.texts) or ""
    response = make_response(
        render_template(
            "merchants/terms.html",
            kind=kind,
            version=found,
            paragraphs=[part.strip().splitlines() for part in text.split("\n\n") if part.strip()],
            canonical=platform().settings.public_url + url_for(request.endpoint or ""),
        )
    )
    response.headers["Cache-Control"] = "no-cache"
    return response


def _kept(response: Response, *, is_named: bool) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if is_named else "no-cache"
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
    response.make_conditional(request)
    return response


def _seal(hue: int) -> str:
    drawn = (DIST.parent / "seal.svg").read_text()
    return drawn if hue == HUE else drawn.replace(_SEAL, shop_colour(hue))
