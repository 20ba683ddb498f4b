"""Requests that come by mail: due in a calendar month, given a member, answered by a link, or by erasing her."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.common.errors import DomainError, InvalidError, NotFoundError
from app.common.scope import Scope
from app.ledger.verifying import verify
from app.privacy import service
from app.privacy.errors import MemberWantedError, NoAddressError, RecordLinkOverError, RequestOverError
from app.privacy.queries import get_request, list_requests
from app.privacy.terms import months_after
from app.rewards.models import VoucherCode
from app.wallet.service import erase_me, export_me
from tests.admin.people import make_person, status_of, waiting_mails
from tests.clocks import FixedClock
from tests.factories import make_holder, make_shop, redeem_voucher, visit
from tests.mobile_api.test_member_me import found_in_tables, sums

URL = "https://card.example"


@pytest.fixture
def desk(scope: Scope) -> Scope:
    return replace(scope, actor_kind="operator", actor_id="00000000-0000-7000-8000-000000000001")


def ask(desk: Scope, kind: str = "access", **told: Any) -> str:
    return service.receive_request(desk, **({"kind": kind, "channel": "mail", "contact": "anna@example.com"} | told))


def identified(desk: Scope, kind: str, sought: str, **told: Any) -> str:
    request_id = ask(desk, kind, **told)
    service.identify(desk, request_id, sought=sought, check="mail")
    return request_id


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (datetime(2026, 3, 4, 12, tzinfo=UTC), datetime(2026, 4, 4, 12, tzinfo=UTC)),
        (datetime(2026, 1, 31, 9, tzinfo=UTC), datetime(2026, 2, 28, 9, tzinfo=UTC)),
        (datetime(2024, 1, 31, 9, tzinfo=UTC), datetime(2024, 2, 29, 9, tzinfo=UTC)),
        (datetime(2025, 12, 31, 9, tzinfo=UTC), datetime(2026, 1, 31, 9, tzinfo=UTC)),
    ],
)
def test_it_is_due_one_calendar_month_later(received: datetime, due: datetime) -> None:
    assert months_after(received, 1) == due


def test_requests_are_listed_by_their_deadline_and_what_is_late_says_so(desk: Scope, clock: FixedClock) -> None:
    late = ask(desk, received_at=clock() - timedelta(days=40))
    soon = ask(desk, received_at=clock() - timedelta(days=26))
    fresh = ask(desk)
    assert [(one.request_id, one.standing) for one in list_requests(desk)] == [
        (late, "late"),
        (soon, "soon"),
        (fresh, "in_time"),
    ]
    assert list_requests(desk)[0].contact == "a…a@example.com"


def test_a_deadline_is_put_off_once_and_with_a_reason(desk: Scope, clock: FixedClock) -> None:
    request_id = ask(desk)
    with pytest.raises(InvalidError):
        service.extend_request(desk, request_id, reason=" ")
    service.extend_request(desk, request_id, reason="forty shops")
    assert get_request(desk, request_id).line.due_at == months_after(clock(), 3)
    with pytest.raises(RequestOverError):
        service.extend_request(desk, request_id, reason="again")


@pytest.mark.parametrize(
    "wrong", [{"kind": "gossip"}, {"channel": "app"}, {"contact": "nobody"}, {"words": "x" * 5000}]
)
def test_what_can_t_be_noted_is_refused(desk: Scope, wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidError):
        ask(desk, **wrong)
    assert list_requests(desk) == []


def test_a_member_is_found_by_card_or_address_and_nobody_is_the_same_answer(desk: Scope) -> None:
    anna = make_person(desk)
    request_id = ask(desk)
    assert service.identify(desk, request_id, sought="ANNA@example.com ", check="mail") == anna.member_id
    assert service.identify(desk, request_id, sought=anna.number, check="card") == anna.member_id
    with pytest.raises(NotFoundError):
        service.identify(desk, request_id, sought="nobody@example.com", check="mail")
    with pytest.raises(InvalidError):
        service.identify(desk, request_id, sought="4711", check="mail")
    with pytest.raises(InvalidError):
        service.identify(desk, request_id, sought=anna.number, check="she sounded right")
    page = get_request(desk, request_id)
    assert (page.member_id, page.identity_check, page.address) == (anna.member_id, "card", "a…a@example.com")


def test_words_and_address_are_sealed(desk: Scope) -> None:
    ask(desk, words="I am Wilhelmina, tell me everything", contact="wilhelmina@example.com")
    assert found_in_tables(desk, "wilhelmina") == []
    assert get_request(desk, list_requests(desk)[0].request_id).words == "I am Wilhelmina, tell me everything"


def test_nothing_goes_out_before_somebody_was_identified(desk: Scope) -> None:
    request_id = ask(desk)
    with pytest.raises(MemberWantedError):
        service.send_record(desk, request_id, public_url=URL)
    with pytest.raises(MemberWantedError):
        service.erase_for(desk, request_id, reason="asked")
    assert waiting_mails(desk) == []


def link_in(desk: Scope) -> str:
    _, mail = waiting_mails(desk)[-1]
    found = re.search(rf"{URL}/record/(\S+)", mail.text)
    assert found is not None
    return found[1]


def test_the_record_goes_to_the_address_that_she_proved_and_never_to_the_one_that_asks(desk: Scope) -> None:
    anna = make_person(desk)
    request_id = identified(desk, "access", anna.number, contact="thief@example.com")
    service.send_record(desk, request_id, public_url=URL)
    assert [mail.to for _, mail in waiting_mails(desk)] == ["anna@example.com"]
    record = service.fetch_record(desk, link_in(desk))
    assert record["profile"]["name"] == "Anna Peeters"
    with pytest.raises(RecordLinkOverError):
        service.fetch_record(desk, link_in(desk))


def test_a_member_without_an_address_is_sent_nothing(desk: Scope) -> None:
    request_id = identified(desk, "access", make_holder(desk).number)
    with pytest.raises(NoAddressError):
        service.send_record(desk, request_id, public_url=URL)
    assert get_request(desk, request_id).line.status == "open"


def test_a_link_ends_after_a_week(desk: Scope, clock: FixedClock) -> None:
    make_person(desk)
    service.send_record(desk, identified(desk, "access", "anna@example.com"), public_url=URL)
    token = link_in(desk)
    clock.advance(days=6, hours=23)
    service.peek_at_link(desk, token)
    clock.advance(hours=2)
    with pytest.raises(RecordLinkOverError):
        service.fetch_record(desk, token)


def test_looking_at_a_link_does_not_use_it_up_and_fetching_does(flask_app: Flask, desk: Scope) -> None:
    make_person(desk)
    service.send_record(desk, identified(desk, "access", "anna@example.com"), public_url=URL)
    client, path = flask_app.test_client(), f"/record/{link_in(desk)}"
    for _ in range(2):
        looked = client.get(path)
        assert looked.status_code == 200
        assert "Anna" not in looked.text
    fetched = client.post(path)
    assert fetched.status_code == 200
    assert "attachment" in fetched.headers["Content-Disposition"]
    assert fetched.headers["Cache-Control"] == "no-store"
    assert json.loads(fetched.data)["profile"]["email"] == "anna@example.com"
    assert client.post(path).status_code == 404
    assert client.get(path).status_code == 404
    assert client.get("/record/nothing").status_code == 404


def test_of_two_who_fetch_at_once_one_gets_the_record(desk: Scope) -> None:
    make_person(desk)
    service.send_record(desk, identified(desk, "access", "anna@example.com"), public_url=URL)
    token = link_in(desk)

    def fetch(_: int) -> bool:
        try:
            service.fetch_record(replace(desk), token)
        except RecordLinkOverError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(fetch, range(4))) == [False, False, False, True]


def test_erasing_leaves_the_sums_and_a_receipt_and_nothing_of_the_person(desk: Scope) -> None:
    shop, anna = make_shop(desk, stamps=2), make_person(desk, "wilhelmina@example.com", name="Wilhelmina")
    for _ in range(3):
        assert visit(shop.counter(), anna).ok
    before = sums(desk)
    request_id = identified(desk, "erasure", anna.number, contact="wilhelmina@example.com", words="Wilhelmina leaves")
    with pytest.raises(InvalidError):
        service.erase_for(desk, request_id, reason="")
    receipt = service.erase_for(desk, request_id, reason="asked by mail")
    assert (receipt["logins"], receipt["cards"], receipt["visits_kept"]) == (1, 1, 3)
    assert status_of(desk, anna.member_id) == "erased"
    assert sums(desk) == before
    assert verify(desk).mismatches == []
    assert found_in_tables(desk, "wilhelmina") == []
    page = get_request(desk, request_id)
    assert (page.line.status, page.words, page.line.contact) == ("done", None, None)
    assert page.outcome == receipt
    assert [(mail.to, mail.subject) for _, mail in waiting_mails(desk)] == [
        ("wilhelmina@example.com", "Je gegevens zijn gewist")
    ]
    with pytest.raises(RequestOverError):
        service.erase_for(desk, request_id, reason="again")


def test_of_two_who_erase_at_once_one_does(desk: Scope) -> None:
    anna = make_person(desk)
    requests = [identified(desk, "erasure", anna.number) for _ in range(3)]

    def erase(request_id: str) -> str:
        try:
            service.erase_for(replace(desk), request_id, reason="asked")
        except DomainError as error:
            return error.code
        return "erased"

    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(erase, requests)) == ["erased", "not_found", "not_found"]


def test_a_link_that_was_sent_dies_with_her(desk: Scope) -> None:
    anna = make_person(desk)
    service.send_record(desk, identified(desk, "access", anna.number), public_url=URL)
    token = link_in(desk)
    service.erase_for(desk, identified(desk, "erasure", anna.number), reason="asked")
    with pytest.raises(RecordLinkOverError):
        service.fetch_record(desk, token)


def test_who_did_it_in_the_app_appears_as_done(desk: Scope, clock: FixedClock) -> None:
    anna = make_person(desk)
    own = replace(desk, actor_kind="member", actor_id=anna.member_id, member_id=anna.member_id)
    for _ in range(3):
        assert export_me(own)["profile"]["name"] == "Anna Peeters"
    clock.advance(days=2)
    export_me(own)
    erase_me(own)
    done = list_requests(desk, view="done")
    assert [(one.kind, one.channel, one.status) for one in done] == [
        ("erasure", "app", "done"),
        ("access", "app", "done"),
        ("access", "app", "done"),
    ], "taken once a day at most, however often she asks"
    assert list_requests(desk) == []


def test_a_request_that_is_over_stays_so(desk: Scope) -> None:
    request_id = ask(desk, "correction")
    service.wait_for_answer(desk, request_id)
    assert get_request(desk, request_id).line.status == "waiting"
    with pytest.raises(InvalidError):
        service.finish_request(desk, request_id, status="refused", reason="")
    service.finish_request(desk, request_id, status="refused", reason="not hers")
    with pytest.raises(RequestOverError):
        service.finish_request(desk, request_id, status="done", reason="after all")
    with pytest.raises(RequestOverError):
        service.identify(desk, request_id, sought=make_holder(desk).number, check="card")
    acts = get_request(desk, request_id).acts
    assert [act.action for act in acts] == ["privacy.received", "privacy.waiting", "privacy.refused"]
    assert acts[-1].after == {"status": "refused", "reason": "not hers"}


def test_a_redeemed_voucher_and_an_open_one_are_counted_apart(desk: Scope) -> None:
    shop, anna = make_shop(desk, stamps=1), make_person(desk)
    for _ in range(3):
        assert visit(shop.counter(), anna).ok
    with desk.reading() as tx:
        spent, *rest = tx.session.scalars(select(VoucherCode.code).where(VoucherCode.member_id == anna.member_id)).all()
    assert redeem_voucher(shop.counter(), spent).ok
    receipt = service.erase_for(desk, identified(desk, "erasure", anna.number), reason="asked")
    assert receipt["vouchers"] == len(rest) == 2
    assert verify(desk).mismatches == []
