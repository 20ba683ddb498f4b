"""What needs a person: each area says it in the same form, and the overview puts what is due first on top."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing that waits for somebody. ``area`` is a key of the navigation, ``kind`` one word for it, ``words`` what
    it is, ``about`` whom or what it concerns (masked where it is a person), ``act`` the word on its button, which leads
    to ``href``; ``right`` is what its person must have."""

    area: str
    kind: str
    words: str
    about: str
    due_at: datetime | None
    href: str
    act: str
    right: str
    is_urgent: bool = False
