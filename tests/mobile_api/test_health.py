"""What whoever runs the service asks it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import config
import mobile_api
from app.common.scope import Scope
from app.common.sql import Statement
from app.factory import create_app
from tests.conftest import ENVIRONMENT
from tests.mobile_api.calling import Caller
from tests.shops import PlasticCard


def test_a_migrated_database_is_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    told = ready.get_json()
    assert told["migrations"]["at"] == told["migrations"]["head"]
    assert told["jobs"] == {"waiting": 0, "oldest_seconds": 0, "last_at": None, "failing": []}


def test_old_migrations_are_not_ready(client: FlaskClient, scope: Scope) -> None:
    scope.run(lambda tx: tx.run(Statement("UPDATE schema_version SET version_num = '0001'"), {}))
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("url", ["sqlite:///{}/empty.sqlite3", "postgresql+psycopg://nobody:secret@127.0.0.1:9/x"])
def test_a_missing_database_is_told_and_nothing_of_it(tmp_path: Path, url: str) -> None:
    environment = {**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path), "DATABASE_URL": url.format(tmp_path)}
    flask_app = create_app(config.load(environment), mobile_api.init_app)
    client = flask_app.test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "schema_version" not in answer.text
    assert "secret" not in answer.text
    assert client.get("/healthz").status_code == 200
    assert client.get("/metrics").status_code == 200
    flask_app.extensions["zegel"].database.close()


def test_failing_jobs_are_told_but_do_not_make_it_unready(client: FlaskClient, scope: Scope) -> None:
    failed = Statement(
        "INSERT INTO job_run (name, started_at, finished_at, error) VALUES ('backup', :now, :now, 'disk full')"
    )
    scope.run(lambda tx: tx.run(failed, {"now": scope.now}))
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json()["jobs"]["failing"] == ["backup"]
    assert "disk full" not in ready.text


def test_metrics_count_requests_and_visits_by_pattern(
    client: FlaskClient, till: Caller, plastic_card: PlasticCard
) -> None:
    before = counted(client, "zegel_visits_booked_total")
    body = {"code": plastic_card.number, "amount": "3.00"}
    assert till.post("/visits", body, key="counted").status == 201
    assert till.post("/visits", body, key="counted").status == 201
    till.post("/visits", {"code": "what"})
    client.get(f"/c/{plastic_card.number}")
    text = client.get("/metrics").get_data(as_text=True)
    assert counted(client, "zegel_visits_booked_total") == before + 1
    visits = 'zegel_http_requests_total{method="POST",route="/api/v1/pos/visits",status="%s"}'
    assert counted(client, visits % 201) >= 2
    assert counted(client, visits % 422) >= 1
    assert 'zegel_http_request_seconds_bucket{le="0.005",method="POST",route="/api/v1/pos/visits"}' in text
    assert "zegel_outbox_waiting 0.0" in text
    assert "zegel_queue_events_missing 0.0" in text
    assert plastic_card.number not in text


def test_every_answer_has_a_request_id(client: FlaskClient) -> None:
    made = client.get("/healthz").headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f-]{36}", made)
    given = client.get("/api/v1/nothing", headers={"X-Request-Id": "till-42.7"})
    assert given.headers["X-Request-Id"] == "till-42.7"
    odd = client.get("/healthz", headers={"X-Request-Id": "no spaces, please"})
    assert odd.headers["X-Request-Id"] != "no spaces, please"


def counted(client: FlaskClient, name: str) -> float:
    """The value of one metric, 0 when it was never touched."""
    for line in client.get("/metrics").get_data(as_text=True).splitlines():
        if line.startswith(name + " "):
            return float(line.rsplit(" ", 1)[1])
    return 0.0
