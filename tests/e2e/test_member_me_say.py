"""What shops may know, invitations, ratings, her own data, and every page of Me for everybody."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from app.campaigns import service as campaigns
from app.merchants import service as merchants
from tests.e2e.live import Live
from tests.e2e.member import Phone
from tests.e2e.member_steps import agree, have_points, number_of, scanned, secure_by_mail, set_brake, settled
from tests.e2e.test_access import complaints
from tests.e2e.till import Till

OpenPhone = Callable[..., Phone]
DISCOUNT = "5 euro off"
PAGES = (
    "me",
    "me/secure",
    "me/profile",
    "me/cards",
    "me/lost",
    "me/phones",
    "me/move",
    "me/brakes",
    "me/requests",
    "me/sharing",
    "me/sharing/log",
    "me/messages",
    "me/message-settings",
    "me/invite",
    "me/feedback",
    "me/data",
    "me/record",
    "me/erase",
    "me/about",
)
LOOKS = ({"color_scheme": "light"}, {"color_scheme": "dark", "locale": "de-DE"})
WIDE = "() => document.documentElement.scrollWidth"


def test_a_yes_is_kept_with_the_words_that_were_shown_and_taken_back_as_easily(phone: Phone, live: Live) -> None:
    number = phone.begin()
    till = Till.of(live, live.bakery)
    till.visit(number)
    phone.go("me/sharing")
    expect(phone.page.get_by_text("No costs you nothing")).to_be_visible()
    phone.page.locator("summary", has_text="Bakkerij Korst").click()
    words = "Bakkerij Korst may mail me news and offers."
    switch = phone.page.get_by_role("switch", name=words)
    expect(switch).not_to_be_checked()
    switch.check()
    expect(phone.page.locator("summary small")).to_have_text("mail")
    assert live.booked("consent_event", channel="email", wording=words, is_given=1, how="app") == 1
    switch.uncheck()
    expect(phone.page.locator("summary small")).to_have_text("Nothing beyond your visits")
    assert live.booked("consent_event", channel="email", wording=words, is_given=0) == 1
    phone.page.get_by_role("switch", name="Bakkerij Korst may see my name").check()
    phone.press("Take everything back")
    expect(phone.page.get_by_role("switch", name="Bakkerij Korst may see my name")).not_to_be_checked()
    phone.follow("What I said, and when")
    expect(phone.page.locator(".log li")).to_have_count(4)
    expect(phone.page.locator(".log .no")).to_have_count(2)
    expect(phone.page.locator(".log li").last).to_contain_text(words)
    assert till.visit(number)["earned"][0]["units"] == 1


def test_an_invitation_brings_both_something(open_phone: OpenPhone, phone: Phone, live: Live) -> None:
    merchants.set_invitation_gifts(live.scope, live.bakery.merchant_id, inviter=2, invited=1)
    till = Till.of(live, live.bakery)
    till.visit(phone.begin())
    phone.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live.url)
    phone.go("me/invite")
    invite = phone.page.locator(".invite")
    expect(invite).to_contain_text("2 stamps")
    expect(invite).to_contain_text("Nobody has come by it yet")
    phone.page.evaluate(
        "() => { navigator.canShare = () => true; navigator.share = async told => { window.shared = told; }; }"
    )
    phone.press("Send the link")
    phone.page.wait_for_function("() => window.shared")
    url = re.search(r"http\S+", phone.page.evaluate("() => window.shared.text"))
    assert url
    friend = open_phone(live)
    friend.open(url[0].removeprefix(live.url))
    friend.press("Accept")
    friend.shows("card")
    till.visit(friend.number)
    live.deliver()
    assert till.scan(friend.number)["accounts"][0]["balance"] == 2
    assert till.scan(number_of(phone))["accounts"][0]["balance"] == 3
    phone.go("me/invite")
    expect(phone.page.locator(".invite")).to_contain_text("1 accepted, 1 have come")


def test_one_touch_says_how_it_was_and_the_shop_answers(phone: Phone, live: Live) -> None:
    till = Till.of(live, live.bakery)
    till.visit(phone.begin())
    phone.go("me/messages")
    card = phone.page.locator(".rating")
    expect(card).to_contain_text("How was it at Bakkerij Korst?")
    card.get_by_role("button", name="9", exact=True).click()
    expect(card).to_contain_text("The shop has your 9.")
    assert live.booked("feedback", score=9) == 1
    card.get_by_label("Do you want to say why?").fill("Warm bread.")
    phone.press("Send")
    expect(card).to_have_count(0)
    with live.scope.reading() as tx:
        feedback_id = str(tx.session.scalar(text("SELECT id FROM feedback WHERE score = 9")))
    owner = replace(
        live.scope,
        merchant_id=live.bakery.merchant_id,
        location_id=live.bakery.location_id,
        staff_role="owner",
    )
    campaigns.answer_feedback(owner, feedback_id=feedback_id, words="Come back soon!")
    live.deliver()
    phone.go("me/feedback")
    told = phone.page.locator(".told")
    expect(told).to_contain_text("You gave 9 of 10")
    expect(told).to_contain_text("Warm bread.")
    expect(told).to_contain_text("Come back soon!")
    # Not asked again in this quarter.
    till.visit(number_of(phone))
    phone.go("me/feedback")
    expect(told).to_have_count(1)
    expect(card).to_have_count(0)


def test_her_record_is_read_and_taken_along(phone: Phone, live: Live) -> None:
    have_points(phone, live)
    phone.go("me/record")
    phone.page.locator("summary", has_text=re.compile("^Visits")).click()
    visit = phone.page.locator(".record-row").filter(has_text="Card number").last
    expect(visit).to_contain_text("Boekhandel Kantlijn")
    expect(visit).to_contain_text("€230")
    phone.go("me/data")
    with phone.page.expect_download() as download:
        phone.press("Download as a file (JSON)")
    record = json.loads(Path(download.value.path()).read_text())
    assert download.value.suggested_filename == "zegel.json"
    assert len(record["visits"]) == 1
    assert record["profile"]["email"] is None


def test_signing_out_is_held_up_where_the_card_would_be_lost(phone: Phone, live: Live) -> None:
    number = phone.begin()
    phone.go("me/data")
    phone.press("Sign out")
    expect(phone.page.locator(".note.seal")).to_contain_text("your card and all that is on it are gone")
    expect(phone.page.get_by_role("link", name="Make it safe")).to_be_visible()
    phone.press("Sign out all the same")
    agree(phone, "Stay signed in")
    assert number_of(phone) == number
    secure_by_mail(phone)
    phone.go("me/data")
    phone.press("Sign out")
    agree(phone, "Sign out")
    phone.shows("begin")
    assert phone.page.evaluate("async () => (await indexedDB.databases()).length") <= 1
    assert live.booked("member") == 1


def test_erasing_herself_asks_for_a_word_and_happens_at_once(phone: Phone, live: Live) -> None:
    till = have_points(phone, live)
    secure_by_mail(phone)
    live.deliver()
    phone.go("me/erase")
    expect(phone.page.locator(".told-list")).to_contain_text("690 points")
    expect(phone.page.get_by_text("Nothing in them says that it was you")).to_be_visible()
    phone.type("Type the word", "yes")
    phone.press("Erase me for good")
    expect(phone.page.get_by_text("Type exactly “erase”")).to_be_visible()
    assert live.booked("member", status="erased") == 0
    number = number_of(phone)
    phone.go("me/erase")
    phone.type("Type the word", "Erase")
    phone.press("Erase me for good")
    phone.shows("begin")
    assert live.booked("member", status="erased") == 1
    assert till.refusal(number) == "card_blocked"
    assert live.booked("visit") == 1


def test_another_language_holds_for_mails_too(phone: Phone, live: Live) -> None:
    phone.begin()
    phone.go("me")
    with phone.page.expect_response(lambda answer: answer.request.method == "PATCH"):
        phone.page.get_by_label("Language").select_option("nl")
    expect(phone.page.get_by_text("Je kaart staat alleen op deze telefoon")).to_be_visible()
    expect(phone.page.locator("html")).to_have_attribute("lang", "nl")
    phone.page.reload()
    expect(phone.page.get_by_text("Je kaart staat alleen op deze telefoon")).to_be_visible()
    assert live.booked("member", locale="nl") == 1


@pytest.mark.parametrize("look", LOOKS, ids=("light", "dark-german"))
def test_every_page_passes_axe_and_fits(open_phone: OpenPhone, live: Live, look: dict[str, str]) -> None:
    phone = open_phone(live, **look)
    till = have_points(phone, live)
    Till.of(live, live.bakery).visit(phone.number)
    merchants.set_invitation_gifts(live.scope, live.bakery.merchant_id, inviter=2, invited=1)
    set_brake(phone, "ask_above", "2")
    till.redeem(scanned(phone, till), DISCOUNT)
    expect(phone.page.locator("dialog.asking")).to_be_visible()
    assert complaints(phone.page) == []
    phone.page.locator("dialog.asking .b.go").click()
    live.deliver()
    for path in PAGES:
        phone.go(path)
        phone.shows(path)
        settled(phone)
        for closed in phone.page.locator("#stage details:not([open]) > summary").all()[:1]:
            closed.click()
        assert complaints(phone.page) == [], path
        assert phone.page.evaluate(WIDE) <= 360, path
        phone.page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
        assert phone.page.evaluate(WIDE) <= 360, f"{path} in large text"
        phone.page.evaluate("() => { document.documentElement.style.fontSize = ''; }")
    phone.go("me/cards")
    phone.page.locator(".card-row").first.click()
    phone.shows("me/cards/:id")
    settled(phone)
    assert complaints(phone.page) == []
