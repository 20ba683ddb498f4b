"""That every part the project takes may be passed on."""

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
