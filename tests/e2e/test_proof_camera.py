"""What must hold at the counter, by camera alone: a whole card from the first stamp to the undone reward, and a copied
code that is dead. The camera looks at generated pictures; what it led to is read from the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from app.cards.codes import card_url
from app.cards.rotating import code_at
from tests.e2e import pictures
from tests.e2e.conftest import Tablet
from tests.e2e.live import Live


def _show(tablet: Tablet, picture: Path, *codes: str) -> None:
    """Hold codes before the camera: a camera that starts sees the newest picture."""
    pictures.still(picture, pictures.showing(*codes))
    tablet.page.reload()


def _rows(live: Live, sql: str) -> list[tuple[object, ...]]:
    with live.scope.transaction() as tx:
        return [tuple(row) for row in tx.session.execute(text(sql))]


def test_scan_earn_unlock_redeem_undo(bakers_tablet: Tablet, live: Live, picture: Path) -> None:
    phone = live.app_card()
    _show(bakers_tablet, picture, live.shown_by(phone))
    bakers_tablet.shows("purchase")
    for _ in range(9):
        bakers_tablet.press("One more")
    bakers_tablet.press("Give 10 stamps")
    bakers_tablet.shows("unlocked")
    assert _rows(live, "SELECT status, cost FROM voucher") == [("issued", 10)]
    assert _rows(live, "SELECT balance FROM account") == [(0,)]

    bakers_tablet.press("Hand it over now")
    bakers_tablet.shows("redeemed")
    expect(bakers_tablet.page.get_by_role("heading", name="A loaf of your choice")).to_be_visible()
    assert _rows(live, "SELECT status FROM voucher") == [("redeemed",)]

    # What was handed over by mistake is a voucher again.
    bakers_tablet.press("Undo")
    bakers_tablet.page.get_by_role("button", name="Wrong card").click()
    bakers_tablet.shows("undone")
    assert _rows(live, "SELECT status FROM voucher") == [("issued",)]
    kinds = _rows(live, "SELECT kind, reverses_id IS NOT NULL FROM ledger_transaction ORDER BY id")
    booked = [(kind, bool(undoes)) for kind, undoes in kinds]
    assert booked == [("earn", False), ("redeem", False), ("redeem", False), ("reverse", True)]
    # The full card cost ten stamps when it became a voucher; undoing the handing over gave none of them back.
    assert _rows(live, "SELECT balance, owed FROM account") == [(0, 0)]
    assert live.visits() == 1

    # And it can be handed over once more, once.
    [(voucher,)] = _rows(live, "SELECT code FROM voucher")
    for ends_with in ("redeemed", "refused"):
        _show(bakers_tablet, picture, str(voucher))
        bakers_tablet.shows("voucher")
        bakers_tablet.press("Redeem")
        bakers_tablet.shows(ends_with)
    assert _rows(live, "SELECT status FROM voucher") == [("redeemed",)]


def test_a_photographed_code_is_refused_when_it_is_old_and_the_second_time(
    bakers_tablet: Tablet, live: Live, picture: Path
) -> None:
    phone = live.app_card()
    # A picture taken 46 seconds ago: the code's own step and one after it are over.
    old = code_at(phone.secret, datetime.now(UTC) - timedelta(seconds=46))
    _show(bakers_tablet, picture, card_url(live.host, phone.number, old))
    bakers_tablet.shows("refused")
    expect(bakers_tablet.page.get_by_text("a picture does not work")).to_be_visible()

    copied = live.shown_by(phone)
    _show(bakers_tablet, picture, copied)
    bakers_tablet.shows("purchase")
    bakers_tablet.press("Give 1 stamp")
    bakers_tablet.shows("earned")
    assert live.visits() == 1
    _show(bakers_tablet, picture, copied)
    bakers_tablet.shows("refused")
    assert live.visits() == 1


@pytest.mark.parametrize("is_poster_first", [True, False])
def test_a_poster_that_stays_in_view_hides_no_card(
    is_poster_first: bool, bakers_tablet: Tablet, live: Live, picture: Path
) -> None:
    codes = ["HTTPS://BREWERY.EXAMPLE/MENU", live.shown_by(live.app_card())]
    _show(bakers_tablet, picture, *(codes if is_poster_first else reversed(codes)))
    bakers_tablet.shows("purchase")
