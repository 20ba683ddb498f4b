"""The relationship map in a browser: lines dragged by mouse and moved by keys, groups counted along and kept, dots
that say who they are, the table one key away; by day and night, on desk and phone; and fifty thousand at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.insights.models import MemberValue
from app.rewards.service.shop_members import rebuild
from tests import shops
from tests.e2e.conftest import OpenPage
from tests.e2e.live import Live
from tests.e2e.test_office_reports import butcher, is_well_made, sign_in
from tests.factories import Holder, visit
from tests.office.relations.filling import fill_map

PLACES = ((12.0, 9000), (2.0, 8000), (15.0, 1000), (1.0, -300), (9.5, 5000))
CROWD = 50_000


def come(live: Live) -> list[str]:
    shop, scope = butcher(live), live.scope
    members = []
    for _ in PLACES:
        card = shops.plastic_card(scope)
        assert visit(shop.counter(), Holder(card.member_id, card.card_id, card.number), amount_minor=2500).ok
        members.append(card.member_id)
    rebuild(scope)
    fill_map(scope, shop.merchant_id, [(one, *where) for one, where in zip(members, PLACES, strict=True)])
    return members


@pytest.mark.parametrize("width", [1280, 390])
def test_lines_are_moved_and_the_groups_are_counted_along(open_page: OpenPage, live: Live, width: int) -> None:
    members = come(live)
    page = open_page(locale="en-GB", viewport={"width": width, "height": 900})
    address = sign_in(live, page)
    page.goto(f"{address}/relations")
    often, pays = page.locator(".map-line.visits"), page.locator(".map-line.profit")
    expect(often).to_have_attribute("aria-valuetext", "6 visits")
    is_well_made(page)
    # By keys, with its value told; kept a moment later, as it is by a form without scripts.
    often.focus()
    for _ in range(8):
        often.press("ArrowRight")
    expect(often).to_have_attribute("aria-valuetext", "10 visits")
    expect(page.locator('[data-count="friend"]')).to_have_text("1")
    expect(page.locator('[data-group="butterfly"] [data-members]')).to_have_text("2")
    expect(page.locator("use.dot-of.butterfly")).to_have_count(2)
    expect(page.locator(".lines-said")).to_contain_text("Kept.")
    with live.scope.reading() as tx:
        row = tx.session.get_one(MemberValue, (members[4], live.butcher.merchant_id))
        assert row.relationship == "butterfly"
    # By the pointer, down to nothing: whoever brings any profit is a friend or a butterfly.
    grip, plot = pays.bounding_box(), page.locator("[data-map]").bounding_box()
    assert grip is not None
    assert plot is not None
    page.mouse.move(grip["x"] + 40, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(grip["x"] + 40, plot["y"] + plot["height"] * 0.82, steps=6)
    expect(page.locator('[data-count="barnacle"]')).to_have_text("0")
    with page.expect_response(lambda answer: answer.url.endswith("/relations/lines")) as kept:
        page.mouse.up()
    assert kept.value.status == 200
    # Somebody is pointed at, walked to, and opened: by the end of her card where she shows no name.
    spot = page.locator(".map-spot")
    spot.focus()
    expect(spot.locator(".tip")).to_contain_text("€90, 14 visits")
    spot.press("ArrowLeft")
    expect(spot.locator(".tip")).to_contain_text("Card …")
    # The table, one key away.
    page.keyboard.press("t")
    expect(page.locator("details[data-table] table")).to_be_visible()
    is_well_made(page)
    page.get_by_role("button", name="Back to what the figures say").click()
    expect(often).to_have_attribute("aria-valuetext", "6 visits")
    spot.focus()
    with page.expect_navigation():
        spot.press("Enter")
    expect(page.get_by_role("heading", name="What this member is to you")).to_be_visible()
    is_well_made(page)


@pytest.mark.prove
def test_fifty_thousand_members_are_drawn_at_once(open_page: OpenPage, live: Live) -> None:
    come(live)
    page = open_page(locale="en-GB", viewport={"width": 1280, "height": 900})
    crowd = {
        "visits": [at * 7919 % 4000 for at in range(CROWD)],
        "profits": [at * 104_729 % 20_000 - 900 for at in range(CROWD)],
        "members": "AAAA" * (16 * CROWD // 3 + 1),
    }
    page.route("**/relations/dots", lambda route: route.fulfill(json=crowd))
    page.goto(f"{sign_in(live, page)}/relations")
    canvas = page.locator("[data-map] canvas")
    expect(canvas).to_be_visible()
    expect(page.locator("use.dot-of")).to_have_count(0)
    often = page.locator(".map-line.visits")
    often.focus()
    took = []
    for _ in range(12):
        often.press("ArrowRight")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        took.append(float(canvas.get_attribute("data-took") or "inf"))
    # The quickest, since a machine that runs other tests besides tells little of the rest.
    assert min(took) < 100, took
