"""What import-linter can't see, and that import-linter itself is content."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TREES = ("app", "mobile_api")
LONGEST_MODULE = 400
# One state machine is one class, whose steps must see each other.
ONE_MACHINE = {ROOT / "tests/properties/test_ledger_machine.py"}
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
    # A move speaks to two databases below the service, one of which the service does not know.
    moving = ROOT / "app/cli/moving"
    found = {
        str(path.relative_to(ROOT)): calls
        for path in modules(*TREES)
        if path != place.with_suffix(".py") and place not in path.parents and moving not in path.parents
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
        if path not in ONE_MACHINE
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


# What is written where, and what the linter then names.
BREACHES = {
    "a business rule in common": (
        "app/common/money.py",
        "import app.merchants.errors",
        "app.common.money -> app.merchants.errors",
    ),
    "Flask in the domain": ("app/merchants/errors.py", "import flask", "app.merchants.errors -> flask"),
    "marshmallow in the domain": ("app/ledger/errors.py", "import marshmallow", "app.ledger.errors -> marshmallow"),
    "a domain that knows a higher one": (
        "app/cards/models.py",
        "import app.rewards.models",
        "app.cards.models -> app.rewards.models",
    ),
    "a face that knows another": (
        "app/wallet/errors.py",
        "import app.scanning.errors",
        "app.wallet.errors -> app.scanning.errors",
    ),
    "an upward import inside a function": (
        "app/cards/numbers.py",
        "def late():\n    import app.ledger.errors",
        "app.cards.numbers -> app.ledger.errors",
    ),
    "the application knows the JSON face": ("app/factory.py", "import mobile_api", "app.factory -> mobile_api"),
    "the JSON face reads tables": (
        "mobile_api/auth.py",
        "import app.cards.models",
        "mobile_api.auth -> app.cards.models",
    ),
    "the JSON face speaks to the database": (
        "mobile_api/auth.py",
        "import sqlalchemy",
        "mobile_api.auth -> sqlalchemy",
    ),
    "settings are fetched, not handed in": ("app/common/clock.py", "import config", "app.common.clock -> config"),
    "a model that knows a use case": (
        "app/cards/models.py",
        "import app.cards.service",
        "app.cards.models -> app.cards.service",
    ),
    "a package that nobody placed": ("app/novelties/__init__.py", "", "app.novelties"),
    "a circle of modules": ("app/common/clock.py", "import app.common.scope", "No cycles are allowed in app.common"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_in_a_wall_is_seen(breach: str, tmp_path: Path) -> None:
    for tree in TREES:
        shutil.copytree(
            ROOT / tree, tmp_path / tree, ignore=shutil.ignore_patterns("__pycache__", "static", "templates")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module in ("config.py", "wsgi.py"):
        shutil.copy(ROOT / module, tmp_path)
    name, line, named = BREACHES[breach]
    (tmp_path / name).parent.mkdir(exist_ok=True)
    with (tmp_path / name).open("a") as file:
        file.write(f"\n{line}\n")
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-logo"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stdout[-3000:] + run.stderr[-2000:]
    assert named in run.stdout, run.stdout[-6000:]
