"""Through a shop's eyes: what an operator sees, and that nothing can be changed without the shop's consent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from app.backoffice.doors import COOKIE, DOORS
from app.common.errors import ForbiddenError, InvalidError, NotFoundError, ReadOnlyError
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.errors import ConsentMissingError
from app.merchants.models import ShopView
from app.rewards import service as rewards
from app.web.looking import LOOK_COOKIE
from tests.admin.desk import Desk, sit_down
from tests.admin.shops.eyes import REASON, Eyes, count_events, events, filled, login_of, look, methods, of_operator
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, visit
from tests.office.desk import Desk as OfficeDesk
from tests.office.desk import sit_down as sit_down_at_the_shop

# What an operator sees of a shop. Written by hand: a page that is added stands here, or is refused.
SEEN = {
    *("automations.list_automations", "automations.show_automation", "automations.run_dry"),
    *("automations.show_levels", "automations.list_people"),
    *("catalogue.list_rewards", "catalogue.add_reward", "catalogue.show_reward", "catalogue.give_reward"),
    *("catalogue.list_promotions", "catalogue.add_promotion", "catalogue.show_promotion"),
    *("members.list_members", "members.show_member", "members.correct_member", "members.undo_booking"),
    *("members.show_segments", "members.save_segment", "members.change_segment"),
    *("programme.show_programmes", "programme.make_programme", "programme.change_details", "programme.show_history"),
    *("programme.design", "programme.publish", "programme.show_simulation", "programme.show_affected"),
    *("campaigns.list_campaigns", "campaigns.new_campaign", "campaigns.change", "campaigns.show_campaign"),
    *("relations.show_relations", "relations.show_kind", "relations.list_dots", "relations.tell_member"),
    *("relations.name_groups", "relations.set_margin"),
    *("reports.today", "reports.now", "reports.live", "reports.show_reports", "reports.show_report"),
    *("reports.download_report", "reports.download_month", "reports.show_closings", "reports.show_letter"),
    *("setting_up.show_logo", "setting_up.show_help", "setting_up.show_first_steps", "setting_up.pair_tablet"),
    *("setting_up.show_printing", "setting_up.show_shop", "setting_up.edit_about", "setting_up.edit_counter"),
    *("setting_up.edit_gifts", "setting_up.add_location", "setting_up.edit_location"),
    *("subscription.show_subscription", "subscription.come_back", "subscription.electronic", "subscription.leave"),
    *("feedback.show_feedback", "feedback.list_notices", "feedback.write_notice", "feedback.change_notice"),
    *("feedback.show_notice", "feedback.print_note", "feedback.list_ideas"),
    *("clubs.show_club", "clubs.set_club", "clubs.write_event", "clubs.show_event", "clubs.change_event"),
    *("team.show_team", "team.show_device", "team.list_feedback", "team.show_audit"),
    "town_office.show_terms",
}
# What an operator may do with the shop's consent.
DONE = {
    *("catalogue.add_reward", "catalogue.preview_reward", "catalogue.show_reward", "catalogue.switch_reward"),
    *("catalogue.move_reward", "catalogue.set_picture", "catalogue.remove_picture", "catalogue.add_promotion"),
    *("catalogue.preview_promotion", "catalogue.show_promotion", "catalogue.stop_promotion", "catalogue.start_again"),
    *("members.save_segment", "members.change_segment", "members.drop_segment"),
    *("programme.make_programme", "programme.change_details", "programme.move_programme", "programme.open_programme"),
    *("programme.withdraw", "programme.design", "programme.preview", "programme.drop", "programme.publish"),
    *("programme.simulate", "programme.call_off"),
    *("reports.change_basket", "reports.add_closing", "reports.change_closing", "reports.remove_closing"),
    *("setting_up.settle_first_programme", "setting_up.edit_about", "setting_up.change_listing"),
    *("setting_up.edit_counter", "setting_up.edit_gifts", "setting_up.add_location", "setting_up.edit_location"),
}
ANYBODYS = {name for name, door in DOORS.items() if door.least == "anybody"}
END = "team.end_look"
NEVER = ("account.", "subscription.", "team.")


@dataclass
class House:
    shop: Shop
    support: Desk
    owner: OfficeDesk

    @property
    def own(self) -> Scope:
        """The scope of the shop's owner."""
        return replace(
            self.shop.scope, actor_kind="staff", actor_id=self.owner.staff_id, merchant_id=self.shop.merchant_id,
            staff_id=self.owner.staff_id, staff_role="owner",
        )  # fmt: skip


@pytest.fixture
def house(flask_app: Flask, scope: Scope) -> House:
    shop = make_shop(scope, name="Bakery", stamps=10)
    return House(
        shop,
        sit_down(flask_app, scope, {"support"}, name="Eva"),
        sit_down_at_the_shop(flask_app, scope, shop.merchant_id),
    )


def test_the_operator_gets_in_from_the_shops_page_and_out_by_the_banner(
    house: House, scope: Scope, clock: FixedClock
) -> None:
    browser = house.support.client
    answer = house.support.post(f"/shops/{house.shop.merchant_id}/look", {"reason": REASON, "mode": "read"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/office/{house.owner.slug}")
    page = browser.get(answer.headers["Location"])
    assert page.status_code == 200
    assert "Zegel looks at this page, read-only, until 13:30." in page.get_data(as_text=True)
    assert page.headers["Cache-Control"] == "no-store"
    begun = events(scope, house.shop.merchant_id, "look.begun")
    assert [(one.actor_kind, one.actor_id, one.after) for one in begun] == [
        ("operator", house.support.operator_id, {"mode": "read", "reason": REASON, "minutes": 30})
    ]
    told = house.owner.get("/team/audit").get_data(as_text=True)
    assert "Whoever runs Zegel looks in" in told
    assert REASON in told
    eyes = Eyes(browser, house.owner.slug)
    clock.advance(minutes=3)
    end = eyes.post("/team/look/end")
    assert (end.status_code, end.headers["Location"]) == (303, f"/admin/shops/{house.shop.merchant_id}")
    ended = events(scope, house.shop.merchant_id, "look.ended")
    assert [(one.actor_kind, one.actor_id, one.after) for one in ended] == [
        ("operator", house.support.operator_id, {"mode": "read", "ended_by": "left"})
    ]
    assert eyes.get("").headers["Location"].startswith("/account/sign-in")
    assert "Looking in ended" in house.owner.get("/team/audit").get_data(as_text=True)


def test_every_page_that_may_be_seen_has_the_banner(house: House, flask_app: Flask, scope: Scope) -> None:
    visit(house.shop.counter(), make_holder(scope))
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id)
    wrong = []
    for name in sorted(SEEN - {"reports.live"}):
        rule = DOORS[name].rule
        if "<" in rule.replace("<slug>", ""):
            continue
        answer = eyes.client.get(filled(rule, eyes.slug))
        is_page = answer.status_code == 200 and b"<html" in answer.data
        if answer.status_code not in (200, 302, 303) or (is_page and b"Zegel looks at this page" not in answer.data):
            wrong.append((name, answer.status_code))
    assert wrong == []


def test_a_look_that_reads_changes_nothing_by_any_route(house: House, flask_app: Flask, scope: Scope) -> None:
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id)
    token, before, wrong = eyes.token(), count_events(scope), []
    for name, door in DOORS.items():
        for method in methods(door.methods, is_safe=False):
            if name == END:
                continue
            answer = eyes.client.open(filled(door.rule, eyes.slug), method=method, data={"csrf_token": token})
            if answer.status_code != 403 or b"You only look here" not in answer.data:
                wrong.append((name, method, answer.status_code))
    assert wrong == []
    assert count_events(scope) == before


@pytest.mark.parametrize("mode", ["read", "act"])
def test_what_is_personal_or_not_the_shops_is_shut(house: House, flask_app: Flask, scope: Scope, mode: str) -> None:
    merchants.give_consent(house.own)
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id, mode)
    wrong = []
    for name, door in DOORS.items():
        if name in ANYBODYS or name == "reports.live":
            continue
        for method in methods(door.methods, is_safe=True):
            answer = eyes.client.open(filled(door.rule, eyes.slug), method=method)
            is_shut = answer.status_code == 403
            if is_shut is (name in SEEN) or answer.status_code >= 500:
                wrong.append((name, method, answer.status_code))
    assert wrong == []


def test_a_page_elsewhere_is_not_there(house: House, flask_app: Flask, scope: Scope) -> None:
    other = sit_down_at_the_shop(flask_app, scope, make_shop(scope, name="Other").merchant_id)
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id)
    assert eyes.client.get(f"/office/{other.slug}").status_code == 404
    # Not even with a sign-in of one's own beside it: who looks is an operator, and nobody else.
    eyes.client.set_cookie(COOKIE, merchants.open_session(scope, login_of(scope, other)).token)
    assert eyes.client.get(f"/office/{other.slug}").status_code == 404
    assert eyes.client.get("/account").status_code == 403


def test_the_scope_itself_refuses_to_write(house: House) -> None:
    reading = replace(house.own, is_read_only=True)
    for write in (
        lambda: reading.run(lambda tx: None),
        lambda: reading.run_single(lambda tx: None),
        lambda: reading.transaction().__enter__(),
        lambda: rewards.change_programme(reading, house.shop.programme_id, name="Other"),
    ):
        with pytest.raises(ReadOnlyError):
            write()


def test_a_look_sees_one_shop_by_the_database_too(house: House, scope: Scope) -> None:
    looking = replace(of_operator(scope, house.support.operator_id), merchant_id=house.shop.merchant_id, is_walled=True)
    assert looking.wall == house.shop.merchant_id
    assert replace(looking, is_walled=False).wall is None


def test_thirty_minutes_and_it_is_over(house: House, flask_app: Flask, scope: Scope, clock: FixedClock) -> None:
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id)
    clock.advance(minutes=29, seconds=59)
    assert eyes.get("").status_code == 200
    assert merchants.end_looks_over(scope) == 0
    clock.advance(seconds=1)
    assert eyes.get("").headers["Location"].startswith("/account/sign-in")
    assert merchants.end_looks_over(scope) == 1
    assert merchants.end_looks_over(scope) == 0, "it ends once"
    (ended,) = events(scope, house.shop.merchant_id, "look.ended")
    assert (ended.actor_kind, ended.after) == ("system", {"mode": "read", "ended_by": "time"})


def test_two_who_end_a_look_at_once_tell_it_once(house: House, scope: Scope, clock: FixedClock) -> None:
    operator = of_operator(scope, house.support.operator_id)
    together = Barrier(4)

    def end(_number: int) -> int:
        together.wait()
        return merchants.end_looks_over(replace(scope))

    for number in range(1, 6):
        clock.advance(minutes=15)
        merchants.begin_looking(operator, house.shop.merchant_id, mode="read", reason=REASON)
        clock.advance(minutes=30)
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(end, range(4))) == 1
        assert len(events(scope, house.shop.merchant_id, "look.ended")) == number


def test_a_look_ends_with_its_operators_access(house: House, flask_app: Flask, scope: Scope) -> None:
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id)
    assert eyes.get("").status_code == 200
    sit_down(flask_app, scope, {"administrator"})
    merchants.stop_operator(of_operator(scope, house.support.operator_id), house.support.operator_id)
    assert eyes.get("").status_code == 302


def test_who_signs_out_looks_no_more(house: House, flask_app: Flask, scope: Scope) -> None:
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id)
    house.support.post("/sign-out")
    assert eyes.get("").status_code == 302


def test_one_look_at_a_time(house: House, flask_app: Flask, scope: Scope) -> None:
    other = make_shop(scope, name="Other")
    first = look(flask_app, scope, house.support, house.shop.merchant_id)
    second = look(flask_app, scope, house.support, other.merchant_id)
    assert first.get("").status_code == 302
    assert second.get("").status_code == 200
    assert len(events(scope, house.shop.merchant_id, "look.ended")) == 1


def test_only_an_operator_looks_and_says_why(house: House, scope: Scope) -> None:
    with pytest.raises(ForbiddenError):
        merchants.begin_looking(house.own, house.shop.merchant_id, mode="read", reason=REASON)
    operator = of_operator(scope, house.support.operator_id)
    with pytest.raises(InvalidError):
        merchants.begin_looking(operator, house.shop.merchant_id, mode="read", reason=" ")
    with pytest.raises(InvalidError):
        merchants.begin_looking(operator, house.shop.merchant_id, mode="write", reason=REASON)
    with pytest.raises(NotFoundError):
        merchants.begin_looking(operator, house.support.operator_id, mode="read", reason=REASON)
    assert merchants.resume_looking(scope, "zg_see_nothing") is None
    assert merchants.end_looking(scope, "zg_see_nothing") is None


def test_acting_takes_the_shops_consent(house: House, scope: Scope, clock: FixedClock) -> None:
    path = f"/shops/{house.shop.merchant_id}"
    refused = house.support.post(f"{path}/look", {"reason": REASON, "mode": "act"})
    assert refused.status_code == 409
    assert "has not allowed Zegel to act" in refused.get_data(as_text=True)
    assert "Act for the shop" not in house.support.get(path).get_data(as_text=True)
    assert house.owner.post("/team/consent").status_code == 303
    (given,) = events(scope, house.shop.merchant_id, "consent.given")
    assert (given.actor_kind, given.actor_id) == ("staff", house.owner.staff_id)
    assert "Act for the shop" in house.support.get(path).get_data(as_text=True)
    accepted = house.support.post(f"{path}/look", {"reason": REASON, "mode": "act"})
    assert accepted.status_code == 303
    page = house.support.client.get(accepted.headers["Location"]).get_data(as_text=True)
    assert "Zegel acts for this shop with its consent, until 13:30." in page


def test_what_is_done_for_the_shop_is_told_as_the_operators(house: House, flask_app: Flask, scope: Scope) -> None:
    merchants.give_consent(house.own)
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id, "act")
    done = eyes.post("/closings", {"first_day": "2026-04-06", "last_day": "2026-04-10", "reason": "Easter"})
    assert done.status_code in (302, 303), done.get_data(as_text=True)
    (added,) = events(scope, house.shop.merchant_id, "closing.added")
    assert (added.actor_kind, added.actor_id) == ("operator", house.support.operator_id)
    trail = house.owner.get("/team/audit").get_data(as_text=True)
    assert "Closing days added" in trail
    assert "Whoever runs Zegel" in trail


def test_consent_never_opens_money_people_keys_or_leaving(house: House, flask_app: Flask, scope: Scope) -> None:
    merchants.give_consent(house.own)
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id, "act")
    token, before, wrong = eyes.token(), count_events(scope), []
    for name, door in DOORS.items():
        if name in DONE or name == END:
            continue
        for method in methods(door.methods, is_safe=False):
            answer = eyes.client.open(filled(door.rule, eyes.slug), method=method, data={"csrf_token": token})
            if answer.status_code != 403:
                wrong.append((name, method, answer.status_code))
    assert wrong == []
    assert count_events(scope) == before
    assert not [name for name in DONE if name.startswith(NEVER)]
    # Nor does acting lead to more acting.
    with pytest.raises(ForbiddenError):
        merchants.give_consent(replace(house.own, actor_kind="operator", actor_id=house.support.operator_id))


def test_what_may_be_done_is_not_refused(house: House, flask_app: Flask, scope: Scope) -> None:
    merchants.give_consent(house.own)
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id, "act")
    token, wrong = eyes.token(), []
    for name in sorted(DONE):
        for method in methods(DOORS[name].methods, is_safe=False):
            answer = eyes.client.open(filled(DOORS[name].rule, eyes.slug), method=method, data={"csrf_token": token})
            if answer.status_code == 403 or answer.status_code >= 500:
                wrong.append((name, method, answer.status_code))
    assert wrong == []


def test_taking_consent_back_puts_whoever_acts_out_at_once(house: House, flask_app: Flask, scope: Scope) -> None:
    merchants.give_consent(house.own)
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id, "act")
    reader = look(flask_app, scope, sit_down(flask_app, scope, {"support"}, name="Jan"), house.shop.merchant_id)
    assert eyes.get("").status_code == 200
    assert house.owner.post("/team/consent/withdraw").status_code == 303
    assert eyes.get("").status_code == 302
    assert reader.get("").status_code == 200, "who only looks needs no consent"
    assert [one.after for one in events(scope, house.shop.merchant_id, "look.ended", "consent.withdrawn")] == [
        {"mode": "act", "ended_by": "consent"},
        {"may_act": False},
    ]
    assert not merchants.withdraw_consent(house.own), "a repeat finds nothing"
    with pytest.raises(ConsentMissingError):
        look(flask_app, scope, house.support, house.shop.merchant_id, "act")


def test_a_look_that_acts_never_outlives_the_consent(
    house: House, flask_app: Flask, scope: Scope, clock: FixedClock
) -> None:
    until = merchants.give_consent(house.own)
    assert until == clock.now + timedelta(hours=24)
    clock.advance(hours=1)
    assert merchants.give_consent(house.own) == until, "a repeat changes nothing"
    clock.set(until - timedelta(minutes=10))
    desk = sit_down(flask_app, scope, {"support"}, name="Eva")
    opened = merchants.begin_looking(
        of_operator(scope, desk.operator_id), house.shop.merchant_id, mode="act", reason=REASON
    )
    assert opened.expires_at == until, "what the banner and the audit list say is true"
    eyes = look(flask_app, scope, desk, house.shop.merchant_id, "act")
    assert eyes.get("").status_code == 200
    clock.advance(minutes=10)
    assert eyes.get("").status_code == 302
    with pytest.raises(ConsentMissingError):
        look(flask_app, scope, desk, house.shop.merchant_id, "act")


def test_an_ended_consent_is_enough_to_stop_a_look_that_nobody_ended(
    house: House, flask_app: Flask, scope: Scope
) -> None:
    """The look is asked at each page for its consent, whatever became of its own row."""
    merchants.give_consent(house.own)
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id, "act")
    merchants.withdraw_consent(house.own)
    with scope.transaction() as tx:
        view = tx.session.scalars(select(ShopView)).one()
        view.ended_at = None
    assert eyes.get("").status_code == 302


def test_consent_is_the_owners_alone(house: House, flask_app: Flask, scope: Scope) -> None:
    manager = sit_down_at_the_shop(flask_app, scope, house.shop.merchant_id, "manager")
    assert manager.post("/team/consent").status_code == 403
    assert manager.post("/team/consent/withdraw").status_code == 403
    assert "Help from Zegel" not in manager.get("/team").get_data(as_text=True)
    assert "Help from Zegel" in house.owner.get("/team").get_data(as_text=True)
    assert house.owner.post("/team/look/end").status_code == 404, "the owner looks through nobody's eyes"


def test_a_look_without_its_forms_token_changes_nothing(house: House, flask_app: Flask, scope: Scope) -> None:
    eyes = look(flask_app, scope, house.support, house.shop.merchant_id)
    assert eyes.client.post(f"/office/{eyes.slug}/team/look/end").status_code == 400
    assert eyes.get("").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    answer = house.support.post(f"/shops/{house.shop.merchant_id}/look", {"reason": REASON, "mode": "read"})
    (cookie,) = [told for told in answer.headers.getlist("Set-Cookie") if told.startswith(LOOK_COOKIE)]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Max-Age=1800" in cookie
