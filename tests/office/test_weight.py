"""That no page of the back office costs more as a shop grows. Counted is what SQLite's machine does for it, which is
the same on a busy day and on a quiet one; ``zegel bench --only office`` measures the time of a million visits, on both.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

import config
import mobile_api
from app.common.sql import Statement
from app.factory import create_app
from benchmarks.office.furnishing import SELLER
from benchmarks.office.measuring import Pair, make_pair
from tests.conftest import ENVIRONMENT
from tests.databases import SqliteTemplate

# The large shop has every visit of the small one twenty times over, of other members: as many days and hours were busy.
FEW, MANY = 1_500, 30_000
STEP = 100  # of the machine's instructions
# Below that it is the page's own doing: who asks, which shop, its settings.
LEAST = 300
# Looks through the members because somebody asks it to: tests/integration/campaigns has how long that takes.
ASKED_TO_LOOK = "automations.run_dry"


class Work:
    """Counts what the database does, in hundreds of instructions."""

    def __init__(self) -> None:
        self.steps = 0

    def watch(self, connection: Any, _: Any) -> None:
        connection.set_progress_handler(self._step, STEP)

    def _step(self) -> int:
        self.steps += 1
        return 0


@pytest.fixture(scope="module")
def town(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pair, Work]]:
    folder: Path = tmp_path_factory.mktemp("weight")
    with sqlite_template.copy(folder) as url:
        settings = config.load({**ENVIRONMENT, **SELLER, "ZEGEL_VAR": str(folder / "var"), "DATABASE_URL": url})
        flask_app: Flask = create_app(settings, mobile_api.init_app)
        flask_app.testing = True
        platform = flask_app.extensions["zegel"]
        work = Work()
        event.listen(platform.database.engine, "connect", work.watch)
        yield make_pair(flask_app, platform.scope(), folder, few=FEW, many=MANY, booked=FEW), work
        platform.database.close()


def test_a_page_of_a_shop_twenty_times_as_large_does_no_more(town: tuple[Pair, Work]) -> None:
    pair, work = town
    heavy, odd = {}, {}
    for page, path in pair.small.pages.items():
        counted = []
        for side, address in ((pair.small, path), (pair.large, pair.large.pages[page])):
            side.client.get(address)  # what is read once and kept
            work.steps = 0
            status = side.client.get(address).status_code
            counted.append(work.steps)
            if status != 200:
                odd[page] = status
        few, many = counted
        if many > 3 * max(few, LEAST) and not page.startswith(ASKED_TO_LOOK):
            heavy[page] = (few * STEP, many * STEP)
    assert odd == {}
    assert heavy == {}


def test_every_page_is_among_them(town: tuple[Pair, Work]) -> None:
    pair, _ = town
    assert pair.small.bare == pair.large.bare == []


def test_the_counting_sees_what_grows(town: tuple[Pair, Work]) -> None:
    pair, work = town
    counted = []
    for side in (pair.small, pair.large):
        work.steps = 0
        with pair.scope.reading() as tx:
            tx.rows(
                Statement("SELECT sum(amount_minor) FROM visit WHERE merchant_id = :id"), {"id": side.shop.merchant_id}
            )
        counted.append(work.steps)
    assert max(counted) > 3 * LEAST, "a page that reads all visits must stand out"
