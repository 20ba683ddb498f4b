"""A town for the operators' screens: something of everything they show, made through the services over six weeks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pyotp
from playwright.sync_api import Page

from app.admin.doors import COOKIE
from app.cards import attempts
from app.cards.service import batches
from app.common import outbox
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.insights import rolling, standing, turnover
from app.ledger.checks import note_check
from app.ledger.verifying import verify
from app.merchants import service as merchants
from app.merchants.service.announcing import announce
from app.merchants.service.terms import publish_terms
from app.privacy.service import finish_request, identify, receive_request
from app.rewards.service import set_picture, shop_members
from app.rewards.service.content import report_content, take_down
from app.risk.queries.cases import list_cases
from app.risk.service import finding, tries
from app.risk.service.deciding import dismiss_case
from app.support.service import add_note, receive_mail, send_answer
from app.wallet.service import set_consent
from mobile_api import misses
from tests.admin.ledger.people import ask
from tests.admin.overview.test_overview import fill
from tests.admin.people import make_person
from tests.admin.settings.test_brand import picture
from tests.admin.settings.town import TEXTS, TITLES, owner_of
from tests.admin.support.mailing import letter
from tests.clocks import FixedClock
from tests.e2e.live import Live
from tests.factories import Holder, Shop, make_holder, make_shop, redeem, reverse, visit

PASSWORD = "correct horse battery"


@dataclass
class Town:
    """What the pages are about."""

    shop: Shop
    trial: str  # a shop that waits for a word
    anna: Holder  # signs in by mail, and collects
    bob: Holder  # a card without a name, who collects too
    day: str  # one of many visits
    transaction_id: str
    batch_id: str
    case_ids: list[str]  # those that wait
    try_id: str
    request_id: str
    question_id: str
    report_id: str
    terms_id: str
    first: str  # the first administrator
    second: str


def operator(scope: Scope, name: str, *rights: str, password: bool = False) -> str:
    """Somebody at the desk; with a password, who has never signed in."""
    found = merchants.add_operator(scope, f"{name.lower()}@town.example", name=name, rights=rights or ["administrator"])
    if password:
        merchants.set_password(scope, merchants.create_setup_link(scope, operator_id=found).token, PASSWORD)
    return found


def enter(page: Page, live: Live, operator_id: str, *, is_second_proved: bool = True) -> None:
    """Whoever sat at this browser before, this operator does now, since a moment."""
    opened = merchants.open_operator_session(live.scope, operator_id, is_second_proved=is_second_proved)
    page.context.clear_cookies(name=COOKIE)
    page.context.add_cookies([{"name": COOKIE, "value": opened.token, "url": f"{live.url}/admin/"}])


def with_second_step(live: Live) -> str:
    """Somebody who set up the second step once."""
    found = operator(live.scope, "Old")
    opened = merchants.open_operator_session(live.scope, found)
    code = pyotp.TOTP(merchants.offer_operators_totp(live.scope, found).secret).now()
    merchants.prove_operators_second_step(live.scope, found, opened.token, code)
    return found


def furnish(live: Live) -> Town:
    """Six weeks of visits, and then everything that waits for an operator."""
    clock = FixedClock((datetime.now(UTC) - timedelta(days=42)).replace(hour=9, minute=10))
    scope = replace(live.scope, clock=clock)
    shop = make_shop(scope, points="1", reward={"name": "Coffee", "cost": 12}, name="Bakkerij Desem")
    merchants.change_merchant(scope, shop.merchant_id, story={"nl": "Al honderd jaar brood."})
    set_picture(scope, shop.reward_ids[0], picture())
    owner_of(scope, shop.merchant_id)
    anna, bob = make_person(scope), make_holder(scope)
    for day in range(40):
        for holder in (anna, bob)[: 1 + day % 2]:
            bought = visit(shop.counter(), holder, amount_minor=4_00 + 10 * day)
        clock.advance(days=1)
    for _ in range(4):  # a cashier books, gives the reward to a friend, and undoes it again
        given = redeem(shop.counter(), bob, shop.reward_ids[0])
        clock.advance(minutes=2)
        assert reverse(shop.counter(), given.transaction_id).ok
        clock.advance(minutes=9)
    friends = make_holder(scope)  # whose card goes round among friends at one counter
    for _ in range(6):
        visit(shop.counter(), friends, amount_minor=7_00)
        clock.advance(minutes=25)
    for _ in range(30):  # a tablet that was taken away walks through numbers
        for limit in misses.LIMITS:
            attempts.count(scope, limit, shop.device_id)
    finding.find_guesses(scope)
    clock.set(datetime.now(UTC))
    assert finding.find_cases(scope) >= 2
    return _what_waits(live, replace(live.scope), shop, anna, bob, bought.transaction_id)


def _what_waits(live: Live, scope: Scope, shop: Shop, anna: Holder, bob: Holder, transaction_id: str) -> Town:
    first, second = operator(scope, "Eva"), operator(scope, "Jan", "finance", "support")
    eva = replace(scope, actor_kind="operator", actor_id=first)
    trial = merchants.create_merchant(scope, name="Slagerij Peperbol", is_approved=False)
    merchants.add_location(scope, trial, name="Peperbol", city="Mechelen")
    owner_of(scope, trial)
    ask(eva, shop, anna, 3)
    ask(eva, shop, anna, 5000)
    cases = list_cases(scope)
    dismiss_case(eva, cases[-1].case.id, note="Four children, one card")
    try_id = tries.ask_try(eva, "card_device", soft=3)
    tries.run_waiting(scope)
    batch_id = new_id()
    batches.order_batch(eva, batch_id=batch_id, count=20, name="Spring")
    as_anna = replace(scope, actor_kind="member", actor_id=anna.member_id, member_id=anna.member_id)
    set_consent(
        as_anna, merchant_id=shop.merchant_id, channel="email", is_given=True, how="app", wording="News by mail, please"
    )
    overdue = scope.now - timedelta(days=35)
    for kind in ("access", "erasure"):
        request_id = receive_request(
            eva, kind=kind, channel="mail", contact="anna@example.com", words="Who are you?", received_at=overdue
        )
        identify(eva, request_id, sought=anna.number, check="mail")
    over = receive_request(eva, kind="objection", channel="mail")
    finish_request(eva, over, status="done", reason="She has no account.")
    question_id = _questions(eva)
    reports = [
        report_content(scope, shop.location_id, what=what, reason="offensive", reward_id=reward_id, words="My eyes!")
        for what, reward_id in (("story", None), ("picture", shop.reward_ids[0]))
    ]
    take_down(eva, reports[0], reason="It hurts people.")
    for kind in ("terms", "dpa", "privacy"):
        terms_id = publish_terms(eva, kind, TEXTS, effective_at=scope.now, public_url=live.url)
    announce(eva, titles=TITLES, texts=TEXTS)
    _give_up(scope)
    _count(scope)
    return Town(
        shop=shop,
        trial=trial,
        anna=anna,
        bob=bob,
        day=(scope.now - timedelta(days=9)).date().isoformat(),
        transaction_id=transaction_id,
        batch_id=batch_id,
        case_ids=[one.case.id for one in cases[:-1]],
        try_id=try_id,
        request_id=request_id,
        question_id=question_id,
        report_id=reports[1],
        terms_id=terms_id,
        first=first,
        second=second,
    )


def _questions(scope: Scope) -> str:
    """One that waits, and one (returned) with an answer, a note, and a word back."""
    waits = receive_mail(scope, letter(subject="Your opening hours", sender="bea@example.com")).question_id
    first = receive_mail(scope, letter(message_id="<2@mail.example>"))
    assert waits is not None
    assert first.question_id is not None
    send_answer(scope, first.question_id, text="Hello Anna,\n\nthey are there again.\n", host="town.example")
    add_note(scope, first.question_id, text="The tablet was offline that day.")
    again = receive_mail(scope, letter("Not yet!", subject=f"Re: Points [#{first.number}]", message_id="<3@x>"))
    assert again.question_id is not None
    return first.question_id


def _give_up(scope: Scope) -> None:
    """A mail that nobody could deliver."""
    mail = Mail(to="an@home.example", subject="Hallo", text="Hallo")
    scope.run(lambda tx: queue_mail(tx, scope.keys.data, mail, now=scope.now))
    lost = [one for one in scope.run(lambda tx: outbox.claim(tx, now=scope.now)) if one.topic == "mail"]

    def fail(tx: Transaction) -> None:
        for message in lost:
            outbox.fail(tx, message, error="550 no such user", now=scope.now, final=True)

    scope.run(fail)


def _count(scope: Scope) -> None:
    """What the jobs count by night."""
    fill(scope, scope.now.date())
    rolling.roll_up(scope)
    standing.count_holdings(scope)
    shop_members.rebuild(scope)
    turnover.count_ledger(scope)
    note_check(scope, scope.now, verify(scope))
