"""How commands report: JSON for programs, a few lines for people, progress on a terminal only."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """Adds ``--json``, handed to the command as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


def report(facts: Mapping[str, Any], as_json: bool) -> None:
    """Print facts on stdout: as one JSON object, or as one ``name: value`` a line."""
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        click.echo(f"{name.replace('_', ' ') + ':':<{width + 1}} {shown}")


def report_to_programs(facts: Mapping[str, Any], as_json: bool) -> None:
    """As :func:`report`, but lines for people only on a terminal: for what scripts ask much more often than people."""
    report(facts, as_json or not sys.stdout.isatty())


@contextmanager
def progress(what: str, total: float | None = None) -> Iterator[Callable[..., None]]:
    """A progress bar on stderr, where that is a terminal; elsewhere nothing.

    Gives a function ``advance(by=1)``, and ``advance(done=…, total=…)`` for work that tells where it is.
    """
    if not sys.stderr.isatty():
        yield lambda by=1, *, done=None, total=None: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)

        def advance(by: float = 1, *, done: float | None = None, total: float | None = None) -> None:
            if total is not None:
                bar.update(task, total=total)
            if done is not None:
                bar.update(task, completed=done)
            else:
                bar.advance(task, by)

        yield advance
