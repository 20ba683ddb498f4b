"""That the project's own papers and locks tell the truth."""

import json
import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs/decisions"
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def tracked() -> list[str]:
    """The files that are in the repository, or would be: what a build leaves behind is not looked at."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_exact_versions_with_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_all_that_its_list_asks_for(lock: Path) -> None:
    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    asked = {
        plain(re.split(r"[\[<>=!~; ]", line)[0])
        for line in lock.with_suffix(".in").read_text().splitlines()
        if line.strip() and not line.startswith(("#", "-"))
    }
    locked = {plain(line.split("==")[0].split("[")[0]) for line in lock.read_text().splitlines() if "==" in line}
    assert asked - locked == set()


def test_the_front_ends_lock_names_no_address() -> None:
    packages = json.loads((ROOT / "frontend/package-lock.json").read_text())["packages"]
    assert {name: entry["resolved"] for name, entry in packages.items() if "resolved" in entry} == {}
    assert [
        name for name, entry in packages.items() if name and "integrity" not in entry and not entry.get("link")
    ] == []


def test_every_decision_is_dated_numbered_and_listed() -> None:
    files = sorted(path.name for path in DECISIONS.glob("*.md") if path.name != "README.md")
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (DECISIONS / "README.md").read_text())
    assert sorted(listed) == files
    numbers = [int(name[:4]) for name in files]
    assert numbers == list(range(1, len(files) + 1))
    undated = [
        name for name in files if not re.search(r"^20\d\d-\d\d-\d\d\b", (DECISIONS / name).read_text(), re.MULTILINE)
    ]
    assert undated == []


def test_scripts_can_be_run() -> None:
    scripts = [ROOT / ".ci/run", *(path for path in (ROOT / "tools").iterdir() if path.is_file() and not path.suffix)]
    assert [str(path) for path in scripts if not path.stat().st_mode & stat.S_IXUSR] == []
    for script in scripts:
        if script.read_text().startswith("#!/usr/bin/env bash"):
            subprocess.run(["bash", "-n", script], check=True)


def test_the_tree_names_no_place_outside_itself() -> None:
    """A path of one machine, or a home folder, in a file that others get."""
    elsewhere = re.compile(r"(?<![\w.$}*])/(?:root|home/\w+|work)/[a-z]")
    found = {
        name: match.group()
        for name in tracked()
        if Path(name).suffix in {".py", ".ts", ".md", ".toml", ".sh", ".yaml", ".yml", ".json", ".html", ""}
        if (match := elsewhere.search((ROOT / name).read_text(errors="ignore")))
    }
    assert found == {}


def test_documents_link_to_what_is_there() -> None:
    broken = [
        f"{name}: {target}"
        for name in tracked()
        if name.endswith(".md")
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", (ROOT / name).read_text())
        if not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert broken == []


def test_every_folder_stands_in_the_architecture() -> None:
    told = (ROOT / "docs/architecture.md").read_text()
    folders = [
        f"{tree}/{entry.name}/"
        for tree in ("app",)
        for entry in sorted((ROOT / tree).iterdir())
        if entry.is_dir() and entry.name != "__pycache__" and any(entry.rglob("*.py"))
    ]
    assert [folder for folder in folders if folder not in told] == []


def test_commands_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", readme)) | set(re.findall(r"^make ([a-z]+)", readme, re.MULTILINE))
    assert named - targets == set()
    assert named, "the README names no command at all"


def test_secrets_and_built_things_stay_out() -> None:
    out = [".env", "var/zegel.sqlite", "app/web/static/dist/tablet.js", ".venv/bin/python"]
    for name in out:
        run = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False, env={**os.environ})
        assert run.returncode == 0, f"{name} is not ignored"
