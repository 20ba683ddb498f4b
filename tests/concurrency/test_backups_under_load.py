"""A backup while the tills go on: what comes back balances, and holds all that was acknowledged before it began."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.cli.backups import restoring
from app.cli.backups.making import connect_postgresql
from app.common.clock import system_clock
from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.scope import Scope
from config import Settings
from tests.concurrency.load import Load, Told, check
from tests.concurrency.serving import ROOT, Client, Server
from tests.factories import make_holder, make_shop


@dataclass(frozen=True)
class Taken:
    """A backup, what had been acknowledged when it began, and what had been when it ended."""

    file: Path
    before: Told
    after: int


def zegel(environment: dict[str, str], *arguments: str) -> str:
    """What a command printed that was run as from a terminal."""
    done = subprocess.run(
        [sys.executable, "-c", "from app.cli import main; main()", *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def take_under_load(environment: dict[str, str], server: Server, load: Load, folder: Path, rounds: int) -> list[Taken]:
    taken: list[Taken] = []

    def back_up() -> None:
        for number in range(rounds):
            grown = len(load.told) + 30
            while len(load.told) < grown:
                assert server.process is not None
                assert server.process.poll() is None
                threading.Event().wait(0.01)
            before = dict(load.told)  # whatever is answered from here on may be in it, or not
            file = folder / f"{number}.zegel"
            zegel(environment, "backup", str(file))
            taken.append(Taken(file, before, len(load.told)))

    load.run(server, 0, back_up)
    return taken


def with_each_restored(settings: Settings, taken: Taken, folder: Path, look: Callable[[Scope], None]) -> None:
    """Restore the backup to a scratch place, look at it there, and throw it away."""
    url = make_url(settings.database_url)
    place = str(folder / "scratch.sqlite3") if settings.is_sqlite else f"{url.database}_scratch"
    scratch = url.set(database=place).render_as_string(hide_password=False)
    restoring.restore(scratch, folder, settings.keys, taken.file, now=system_clock(), progress=lambda *_: None)
    database = Database(open_engine(scratch))
    try:
        look(Scope(database, settings.keys, clock=system_clock))
    finally:
        database.close()
        if settings.is_sqlite:
            Path(place).unlink()
        else:
            with connect_postgresql(settings.database_url, "postgres") as connection:
                connection.execute(f'DROP DATABASE "{place}" WITH (FORCE)')


def prove(
    environment: dict[str, str], scope: Scope, settings: Settings, folder: Path, seed: int, rounds: int
) -> list[Taken]:
    scope.clock = system_clock
    shop = make_shop(scope, points="1", reward={"cost": 5})
    holders = [make_holder(scope) for _ in range(6)]
    scope.database.close()
    server = Server(environment)
    server.start()
    load = Load(shop, holders, random.Random(seed))
    try:
        taken = take_under_load(environment, server, load, folder, rounds)
        drilled = json.loads(zegel(environment, "restore", str(taken[-1].file), "--drill", "--json"))
        client = Client(server.port, shop.token)
        for each in taken:
            with_each_restored(settings, each, folder, lambda restored, each=each: check(restored, each.before))
        # The service that was copied from went on all the time, and still does.
        assert drilled["transactions"] > 0
        key, (path, body) = next(iter(load.sent.items()))
        assert json.loads(client.post(path, body, key)[1]) == json.loads(load.told[key][1])
        client.close()
    finally:
        server.stop()
    check(dataclasses.replace(scope), load.told)
    return taken


def test_a_backup_under_load_holds_all_that_was_acknowledged_before_it(
    environment: dict[str, str], scope: Scope, settings: Settings, tmp_path: Path
) -> None:
    (taken,) = prove(environment, scope, settings, tmp_path, seed=1, rounds=1)
    assert len(taken.before) >= 30
    assert taken.after > len(taken.before), "nothing went on while it was taken"


@pytest.mark.prove
def test_many_backups_under_load(environment: dict[str, str], scope: Scope, settings: Settings, tmp_path: Path) -> None:
    seed = int(os.environ.get("PROVE_SEED") or int.from_bytes(os.urandom(4), "big"))
    rounds = int(os.environ.get("PROVE_BACKUPS", "20"))
    print(f"PROVE_SEED={seed} PROVE_BACKUPS={rounds}")
    taken = prove(environment, scope, settings, tmp_path, seed, rounds)
    during = sum(each.after - len(each.before) for each in taken)
    assert during > 0
    print(
        f"{rounds} backups, {len(taken[-1].before)} acknowledged before the last, none lost;"
        f" {during} acknowledged while they were taken"
    )
