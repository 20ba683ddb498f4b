"""Version 1 of the JSON face."""

from __future__ import annotations

from flask import Flask

from mobile_api.v1 import about, app_info, member, passes, pos, shops

PREFIX = "/api/v1"


def init_app(flask_app: Flask) -> None:
    """Mount every part of version 1."""
    for blueprint in (
        about.blueprint,
        app_info.blueprint,
        passes.blueprint,
        pos.blueprint,
        shops.blueprint,
        member.auth_blueprint,
        member.invitations_blueprint,
        member.me_blueprint,
    ):
        flask_app.register_blueprint(
            blueprint, url_prefix=PREFIX + (blueprint.url_prefix or ""), name=f"v1.{blueprint.name}"
        )
