"""The back office's pages."""

from __future__ import annotations

from flask import Flask

from app.backoffice.views import (
    account,
    automations,
    campaigns,
    catalogue,
    clubs,
    feedback,
    members,
    programme,
    relations,
    reports,
    setting_up,
    subscription,
    team,
    town,
)
from app.backoffice.views.team.words import action_words, actor_words, changes
from app.web.acts import ActWords, bring_words
from app.web.views import keep_language

_PARTS = (
    account,
    automations,
    setting_up,
    programme,
    catalogue,
    members,
    relations,
    campaigns,
    clubs,
    feedback,
    team,
    reports,
    subscription,
    town,
)
for _one in _PARTS:
    _one.blueprint.after_request(keep_language)


def init_app(flask_app: Flask) -> None:
    """Put the pages on an application."""
    bring_words(flask_app, ActWords(action_words, actor_words, changes))
    for one in _PARTS:
        flask_app.register_blueprint(one.blueprint)
