"""The inbox, what comes by which way, and what is pushed."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import expect

from tests.e2e.live import Live
from tests.e2e.member import Phone
from tests.e2e.member_steps import have_points, scanned, secure_by_mail, settled

SUBSCRIBED = """() => {
  const key = new Uint8Array([4, ...crypto.getRandomValues(new Uint8Array(64))]);
  window.made = null;
  const made = (point) => ({
    endpoint: "https://push.example.com/x",
    unsubscribe: async () => { window.made = null; return true; },
    toJSON: () => ({ endpoint: "https://push.example.com/x", keys: { p256dh: point, auth: "AAAAAAAAAAAAAAAAAAAAAA" } }),
  });
  PushManager.prototype.getSubscription = async () => window.made;
  PushManager.prototype.subscribe = async (options) => {
    const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const text = btoa(String.fromCharCode(...raw)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
    window.asked = options;
    window.made = made(text);
    return window.made;
  };
}"""

DISCOUNT = "5 euro off"


def test_messages_are_new_once_and_lead_somewhere(phone: Phone, live: Live) -> None:
    till = have_points(phone, live)
    till.redeem(scanned(phone, till), DISCOUNT)
    live.deliver()
    phone.go("me")
    expect(phone.page.locator(".rows .mark")).to_have_text("1 new", timeout=15_000)
    phone.follow("Messages")
    message = phone.page.locator(".inbox li")
    expect(message).to_contain_text("Redeemed at Boekhandel Kantlijn")
    expect(message.locator(".mark")).to_be_visible()
    message.locator("a").click()
    phone.shows("activity")
    phone.go("me/messages")
    expect(message).to_be_visible()
    expect(message.locator(".mark")).to_have_count(0)
    phone.go("me")
    expect(phone.page.locator(".rows .mark")).to_have_count(0)


def test_what_comes_by_which_way_is_kept(phone: Phone) -> None:
    phone.begin()
    phone.go("me/message-settings")
    expect(phone.page.get_by_text("You have no e-mail address here")).to_be_visible()
    expect(phone.page.get_by_role("switch", name="A reward is ready, Mail")).to_be_disabled()
    push = phone.page.get_by_role("switch", name="A reward is ready, Push")
    push.uncheck()
    settled(phone)
    secure_by_mail(phone)
    phone.go("me/message-settings")
    expect(push).not_to_be_checked()
    changed = phone.page.get_by_role("switch", name="The address was changed, Mail")
    expect(changed).to_be_disabled()
    expect(changed).to_be_checked()
    expect(phone.page.get_by_role("switch", name="A new sign-in, Mail")).to_be_enabled()
    expect(phone.page.get_by_role("switch", name="Something was redeemed, Mail")).to_be_enabled()
    expect(phone.page.get_by_role("switch", name="A reward is ready, Mail")).to_be_enabled()


def test_a_phone_that_may_not_show_messages_says_how_to_allow_them(phone: Phone) -> None:
    phone.begin()
    phone.page.evaluate("() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
    phone.go("me/message-settings")
    expect(phone.page.locator(".note.amber")).to_contain_text("open the settings of the browser")


def test_a_push_service_that_does_not_answer_is_not_waited_for_for_ever(phone: Phone, live: Live) -> None:
    phone.page.context.grant_permissions(["notifications"], origin=live.url)
    phone.begin()
    phone.keep()
    phone.page.clock.install()
    phone.page.evaluate("() => { PushManager.prototype.subscribe = () => new Promise(() => {}); }")
    phone.go("me/message-settings")
    phone.press("Switch on")
    expect(phone.page.get_by_role("button", name="Asking the push service…")).to_be_visible()
    phone.page.clock.run_for(11_000)
    expect(phone.page.get_by_text("does not answer. Try again later")).to_be_visible()
    expect(phone.page.get_by_role("button", name="Switch on")).to_be_visible()


def test_this_phone_is_told_and_then_not_any_more(phone: Phone, live: Live) -> None:
    phone.page.context.grant_permissions(["notifications"], origin=live.url)
    phone.begin()
    phone.keep()
    # No push service can be reached from here: the browser's own part of it is played.
    phone.page.evaluate(SUBSCRIBED)
    phone.go("me/message-settings")
    phone.press("Switch on")
    expect(phone.page.get_by_text("This phone tells you.")).to_be_visible()
    assert live.booked("push_subscription") == 1
    assert len(phone.page.evaluate("() => window.asked.applicationServerKey")) == 87
    phone.press("Switch off on this phone")
    expect(phone.page.get_by_role("button", name="Switch on")).to_be_visible()
    assert live.booked("push_subscription") == 0


def test_a_push_is_shown_and_leads_into_the_app(phone: Phone, live: Live) -> None:
    phone.page.context.grant_permissions(["notifications"], origin=live.url)
    phone.begin()
    phone.keep()
    session = phone.page.context.new_cdp_session(phone.page)
    found: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    session.send("ServiceWorker.enable")
    phone.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    registration = next(one["registrationId"] for one in found if one["scopeURL"] == f"{live.url}/")
    for message_id, link in (("one", "#/me/cards"), ("two", "https://elsewhere.example/")):
        told = {
            "title": "A card of yours is blocked",
            "body": "It works nowhere.",
            "link": link,
            "message_id": message_id,
        }
        pushed = {"origin": live.url, "registrationId": registration, "data": json.dumps(told)}
        session.send("ServiceWorker.deliverPushMessage", pushed)
    shown = """async wanted => {
      const registration = await navigator.serviceWorker.ready;
      for (;;) {
        const found = await registration.getNotifications();
        if (found.length === wanted) return found.map(one => [one.title, one.body, one.tag]);
        await new Promise(done => setTimeout(done, 50));
      }
    }"""
    [first, second] = phone.page.evaluate(shown, 2)
    assert first == ["A card of yours is blocked", "It works nowhere.", "one"]
    assert second[2] == "two"
    touch = """async (tag) => {
      const [notification] = await self.registration.getNotifications({ tag });
      self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
    }"""
    [worker] = [one for one in phone.page.context.service_workers if one.url.endswith("/member.sw.js")]
    worker.evaluate(touch, "one")
    phone.shows("me/cards")
    # What leads elsewhere leads nowhere.
    worker.evaluate(touch, "two")
    phone.shows("me/messages")
    assert phone.page.evaluate(shown, 0) == []
