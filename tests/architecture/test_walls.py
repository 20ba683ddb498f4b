"""What import-linter can't see, and that import-linter itself is content."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TREES = ("app", "mobile_api")
LONGEST_MODULE = 400
# A name that says nothing gathers everything.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "shared", "tools", "core", "lib"}
COMMITS = {"commit", "rollback"}


def modules(*trees: str) -> list[Path]:
    return sorted(path for tree in trees for path in (ROOT / tree).rglob("*.py") if "node_modules" not in path.parts)


def calls_of(source: str, names: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            yield f"line {node.lineno}: .{node.func.attr}()"
        # "COMMIT" sent as text is a commit too.
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            statement = node.value.strip().rstrip(";").upper()
            if statement in {name.upper() for name in names}:
                yield f"line {node.lineno}: {statement}"


def test_the_walls_between_packages_stand() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


@pytest.mark.parametrize("source", ["session.commit()", "tx.session.rollback()", "cursor.execute(' commit; ')"])
def test_a_commit_is_seen(source: str) -> None:
    assert list(calls_of(source, COMMITS))


def test_only_the_database_module_commits() -> None:
    place = ROOT / "app/common/database"
    found = {
        str(path.relative_to(ROOT)): calls
        for path in modules(*TREES)
        if path != place.with_suffix(".py") and place not in path.parents
        if (calls := list(calls_of(path.read_text(), COMMITS)))
    }
    assert found == {}


def test_the_domain_asks_the_clock_it_was_handed() -> None:
    asks = {"now", "utcnow", "today"}
    allowed = {ROOT / "app/common/clock.py"}
    found = {
        str(path.relative_to(ROOT)): node.lineno
        for path in modules(
            *(f"app/{domain}" for domain in ("cards", "ledger", "merchants", "rewards", "scanning", "wallet"))
        )
        if path not in allowed
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in asks
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date"}
    }
    assert found == {}


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in modules(*TREES, "tests", "benchmarks", "tools")
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_names_say_what_is_inside() -> None:
    found = [
        str(path.relative_to(ROOT))
        for tree in TREES
        for path in (ROOT / tree).rglob("*")
        if (path.suffix == ".py" or path.is_dir()) and path.stem in EMPTY_NAMES
    ]
    assert found == []


def test_packages_hold_no_code_of_their_own() -> None:
    """`import app.x` must not load everything: an `__init__` holds a docstring, re-exports at most."""
    found = {
        str(path.relative_to(ROOT)): sorted({type(node).__name__ for node in code})
        for path in modules("app")
        if path.name == "__init__.py" and path.parent.parent.name in {"app", "cards", "ledger", "rewards", "scanning"}
        if path.parent.name not in {"web", "cli"}
        if (
            code := [
                node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
            ]
        )
    }
    assert found == {}
