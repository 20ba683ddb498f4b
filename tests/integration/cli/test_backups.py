"""Backups: consistent while the shop goes on, proved before they replace anything, refused when in doubt."""

import dataclasses
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from app.cli.backups import making, restoring
from app.cli.backups.manifest import BackupError, Manifest
from app.cli.backups.restoring import Restored
from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.keys import KeyRing
from app.common.scope import Scope
from app.common.sql import Statement
from app.ledger import anchors
from app.ledger.verifying import verify
from config import ROOT, Settings
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, visit
from tests.integration.cli.calling import caller, failed, told
from tests.integration.cli.damaging import alter_manifest, cut_off, flip, no_manifest, other_file, part_missing

VISITS = Statement("SELECT count(*) FROM visit")


def nothing(*_: Any) -> None:
    return


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return make_shop(scope, points="1")


@pytest.fixture
def holder(scope: Scope) -> Holder:
    return make_holder(scope)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.zegel"


@pytest.fixture(autouse=True)
def side_databases(database_url: str) -> Iterator[None]:
    """Drops what restores leave on the server."""
    yield
    if database_url.startswith("sqlite"):
        return
    name = make_url(database_url).database
    with making.connect_postgresql(database_url, "postgres") as server:
        found = server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{(name or '')[:40]}%",))
        for (other,) in found.fetchall():
            if other != name:
                server.execute(f'DROP DATABASE "{other}" WITH (FORCE)')


def back_up(settings: Settings, file: Path, clock: FixedClock, progress: Any = nothing) -> Manifest:
    return making.make(settings.database_url, file, settings.keys.ledger, now=clock(), progress=progress)


def restore(settings: Settings, file: Path, clock: FixedClock) -> Restored:
    return restoring.restore(settings.database_url, settings.var, settings.keys, file, now=clock(), progress=nothing)


def opened(settings: Settings, clock: FixedClock) -> Scope:
    """A scope on the database as it is now, on a new engine."""
    return Scope(Database(open_engine(settings.database_url)), settings.keys, clock=clock)


def visits(scope: Scope) -> int:
    with scope.reading() as tx:
        return int(tx.rows(VISITS, {})[0][0])


def test_what_was_backed_up_comes_back_and_what_came_later_does_not(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, holder: Holder, file: Path
) -> None:
    for _ in range(3):
        assert visit(shop.counter(), holder, amount_minor=500).ok
    manifest = back_up(settings, file, clock)
    assert manifest.counts["visit"] == 3
    assert file.stat().st_mode & 0o777 == 0o600
    clock.advance(minutes=1)
    assert visit(shop.counter(), holder, amount_minor=500).balance == 20
    scope.database.close()

    clock.advance(minutes=1)
    restored = restore(settings, file, clock)

    assert (restored.accounts, restored.transactions) == (1, 3)
    back = opened(settings, clock)
    try:
        assert visits(back) == 3
        assert verify(back).mismatches == []
        # The shop goes on from there, with the database's own guards in place.
        again = dataclasses.replace(shop, scope=back)
        assert visit(again.counter(), holder, amount_minor=500).balance == 20
        with pytest.raises(Exception, match=r"append-only|permission denied"), back.transaction() as tx:
            tx.run(Statement("DELETE FROM transfer"), {})
    finally:
        back.database.close()
    assert restored.former is not None


def test_a_backup_while_the_shop_goes_on_is_of_one_moment(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four tills book all the time; the copy must come to an end, hold whole visits only, and keep no till waiting."""
    monkeypatch.setattr(making, "_PAGES", 8)
    steps: list[int] = []
    ended = threading.Event()
    booked = [0] * 4

    def till(number: int) -> None:
        counter, card = shop.counter(), cards[number]
        while not ended.is_set():
            assert visit(counter, card, amount_minor=100).ok
            booked[number] += 1

    def slowly(*_: Any) -> None:
        steps.append(1)
        assert len(steps) < 200, "it began again with every booking"
        before = sum(booked)
        while sum(booked) < before + 3 and not ended.wait(0.001):
            pass

    cards = [make_holder(scope) for _ in booked]
    tills = [threading.Thread(target=till, args=(number,)) for number in range(4)]
    for each in tills:
        each.start()
    try:
        while sum(booked) < 20:
            ended.wait(0.01)
        manifest = back_up(settings, file, clock, slowly)
    finally:
        ended.set()
        for each in tills:
            each.join()
    scope.database.close()
    assert len(steps) > 10
    assert manifest.counts["visit"] == manifest.counts["ledger_transaction"] >= 20
    assert manifest.counts["visit"] < sum(booked)
    restored = restore(settings, file, clock)
    assert restored.transactions == manifest.counts["visit"]


def test_every_table_is_in_it(settings: Settings, clock: FixedClock, shop: Shop, file: Path) -> None:
    from app.tables import metadata

    assert set(metadata.tables) <= set(back_up(settings, file, clock).counts)


def test_it_is_refused_while_the_database_is_in_use(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, holder: Holder, file: Path
) -> None:
    back_up(settings, file, clock)
    assert visit(shop.counter(), holder, amount_minor=500).ok  # its connection stays in the pool
    with pytest.raises(BackupError, match="in use"):
        restore(settings, file, clock)
    assert visits(scope) == 1


def test_a_drill_proves_it_while_the_shop_goes_on_and_replaces_nothing(
    scope: Scope, environment: dict[str, str], settings: Settings, shop: Shop, holder: Holder, tmp_path: Path
) -> None:
    assert visit(shop.counter(), holder, amount_minor=500).ok
    zegel = caller(environment)
    for _ in range(2):
        made = told(zegel("backup", str(tmp_path), "--json"))
    assert visit(shop.counter(), holder, amount_minor=500).balance == 10  # its connection stays in the pool
    drilled = told(zegel("restore", str(tmp_path), "--drill", "--json"))
    assert drilled["drill"] == made["file"]
    assert (drilled["transactions"], drilled["accounts"]) == (1, 1)
    assert visits(scope) == 2
    note = json.loads((settings.var / making.DRILL).read_text())
    assert (note["file"], note["made_at"]) == (made["file"], made["made_at"])
    # It left nothing behind.
    if settings.is_sqlite:
        assert list(tmp_path.glob("*restoring*")) == []
    else:
        with making.connect_postgresql(settings.database_url, "postgres") as server:
            side = f"{make_url(settings.database_url).database}_restoring"
            assert server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (side,)).fetchone() is None
    cut_off(Path(made["file"]))
    assert failed(zegel("restore", str(tmp_path), "--drill")).endswith("Nothing was replaced.")


def test_old_backups_are_thinned_out_and_other_files_stay(
    environment: dict[str, str], shop: Shop, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    for name in ("zegel-20200101T000000.zip", "zegel-20200102T000000.zip", "zegel-precious.zip", "notes.txt"):
        (folder / name).touch()
    zegel = caller(environment)
    assert told(zegel("backup", str(folder), "--keep", "2", "--json"))["deleted"] == 1
    names = sorted(path.name for path in folder.iterdir())
    assert names[0] == "notes.txt"
    assert names[1] == "zegel-20200102T000000.zip"
    assert names[3] == "zegel-precious.zip"
    assert len(names) == 4
    refused = zegel("backup", str(folder / "x.zip"), "--keep", "2")
    assert refused.exit_code == 2
    assert "--keep is for a folder" in refused.stderr
    (tmp_path / "none").mkdir()
    assert "There is no backup" in failed(zegel("restore", str(tmp_path / "none")))


Damage = Callable[[Path], None]


@pytest.mark.parametrize("damage", [cut_off, flip, alter_manifest, no_manifest, part_missing, other_file])
def test_a_damaged_backup_replaces_nothing(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, holder: Holder, file: Path, damage: Damage
) -> None:
    assert visit(shop.counter(), holder, amount_minor=500).ok
    back_up(settings, file, clock)
    damage(file)
    scope.database.close()
    with pytest.raises(BackupError):
        restore(settings, file, clock)
    assert visits(scope) == 1
    assert verify(scope).mismatches == []


def test_a_ledger_that_was_tampered_with_before_the_backup_is_found(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, holder: Holder, file: Path
) -> None:
    assert visit(shop.counter(), holder, amount_minor=500).ok
    with scope.transaction() as tx:
        tx.run(Statement("UPDATE account SET balance = 500"), {})
    back_up(settings, file, clock)
    scope.database.close()
    with pytest.raises(BackupError, match="ledger differs"):
        restore(settings, file, clock)


def test_it_is_of_no_use_with_another_ledger_key(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, file: Path
) -> None:
    back_up(settings, file, clock)
    scope.database.close()
    other = KeyRing("k1", {"k1": bytes(range(100, 132))})
    stranger = dataclasses.replace(settings, keys=dataclasses.replace(settings.keys, ledger=other))
    with pytest.raises(BackupError, match="LEDGER_KEY"):
        restore(stranger, file, clock)


def test_the_keys_are_not_in_it(settings: Settings, clock: FixedClock, shop: Shop, file: Path) -> None:
    back_up(settings, file, clock)
    with zipfile.ZipFile(file) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    for ring in (settings.keys.secret, settings.keys.ledger, settings.keys.data):
        assert ring.current not in whole
        assert ring.current.hex().encode() not in whole


def test_a_backup_of_the_other_kind_of_database_is_told(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, file: Path, tmp_path: Path
) -> None:
    back_up(settings, file, clock)
    scope.database.close()
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    if settings.is_sqlite:
        url = "postgresql+psycopg://postgres@127.0.0.1:9/nowhere"
    with pytest.raises(BackupError, match="another kind"):
        restore(dataclasses.replace(settings, database_url=url), file, clock)


def test_anchors_of_its_time_must_agree_and_younger_ones_are_set_aside(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, holder: Holder, file: Path
) -> None:
    folder = anchors.folder_of(settings.var, settings.database_url)
    assert visit(shop.counter(), holder, amount_minor=500).ok
    anchors.write(scope, folder)
    clock.advance(days=1)
    back_up(settings, file, clock)
    clock.advance(days=1)
    assert visit(shop.counter(), holder, amount_minor=500).ok
    anchors.write(scope, folder)
    scope.database.close()
    clock.advance(minutes=1)
    restored = restore(settings, file, clock)
    assert restored.anchors_set_aside == 1
    back = opened(settings, clock)
    try:
        heads = anchors.read_heads(folder, settings.keys.ledger)
        assert heads
        assert verify(back, anchored=heads).mismatches == []
    finally:
        back.database.close()


def test_an_older_state_passed_off_as_newer_is_found_by_the_anchors(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, holder: Holder, file: Path
) -> None:
    assert visit(shop.counter(), holder, amount_minor=500).ok
    clock.advance(days=1)
    back_up(settings, file, clock)
    assert visit(shop.counter(), holder, amount_minor=500).ok
    clock.advance(seconds=-1)
    anchors.write(
        scope, anchors.folder_of(settings.var, settings.database_url)
    )  # knows the second visit, and says it is the older
    clock.advance(minutes=1)
    scope.database.close()
    with pytest.raises(BackupError, match="ledger differs"):
        restore(settings, file, clock)


def test_a_restore_into_nothing_makes_the_database(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, holder: Holder, file: Path, tmp_path: Path
) -> None:
    assert visit(shop.counter(), holder, amount_minor=500).ok
    back_up(settings, file, clock)
    scope.database.close()
    url = make_url(settings.database_url)
    fresh = str(tmp_path / "new" / "zegel.sqlite3") if settings.is_sqlite else f"{url.database}_new"
    moved = dataclasses.replace(settings, database_url=url.set(database=fresh).render_as_string(hide_password=False))
    restored = restore(moved, file, clock)
    assert restored.former is None
    back = opened(moved, clock)
    try:
        assert visits(back) == 1
    finally:
        back.database.close()


def test_a_backup_of_a_newer_version_is_refused(
    scope: Scope, settings: Settings, clock: FixedClock, shop: Shop, file: Path
) -> None:
    with scope.transaction() as tx:
        tx.run(Statement("UPDATE schema_version SET version_num = '9999'"), {})
    back_up(settings, file, clock)
    scope.database.close()
    with pytest.raises(BackupError, match="newer version"):
        restore(settings, file, clock)


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from app.cli import main; main()", *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_on_the_command_line(scope: Scope, environment: dict[str, str], shop: Shop, holder: Holder, file: Path) -> None:
    assert visit(shop.counter(), holder, amount_minor=500).ok
    scope.database.close()
    made = run(environment, "backup", str(file), "--json")
    assert made.returncode == 0, made.stderr
    facts = json.loads(made.stdout)
    assert (facts["transactions"], facts["accounts"]) == (1, 1)
    assert (Path(environment["ZEGEL_VAR"]) / making.LAST).exists()
    back = run(environment, "restore", str(file), "--json")
    assert back.returncode == 0, back.stderr
    assert json.loads(back.stdout)["transactions"] == 1
    other_file(file)
    refused = run(environment, "restore", str(file))
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.strip().endswith("Nothing was replaced.")
    assert "Traceback" not in refused.stderr
