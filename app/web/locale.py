"""Which of the four languages a request is answered in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from flask import has_request_context, request
from flask_babel import Babel, Domain

from app.common.branding import NAME
from app.web.branding import town

LANGUAGES = {"nl": "Nederlands", "fr": "Français", "en": "English", "de": "Deutsch"}
FALLBACK = "en"
COOKIE = "language"


class _TownTexts:
    """The texts of one language, with the town's name where they call the card by the platform's own. It is put in
    before a text's parameters are, so that what shops and people wrote stays as it is."""

    def __init__(self, texts: Any) -> None:
        self._texts = texts

    def ugettext(self, text: str) -> str:
        return self._named(self._texts.ugettext(text))

    def ungettext(self, one: str, many: str, count: int) -> str:
        return self._named(self._texts.ungettext(one, many, count))

    def upgettext(self, context: str, text: str) -> str:
        return self._named(self._texts.upgettext(context, text))

    def unpgettext(self, context: str, one: str, many: str, count: int) -> str:
        return self._named(self._texts.unpgettext(context, one, many, count))

    def _named(self, text: str) -> str:
        return town().named(text) if NAME in text else text


class _TownDomain(Domain):  # type: ignore[misc]  # flask_babel is not typed
    def get_translations(self) -> _TownTexts:
        return _TownTexts(super().get_translations())


class _TownBabel(Babel):  # type: ignore[misc]
    @cached_property
    def domain_instance(self) -> Domain:
        return _TownDomain()


babel = _TownBabel()


def chosen() -> str | None:
    """The language that ``?lang=`` names in this request, if it is one of ours."""
    wanted = request.args.get("lang", "").lower()
    return wanted if wanted in LANGUAGES else None


def language() -> str:
    """The language of this request: chosen now, chosen before, wished by the browser, or English."""
    if not has_request_context():
        return FALLBACK
    if wanted := chosen():
        return wanted
    kept = request.cookies.get(COOKIE, "")
    if kept in LANGUAGES:
        return kept
    # By hand: werkzeug would give English to "nl-BE, en;q=0.5", since nl-BE is not on our list to the letter.
    wishes = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return next((wish for wish in wishes if wish in LANGUAGES), FALLBACK)


def named(names: Mapping[str, Any], name: str) -> str:
    """A thing's name in the language of this request; ``name`` where its shop wrote none in it."""
    return str(names.get(language()) or name)


def choose(texts: Mapping[str, Any]) -> str | None:
    """The text in the language of this request among ``texts`` by locale; where there is none, in another one."""
    for locale in (language(), FALLBACK, *LANGUAGES, *texts):
        if told := texts.get(locale):
            return str(told)
    return None
