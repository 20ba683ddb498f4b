"""The doctor on what is kept: keys, backups, drills, anchors."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli.backups import making
from app.cli.doctor.findings import ago
from app.common.scope import Scope
from app.ledger import anchors
from tests.clocks import FixedClock
from tests.factories import make_holder
from tests.integration.cli.doctor.patient import KEY, change, found


@pytest.mark.parametrize("name", ["LEDGER_KEY", "DATA_KEY"])
def test_another_key_under_the_same_id(healthy: dict[str, str], scope: Scope, clock: FixedClock, name: str) -> None:
    from app.cards.data_keys import data_keys
    from app.cards.personal_data import new_data_key, wrap_data_key

    holder = make_holder(scope)
    wrapped = wrap_data_key(data_keys(scope.keys.data), holder.member_id, new_data_key())
    change(scope, "DELETE FROM member_key")
    statement = "INSERT INTO member_key (member_id, wrapped) VALUES (:id, :wrapped)"
    change(scope, statement, id=holder.member_id, wrapped=wrapped)
    finding = found({**healthy, name: KEY}, "key-ids", clock)
    assert finding.state == "fail"
    assert f"{name} k1: another key has that id" in finding.told


def test_an_old_key_that_is_still_needed_is_told(healthy: dict[str, str], clock: FixedClock) -> None:
    turned = {**healthy, "LEDGER_KEY": f"{KEY.replace('k1:', 'k2:')},{healthy['LEDGER_KEY']}"}
    finding = found(turned, "key-ids", clock)
    assert finding.state == "ok"
    assert finding.told.endswith("Still needed: LEDGER_KEY k1.")
    spare = {**healthy, "LEDGER_KEY": f"{healthy['LEDGER_KEY']},{KEY.replace('k1:', 'k0:')}"}
    assert "Still needed" not in found(spare, "key-ids", clock).told


def test_a_backup_that_is_damaged(healthy: dict[str, str], clock: FixedClock) -> None:
    file = Path(healthy["ZEGEL_VAR"]) / "backup.zegel"
    assert "It is whole." in found(healthy, "backup", clock).told
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    largest = max(parts, key=lambda name: len(parts[name]))
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content[:-1] + bytes([content[-1] ^ 1]) if name == largest else content)
    finding = found(healthy, "backup", clock)
    assert (finding.state, "of no use" in finding.told) == ("fail", True)
    file.write_bytes(b"cut")
    assert found(healthy, "backup", clock).state == "fail"
    file.unlink()
    assert "moved since" in found(healthy, "backup", clock).told


def test_a_drill_that_is_due(healthy: dict[str, str], clock: FixedClock) -> None:
    live = {**healthy, "ZEGEL_ENV": "production", "PUBLIC_URL": "https://127.0.0.1:9"}
    assert found(live, "drill", clock).state == "ok"
    clock.advance(days=36)
    assert found(live, "drill", clock).state == "warn"
    (Path(healthy["ZEGEL_VAR"]) / making.DRILL).unlink()
    assert found(live, "drill", clock).state == "warn"
    assert found(healthy, "drill", clock).state == "ok"


@pytest.mark.parametrize(("hours", "state"), [(25, "ok"), (27, "warn"), (24 * 8, "warn")])
def test_a_backup_that_is_old(healthy: dict[str, str], clock: FixedClock, hours: int, state: str) -> None:
    clock.advance(hours=hours)
    assert found(healthy, "backup", clock).state == state


def test_a_backup_that_was_never_made(healthy: dict[str, str], clock: FixedClock) -> None:
    note = Path(healthy["ZEGEL_VAR"]) / making.LAST
    live = {**healthy, "ZEGEL_ENV": "production", "PUBLIC_URL": "https://127.0.0.1:9"}
    clock.advance(days=8)
    assert found(live, "backup", clock).state == "fail"
    note.write_text("{")
    assert found(healthy, "backup", clock).state == "warn"
    note.unlink()
    assert found(healthy, "backup", clock).state == "warn"
    assert found(live, "backup", clock).state == "fail"


def test_anchors(healthy: dict[str, str], clock: FixedClock) -> None:
    folder = anchors.folder_of(Path(healthy["ZEGEL_VAR"]), healthy["DATABASE_URL"])
    clock.advance(days=3)
    assert found(healthy, "anchors", clock).state == "warn"
    (path,) = folder.iterdir()
    path.write_bytes(b"")
    assert found(healthy, "anchors", clock).state == "fail"
    path.unlink()
    assert found(healthy, "anchors", clock).state == "warn"


def test_how_long_ago_is_told_for_people() -> None:
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert ago(now, now) == "just now"
    assert ago(now - timedelta(hours=1), now) == "1 hour ago"
    assert ago(now - timedelta(days=3, hours=5), now) == "3 days ago"


def test_on_the_command_line(healthy: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from app.cli.commands import zegel

    for name, value in healthy.items():
        monkeypatch.setenv(name, value)
    well = CliRunner().invoke(zegel, ["doctor", "--json"])
    assert well.exit_code == 0, well.output
    told = json.loads(well.stdout)
    assert told["ok"] is True
    assert {"check", "state", "told", "remedy"} == set(told["checks"][0])
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:9")
    unwell = CliRunner().invoke(zegel, ["doctor"])
    assert unwell.exit_code == 1
    assert "Check SMTP_URL and the server." in unwell.stdout
