"""The doctor: all well where all is well, and each line made to fail."""

import dataclasses
import shutil
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiosmtpd.controller import Controller

from app.cli.backups import making
from app.cli.doctor import examine
from app.common import outbox
from app.common.outgoing import Reach
from app.common.scope import Scope
from app.jobs.schedule import JOBS, OUTBOX
from app.merchants import deliveries, webhooks
from config import Settings
from tests.clocks import FixedClock
from tests.factories import make_holder, make_shop
from tests.integration.cli.doctor.patient import KEY, as_owner, change, found
from tests.listeners import https


def test_all_is_well_where_all_is_well(healthy: dict[str, str], clock: FixedClock) -> None:
    clock.set(datetime.now(UTC))  # on a busy machine a while has passed since the fixtures began
    findings = examine(healthy, clock=clock)
    unwell = [finding for finding in findings if finding.state != "ok"]
    # The server that tests run on may be set to forget in a power cut: that is told, and is right.
    assert [finding for finding in unwell if "power cut" not in finding.told] == []
    assert len({finding.check for finding in findings}) == len(findings) == 24


def test_it_changes_nothing(healthy: dict[str, str], clock: FixedClock, tmp_path: Path) -> None:
    environment = {**healthy, "DATABASE_URL": f"sqlite:///{tmp_path / 'none' / 'x.sqlite3'}"}
    assert found(environment, "database", clock).state == "fail"
    assert not (tmp_path / "none" / "x.sqlite3").exists()


def test_settings(healthy: dict[str, str], clock: FixedClock) -> None:
    (finding,) = examine({**healthy, "ZEGEL_ENV": "staging"}, clock=clock)
    assert (finding.check, finding.state) == ("settings", "fail")
    assert "staging" in finding.told


def test_keys_that_are_the_same(healthy: dict[str, str], clock: FixedClock) -> None:
    finding = found({**healthy, "DATA_KEY": healthy["LEDGER_KEY"]}, "keys", clock)
    assert (finding.state, finding.remedy) == ("fail", "Give each a secret of its own.")


def test_keys_that_others_can_read(healthy: dict[str, str], clock: FixedClock) -> None:
    folder = Path(healthy["ZEGEL_VAR"]) / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "data_key").write_text(KEY)
    (folder / "data_key").chmod(0o600)
    assert found(healthy, "keys", clock).state == "ok"
    (folder / "data_key").chmod(0o644)
    assert found(healthy, "keys", clock).state == "fail"


@pytest.mark.parametrize("name", ["LEDGER_KEY", "DATA_KEY"])
def test_a_key_that_rows_need_is_gone(healthy: dict[str, str], scope: Scope, clock: FixedClock, name: str) -> None:
    from app.cards.data_keys import DataKeys
    from app.cards.personal_data import new_data_key, wrap_data_key

    holder = make_holder(scope)
    wrapped = wrap_data_key(DataKeys(scope.keys.data.keys), holder.member_id, new_data_key())
    change(scope, "DELETE FROM member_key")
    change(
        scope,
        "INSERT INTO member_key (member_id, wrapped) VALUES (:id, :wrapped)",
        id=holder.member_id,
        wrapped=wrapped,
    )
    assert found(healthy, "key-ids", clock).told == "Every key that a row names is there, and fits."
    finding = found({**healthy, name: KEY.replace("k1:", "k2:")}, "key-ids", clock)
    assert finding.state == "fail"
    assert f"{name} k1" in finding.told


def test_http_for_others(healthy: dict[str, str], clock: FixedClock) -> None:
    assert found({**healthy, "PUBLIC_URL": "http://card.example"}, "tls", clock).state == "warn"


def test_a_certificate_that_nobody_trusts(healthy: dict[str, str], clock: FixedClock, tmp_path: Path) -> None:
    with https(tmp_path) as url:
        finding = found({**healthy, "PUBLIC_URL": url}, "tls", clock)
    assert finding.state == "fail"
    assert "self" in finding.told


@pytest.mark.parametrize(("age", "state"), [(0, "ok"), (80, "warn"), (88, "fail"), (100, "fail")])
def test_a_certificate_that_is_good_and_then_ends(
    healthy: dict[str, str], clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int, state: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with https(tmp_path, made=clock.now - timedelta(days=age)) as url:
        finding = found({**healthy, "PUBLIC_URL": url}, "tls", clock)
    assert finding.state == state
    assert ("expired" if age == 100 else f": {89 - age} day") in finding.told


def test_a_public_address_that_nobody_answers(healthy: dict[str, str], clock: FixedClock) -> None:
    assert found({**healthy, "PUBLIC_URL": "https://127.0.0.1:9"}, "tls", clock).state == "warn"


def test_mail(healthy: dict[str, str], clock: FixedClock) -> None:
    assert found({**healthy, "SMTP_URL": "smtp://127.0.0.1:9"}, "mail", clock).state == "fail"
    production = {**healthy, "ZEGEL_ENV": "production", "PUBLIC_URL": "https://127.0.0.1:9"}
    assert found(production, "mail", clock).remedy == "Set SMTP_URL."

    class Sink:
        """Takes what comes, but not for everybody."""

        def __init__(self) -> None:
            self.taken: list[Any] = []

        async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, ___: Any) -> str:
            if address.startswith("nobody"):
                return "550 no such mailbox"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:
            self.taken.append(envelope)
            return "250 OK"

    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    try:
        assert found({**healthy, "SMTP_URL": f"smtp://127.0.0.1:{port}"}, "mail", clock).state == "ok"
        assert sink.taken == []  # nothing is sent unless that is asked for
        trial = {**healthy, "SMTP_URL": f"smtp://127.0.0.1:{port}"}
        (tried,) = [each for each in examine(trial, clock=clock, mail_to="anna@example.org") if each.check == "mail"]
        assert tried.state == "ok"
        assert "anna@example.org" in tried.told
        assert [envelope.rcpt_tos for envelope in sink.taken] == [["anna@example.org"]]
        assert b"zegel doctor --mail" in sink.taken[0].content
        (refused,) = [
            each for each in examine(trial, clock=clock, mail_to="nobody@example.org") if each.check == "mail"
        ]
        assert (refused.state, "550" in refused.told) == ("fail", True)
        # This server takes no passwords: one who has to give one is not let in.
        assert found({**healthy, "SMTP_URL": f"smtp://a:b@127.0.0.1:{port}"}, "mail", clock).state == "fail"
    finally:
        server.stop()


def test_disk(healthy: dict[str, str], clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        total: int
        used: int
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 40, 1 << 40, 1 << 20))
    assert found(healthy, "disk", clock).state == "warn"
    live = {**healthy, "ZEGEL_ENV": "production", "PUBLIC_URL": "https://127.0.0.1:9"}
    assert found(live, "disk", clock).state == "fail"


def test_a_database_that_is_not_there(healthy: dict[str, str], clock: FixedClock) -> None:
    environment = {**healthy, "DATABASE_URL": "postgresql+psycopg://postgres@127.0.0.1:9/nowhere"}
    finding = found(environment, "database", clock)
    assert finding.state == "fail"
    assert "DATABASE_URL" in finding.remedy
    checks = {finding.check for finding in examine(environment, clock=clock)}
    assert "rights" not in checks  # nothing more can be asked


def test_a_damaged_file(healthy: dict[str, str], scope: Scope, settings: Settings, clock: FixedClock) -> None:
    if not settings.is_sqlite:
        return
    scope.database.close()
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    content[40_000:80_000] = bytes(40_000)
    path.write_bytes(content)
    assert found(healthy, "database", clock).state == "fail"


@pytest.mark.parametrize(("version", "remedy"), [("0001", "zegel db upgrade"), ("9999", "Install that version.")])
def test_migrations(healthy: dict[str, str], scope: Scope, clock: FixedClock, version: str, remedy: str) -> None:
    change(scope, "UPDATE schema_version SET version_num = :version", version=version)
    finding = found(healthy, "migrations", clock)
    assert (finding.state, finding.remedy) == ("fail", remedy)


def test_rights_without_triggers(healthy: dict[str, str], scope: Scope, settings: Settings, clock: FixedClock) -> None:
    as_owner(
        scope,
        settings,
        sqlite="DROP TRIGGER transfer_refuses_update",
        postgresql="ALTER TABLE transfer DISABLE TRIGGER transfer_refuses_change",
    )
    finding = found(healthy, "rights", clock)
    assert finding.state == "fail"
    assert "transfer" in finding.told


def test_rights_of_a_role_that_may_change_bookings(
    healthy: dict[str, str], settings: Settings, clock: FixedClock
) -> None:
    if settings.is_sqlite:
        return
    with making.connect_postgresql(settings.database_url) as connection:
        connection.execute("GRANT UPDATE ON ledger_transaction TO zegel_app")
    assert found(healthy, "rights", clock).state == "warn"


def test_a_wall_that_is_missing(healthy: dict[str, str], settings: Settings, clock: FixedClock) -> None:
    if settings.is_sqlite:
        assert found(healthy, "walls", clock).state == "ok"
        return
    assert found(healthy, "walls", clock).told.startswith("The database itself keeps")
    with making.connect_postgresql(settings.database_url) as connection:
        connection.execute("DROP POLICY own_shop ON visit")
        finding = found(healthy, "walls", clock)
        assert (finding.state, finding.remedy) == ("fail", "zegel db upgrade")
        assert "visit" in finding.told
        connection.execute("DROP FUNCTION own_merchant() CASCADE")
    finding = found(healthy, "walls", clock)
    assert finding.state == "warn"
    assert "GRANT zegel_office" in finding.remedy


def test_a_clock_that_is_behind(healthy: dict[str, str], scope: Scope, clock: FixedClock) -> None:
    clock.advance(minutes=-3)
    finding = found(healthy, "clock", clock)
    assert finding.state == "fail"
    assert "NTP" in finding.remedy


def test_a_clock_apart_from_the_servers(healthy: dict[str, str], settings: Settings, clock: FixedClock) -> None:
    if settings.is_sqlite:
        return
    clock.advance(seconds=30)
    assert found(healthy, "clock", clock).state == "warn"


def test_jobs_that_never_ran(healthy: dict[str, str], scope: Scope, clock: FixedClock) -> None:
    change(scope, "DELETE FROM job_run")
    assert found(healthy, "jobs", clock).state == "warn"
    live = {**healthy, "ZEGEL_ENV": "production", "PUBLIC_URL": "https://127.0.0.1:9"}
    assert found(live, "jobs", clock).state == "fail"


def test_jobs_that_are_late(healthy: dict[str, str], scope: Scope, clock: FixedClock) -> None:
    for name, age in {**{job.name: job.expected for job in JOBS}, OUTBOX: timedelta(minutes=5)}.items():
        change(
            scope,
            "UPDATE job_run SET started_at = :at, finished_at = :at WHERE name = :name",
            at=clock.now - age - timedelta(seconds=1),
            name=name,
        )
        finding = found(healthy, "jobs", clock)
        assert finding.state == "warn"
        assert name in finding.told
        change(scope, "UPDATE job_run SET started_at = :at, finished_at = :at", at=clock.now)


def test_jobs_that_failed(healthy: dict[str, str], scope: Scope, clock: FixedClock) -> None:
    change(scope, "UPDATE job_run SET error = 'no room' WHERE name = 'tidy'")
    finding = found(healthy, "jobs", clock)
    assert finding.state == "fail"
    assert "tidy (no room)" in finding.told


@pytest.mark.parametrize(("minutes", "state"), [(4, "ok"), (6, "warn"), (61, "fail")])
def test_what_waits_too_long(
    healthy: dict[str, str], scope: Scope, clock: FixedClock, minutes: int, state: str
) -> None:
    with scope.transaction() as tx:
        outbox.enqueue(tx, topic="mail", payload={}, now=clock.now - timedelta(minutes=minutes))
    assert found(healthy, "outbox", clock).state == state


def test_what_was_given_up(healthy: dict[str, str], scope: Scope, clock: FixedClock) -> None:
    with scope.transaction() as tx:
        outbox.enqueue(tx, topic="mail", payload={}, now=clock.now)
        (message,) = outbox.claim(tx, now=clock.now)
        outbox.fail(tx, message, error="no", now=clock.now, final=True)
    finding = found(healthy, "outbox", clock)
    assert finding.state == "warn"
    assert "zegel worker --retry" in finding.remedy


def test_webhooks(healthy: dict[str, str], scope: Scope, clock: FixedClock) -> None:
    merchant = dataclasses.replace(scope, merchant_id=make_shop(scope, points="1", name="Florist").merchant_id)
    assert merchant.merchant_id is not None
    endpoint = webhooks.add_endpoint(merchant, url="https://shop.example/", events=["visit.recorded"], reach=Reach())
    assert "1 endpoints" in found(healthy, "webhooks", clock).told
    with scope.transaction() as tx:
        webhooks.announce(tx, merchant_id=merchant.merchant_id, event="visit.recorded", data={}, now=clock.now)
        (message,) = outbox.claim(tx, now=clock.now)
    webhooks.fan_out(scope, message)
    ((delivery,),) = deliveries.claim(scope).values()
    deliveries.note(scope, delivery, deliveries.Outcome(deliveries.GONE, "gone"))
    finding = found(healthy, "webhooks", clock)
    assert finding.state == "warn"
    assert "1 deliveries failed" in finding.told
    assert "1 endpoints are off" in finding.told
    assert not webhooks.endpoints(merchant)[0].is_active
    assert endpoint.is_active
