"""Feedback: asked at most once for each shop and quarter, given once, answered by who may, and never by name."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from app.campaigns.models import Feedback, FeedbackQuestion
from app.campaigns.service import my_feedback
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.members.service import merge
from app.merchants import service as merchants
from app.wallet.service import erase_me, undo_merge
from config import Settings
from tests.clocks import FixedClock
from tests.mobile_api.calling import Answer, Caller
from tests.mobile_api.members import App, sign_up, wake
from tests.shops import STAFF_PIN, Shop

BOSS_PIN = "4826"
WORDS = "Lekker brood, maar lang gewacht."


@pytest.fixture
def context(settings: Settings, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


@pytest.fixture
def boss(scope: Scope, shop: Shop, tablet: Caller) -> dict[str, str]:
    """The headers of the shop's manager, signed in at the tablet."""
    merchants.add_staff(scope, shop.merchant_id, name="Boss", role="manager", pin=BOSS_PIN)
    return signed_in(tablet, BOSS_PIN)


def signed_in(tablet: Caller, pin: str) -> dict[str, str]:
    session = tablet.post("/staff-session", {"staff_pin": pin}, key=None)
    assert session.status == 200, session.text
    return {"X-Staff-Token": session.body["staff_token"]}


def visit(till: Caller, app: App) -> str:
    booked = till.post("/visits", {"code": app.number})
    assert booked.status == 201, booked.text
    return str(booked.body["visit_id"])


def asked(app: App) -> list[dict[str, Any]]:
    return [one for one in app.call.get("/me/feedback").body["items"] if one["feedback_id"] is None]


def give(app: App, visit_id: str, score: int = 8, words: str | None = WORDS) -> Answer:
    return app.call.post("/me/feedback", {"visit_id": visit_id, "score": score, "text": words}, key=None)


def answer(tablet: Caller, feedback_id: str, words: str, headers: dict[str, str]) -> Answer:
    return tablet.post(f"/feedback/{feedback_id}/answer", {"text": words}, key=None, headers=headers)


def test_each_shop_asks_once_in_a_quarter(
    client: FlaskClient, scope: Scope, till: Caller, shop: Shop, other_shop: Shop, clock: FixedClock
) -> None:
    clock.set(datetime(2026, 2, 10, 12, tzinfo=UTC))
    app = sign_up(client)
    assert asked(app) == []
    visit(till, app)
    clock.advance(hours=1)
    app = wake(client, scope, app)
    latest = visit(till, app)
    [question] = asked(app)
    assert question["visit_id"] == latest
    assert (question["merchant"]["name"], question["score"], question["text"]) == ("Bakery", None, None)
    assert asked(app) == [question]
    clock.advance(days=1)
    app = wake(client, scope, app)
    visit(till, app)
    assert asked(app) == [question], "the second visit asks nothing more"
    visit(Caller(client, other_shop.key), app)
    assert [one["merchant"]["name"] for one in asked(app)] == ["Bookshop", "Bakery"]
    clock.advance(days=14)
    app = wake(client, scope, app)
    assert [one["merchant"]["name"] for one in asked(app)] == ["Bookshop"], "a question is over after a fortnight"
    visit(till, app)
    clock.advance(days=2)
    app = wake(client, scope, app)
    assert asked(app) == [], "and is not asked again in the same quarter"
    clock.set(datetime(2026, 4, 1, 12, tzinfo=UTC))
    app = wake(client, scope, app)
    newest = visit(till, app)
    assert [one["visit_id"] for one in asked(app)] == [newest]


def test_of_many_that_ask_at_once_one_question_comes(
    client: FlaskClient, scope: Scope, till: Caller, clock: FixedClock
) -> None:
    app = sign_up(client)
    visit(till, app)
    scopes = [replace(scope, member_id=app.member_id) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        lists = list(pool.map(my_feedback, scopes))
    assert {len(one) for one in lists} == {1}
    with scope.reading() as tx:
        assert tx.session.scalar(select(func.count()).select_from(FeedbackQuestion)) == 1


def test_a_visit_is_rated_once_and_what_was_said_stays(
    client: FlaskClient, scope: Scope, till: Caller, clock: FixedClock
) -> None:
    app = sign_up(client)
    visit_id = visit(till, app)
    assert len(asked(app)) == 1
    made = give(app, visit_id)
    assert made.status == 201
    assert (made.body["score"], made.body["text"], made.body["answer"]) == (8, WORDS, None)
    assert give(app, visit_id).body == made.body
    for other in (give(app, visit_id, score=3), give(app, visit_id, words="Anders")):
        assert (other.status, other.problem()) == (409, "feedback_given")
    assert app.call.get("/me/feedback").body["items"] == [made.body]
    assert give(sign_up(client), visit_id).status == 404
    for body in ({"score": 11}, {"score": -1}, {"score": "8"}, {"score": 8, "text": "x" * 1001}):
        assert app.call.post("/me/feedback", {"visit_id": visit_id, **body}, key=None).status == 422
    bare = give(app, visit(till, app), score=0, words=None)
    assert (bare.status, bare.body["score"], bare.body["text"]) == (201, 0, None)


def test_words_may_follow_a_score_until_the_shop_has_answered(
    client: FlaskClient, till: Caller, tablet: Caller, boss: dict[str, str]
) -> None:
    app = sign_up(client)
    visit_id = visit(till, app)
    bare = give(app, visit_id, words=None).body
    assert give(app, visit_id, score=3).problem() == "feedback_given"
    told = give(app, visit_id)
    assert (told.status, told.body) == (201, {**bare, "text": WORDS})
    assert give(app, visit_id).body == told.body
    # The touch again, on a phone that did not hear of the first answer.
    assert give(app, visit_id, words=None).body == told.body
    assert give(app, visit_id, words="Anders").problem() == "feedback_given"
    quiet = visit(till, app)
    silent = give(app, quiet, words=None).body
    assert answer(tablet, silent["feedback_id"], "Dank u.", boss).status == 204
    assert give(app, quiet).problem() == "feedback_given"


def test_who_said_something_by_herself_is_not_asked(client: FlaskClient, till: Caller) -> None:
    app = sign_up(client)
    assert give(app, visit(till, app)).status == 201
    visit(till, app)
    assert asked(app) == []


def test_what_was_undone_or_is_long_ago_is_not_rated(
    client: FlaskClient, scope: Scope, till: Caller, clock: FixedClock
) -> None:
    app = sign_up(client)
    booked = till.post("/visits", {"code": app.number}).body
    assert len(asked(app)) == 1
    till.post(f"/transactions/{booked['transaction_id']}/reverse", {"reason": "wrong"})
    assert asked(app) == []
    assert give(app, booked["visit_id"]).problem() == "feedback_over"
    old = visit(till, app)
    clock.advance(days=91)
    assert give(wake(client, scope, app), old).problem() == "feedback_over"


def test_the_shop_answers_and_it_comes_as_a_message(
    client: FlaskClient,
    scope: Scope,
    till: Caller,
    tablet: Caller,
    shop: Shop,
    other_shop: Shop,
    boss: dict[str, str],
    context: JobContext,
) -> None:
    app = sign_up(client)
    feedback_id = give(app, visit(till, app)).body["feedback_id"]
    [told] = tablet.get("/feedback").body["items"]
    assert (told["feedback_id"], told["score"], told["text"], told["answer"]) == (feedback_id, 8, WORDS, None)
    assert app.member_id not in tablet.get("/feedback").text
    assert app.number not in tablet.get("/feedback").text

    assert answer(tablet, feedback_id, "Dank je", {}).status == 403
    assert answer(tablet, feedback_id, "Dank je", signed_in(tablet, STAFF_PIN)).status == 403
    foreign = Caller(client, other_shop.tablet)
    merchants.add_staff(scope, other_shop.merchant_id, name="Other", role="owner", pin=BOSS_PIN)
    assert answer(foreign, feedback_id, "Dank je", signed_in(foreign, BOSS_PIN)).status == 404
    assert foreign.get("/feedback").body["items"] == []

    assert answer(tablet, feedback_id, "Dank je, {An}!\nTot morgen.", boss).status == 204
    assert answer(tablet, feedback_id, "Dank je, {An}!\nTot morgen.", boss).status == 204
    again = answer(tablet, feedback_id, "Iets anders", boss)
    assert (again.status, again.problem()) == (409, "feedback_answered")
    assert answer(tablet, feedback_id, " \u200b ", boss).status == 422
    drain(context)
    [message] = app.call.get("/me/messages").body["items"]
    assert (message["kind"], message["text"]) == ("feedback_answered", "Dank je, {An}!\nTot morgen.")
    assert message["title"] == "Bakery has answered you"
    assert message["link"] == "#/me/feedback"
    [mine] = app.call.get("/me/feedback").body["items"]
    assert mine["answer"] == "Dank je, {An}!\nTot morgen."
    assert mine["answered_at"] is not None


def test_pages_of_a_shop_go_on_where_they_ended(client: FlaskClient, till: Caller, tablet: Caller) -> None:
    app = sign_up(client)
    given = [give(app, visit(till, app), score=number).body["feedback_id"] for number in range(5)]
    first = tablet.get("/feedback", limit=2).body
    second = tablet.get("/feedback", limit=2, cursor=first["next"]).body
    third = tablet.get("/feedback", limit=2, cursor=second["next"]).body
    told = [one["feedback_id"] for page in (first, second, third) for one in page["items"]]
    assert told == given[::-1]
    assert third["next"] is None


def everything(scope: Scope) -> str:
    with scope.reading() as tx:
        rows = [
            [bytes(value) if isinstance(value, memoryview) else value for value in row]
            for table in ("feedback", "member_message", "feedback_question", "outbox")
            for row in tx.session.execute(text(f'SELECT * FROM "{table}"'))
        ]
    return repr(rows)


def test_words_are_sealed_and_gone_with_the_person(
    client: FlaskClient,
    scope: Scope,
    till: Caller,
    tablet: Caller,
    boss: dict[str, str],
    context: JobContext,
) -> None:
    app = sign_up(client)
    feedback_id = give(app, visit(till, app)).body["feedback_id"]
    answer(tablet, feedback_id, "Dank je, An!", boss)
    drain(context)
    assert "Lekker" not in everything(scope)
    assert "Dank je" not in everything(scope)
    record = app.call.get("/me/export").body
    assert (record["feedback"][0]["text"], record["feedback"][0]["answer"]) == (WORDS, "Dank je, An!")
    assert record["messages"][0]["kind"] == "feedback_answered"
    assert "Boss" not in json.dumps(record["feedback"])

    second = give(app, visit(till, app), score=2).body["feedback_id"]
    erase_me(replace(scope, member_id=app.member_id))
    told = tablet.get("/feedback").body["items"]
    assert [(one["score"], one["text"], one["answer"]) for one in told] == [(2, None, None), (8, None, None)]
    assert answer(tablet, second, "Te laat", boss).status == 404
    with scope.reading() as tx:
        rows = tx.session.execute(select(Feedback.words, Feedback.answer)).all()
    assert [tuple(row) for row in rows] == [(None, None), (None, None)]


def test_a_merge_takes_words_along_and_gives_them_back(
    client: FlaskClient,
    scope: Scope,
    till: Caller,
    tablet: Caller,
    boss: dict[str, str],
    context: JobContext,
) -> None:
    """The merged member's key is destroyed: what it had sealed must be readable all the same, on either side."""
    kept, merged = sign_up(client), sign_up(client)
    visit_id = visit(till, merged)
    feedback_id = give(merged, visit_id).body["feedback_id"]
    answer(tablet, feedback_id, "Dank je", boss)
    drain(context)
    merge_id = scope.run(lambda tx: merge(tx, scope, survivor_id=kept.member_id, merged_id=merged.member_id))
    [mine] = kept.call.get("/me/feedback").body["items"]
    assert (mine["text"], mine["answer"]) == (WORDS, "Dank je")
    assert [one["text"] for one in kept.call.get("/me/messages").body["items"]] == ["Dank je"]
    assert give(kept, visit_id).status == 201, "the same again changes nothing"
    assert [one["text"] for one in tablet.get("/feedback").body["items"]] == [WORDS]
    assert [one["text"] for one in kept.call.get("/me/export").body["feedback"]] == [WORDS]

    undo_merge(replace(scope, member_id=kept.member_id), merge_id=merge_id)
    merged = wake(client, scope, merged)
    [back] = merged.call.get("/me/feedback").body["items"]
    assert (back["text"], back["answer"]) == (WORDS, "Dank je")
    assert [one["text"] for one in merged.call.get("/me/messages").body["items"]] == ["Dank je"]
    assert kept.call.get("/me/feedback").body["items"] == []
    assert kept.call.get("/me/messages").body["items"] == []
    assert [one["text"] for one in tablet.get("/feedback").body["items"]] == [WORDS]


def test_every_consent_is_told_word_by_word(client: FlaskClient, scope: Scope, shop: Shop, clock: FixedClock) -> None:
    app, stranger = sign_up(client), sign_up(client)
    for is_given in (True, False, True):
        body = {
            "merchant_id": shop.merchant_id,
            "channel": "email",
            "is_given": is_given,
            "wording": f"Mails: {is_given}",
        }
        assert app.call.send("PUT", "/me/consents", json.dumps(body)).status == 200
        clock.advance(minutes=1)
    first = app.call.get("/me/consents/log", limit=2).body
    rest = app.call.get("/me/consents/log", limit=2, cursor=first["next"]).body
    words = first["items"] + rest["items"]
    assert [word["is_given"] for word in words] == [True, False, True]
    assert words[0]["wording"] == "Mails: True"
    assert words[0]["merchant_name"] == "Bakery"
    assert [word["occurred_at"] for word in words] == sorted((word["occurred_at"] for word in words), reverse=True)
    assert stranger.call.get("/me/consents/log").body == {"items": [], "next": None}
    assert timedelta(minutes=2) == datetime.fromisoformat(words[0]["occurred_at"]) - datetime.fromisoformat(
        words[2]["occurred_at"]
    )
