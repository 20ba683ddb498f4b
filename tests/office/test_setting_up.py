"""A new shop's first steps, and the shop's own pages."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.backoffice.queries.first_steps import first_steps
from app.backoffice.queries.shop import own_shop
from app.backoffice.service.shop import change_shop, close_place, revision_of_shop
from app.backoffice.service.signing_up import NewShop, add_business
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.errors import SomebodyWasFasterError
from app.merchants.models import Location, Merchant
from app.rewards.queries import list_programmes
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import make_holder, make_shop, visit
from tests.office.desk import Desk, forms_in, sit_down

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z" fill="#123456"/></svg>'


@pytest.fixture
def desk(flask_app: Flask, scope: Scope) -> Desk:
    """The owner of a bakery that has just signed up."""
    first = make_shop(scope, name="Elsewhere")
    elsewhere = sit_down(flask_app, scope, first.merchant_id, "cashier")
    with scope.reading() as tx:
        login_id = str(tx.session.scalar(text("SELECT login_id FROM staff WHERE id = :id"), {"id": elsewhere.staff_id}))
    slug = add_business(scope, NewShop("Korst", "bakery", city="Gent"), login_id=login_id)
    with scope.reading() as tx:
        merchant_id = tx.session.query(Merchant.id).filter(Merchant.slug == slug).scalar()
    return Desk(elsewhere.client, slug, str(merchant_id), "")


def own(scope: Scope, desk: Desk) -> Scope:
    return replace(scope, actor_kind="staff", merchant_id=desk.merchant_id)


def fields_of(desk: Desk, path: str, **changes: Any) -> dict[str, Any]:
    """The form of a page that has a revision, as it is served, with some fields changed. Ticks and choices are not
    read from the page."""
    page = desk.get(path).get_data(as_text=True)
    found = next(form for form in forms_in(page) if "revision" in form)
    found.pop("csrf_token", None)
    return {**found, **changes}


def location_of(scope: Scope, desk: Desk) -> str:
    with scope.reading() as tx:
        query = text("SELECT id FROM location WHERE merchant_id = :id ORDER BY id")
        return str(tx.session.scalars(query, {"id": desk.merchant_id}).first())


# --- first steps ---


def test_the_sentence_of_the_programme_is_changed_where_it_stands(desk: Desk, scope: Scope) -> None:
    fields = fields_of(desk, "/welcome", cost="8", reward="Een taart", worth="12,50", minimum="")
    assert desk.post("/welcome/programme", fields).status_code == 303
    (programme,) = list_programmes(scope, desk.merchant_id)
    assert (programme.goal, programme.version) == (8, 2)
    assert "minimum" not in programme.rules
    full = programme.rewards[0] if programme.rewards[0].name == "Een taart" else programme.rewards[1]
    assert (full.name, full.cost, full.amount_minor) == ("Een taart", 8, 1250)
    assert full.reward_id == programme.full_card_reward_id
    assert dict(full.names) == {}, "what the template said in other languages is not what it is any more"
    assert first_steps(own(scope, desk)).has_programme


def test_a_goal_below_the_small_reward_takes_that_along(desk: Desk, scope: Scope) -> None:
    desk.post("/welcome/programme", fields_of(desk, "/welcome", cost="4"))
    (programme,) = list_programmes(scope, desk.merchant_id)
    assert sorted(one.cost for one in programme.rewards) == [2, 4]


def test_two_owners_say_how_it_works_and_the_second_is_told(desk: Desk, scope: Scope) -> None:
    mine, theirs = (fields_of(desk, "/welcome", cost=cost) for cost in ("8", "12"))
    assert desk.post("/welcome/programme", theirs).status_code == 303
    refused = desk.post("/welcome/programme", mine)
    assert refused.status_code == 409
    assert "Somebody changed this while you were at it" in refused.get_data(as_text=True)
    assert list_programmes(scope, desk.merchant_id)[0].goal == 12


def test_what_can_t_be_is_told_in_the_sentence(desk: Desk, scope: Scope) -> None:
    for name, wrong in {"cost": "0", "reward": "", "worth": "lots", "minimum": "-1"}.items():
        answer = desk.post("/welcome/programme", fields_of(desk, "/welcome", **{name: wrong}))
        assert answer.status_code == 422, name
    assert list_programmes(scope, desk.merchant_id)[0].version == 1


def test_the_tablet_comes_and_the_page_notices(desk: Desk, scope: Scope, clock: FixedClock) -> None:
    page = desk.post("/tablets/pair", {"location_id": location_of(scope, desk)}).get_data(as_text=True)
    code = re.search(r'pair-code">([0-9A-Z]{4}-[0-9A-Z]{4})<', page)
    watch = re.search(r'hx-get="([^"]+/tablets/pair/[0-9a-f]+)"', page)
    assert code is not None
    assert watch is not None
    assert code[1].replace("-", "") not in watch[1].upper(), "the address of the watched part is no secret"
    assert "Waiting for the tablet" in desk.get(watch[1]).get_data(as_text=True)
    merchants.pair_device(scope, code[1], "Counter tablet")
    told = desk.get(watch[1]).get_data(as_text=True)
    assert "Counter tablet scans at Korst now" in told
    assert "hx-get" not in told, "it stops asking"
    assert first_steps(own(scope, desk)).has_tablet
    other = re.search(r'hx-get="([^"]+)"', desk.post("/tablets/pair", {"location_id": location_of(scope, desk)}).text)
    assert other is not None
    clock.advance(minutes=15)
    assert "This code is over" in desk.get(other[1]).get_data(as_text=True)


def test_another_shop_s_code_and_location_are_not_there(desk: Desk, flask_app: Flask, scope: Scope) -> None:
    foreign = make_shop(scope, name="Other")
    theirs = sit_down(flask_app, scope, foreign.merchant_id, "owner")
    page = theirs.post("/tablets/pair", {"location_id": foreign.location_id}).text
    watch = re.search(r"/tablets/pair/([0-9a-f]+)\"", page)
    assert watch is not None
    assert desk.get(f"/tablets/pair/{watch[1]}").status_code == 404
    assert desk.get("/tablets/pair/nothing").status_code == 404
    assert desk.post("/tablets/pair", {"location_id": foreign.location_id}).status_code == 422
    assert desk.get(f"/locations/{foreign.location_id}").status_code == 404
    assert desk.post(f"/locations/{foreign.location_id}/close").status_code == 404


def test_the_steps_are_done_one_by_one_and_the_list_is_put_away(desk: Desk, scope: Scope) -> None:
    mine = own(scope, desk)
    assert (first_steps(mine).done, first_steps(mine).is_shown) == (0, True)
    merchants.add_staff(scope, desk.merchant_id, name="Bo", role="cashier", pin="4711")
    assert first_steps(mine).has_colleague
    device = merchants.create_key(scope, location_of(scope, desk), name="Till")
    shop = make_shop(scope, name="For its counter")
    counter = shop.counter(
        merchant_id=desk.merchant_id, location_id=location_of(scope, desk), device_id=device.device_id
    )
    assert visit(counter, make_holder(scope), amount_minor=900).ok
    assert first_steps(mine).has_visit
    assert "Next: say how your programme works" in desk.get("").get_data(as_text=True)
    assert desk.post("/welcome/hide").status_code == 303
    assert not first_steps(mine).is_shown


def test_cashiers_and_shops_that_did_not_sign_up_see_no_steps(flask_app: Flask, scope: Scope) -> None:
    shop = make_shop(scope)
    owner = sit_down(flask_app, scope, shop.merchant_id, "owner")
    assert "On the way" not in owner.get("").get_data(as_text=True)
    cashier = sit_down(flask_app, scope, shop.merchant_id, "cashier")
    assert "On the way" not in cashier.get("").get_data(as_text=True)
    assert cashier.get("/help").status_code == 200


# --- the shop's own pages ---


def about(desk: Desk, **changes: Any) -> dict[str, Any]:
    usual = {"category": "bakery", "sign": "bakery", "drawing": (io.BytesIO(), "")}
    return fields_of(desk, "/shop/about", **(usual | changes))


def test_name_words_and_colour_are_changed_and_the_sign_follows_the_colour(desk: Desk, scope: Scope) -> None:
    before = own_shop(scope, merchant_id=desk.merchant_id)
    answer = desk.post("/shop/about", about(desk, name="Het Korstje", hue="200", story_en="<b>Bread</b>", sign="cafe"))
    assert answer.status_code == 303, answer.text
    after = own_shop(scope, merchant_id=desk.merchant_id)
    assert (after.name, after.hue, after.story["en"]) == ("Het Korstje", 200, "<b>Bread</b>")
    assert after.logo_svg != before.logo_svg
    page = desk.get("/shop").get_data(as_text=True)
    assert "&lt;b&gt;Bread&lt;/b&gt;" in page
    assert "<b>Bread</b>" not in page


def test_a_drawing_of_plain_shapes_is_taken_and_stays(desk: Desk, scope: Scope) -> None:
    drawing = (io.BytesIO(SVG.encode()), "logo.svg")
    assert desk.post("/shop/about", {**about(desk), "drawing": drawing}).status_code == 303
    assert own_shop(scope, merchant_id=desk.merchant_id).logo_svg == SVG
    assert desk.post("/shop/about", {**about(desk, name="New name"), "sign": "own"}).status_code == 303
    assert own_shop(scope, merchant_id=desk.merchant_id).logo_svg == SVG, "the colour and the name leave it alone"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (SVG.replace("<path", "<script>alert(1)</script><path").encode(), 422),
        (SVG.replace("<path", '<path onclick="x()"').encode(), 422),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.encode(), 422),
        (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", 422),
        (b"<svg>" + b" " * 40_000 + b"</svg>", 422),
        (b"x" * 50_000_000, 303),
    ],
    ids=["script", "handler", "entity", "picture", "long", "fifty megabytes"],
)
def test_a_drawing_that_is_none_is_refused_and_nothing_is_stored(
    desk: Desk, scope: Scope, content: bytes, status: int
) -> None:
    before = own_shop(scope, merchant_id=desk.merchant_id)
    fields = {**about(desk, name="Not saved"), "drawing": (io.BytesIO(content), "logo.svg")}
    answer = desk.post("/shop/about", fields)
    assert answer.status_code == status, answer.text[:500]
    answer.request.input_stream.close()
    assert own_shop(scope, merchant_id=desk.merchant_id) == before
    if status == 303:
        assert "That is too large for a drawing" in desk.get("/shop/about").get_data(as_text=True)


def test_two_people_edit_the_shop_and_the_second_is_told_who_was_faster(
    desk: Desk, flask_app: Flask, scope: Scope
) -> None:
    manager = sit_down(flask_app, scope, desk.merchant_id, "manager")
    mine, theirs = about(desk, name="Mine"), about(manager, name="Theirs")
    assert manager.post("/shop/about", theirs).status_code == 303
    refused = desk.post("/shop/about", mine)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert "The manager was faster" in page
    assert 'value="Mine"' in page, "what was typed stands there still"
    assert own_shop(scope, merchant_id=desk.merchant_id).name == "Theirs"
    again = next(form for form in forms_in(page) if "revision" in form)
    assert again["revision"] != mine["revision"]
    told = about(desk, name="Mine", revision=again["revision"])
    assert desk.post("/shop/about", told).status_code == 303, "knowing that, it is saved"


def test_of_many_who_save_at_once_one_does(desk: Desk, scope: Scope) -> None:
    revision = revision_of_shop(own_shop(scope, merchant_id=desk.merchant_id))
    acts = [
        partial(change_shop, own(replace(scope), desk), {"name": f"Name {number}"}, revision=revision)
        for number in range(5)
    ]
    told = at_once(acts)
    assert sum(one is None for one in told) == 1, told
    assert sum(isinstance(one, SomebodyWasFasterError) for one in told) == 4, told


def test_extra_fields_of_the_shop_s_form_change_nothing(desk: Desk, scope: Scope) -> None:
    extra = {"approved_at": "2026-01-01", "status": "closed", "is_listed": "", "merchant_id": "x", "settings": "{}"}
    desk.post("/shop/about", {**about(desk, name="Named"), **extra})
    shop = own_shop(scope, merchant_id=desk.merchant_id)
    assert (shop.name, shop.status, shop.is_approved, shop.is_listed) == ("Named", "active", False, True)


def test_the_listing_the_counter_and_the_gifts_are_changed(desk: Desk, scope: Scope) -> None:
    assert desk.post("/shop/listing", fields_of(desk, "/shop")).status_code == 303
    assert not own_shop(scope, merchant_id=desk.merchant_id).is_listed
    ticks = {"sign_in": "y", "staff_approval": "y"}
    fields = fields_of(desk, "/shop/counter", lock_after="60", opening_units_most="", **ticks)
    assert desk.post("/shop/counter", fields).status_code == 303
    counter = own_shop(scope, merchant_id=desk.merchant_id).counter
    assert (counter.sign_in, counter.lock_after, counter.approves) == (True, 60, ("staff_approval",))
    assert not counter.cashier_approves
    none = fields_of(desk, "/shop/counter", lock_after="60")
    assert desk.post("/shop/counter", none).status_code == 422, "one way must be left"
    fields = fields_of(desk, "/shop/invitations", inviter="2", invited="1", most="5")
    assert desk.post("/shop/invitations", fields).status_code == 303
    gifts = own_shop(scope, merchant_id=desk.merchant_id).gifts
    assert gifts is not None
    assert (gifts.inviter, gifts.invited, gifts.most) == (2, 1, 5)


def test_a_place_s_address_and_hours(desk: Desk, scope: Scope) -> None:
    path = f"/locations/{location_of(scope, desk)}"
    hours = {"mon_1_from": "07:00", "mon_1_to": "12:30", "mon_2_from": "13:30", "mon_2_to": "00:00"}
    fields = fields_of(desk, path, lat="51.05", lon="3.72", closed_on_holidays="y", **hours)
    answer = desk.post(path, fields)
    assert answer.status_code == 303, answer.text
    with scope.reading() as tx:
        kept = tx.session.get_one(Location, location_of(scope, desk))
        assert kept.opening_hours == {
            "mon": [["07:00", "12:30"], ["13:30", "24:00"]],
            "closed_on_holidays": True,
        }
        assert (kept.lat, kept.lon) == (51.05, 3.72)
    served = fields_of(desk, path)
    assert (served["mon_2_to"], served["tue_1_from"]) == ("00:00", "")
    for wrong in ({"tue_1_from": "08:00"}, {"tue_1_from": "8 o'clock", "tue_1_to": "12:00"}):
        assert desk.post(path, fields_of(desk, path, **wrong)).status_code == 422, wrong
    overlap = {"wed_1_from": "08:00", "wed_1_to": "12:00", "wed_2_from": "11:00", "wed_2_to": "13:00"}
    assert "overlap" in desk.post(path, fields_of(desk, path, **overlap)).text


def test_special_days_survive_the_form_and_hours_it_can_t_show_are_left_alone(desk: Desk, scope: Scope) -> None:
    location_id = location_of(scope, desk)
    path = f"/locations/{location_id}"
    many = [["08:00", "09:00"], ["10:00", "11:00"], ["12:00", "13:00"]]
    merchants.change_location(scope, location_id, opening_hours={"dates": {"2026-12-24": [["08:00", "12:00"]]}})
    desk.post(path, fields_of(desk, path, mon_1_from="09:00", mon_1_to="17:00"))
    with scope.reading() as tx:
        kept = tx.session.get_one(Location, location_id).opening_hours
        assert kept == {"mon": [["09:00", "17:00"]], "dates": {"2026-12-24": [["08:00", "12:00"]]}}
    merchants.change_location(scope, location_id, opening_hours={"mon": many})
    desk.post(path, fields_of(desk, path, street="Nieuwstraat 1"))
    with scope.reading() as tx:
        assert tx.session.get_one(Location, location_id).opening_hours == {"mon": many}


def test_places_are_added_closed_and_opened_and_the_last_one_stays_open(desk: Desk, scope: Scope) -> None:
    first = location_of(scope, desk)
    assert desk.post(f"/locations/{first}/close").status_code == 303
    with scope.reading() as tx:
        opened = text("SELECT count(*) FROM location WHERE merchant_id = :id AND is_active")
        assert tx.session.scalar(opened, {"id": desk.merchant_id}) == 1, "the only one"
    assert desk.post("/locations/new", {"name": "Station", "city": "Gent"}).status_code == 303
    assert desk.post(f"/locations/{first}/close").status_code == 303
    with scope.reading() as tx:
        assert tx.session.scalar(text("SELECT is_active FROM location WHERE id = :id"), {"id": first}) in (False, 0)
    desk.post(f"/locations/{first}/open")
    with scope.reading() as tx:
        assert tx.session.scalar(text("SELECT is_active FROM location WHERE id = :id"), {"id": first}) in (True, 1)


def test_a_manager_of_one_place_sees_that_one_alone(flask_app: Flask, scope: Scope) -> None:
    shop = make_shop(scope)
    other = shop.another_location()
    manager = sit_down(flask_app, scope, shop.merchant_id, "manager", location_id=other.location_id)
    page = manager.get("/shop").get_data(as_text=True)
    assert "Station" in page
    assert "Main street" not in page
    assert manager.get(f"/locations/{shop.location_id}").status_code == 404
    assert manager.get(f"/locations/{other.location_id}").status_code == 200
    assert manager.post("/tablets/pair", {"location_id": shop.location_id}).status_code == 422
    assert manager.get("/shop/about").status_code == 403, "the whole business is not theirs to change"
    assert manager.post("/welcome/programme", {"cost": "3", "reward": "All of it"}).status_code in (403, 422)
    assert list_programmes(scope, shop.merchant_id)[0].version == 1


def test_where_a_poster_s_code_leads_anybody_reads_what_one_collects(desk: Desk, flask_app: Flask) -> None:
    stranger = flask_app.test_client()
    page = stranger.get(f"/join/{desk.slug}")
    assert page.status_code == 200
    assert "A loaf of your choice" in page.get_data(as_text=True)
    assert stranger.get("/join/no-such-shop").status_code == 404


def test_of_two_who_close_the_last_two_places_at_once_one_is_told(scope: Scope) -> None:
    shop = make_shop(scope, name="Bakery")
    other = merchants.add_location(scope, shop.merchant_id, city="Ghent")
    owner = replace(scope, actor_kind="staff", staff_role="owner", merchant_id=shop.merchant_id)
    answers = at_once([partial(close_place, replace(owner), one) for one in (shop.location_id, other)])
    assert sorted(type(one).__name__ for one in answers) == ["LastLocationError", "NoneType"], answers
    close_place(owner, other if answers[1] is None else shop.location_id)  # a second time changes nothing
