"""Making applications quickly: each test has an application of its own, with four hundred addresses, and compiling how
each is written takes Werkzeug ten times as long as all the rest. What it compiles depends on the address alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Build = Callable[..., tuple[str, str]]


def compile_once() -> None:
    """Let this process compile every address once, however many applications it makes. A repeat changes nothing."""
    compile_ = Rule._compile_builder
    if getattr(compile_, "is_once", False):
        return
    known: dict[Any, Build] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Build:
        key = (tuple(rule._trace), repr(sorted((rule.defaults or {}).items())), append_unknown)
        found = known.get(key)
        if found is None:
            found = known[key] = compile_(rule, append_unknown)
        return found

    compiled.is_once = True  # type: ignore[attr-defined]
    Rule._compile_builder = compiled  # type: ignore[method-assign,assignment]
