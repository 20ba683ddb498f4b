"""Where the pages of a person's own are hung."""

from __future__ import annotations

from flask import Blueprint

from app.web.moments import local_day, local_moment, local_time

blueprint = Blueprint("account", __name__, template_folder="../../templates")
blueprint.add_app_template_filter(local_day)
blueprint.add_app_template_filter(local_moment)
blueprint.add_app_template_filter(local_time)
