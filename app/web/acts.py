"""The audit trail in words: the back office knows them, since owners read them; operators’ pages ask for them here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

Changes = list[tuple[str, str | None, str | None]]
_NAME = "zegel_acts"


@dataclass(frozen=True, slots=True)
class ActWords:
    """``action`` gives the words for an event's code; ``actor`` who did it, by kind and name; ``changes`` what it
    changed, field by field: its name, what it was and what it is."""

    action: Callable[[str], str]
    actor: Callable[[str, str | None], str]
    changes: Callable[[Mapping[str, Any], Mapping[str, Any]], Changes]


def bring_words(flask_app: Flask, words: ActWords) -> None:
    """Give an application its words for what the audit trail holds."""
    flask_app.extensions[_NAME] = words


def act_words() -> ActWords:
    """The current application's words; codes as they are where nobody brought any."""
    found: ActWords | None = current_app.extensions.get(_NAME)
    return found if found is not None else ActWords(str, _named, _plain)


def _named(kind: str, name: str | None) -> str:
    return name or kind


def _plain(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    def told(of: Mapping[str, Any], name: str) -> str | None:
        return str(of[name]) if name in of else None

    return [(name, told(before, name), told(after, name)) for name in dict.fromkeys([*before, *after])]
