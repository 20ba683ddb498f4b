"""What deploy/, compose.yaml and the guides name is there: every setting is one that is read, every command exists."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import config
from app.campaigns import vapid
from app.cards.passes import credentials
from app.cli.commands import zegel
from tests.conftest import ENVIRONMENT

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
GUIDES = [ROOT / "docs" / "operating.md", ROOT / "docs" / "running.md"]
SOURCE = (ROOT / "config.py").read_text()
READ = set(re.findall(r'"([A-Z][A-Z_]{3,})"', SOURCE))
GROUPS = ("STRIPE_", "SELLER_", vapid.PREFIX, credentials.APPLE, credentials.GOOGLE)
BIN = "/opt/zegel/.venv/bin/zegel"


def is_read(name: str) -> bool:
    return name in READ or name.startswith(GROUPS)


def values(unit: Path, key: str) -> list[str]:
    """Every value that a unit file gives to a key."""
    return re.findall(rf"^{key}=(.*)$", unit.read_text(), re.MULTILINE)


def named_in_example() -> dict[str, str]:
    """Every setting of the example, those that are off too."""
    lines = (DEPLOY / "zegel.env.example").read_text().splitlines()
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", "\n".join(lines), re.MULTILINE))


def check(arguments: list[str]) -> None:
    """Raises where ``zegel`` with these arguments is no command, or has no such option."""
    found: click.Command = zegel
    while isinstance(found, click.Group):
        assert arguments, f"{found.name} needs a command"
        name, *arguments = arguments
        deeper = found.get_command(click.Context(found), name)
        assert deeper is not None, f"there is no command {name}"
        found = deeper
    options = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
    for argument in arguments:
        if argument.startswith("--"):
            assert argument.partition("=")[0] in {*options, "--help"}, f"{found.name} has no {argument}"


def commands_in(text: str) -> Iterator[list[str]]:
    """The arguments of every call of zegel in a text: in its code blocks, and between backticks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    lines += re.findall(r"`([^`\n]*\bzegel [^`\n]*)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    for line in lines:
        found = re.search(r"(?:^|[\s/;(])zegel ((?:[a-z-]+)\b.*)$", line.partition("#")[0])
        if found is None or line.lstrip().startswith(("systemctl", "journalctl", "install", "useradd", "chown")):
            continue
        words = re.split(r"[;|<>)&]", found[1])[0].replace("…", "")
        yield shlex.split(words, comments=True)


def test_the_example_is_one_that_production_takes(tmp_path: Path) -> None:
    named = named_in_example()
    assert [name for name in named if not is_read(name)] == []
    keys = {name: ENVIRONMENT[name] for name in ("SECRET_KEY", "LEDGER_KEY", "DATA_KEY")}
    assert all(named[name] == "" for name in keys), "a key that stands in an example is nobody's secret"
    as_it_is = re.findall(r"^([A-Z_]+)=(.*)$", (DEPLOY / "zegel.env.example").read_text(), re.MULTILINE)
    settings = config.load({**dict(as_it_is), **keys, "ZEGEL_VAR": str(tmp_path)})
    assert settings.is_production
    with pytest.raises(config.SettingsError, match="SECRET_KEY"):
        config.load({**dict(as_it_is), "ZEGEL_VAR": str(tmp_path)})


def test_every_setting_of_compose_is_read() -> None:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    for name in ("web", "worker", "migrate", "backup"):
        environment = compose["services"][name]["environment"]
        assert [setting for setting in environment if not is_read(setting)] == []


def test_every_command_of_compose_exists() -> None:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    services = compose["services"]
    for name in ("web", "worker", "migrate"):
        check([str(word) for word in services[name]["command"]])
    (loop,) = services["backup"]["command"]
    check(shlex.split(re.search(r"zegel ([^|]+)", loop)[1]))  # type: ignore[index]


def test_compose_and_the_image_agree() -> None:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    dockerfile = (ROOT / "Dockerfile").read_text()
    volumes = set(compose["volumes"])
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source, target = volume.split(":")
            assert source in volumes
            # A volume takes the rights of the folder that the image has at its place.
            assert service.get("build") is None or target in dockerfile, (name, target)
        for other, condition in service.get("depends_on", {}).items():
            health = compose["services"][other].get("healthcheck", {})
            if condition["condition"] == "service_healthy":
                assert "test" in health
    assert {"backup", "web", "worker", "migrate", "postgres", "redis"} == set(compose["services"])
    # The service has ten seconds to answer what is under way.
    assert compose["services"]["web"]["stop_grace_period"] == "15s"


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_runs_what_exists_and_has_no_rights(unit: Path) -> None:
    starts = values(unit, "ExecStart") + values(unit, "ExecStartPre")
    assert starts
    for start in starts:
        program, *arguments = shlex.split(start)
        assert program == BIN
        check(arguments)
    assert values(unit, "User") == ["zegel"]
    assert values(unit, "EnvironmentFile") == ["/etc/zegel/zegel.env"]
    assert values(unit, "NoNewPrivileges") == ["yes"]
    assert values(unit, "ProtectSystem") == ["strict"]
    assert values(unit, "CapabilityBoundingSet") == [""]
    assert "WorkingDirectory=/opt/zegel" in unit.read_text()


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".timer"], ids=lambda unit: unit.name)
def test_a_timer_has_its_service(unit: Path) -> None:
    assert unit.with_suffix(".service") in SERVICES
    assert values(unit, "Persistent") == ["true"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_every_unit(unit: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True)
    told = [line for line in done.stderr.splitlines() if unit.name in line and "is not executable" not in line]
    assert told == []


def test_proxies_send_the_address_that_they_saw_and_keep_the_numbers_inside() -> None:
    caddy, nginx = (DEPLOY / "Caddyfile").read_text(), (DEPLOY / "nginx.conf").read_text()
    assert "header_up X-Forwarded-For {remote_host}" in caddy
    assert nginx.count("proxy_set_header X-Forwarded-For $remote_addr;") == nginx.count("proxy_pass http://zegel;")
    assert nginx.count("proxy_set_header Host $host;") == nginx.count("proxy_pass http://zegel;")
    for text in (caddy, nginx):
        assert "/metrics" in text
        assert "/readyz" in text
        assert "Strict-Transport-Security:" not in text
    assert "flush_interval -1" in caddy
    assert "proxy_buffering off;" in nginx
    assert "return 308 https://" in nginx


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_command_of_a_guide_exists(guide: Path) -> None:
    calls = list(commands_in(guide.read_text()))
    assert len(calls) > 5
    for arguments in calls:
        check(arguments)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_file_that_a_guide_names_is_there(guide: Path) -> None:
    text = guide.read_text()
    for path in re.findall(r"\b((?:deploy|tools)/[\w./-]+\w)", text):
        assert (ROOT / path).exists(), path
    for link in re.findall(r"\]\(([\w./-]+\.md)(?:#[\w-]*)?\)", text):
        assert (guide.parent / link).exists(), link


def test_every_setting_is_told_in_the_guide() -> None:
    table = set(re.findall(r"`([A-Z_]{4,})`", (ROOT / "docs" / "running.md").read_text()))
    own = {name for name in READ if name != "SENTRY_DSN" and not name.endswith("_")}
    assert own - table == set()
