"""Me: how safe the card is, who she is to shops, her cards, and where she is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import expect
from sqlalchemy import text

from app.wallet import service as wallet
from tests.conftest import ENVIRONMENT
from tests.databases import SqliteTemplate
from tests.e2e.live import Live, serving
from tests.e2e.member import Phone
from tests.e2e.member_steps import ADDRESS, agree, move_here, secure_by_mail, sign_in_by_mail, with_passkeys
from tests.e2e.till import Till
from tests.signers import Signers

OpenPhone = Callable[..., Phone]
OTHER_ADDRESS = "lotte.new@example.org"


def test_a_card_on_one_phone_is_not_safe_and_then_it_is(phone: Phone) -> None:
    phone.begin()
    phone.go("me")
    expect(phone.page.locator(".safe.amber")).to_contain_text("Your card lives on this phone alone")
    expect(phone.page.locator(".safe li.on")).to_have_count(0)
    secure_by_mail(phone)
    phone.go("me")
    expect(phone.page.locator(".safe.leaf")).to_contain_text(f"A code to {ADDRESS} brings it back")
    expect(phone.page.locator(".safe li.on")).to_have_count(1)


def test_the_address_is_changed_and_the_old_one_is_told(phone: Phone, live: Live) -> None:
    phone.begin()
    secure_by_mail(phone)
    live.deliver()
    phone.go("me")
    phone.go("me/secure")
    phone.press("Change the address")
    secure_part = phone.page.locator(".secure-part", has_text="E-mail address").first
    secure_part.get_by_label("E-mail address").fill(OTHER_ADDRESS)
    phone.press("Mail me the code")
    expect(phone.page.get_by_label("Six digits")).to_be_visible()
    phone.type("Six digits", phone.mailed_code(OTHER_ADDRESS))
    phone.press("Check the code")
    expect(phone.page.get_by_text(f"A code to {OTHER_ADDRESS} brings")).to_be_visible()
    live.deliver()
    told = [path.read_text() for path in live.mails.glob("*.eml")]
    assert [mail for mail in told if f"To: {ADDRESS}" in mail and OTHER_ADDRESS not in mail.split("\n\n")[0]]


def test_passkeys_are_made_listed_and_removed(open_phone: OpenPhone, named: Live) -> None:
    phone = open_phone(named)
    with_passkeys(phone.page)
    phone.begin()
    phone.go("me/secure")
    phone.press("Make a passkey")
    expect(phone.page.get_by_text("Your passkey is made.")).to_be_visible()
    rows = phone.page.locator(".secure-part .phones li")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Not used yet")
    phone.go("me")
    expect(phone.page.locator(".safe.leaf")).to_contain_text("Your passkey brings it back")
    phone.go("me/secure")
    rows.get_by_role("button", name="Remove").click()
    agree(phone, "Remove")
    expect(phone.page.get_by_text("The passkey is removed.")).to_be_visible()
    expect(phone.page.get_by_role("button", name="Make a passkey")).to_be_visible()
    assert named.booked("passkey") == 0


def test_the_recovery_code_is_printed_alone(phone: Phone) -> None:
    phone.begin()
    phone.go("me/secure")
    phone.press("Show the code")
    code = phone.page.locator(".secret b").inner_text()
    phone.page.evaluate(
        "() => { window.print = () => { window.printed = document.querySelector('#slip').innerText; }; }"
    )
    phone.press("Print")
    phone.page.wait_for_function("code => window.printed?.includes(code)", arg=code)
    phone.page.emulate_media(media="print")
    expect(phone.page.locator("#slip")).to_be_visible()
    expect(phone.page.locator("#stage")).to_be_hidden()
    phone.page.emulate_media(media="screen")
    expect(phone.page.locator("#slip")).to_be_hidden()
    phone.press("I have written it down")
    expect(phone.page.locator(".secret")).to_have_count(0)
    phone.go("me")
    expect(phone.page.locator(".safe.amber li.on")).to_have_count(1)


def test_shops_see_a_name_only_where_she_lets_them(phone: Phone, live: Live) -> None:
    number = phone.begin()
    till = Till.of(live, live.bakery)
    phone.go("me/profile")
    phone.page.locator("#birth-day").fill("31")
    phone.page.locator("#birth-month").select_option("2")
    phone.page.locator("#name").fill("Lotte")
    phone.press("Save")
    expect(phone.page.get_by_text("That is no day.")).to_be_visible()
    phone.page.locator("#birth-day").fill("29")
    phone.press("Save")
    expect(phone.page.locator(".notice")).to_have_text("Saved.")
    assert till.scan(number)["member"]["display_name"] is None
    expect(phone.page.locator(".shop-sees")).to_contain_text("A card without a name")
    phone.page.get_by_role("switch", name="Shops may see my name").check()
    expect(phone.page.locator(".shop-sees")).to_contain_text("Your name: Lotte")
    assert till.scan(number)["member"]["display_name"] == "Lotte"
    phone.page.reload()
    phone.shows("me/profile")
    expect(phone.page.locator("#birth-day")).to_have_value("29")
    expect(phone.page.locator("#birth-year")).to_have_value("")


def test_a_printed_card_comes_along_and_can_be_let_go_again(phone: Phone, live: Live) -> None:
    till = Till.of(live, live.bakery)
    own = phone.begin()
    till.visit(own, units=2)
    printed = live.plastic_card()
    till.visit(printed.number, units=3)
    phone.go("me/cards")
    phone.follow("Add a printed card")
    phone.type("Card number", printed.number)
    phone.press("Put it in my app")
    phone.press("Put it in my app")
    phone.type("The code under the scratch field", printed.claim_code)
    phone.press("Put it in my app")
    expect(phone.page.get_by_role("heading", name="It is yours", exact=True)).to_be_visible()
    assert till.scan(own)["accounts"][0]["balance"] == 5
    phone.go("me/cards")
    expect(phone.page.locator(".cards li")).to_have_count(2)
    phone.press("Undo")
    agree(phone, "Undo")
    expect(phone.page.locator(".cards li")).to_have_count(1)
    expect(phone.page.get_by_text("Taken apart again")).to_be_visible()
    assert till.scan(own)["accounts"][0]["balance"] == 2
    assert till.scan(printed.number)["accounts"][0]["balance"] == 3


def test_a_printed_cards_pin_redeems_until_it_is_taken_away(phone: Phone, live: Live) -> None:
    phone.begin()
    printed = live.plastic_card()
    phone.go(f"claim/{printed.number}")
    phone.press("Put it in my app")
    expect(phone.page.get_by_role("heading", name="It is yours", exact=True)).to_be_visible()
    phone.go("me/cards")
    phone.page.locator(".card-row", has_text="Printed").click()
    phone.type("Choose a PIN", "12")
    phone.press("Save")
    expect(phone.page.get_by_text("A PIN has four to eight digits.")).to_be_visible()
    phone.type("Choose a PIN", "7391")
    phone.press("Save")
    expect(phone.page.get_by_text("Printed, with a PIN")).to_be_visible()
    assert live.booked("card", number=printed.number) == 1
    phone.press("Take the PIN away")
    expect(phone.page.get_by_text("Printed, without a PIN")).to_be_visible()


def test_wallets_are_offered_only_where_their_passes_are_signed(
    open_phone: OpenPhone, phone: Phone, sqlite_template: SqliteTemplate, tmp_path: Path, signers_made: Signers
) -> None:
    phone.begin()
    phone.go("me/cards")
    phone.page.locator(".card-row").click()
    expect(phone.page.get_by_role("button", name="Block")).to_be_visible()
    expect(phone.page.get_by_role("button", name="Wallet")).to_have_count(0)
    folder = tmp_path / "signing"
    folder.mkdir()
    environment = {**ENVIRONMENT, **signers_made.environment}
    with sqlite_template.copy(folder) as url, serving(environment, url, folder) as signing:
        other = open_phone(signing)
        number = other.begin()
        other.go("me/cards")
        other.page.locator(".card-row").click()
        expect(other.page.get_by_role("button", name="Add to Google Wallet")).to_be_visible()
        with other.page.expect_download() as download:
            other.press("Add to Apple Wallet")
        with ZipFile(download.value.path()) as made:
            assert number in made.read("pass.json").decode()


def test_what_is_being_typed_stays_when_something_changes(phone: Phone, live: Live) -> None:
    till = Till.of(live, live.bakery)
    number = phone.begin()
    phone.go("me/brakes")
    amount = phone.page.locator("#daily_cap")
    amount.press_sequentially("7.5")
    # Her name is changed elsewhere, and a visit lets the app read everything again.
    with live.scope.reading() as tx:
        found = tx.session.scalar(text("SELECT member_id FROM card WHERE number = :number"), {"number": number})
    wallet.change_me(replace(live.scope, member_id=str(found)), changes={"name": "Lotte"})
    with phone.page.expect_response("**/api/v1/me"):
        till.visit(number)
        phone.page.dispatch_event("body", "pointerdown")
    expect(amount).to_have_value("7.5")
    amount.press("Enter")
    expect(phone.page.locator(".brake-set")).to_contain_text("At most €7.50 a day")


def test_blocking_asks_and_kills_at_once_and_nothing_is_lost(phone: Phone, live: Live) -> None:
    till = Till.of(live, live.bakery)
    old = phone.begin()
    till.visit(old, units=4)
    phone.go("me/cards")
    phone.page.locator(".card-row").first.click()
    phone.press("Block")
    sheet = phone.page.locator("dialog.sheet")
    expect(sheet).to_contain_text("can’t be undone")
    sheet.get_by_role("button", name="Cancel").click()
    assert till.scan(old)["accounts"][0]["balance"] == 4
    phone.press("Block")
    agree(phone, "Block")
    expect(phone.page.get_by_text(re.compile("^Blocked since"))).to_be_visible()
    assert till.refusal(old) == "card_blocked"
    phone.go("card")
    expect(phone.card).not_to_have_attribute("data-code", re.compile(old))
    assert till.scan(phone.number)["accounts"][0]["balance"] == 4


def test_a_replaced_card_is_dead_and_the_new_one_has_everything(phone: Phone, live: Live) -> None:
    till = Till.of(live, live.bakery)
    old = phone.begin()
    till.visit(old, units=4)
    phone.go("me/cards")
    phone.page.locator(".card-row").first.click()
    phone.press("Replace it by a new one in the app")
    agree(phone, "Replace")
    expect(phone.page.locator(".notice")).to_contain_text("This is your new card")
    expect(phone.page.locator(".big-card.active")).to_contain_text("On this phone")
    assert till.refusal(old) == "card_blocked"
    phone.go("card")
    expect(phone.card).not_to_have_attribute("data-code", re.compile(old))
    assert till.scan(phone.code)["accounts"][0]["balance"] == 4


def test_a_lost_phone_is_signed_out_and_its_code_dead(open_phone: OpenPhone, phone: Phone, live: Live) -> None:
    till = Till.of(live, live.bakery)
    number = phone.begin()
    till.visit(number, units=4)
    lost = open_phone(live)
    move_here(phone, lost)
    code = lost.code
    phone.go("me/lost")
    expect(phone.page.get_by_text("you are signed in on 1 other")).to_be_visible()
    phone.press("Sign the others out and block their cards")
    agree(phone, "Sign the others out and block their cards")
    expect(phone.page.get_by_text("Only this phone shows your card now.")).to_be_visible()
    status, answer = till.call("/scans", {"code": code})
    assert status == 409, answer
    lost.go("me/phones")
    expect(lost.page.locator(".notice")).to_contain_text("signed out")
    phone.go("card")
    expect(phone.card).to_be_visible()
    assert till.scan(phone.number)["accounts"][0]["balance"] == 4


def test_a_move_counts_down_and_is_over(phone: Phone) -> None:
    phone.begin()
    phone.page.clock.install()
    phone.go("me/move")
    expect(phone.page.locator(".move-left")).to_have_text(re.compile(r"^(10:00|9:5\d) left$"))
    code = phone.page.locator(".secret b").inner_text()
    # The service keeps the real time, and would put the phone's right.
    phone.offline()
    phone.page.clock.run_for(61_000)
    expect(phone.page.locator(".move-left")).to_have_text(re.compile(r"^8:\d\d left$"))
    phone.page.clock.run_for(600_000)
    expect(phone.page.get_by_text("The ten minutes are over")).to_be_visible()
    expect(phone.page.locator(".secret")).to_have_count(0)
    phone.offline(False)
    phone.press("Make a new code")
    expect(phone.page.locator(".secret b")).not_to_have_text(code)


def test_it_was_me_and_it_was_not_me(open_phone: OpenPhone, phone: Phone, live: Live) -> None:
    phone.begin()
    secure_by_mail(phone)
    other = open_phone(live)
    sign_in_by_mail(other)
    other.go("me/brakes")
    expect(other.page.locator(".waiting")).to_contain_text("can’t spend before")
    expect(other.page.locator(".waiting li")).to_have_count(3)
    phone.go("me/phones")
    row = phone.page.locator(".phones li", has_text="Signed in by a mailed code").last
    expect(row).to_contain_text("May not spend before")
    row.get_by_role("button", name="It was me").click()
    expect(phone.page.get_by_text("That phone may spend from now on.")).to_be_visible()
    other.page.reload()
    expect(other.page.get_by_role("switch", name="Nothing can be spent")).to_be_visible()
    expect(other.page.locator(".waiting")).to_have_count(0)
    phone.page.locator(".phones li:not(.this)").get_by_role("button", name="It was not me").click()
    agree(phone, "Sign it out")
    expect(phone.page.get_by_text("change the password of your mailbox")).to_be_visible()
    expect(phone.page.locator(".phones li")).to_have_count(1)
    other.go("me/phones")
    expect(other.page.locator(".notice")).to_contain_text("signed out")
