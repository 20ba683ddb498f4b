"""What makes the two clients things to install: a page, a service worker to start without a network, and a manifest."""

from __future__ import annotations

import hashlib
import json

from flask import Blueprint, Response, current_app, make_response, render_template, url_for
from flask_babel import gettext as _

from app.web import branding, front_end, locale

PAPER = "#fbf8f2"  # as --paper in tokens.css, by day
BAND = "#b4232a"  # as --band in frontend/member/styles/shell.css, by day
_ICONS = (("seal-192", 192, "any"), ("seal-512", 512, "any"), ("seal-maskable-512", 512, "maskable"))


def tablet_page() -> str:
    """The counter's page. It holds no words: the script speaks the language that is chosen on the tablet."""
    # Named in the page itself, which is kept for days without a network: another list makes another page.
    hosts = branding.card_hosts()
    return render_template("web/tablet.html", built=front_end.entry("tablet"), hosts=" ".join(hosts))


def member_page() -> str:
    """The member's page, the same behind each of its addresses. The texts that the script will ask for are named in it,
    so that both are fetched at once."""
    texts = front_end.chunk(f"member/texts/{locale.language()}/core.ts")
    return render_template("web/member.html", built=front_end.entry("member"), texts=texts)


def tablet_worker() -> Response:
    """It stands at the root, outside the built files, because a service worker may only serve what lies beside or below
    it."""
    return _worker("tablet", tablet_page())


def member_worker() -> Response:
    """Like the counter's, for everything at the root that no other page has for itself."""
    return _worker("member", member_page())


def _worker(name: str, page: str) -> Response:
    # The page's own version goes before the script: a change of the page alone is a new version as well, and so is one
    # of the policy that it is kept with, as when a map gets its tiles.
    kept = page + current_app.config.get("CONTENT_POLICY", "")
    town = json.dumps(branding.town().name)  # the title of a push that can't be read
    version = hashlib.sha256(kept.encode()).hexdigest()[:32]
    response = make_response(f'self.ZEGEL_PAGE="{version}";self.ZEGEL_TOWN={town};\n{front_end.service_worker(name)}')
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = "no-cache"
    return response


def tablet_manifest() -> Response:
    """What a browser needs to put the counter on a tablet's home screen, in the reader's language."""
    return _manifest(
        {
            "id": "/tablet",
            "name": branding.town().named(_("Zegel at the counter")),
            "description": _("Scans cards, books visits and redeems rewards, with or without a network."),
            "start_url": "/tablet",
            "scope": "/tablet",
            "display": "fullscreen",
            "display_override": ["fullscreen", "standalone"],
            "orientation": "any",
            "theme_color": PAPER,
            "categories": ["business"],
        }
    )


def member_manifest() -> Response:
    """What a browser needs to put the member's card on a phone's home screen, in the reader's language."""
    return _manifest(
        {
            "id": "/",
            "name": branding.town().name,
            "description": _("One loyalty card for many independent shops. Open the page, and you have it."),
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "orientation": "portrait",
            "theme_color": BAND,
            "categories": ["shopping", "lifestyle"],
            "shortcuts": [
                {"name": _("My card"), "url": "/#/card", "icons": [_icon("seal-192", 192)]},
                {"name": _("Shops"), "url": "/#/shops", "icons": [_icon("seal-192", 192)]},
            ],
        }
    )


def _manifest(told: dict[str, object]) -> Response:
    whole = {
        "short_name": branding.town().name,
        "lang": locale.language(),
        "dir": "ltr",
        "background_color": PAPER,
        "icons": [_icon(name, size, purpose) for name, size, purpose in _ICONS],
        **told,
    }
    response = make_response(json.dumps(whole, ensure_ascii=False))
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    response.headers.add("Vary", "Accept-Language, Cookie")
    return response


def _icon(name: str, size: int, purpose: str = "any") -> dict[str, str]:
    return {
        "src": url_for("web.static", filename=f"icons/{name}.png"),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }


def init_blueprint(blueprint: Blueprint) -> None:
    """Put the workers and manifests on the pages' blueprint."""
    blueprint.add_url_rule("/tablet.sw.js", "tablet_service_worker", tablet_worker)
    blueprint.add_url_rule("/tablet.webmanifest", "tablet_manifest", tablet_manifest)
    blueprint.add_url_rule("/member.sw.js", "member_service_worker", member_worker)
    blueprint.add_url_rule("/member.webmanifest", "member_manifest", member_manifest)
