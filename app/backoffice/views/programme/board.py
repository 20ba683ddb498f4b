"""What the programme's pages have in common: their blueprint, and finding the programme that an address names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, url_for

from app.backoffice import sentences
from app.backoffice.doors import place, scope
from app.common.errors import ForbiddenError, NotFoundError
from app.rewards.queries import ProgrammeView, list_programmes
from app.rewards.rules import ProgrammeRules

blueprint = Blueprint("programme", __name__, template_folder="../../templates")


def programmes() -> list[ProgrammeView]:
    """The business's programmes in their order, those that are closed too."""
    return list_programmes(scope(), place().merchant_id)


def programme_of(programme_id: str) -> ProgrammeView:
    """One programme of the business. Raises NotFoundError."""
    for view in programmes():
        if view.programme_id == programme_id:
            return view
    raise NotFoundError


def rules_in(view: ProgrammeView, document: Mapping[str, Any] | None = None) -> ProgrammeRules:
    """The programme's compiled rules: those of ``document``, else those that hold."""
    return sentences.read(
        view.rules if document is None else document,
        kind=view.kind,
        currency=place().currency,
        timezone=view.timezone,
    )


def reward_of(view: ProgrammeView) -> str | None:
    """The name of what a full card gives."""
    return next((one.name for one in view.rewards if one.reward_id == view.full_card_reward_id), None)


def whole_business() -> None:
    """The rules hold at every shop of the business: who works at one shop alone reads them. Raises ForbiddenError."""
    if place().location_id is not None:
        raise ForbiddenError


def address(endpoint: str, **values: Any) -> str:
    """The address of a page of the programmes."""
    return url_for(f"programme.{endpoint}", slug=place().slug, **values)
