"""Finding the sentence for a code, in the language of the request."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, get_locale, gettext

from app.common.errors import DomainError, Kind
from app.messages import campaigns, common, feedback, fields, relations

__all__ = ["FIELDS", "SENTENCES", "field", "language", "sentence", "text"]

_AREAS = (campaigns, feedback, relations)
SENTENCES: Mapping[str, LazyString] = dict(common.SENTENCES) | {
    code: said for area in _AREAS for code, said in area.SENTENCES.items()
}
FIELDS: Mapping[str, LazyString] = dict(fields.FIELDS) | {
    code: said for area in _AREAS for code, said in area.FIELDS.items()
}
_BY_KIND = {
    Kind.NOT_FOUND: "not_found",
    Kind.FORBIDDEN: "forbidden",
    Kind.REFUSED: "error",
    Kind.INVALID: "invalid",
    Kind.MALFORMED: "malformed",
    Kind.UNAUTHENTICATED: "unauthenticated",
    Kind.TOO_MANY: "too_many",
}


def sentence(error: DomainError) -> str:
    """A domain error in the language of the request, whole also where a parameter is missing."""
    code = error.code if error.code in SENTENCES else _BY_KIND[error.kind]
    told = text(code, **error.params)
    wait = error.params.get("retry_after") if error.kind is Kind.TOO_MANY else None
    if isinstance(wait, int | float) and wait > 0:
        seconds = math.ceil(wait)
        if seconds < 120:
            more = gettext("It works again in %(seconds)s s.", seconds=seconds)
        else:
            more = gettext("It works again in %(minutes)s min.", minutes=math.ceil(seconds / 60))
        return f"{told} {more}"
    return told


def text(code: str, /, **params: Any) -> str:
    """The sentence for a code, with its parameters; the most general one for a code that has none."""
    told = str(SENTENCES.get(code, SENTENCES["error"]))
    if "%(" not in told:
        return told
    try:
        return told % params
    except KeyError:
        return str(SENTENCES["invalid"])


def field(code: str) -> str:
    """What is wrong with a field, by its code; a sentence stays as it is."""
    found = FIELDS.get(code)
    return code if found is None else str(found)


def language() -> str:
    """The language of :func:`text` in this request, for Content-Language."""
    locale = get_locale()
    return str(locale.language) if locale else "en"
