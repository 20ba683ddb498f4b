"""Batches of printed cards: ordered, made slice by slice whatever is killed, printed, and disabled at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from sqlalchemy import func, select, update

import config
from app.admin.queries.cards.batches import show_batch
from app.admin.queries.cards_todo import waiting
from app.cards import queries, security
from app.cards.models import Card, CardBatch, CardBatchCodes, Member
from app.cards.service import batches, block_card, issue_printed_cards
from app.common.errors import DomainError
from app.common.ids import new_id
from app.common.models import OutboxMessage
from app.common.outbox import Message
from app.common.scope import Scope
from app.jobs import card_batches
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.jobs.tidying import tidy
from app.wallet import service as wallet
from tests.admin.cards.people import audited, inbox, sit_again, text_of
from tests.admin.desk import Desk, sit_down
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import make_holder, make_shop, visit
from tests.integration.wallet.books import acting


@pytest.fixture
def desk(flask_app: Flask, scope: Scope) -> Desk:
    return sit_down(flask_app, scope)


@pytest.fixture
def context(settings: config.Settings, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of ten: what holds for them holds for those of five hundred."""
    monkeypatch.setattr(batches, "SLICE", 10)
    monkeypatch.setattr(batches, "AT_ONCE", 10)


def order(scope: Scope, count: int) -> str:
    batch_id = new_id()
    batches.order_batch(scope, batch_id=batch_id, count=count, name="Spring")
    return batch_id


def cards_of(scope: Scope, batch_id: str, *status: str) -> list[str]:
    wanted = select(Card.number).where(Card.batch_id == batch_id).order_by(Card.id)
    if status:
        wanted = wanted.where(Card.status.in_(status))
    with scope.reading() as tx:
        return list(tx.session.scalars(wanted))


def downloaded(desk: Desk, batch_id: str) -> list[dict[str, str]]:
    answer = desk.post(f"/batches/{batch_id}/cards.csv")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def test_a_small_batch_is_there_at_once_and_the_same_form_orders_once(desk: Desk, scope: Scope) -> None:
    form = {"batch_id": new_id(), "count": "12", "name": "Market day", "note": "for the stand", "locale": "fr"}
    answer = desk.post("/batches", form)
    assert answer.location == f"/admin/batches/{form['batch_id']}"
    desk.post("/batches", form)
    assert len(cards_of(scope, form["batch_id"])) == 12
    page = text_of(desk.get("/batches"))
    assert "Market day" in page
    assert "for the stand" in page
    for wrong in ("0", "20001", "many"):
        assert desk.post("/batches", {**form, "batch_id": new_id(), "count": wrong}).status_code == 422
    (ordered,), (made,) = audited(scope, "batch.ordered"), audited(scope, "batch.made")
    assert (ordered.actor_id, ordered.after) == (desk.operator_id, {"count": 12, "name": "Market day"})
    assert (made.before, made.after) == ({"status": "making"}, {"status": "made", "count": 12})


def test_the_files_hold_what_claims_each_card(desk: Desk, scope: Scope) -> None:

    batch_id = order(scope, 12)
    rows = downloaded(desk, batch_id)
    numbers = [row["number"].replace(" ", "") for row in rows]
    assert numbers == cards_of(scope, batch_id)
    assert [row["url"] for row in rows] == [f"HTTPS://CARD.EXAMPLE/C/{number}" for number in numbers]
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@\t\r"]

    pdf = desk.post(f"/batches/{batch_id}/sheets.pdf", {"part": "1"})
    assert pdf.mimetype == "application/pdf"
    document = pypdfium2.PdfDocument(pdf.get_data())
    seen = set()
    for page in document:
        seen |= {code.text for code in zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil().convert("RGB"))}
    document.close()
    assert seen == {row["url"] for row in rows}

    visit(make_shop(scope, points="1").counter(), numbers[0], amount_minor=500)
    holder = make_holder(scope)
    claimed = wallet.claim_card(acting(scope, holder.member_id), number=numbers[0], claim_code=rows[0]["claim_code"])
    assert claimed.card.number == numbers[0]
    forms = [event.after["form"] for event in audited(scope, "batch.downloaded") if event.after]
    assert forms == ["csv", "pdf"]


def test_the_codes_wait_sealed_and_not_for_long(
    desk: Desk, scope: Scope, clock: FixedClock, context: JobContext
) -> None:
    first, second = order(scope, 3), order(scope, 3)
    rows = downloaded(desk, first)
    with scope.reading() as tx:
        sealed = tx.session.scalars(select(CardBatchCodes.sealed)).all()
    assert not [
        row for row in rows for bytes_ in sealed if row["claim_code"].replace(" ", "").encode() in bytes(bytes_)
    ]
    # A day after the first download, and thirty without one.
    clock.advance(hours=23)
    assert len(downloaded(sit_again(desk, scope), first)) == 3
    clock.advance(hours=2)
    gone = sit_again(desk, scope).post(f"/batches/{first}/cards.csv", follow_redirects=True)
    assert "destroyed" in text_of(gone)
    tidy(context)
    assert codes_kept(scope) == {second}
    clock.advance(days=30)
    tidy(context)
    assert codes_kept(scope) == set()
    assert len(cards_of(scope, second, "active")) == 3


def codes_kept(scope: Scope) -> set[str]:
    with scope.reading() as tx:
        return set(tx.session.scalars(select(CardBatchCodes.batch_id)))


def test_the_codes_can_be_destroyed_before_their_time(desk: Desk, scope: Scope) -> None:
    batch_id = order(scope, 3)
    desk.post(f"/batches/{batch_id}/destroy-codes")
    assert codes_kept(scope) == set()
    assert desk.post(f"/batches/{batch_id}/sheets.pdf").status_code == 303
    assert len(audited(scope, "batch.codes_destroyed")) == 1


def test_files_want_a_fresh_second_step(flask_app: Flask, desk: Desk, scope: Scope, clock: FixedClock) -> None:
    batch_id = order(scope, 3)
    token = desk.token()
    clock.advance(minutes=16)
    for path in ("cards.csv", "sheets.pdf", "disable", "destroy-codes"):
        answer = desk.post(f"/batches/{batch_id}/{path}", {"csrf_token": token, "reason": "why"}, token=False)
        assert "/admin/confirm" in answer.location
    assert audited(scope, "batch.downloaded") == []


def test_a_large_batch_is_made_by_the_jobs_and_a_kill_in_the_middle_doubles_nothing(
    desk: Desk, scope: Scope, small: None, context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = order(scope, 45)
    assert cards_of(scope, batch_id) == []
    die_at(monkeypatch, 3)
    with pytest.raises(KilledError):
        drain(context)
    assert len(cards_of(scope, batch_id)) == 20
    assert "20 of 45 cards are made" in text_of(desk.get(f"/batches/{batch_id}"))
    assert desk.post(f"/batches/{batch_id}/cards.csv").status_code == 303  # half a batch is no batch
    monkeypatch.undo()
    monkeypatch.setattr(batches, "SLICE", 10)
    again(scope)
    drain(context)
    assert len(cards_of(scope, batch_id)) == 45
    rows = downloaded(desk, batch_id)
    assert [row["number"].replace(" ", "") for row in rows] == cards_of(scope, batch_id)
    # The message once more, as after a lease that ran out: nothing is left to do.
    card_batches.go_on(context, Message(new_id(), batches.TOPIC, None, {"batch_id": batch_id}, scope.now, 1))
    assert len(cards_of(scope, batch_id)) == 45


class KilledError(BaseException):
    """The process is gone in the middle of a slice."""


def die_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let the process die inside the slice of that number, after it has written its cards."""
    made = batches._slice
    calls = []

    def slice_(*values: object, **named: object) -> bool:
        done: bool = made(*values, **named)  # type: ignore[arg-type]
        calls.append(done)
        if len(calls) == number:
            raise KilledError
        return done

    monkeypatch.setattr(batches, "_slice", slice_)


def again(scope: Scope) -> None:
    """The lease of whatever was claimed has run out."""

    with scope.transaction() as tx:
        tx.session.execute(update(OutboxMessage).where(OutboxMessage.done_at.is_(None)).values(available_at=scope.now))


def test_disabling_blocks_every_card_tells_who_can_be_told_and_goes_on_after_a_kill(
    desk: Desk, scope: Scope, small: None, context: JobContext, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = order(scope, 35)
    drain(context)
    numbers = cards_of(scope, batch_id)
    shop = make_shop(scope, points="1")
    used = numbers[5]
    visit(shop.counter(), used, amount_minor=700)
    mine = queries.get_card(scope, number=numbers[20])
    with scope.transaction() as tx:
        tx.session.execute(update(Member).where(Member.id == mine.member_id).values(status="claimed"))
        tx.session.execute(update(Card).where(Card.number == mine.number).values(claimed_at=scope.now))
    lost = queries.get_card(scope, number=numbers[30])
    block_card(scope, card_id=lost.card_id)
    clock.advance(hours=1)

    die_at(monkeypatch, 2)
    with pytest.raises(KilledError):
        sit_again(desk, scope).post(f"/batches/{batch_id}/disable", {"reason": "stolen from the van"})
    assert show_batch(scope, batch_id).status == "disabling"
    assert len(cards_of(scope, batch_id, "active")) == 24
    monkeypatch.undo()
    monkeypatch.setattr(batches, "SLICE", 10)
    drain(context)
    assert cards_of(scope, batch_id, "active") == []
    assert show_batch(scope, batch_id).status == "disabled"
    assert inbox(scope, mine.member_id) == ["card_blocked"]
    (event,) = audited(scope, "batch.disabled")
    assert event.before == {"status": "made"}
    assert event.after == {"status": "disabled", "reason": "stolen from the van"}
    assert codes_kept(scope) == set()
    # Once more changes nothing.
    desk.post(f"/batches/{batch_id}/disable", {"reason": "again"})
    assert len(audited(scope, "batch.disabled")) == 1

    # The counter says what has happened; the lost one was blocked for itself.
    assert visit(shop.counter(), used).code == "card_withdrawn"
    assert visit(shop.counter(), lost.number).code == "card_blocked"
    page = text_of(desk.get(f"/cards/{queries.get_card(scope, number=used).card_id}"))
    assert "withdrawn" in page
    assert "stolen from the van" in page

    # What is on a withdrawn card moves to a new one.
    (fresh,) = issue_printed_cards(scope, 1)
    other = queries.get_card(scope, number=numbers[6])
    desk.post(f"/cards/{other.card_id}/replace", {"number": fresh.number, "reason": "withdrawn"})
    assert queries.get_card(scope, number=fresh.number).member_id == other.member_id

    desk.post(f"/batches/{batch_id}/enable", {"reason": "found again"})
    assert cards_of(scope, batch_id, "blocked") == [lost.number]
    assert visit(shop.counter(), used).ok
    line = show_batch(scope, batch_id)
    assert (line.status, line.active, line.in_use) == ("made", 33, 2)


def test_two_workers_with_one_message_make_no_card_too_many(scope: Scope, small: None) -> None:

    batch_id = order(scope, 55)

    def working(own: Scope) -> Callable[[], bool]:
        return lambda: batches.go_on(own, batch_id)

    answers = at_once([working(replace(scope)) for _ in range(4)])
    assert answers == [True] * 4
    assert len(cards_of(scope, batch_id)) == 55
    with scope.reading() as tx:
        assert tx.session.scalar(select(func.count()).select_from(CardBatchCodes)) == 6


def test_two_workers_who_disable_leave_no_card_out_and_tell_nobody_twice(scope: Scope, small: None) -> None:
    batch_id = order(scope, 55)
    batches.go_on(scope, batch_id)
    with scope.transaction() as tx:
        tx.session.execute(update(Card).where(Card.batch_id == batch_id).values(claimed_at=scope.now))
        assert batches._begin_disabling(tx, scope=scope, batch_id=batch_id, reason="lost")

    def working(own: Scope) -> Callable[[], bool]:
        return lambda: batches.go_on(own, batch_id)

    assert at_once([working(replace(scope)) for _ in range(4)]) == [True] * 4
    assert cards_of(scope, batch_id, "active") == []
    with scope.reading() as tx:
        told = tx.session.scalars(select(OutboxMessage.payload).where(OutboxMessage.topic == security.TOPIC)).all()
    assert len({one["member_id"] for one in told}) == len(told) == 55


def test_one_that_fails_is_shown_and_can_be_tried_again(
    desk: Desk, scope: Scope, small: None, context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = order(scope, 25)

    def broken(*_: object, **__: object) -> bool:
        raise OSError("no space left")

    monkeypatch.setattr(batches, "_make", broken)
    for tries in range(1, card_batches.TRIES + 1):
        message = Message(new_id(), batches.TOPIC, None, {"batch_id": batch_id}, scope.now, tries)
        if tries < card_batches.TRIES:
            with pytest.raises(OSError, match="no space"):
                card_batches.go_on(context, message)
        else:
            card_batches.go_on(context, message)
    (todo,) = waiting(scope)
    assert (todo.about, todo.href, todo.right) == ("Spring", f"/admin/batches/{batch_id}", "administrator")
    assert "no space left" in text_of(desk.get(f"/batches/{batch_id}"))
    monkeypatch.undo()
    monkeypatch.setattr(batches, "SLICE", 10)
    desk.post(f"/batches/{batch_id}/retry")
    drain(context)
    assert len(cards_of(scope, batch_id)) == 25
    assert show_batch(scope, batch_id).status == "made"


def test_a_batch_of_a_sandbox_is_not_listed(desk: Desk, scope: Scope) -> None:

    list(issue_printed_cards(scope, 2, batch_name="practice", is_sandbox=True))
    list(issue_printed_cards(scope, 2, batch_name="by hand"))
    page = text_of(desk.get("/batches"))
    assert "practice" not in page
    assert "by hand" in page


def test_nobody_s_batch_is_not_there(desk: Desk, scope: Scope) -> None:
    for missing in ("0" * 36, "01890000-0000-7000-8000-000000000000"):
        assert desk.get(f"/batches/{missing}").status_code == 404
    with pytest.raises(DomainError):
        batches.disable_batch(scope, batch_id=new_id())
    with scope.reading() as tx:
        assert tx.session.scalar(select(func.count()).select_from(CardBatch)) == 0
