"""Calling the commands as a terminal does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from click.testing import CliRunner, Result

from app.cli.commands import zegel

Zegel = Callable[..., Result]


def caller(environment: dict[str, str]) -> Zegel:
    """``zegel`` with these environment variables: gives the whole result, and lets faults through."""

    def call(*arguments: str, **more: str) -> Result:
        return CliRunner().invoke(zegel, arguments, env={**environment, **more}, catch_exceptions=False)

    return call


def told(result: Result) -> Any:
    """What a command that succeeded printed as JSON."""
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return json.loads(result.stdout)


def failed(result: Result) -> str:
    """The one clear line of a command that failed."""
    assert result.exit_code != 0
    assert result.stdout == ""
    lines = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1, result.stderr
    return lines[0].removeprefix("Error: ")
