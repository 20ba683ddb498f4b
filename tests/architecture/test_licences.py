"""That every part the project takes may be passed on."""

import json
import re
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# docs/decisions/0016: the database driver was given, and is used unchanged.
GIVEN = {"psycopg", "psycopg-binary"}
LOCKED = sorted(
    {
        match[1].lower()
        for lock in (ROOT / "requirements").glob("*.txt")
        for match in re.finditer(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", lock.read_text(), re.MULTILINE)
    }
)


def licence(name: str) -> str | None:
    """What an installed package says of its licence; None where this platform needs no such package."""
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    classifiers = [line for line in told.get_all("Classifier") or [] if line.startswith("License")]
    return " ".join([told.get("License-Expression") or "", (told.get("License") or "")[:80], *classifiers])


def test_most_of_the_locked_packages_are_looked_at() -> None:
    assert sum(licence(name) is not None for name in LOCKED) > 60


@pytest.mark.parametrize("name", [name for name in LOCKED if name not in GIVEN])
def test_no_part_is_copyleft(name: str) -> None:
    assert not re.search(r"\b[AL]?GPL|GNU ", licence(name) or "")


# An old package says so under `licenses`, which a lock file doesn't copy: three clauses of BSD, read in its LICENSE.
TOLD_ELSEWHERE = {"parse-cache-control": "BSD-3-Clause"}


def browser_parts() -> dict[str, str]:
    """What the front end's lock files say of each package's licence, of those for building and measuring too."""
    found: dict[str, str] = {}
    for folder in ("", "bench", "audit"):
        packages = json.loads((ROOT / "frontend" / folder / "package-lock.json").read_text())["packages"]
        found |= {
            name.rpartition("node_modules/")[2]: part.get("license")
            or TOLD_ELSEWHERE.get(name.rpartition("node_modules/")[2], "")
            for name, part in packages.items()
            if name
        }
    return found


def test_no_part_for_browsers_is_copyleft_or_without_a_licence() -> None:
    parts = browser_parts()
    assert {"zxing-wasm", "jsqr", "lighthouse"} <= set(parts)
    assert [name for name, told in parts.items() if not told or re.search(r"\b[AL]?GPL|GNU ", told)] == []
