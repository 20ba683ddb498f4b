"""That the container image and the compose file keep their promises, read without a container engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
FINAL_STAGE = DOCKERFILE.split("\nFROM ")[-1]
SECRETS = ("SECRET_KEY", "LEDGER_KEY", "DATA_KEY", "POSTGRES_PASSWORD")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def test_the_image_runs_without_rights_and_tells_its_health() -> None:
    user = re.search(r"^USER (\S+)", FINAL_STAGE, re.MULTILINE)
    assert user is not None
    assert user[1] not in {"root", "0"}
    assert "/healthz" in FINAL_STAGE.split("HEALTHCHECK")[1]
    assert re.search(r"ZEGEL_ENV=production", FINAL_STAGE)


def test_the_final_stage_installs_nothing_and_holds_no_secret() -> None:
    assert not re.search(r"\b(apt-get|npm|pip install|curl|wget)\b", FINAL_STAGE)
    assert not any(secret in DOCKERFILE for secret in SECRETS)
    assert not re.search(r"^ARG ", DOCKERFILE, re.MULTILINE)


def test_packages_are_installed_by_their_hashes() -> None:
    installs = [line for line in DOCKERFILE.splitlines() if "pip install" in line and "--no-deps" not in line]
    assert installs
    assert all("--require-hashes" in line for line in installs)


def test_what_the_image_copies_is_there_and_let_in() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        *sources, _destination = line.split()
        for source in sources:
            assert (ROOT / source).exists(), source
            assert source == "." or source.split("/")[0] in let_in, source
    assert {name for name in let_in if not (ROOT / name).exists()} == set()


def test_every_service_is_there_and_the_own_ones_have_no_rights(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {"web", "worker", "postgres", "redis"} <= set(services)
    for name in ("web", "worker", "migrate"):
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True


def test_secrets_come_from_outside_and_have_no_default() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for secret in SECRETS:
        used = re.findall(r"\$\{" + secret + r"([^}]*)\}", text)
        assert used, secret
        assert all(rest.startswith(":?") for rest in used), secret


def test_only_the_service_is_reached_from_outside_and_only_through_a_proxy(compose: dict[str, Any]) -> None:
    ports = {name: service.get("ports", []) for name, service in compose["services"].items()}
    assert ports.pop("web") == ["127.0.0.1:8000:8000"]
    assert not any(ports.values())
