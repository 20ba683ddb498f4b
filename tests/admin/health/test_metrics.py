"""What Prometheus is told: cheap, and everything that dashboard and alarms ask for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from flask import Flask
from flask.testing import FlaskClient

from app.common import bounces
from app.common.scope import Scope
from app.common.sql import Statement
from app.insights import platform_days
from tests.admin.desk import sit_down
from tests.clocks import FixedClock

DEPLOY = Path(__file__).parents[3] / "deploy"
NAME = re.compile(r"\bzegel_[a-z_]+")
RUN = Statement(
    "INSERT INTO job_run (name, started_at, finished_at, result, error) VALUES (:name, :now, :now, :result, :error)"
)


def told(client: FlaskClient) -> dict[str, float]:
    lines = client.get("/metrics").get_data(as_text=True).splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def names(client: FlaskClient) -> set[str]:
    return {key.partition("{")[0] for key in told(client)}


def exercise(flask_app: Flask, scope: Scope) -> FlaskClient:
    """One of everything, so that counters with labels are there too."""
    client = flask_app.test_client()
    scope.run(lambda tx: tx.run(RUN, {"name": "tidy", "now": scope.now, "result": "{}", "error": None}))
    client.post("/api/v1/auth/token", json={"email": "an@home.example", "code": "000000"})
    return client


def test_alarms_are_told_what_they_go_off_at(flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    client = flask_app.test_client()
    before = told(client)
    assert before["zegel_backup_age_seconds"] == float("inf")
    assert before["zegel_ledger_differences"] == 0
    result = json.dumps({"differences": 3})
    scope.run(lambda tx: tx.run(RUN, {"name": "verify-ledger", "now": scope.now, "result": result, "error": "3"}))
    scope.run(lambda tx: bounces.note(tx, scope, "an@home.example", how="refused", told="550"))
    platform_days.look(scope)
    var: Path = flask_app.extensions["zegel"].settings.var
    var.mkdir(parents=True, exist_ok=True)
    (var / "last-backup.json").write_text(f'{{"at": "{scope.now.isoformat()}", "file": "x"}}')
    assert told(client)["zegel_ledger_differences"] == 0, "for fifteen seconds the last answer holds"
    clock.advance(seconds=15)
    after = told(client)
    assert after["zegel_ledger_differences"] == 3
    assert after["zegel_jobs_failing"] == 1
    assert after["zegel_mails_refused"] == 1
    assert after["zegel_backup_age_seconds"] == 15
    assert after["zegel_tablets_offline"] == 0
    assert after["zegel_database_bytes"] > 100_000


def test_refused_sign_ins_are_counted_by_who_would_have_come_in(flask_app: Flask, scope: Scope) -> None:
    client = flask_app.test_client()
    key = 'zegel_sign_in_failures_total{face="member"}'
    before = told(client).get(key, 0)
    refused = client.post("/api/v1/auth/token", json={"email": "an@home.example", "code": "000000"})
    assert 400 < refused.status_code < 500
    assert told(client)[key] == before + 1
    sit_down(flask_app, scope, {"support"}).get("/")
    assert told(client)[key] == before + 1


def expressions(document: Any) -> list[str]:
    if isinstance(document, dict):
        own = [value for key, value in document.items() if key == "expr"]
        return [*own, *(one for value in document.values() for one in expressions(value))]
    if isinstance(document, list):
        return [one for value in document for one in expressions(value)]
    return []


def test_every_panel_asks_for_what_is_there(flask_app: Flask, scope: Scope) -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "zegel.json").read_text())
    asked = expressions(dashboard)
    assert len(asked) >= len(dashboard["panels"]) > 10
    assert all(NAME.search(one) for one in asked)
    there = names(exercise(flask_app, scope))
    assert {name for one in asked for name in NAME.findall(one)} - there == set()
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_every_alarm_asks_for_what_is_there_and_says_what_to_do(flask_app: Flask, scope: Scope) -> None:
    rules = [
        rule
        for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
        for rule in group["rules"]
    ]
    there = names(exercise(flask_app, scope))
    assert {name for rule in rules for name in NAME.findall(rule["expr"])} - there == set()
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert rule["annotations"]["summary"].endswith("."), rule["alert"]
        assert len(rule["annotations"]["action"]) > 20, rule["alert"]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 10


@pytest.mark.parametrize("quoted", ["zegel db", "zegel ledger verify", "zegel backup", "zegel doctor", "zegel worker"])
def test_what_an_alarm_tells_to_run_is_a_command(quoted: str) -> None:
    from app.cli.commands import COMMANDS

    assert quoted.split()[1] in COMMANDS
