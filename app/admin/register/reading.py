"""Reading the register of processing in one language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

LOCALES = ("nl", "fr", "en", "de")
FILE = Path(__file__).with_name("register.toml")


@dataclass(frozen=True, slots=True)
class Activity:
    """One processing activity, as a supervisor reads it. ``tables`` are those that hold its data."""

    key: str
    name: str
    purpose: str
    basis: str
    subjects: tuple[str, ...]
    data: str
    recipients: tuple[str, ...]
    retention: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """All activities, and the measures that protect all of them."""

    activities: tuple[Activity, ...]
    measures: tuple[str, ...]


def read_register(locale: str) -> Register:
    """The register in a language; in English where it is none of the four."""
    return _read(locale if locale in LOCALES else "en")


@lru_cache(maxsize=len(LOCALES))
def _read(locale: str) -> Register:
    told: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
    words: dict[str, dict[str, str]] = told["words"]
    return Register(
        tuple(
            Activity(
                key=one["key"],
                name=one["name"][locale],
                purpose=one["purpose"][locale],
                basis=words[one["basis"]][locale],
                subjects=tuple(words[word][locale] for word in one["subjects"]),
                data=one["data"][locale],
                recipients=tuple(words[word][locale] for word in one["recipients"]),
                retention=one["retention"][locale],
                tables=tuple(one["tables"]),
            )
            for one in told["activity"]
        ),
        tuple(one[locale] for one in told["measure"]),
    )
