"""The ways to a card that somebody has already, and what becomes of the one on this phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Route, expect

from app.cards.rotating import code_at
from tests.e2e.conftest import Tablet
from tests.e2e.live import Live
from tests.e2e.member import Phone

OpenPhone = Callable[..., Phone]
FORGET_RECOVERY = """() => new Promise(done => {
  indexedDB.open("zegel-member").onsuccess = event => {
    const change = event.target.result.transaction("settings", "readwrite");
    change.objectStore("settings").delete("recovery_code");
    change.oncomplete = () => { event.target.result.close(); done(); };
  };
})"""


def test_a_session_that_is_over_leaves_the_card(phone: Phone, live: Live) -> None:
    number = phone.begin()
    secret = live.secret_of(number)
    phone.page.evaluate(FORGET_RECOVERY)
    live.end_sessions()
    phone.page.reload()
    assert phone.number == number
    expect(phone.page.get_by_text("This phone is signed out").first).to_be_visible()
    now = datetime.now(UTC)
    steps = (now - timedelta(seconds=15), now, now + timedelta(seconds=15))
    assert phone.code.rsplit("/", 1)[1] in {code_at(secret, step) for step in steps}
    phone.follow("Sign in")
    expect(phone.heading).to_have_text("Take your card here")


def test_an_answer_that_got_lost_costs_nothing(phone: Phone, live: Live) -> None:
    number = phone.begin()
    phone.page.wait_for_load_state("networkidle")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    # The token is used up at the service, and the next one never arrives.
    phone.page.route("**/auth/refresh", lose, times=1)
    with phone.page.expect_response("**/auth/recovery") as recovered:
        phone.page.reload()
        assert phone.number == number
        # It would ask again by itself, a little later.
        phone.page.evaluate("() => dispatchEvent(new Event('online'))")
    assert recovered.value.status == 200
    expect(phone.card).to_be_visible()
    expect(phone.page.get_by_text("This phone is signed out")).to_have_count(0)
    assert live.booked("member") == 1


def test_three_stamps_urge_to_secure_and_a_mailed_code_does(
    phone: Phone, open_phone: OpenPhone, bakers_tablet: Tablet, live: Live
) -> None:
    number = phone.begin()
    expect(phone.page.get_by_text("Keep this card safe")).to_have_count(0)
    bakers_tablet.stamp(phone.code, 3)
    expect(phone.page.get_by_text("Keep this card safe")).to_be_visible()
    phone.follow("Make it safe")
    phone.shows("me/secure")
    phone.type("E-mail address", "lotte@example.org")
    phone.press("Mail me the code")
    # Whoever goes to read the mail may find the app closed meanwhile.
    expect(phone.page.get_by_label("Six digits")).to_be_visible()
    phone.page.reload()
    phone.type("Six digits", "000000")
    phone.press("Check the code")
    expect(phone.page.get_by_text("That code is not right")).to_be_visible()
    phone.type("Six digits", phone.mailed_code("lotte@example.org"))
    phone.press("Check the code")
    expect(phone.page.get_by_text("Your card is safe")).to_be_visible()
    phone.go("card")
    assert phone.number == number
    expect(phone.page.get_by_text("Keep this card safe")).to_have_count(0)
    # On another phone, whose own card has earned: both become one.
    other = open_phone(live)
    other.begin()
    bakers_tablet.stamp(other.code, 2)
    other.go("begin/email")
    other.type("E-mail address", "lotte@example.org")
    other.press("Mail me the code")
    other.type("Six digits", other.mailed_code("lotte@example.org"))
    other.press("Check the code")
    expect(other.page.get_by_text("This came along")).to_be_visible()
    expect(other.page.get_by_text("2 stamps")).to_be_visible()
    assert live.booked("account", balance=5) == 1


def test_the_card_moves_along(phone: Phone, open_phone: OpenPhone, live: Live) -> None:
    number = phone.begin()
    phone.go("me/move")
    code = phone.page.locator(".secret b").inner_text()
    installed = open_phone(live)
    installed.page.add_init_script("navigator.standalone = true")
    installed.open()
    # An app on a home screen asks before it makes a second card.
    installed.shows("begin")
    assert live.booked("card", kind="digital") == 1
    installed.follow("I have a card already")
    installed.follow("In my browser")
    installed.type("Code of ten characters", code.lower().replace("-", " "))
    installed.press("Take my card here")
    assert installed.number == number
    # The old one says that its code is dead.
    phone.go("card")
    expect(phone.page.get_by_text("Another phone shows this card now")).to_be_visible()
    phone.press("Show it here again")
    expect(phone.page.get_by_text("Another phone shows this card now")).to_have_count(0)


def test_a_blocked_card_is_dead_and_helps_itself_to_no_other(phone: Phone, live: Live) -> None:
    number = phone.begin()
    live.block(number)
    phone.page.reload()
    expect(phone.page.get_by_text("This card was blocked or replaced")).to_be_visible()
    expect(phone.page.locator(".code[data-dead]")).to_be_visible()
    assert phone.number == number
    assert live.booked("card", kind="digital") == 1
    phone.press("Show another card here")
    expect(phone.page.locator(".code[data-dead]")).to_have_count(0)
    expect(phone.page.get_by_text("This card was blocked or replaced")).to_have_count(0)
    assert phone.number != number


def test_a_moves_address_is_enough_and_stays_nowhere(phone: Phone, open_phone: OpenPhone, live: Live) -> None:
    number = phone.begin()
    phone.go("me/move")
    code = phone.page.locator(".secret b").inner_text()
    other = open_phone(live)
    other.open(f"/#move={code}")
    other.shows("begin/:way")
    assert code not in other.page.url
    other.press("Take my card here")
    assert other.number == number
    # Once.
    third = open_phone(live)
    third.open(f"/#move={code}")
    third.press("Take my card here")
    expect(third.page.get_by_text("That code is not right")).to_be_visible()


def test_a_recovery_code_brings_the_card_back(phone: Phone, open_phone: OpenPhone, live: Live) -> None:
    number = phone.begin()
    phone.go("me/secure")
    phone.press("Show the code")
    code = phone.page.locator(".secret b").inner_text()
    other = open_phone(live)
    other.begin()
    other.go("begin/recovery")
    other.type("Recovery code", "wrong")
    other.press("Take my card back")
    expect(other.page.get_by_text("That code is not known")).to_be_visible()
    other.type("Recovery code", code)
    other.press("Take my card back")
    other.shows("card")
    expect(other.page.locator(f".code[data-code*='{number}']")).to_be_visible()


def test_a_passkey_brings_the_card_back(open_phone: OpenPhone, named: Live) -> None:
    phone = open_phone(named)
    session = phone.page.context.new_cdp_session(phone.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    number = phone.begin()
    phone.go("me/secure")
    phone.press("Make a passkey")
    expect(phone.page.get_by_text("Your card is safe")).to_be_visible()
    # Everything on the phone is lost, but for what its keychain keeps.
    phone.page.evaluate("() => indexedDB.deleteDatabase('zegel-member')")
    phone.open()
    expect(phone.card).to_be_visible()
    assert phone.number != number
    phone.follow("I have a card already")
    phone.follow("Secured with a passkey")
    phone.press("Use my passkey")
    phone.shows("card")
    phone.page.wait_for_function("async () => (await fetch('/api/v1/app')).ok")
    assert named.booked("member", status="claimed") == 1
