"""What members say and shops say back: complaints with a clock, notices to buyers told once, and ideas voted for."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from app.campaigns import belongings
from app.campaigns.errors import (
    ComplaintOpenError,
    IdeasEnoughError,
    IdeasOffError,
    RecallSentError,
)
from app.campaigns.models import Complaint, Idea, IdeaVote, MemberMessage
from app.campaigns.promoters import Score, tally
from app.campaigns.queries.complaints import list_complaints
from app.campaigns.queries.ideas import list_ideas, list_shop_ideas
from app.campaigns.queries.promoters import promoters_of
from app.campaigns.queries.recalls import get_recall, items_of, reach_of
from app.campaigns.service import answer_feedback, complaining, give_feedback, ideas, recalling
from app.campaigns.telling import Told, tell
from app.common.errors import ForbiddenError, NotFoundError
from app.common.outbox import Message
from app.common.scope import Scope
from app.members.service import merge
from app.merchants import service as merchants
from app.privacy.record import whole_record
from app.rewards.evaluator.facts import Item
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, visit

WORDS = "De taart was niet vers."


def member(scope: Scope, holder: Holder) -> Scope:
    return replace(scope, actor_kind="member", actor_id=holder.member_id, member_id=holder.member_id)


def office(scope: Scope, shop: Shop, role: str = "owner") -> Scope:
    made = merchants.add_staff(scope, shop.merchant_id, name="Ann", role=role, email=f"{random.random()}@example.com")
    return replace(
        scope, actor_kind="staff", actor_id=made, merchant_id=shop.merchant_id, staff_id=made, staff_role=role
    )


def rated(scope: Scope, shop: Shop, holder: Holder, score: int, words: str | None = WORDS, **how: bool) -> str:
    assert visit(shop.counter(), holder).ok
    with scope.reading() as tx:
        visit_id = str(
            tx.session.scalar(
                text("SELECT id FROM visit WHERE member_id = :who ORDER BY id DESC LIMIT 1"), {"who": holder.member_id}
            )
        )
    said = give_feedback(member(scope, holder), visit_id=visit_id, score=score, words=words, **how)
    assert said.feedback_id is not None
    return said.feedback_id


def inbox(scope: Scope, source: str) -> list[str]:
    with scope.reading() as tx:
        wanted = select(MemberMessage.member_id).where(MemberMessage.source.like(source))
        return sorted(tx.session.scalars(wanted))


def mails(scope: Scope) -> int:
    with scope.reading() as tx:
        return int(tx.session.scalar(text("SELECT count(*) FROM outbox WHERE topic = 'mail'")) or 0)


def test_a_complaint_has_a_clock_and_everybody_hears_of_it_once(scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, stamps=10), make_holder(scope)
    owner = office(scope, shop)
    with scope.transaction() as tx:
        tx.session.execute(text("UPDATE staff SET invited_at = NULL"))
    begun = mails(scope)
    rated(scope, shop, make_holder(scope), 6, words=None)
    rated(scope, shop, make_holder(scope), 7)
    assert list_complaints(owner) == [], "no words, or content enough"
    marked = rated(scope, shop, make_holder(scope), 8, is_marked=True)
    clock.advance(minutes=1)
    low = rated(scope, shop, holder, 6)
    assert [one.feedback_id for one in list_complaints(owner)] == [marked, low]

    def mind() -> dict[str, int]:
        return complaining.mind_complaints(scope, public_url="https://card.example")

    assert mind() == {"came": 2, "half": 0, "over": 0}
    assert mind() == {"came": 0, "half": 0, "over": 0}
    assert mails(scope) == begun + 1, "one mail for all that came"
    answer_feedback(replace(owner, location_id=shop.location_id), feedback_id=marked, words="Sorry!")
    clock.advance(hours=25)
    assert mind() == {"came": 0, "half": 1, "over": 0}, "what is answered needs no reminder"
    clock.advance(hours=24)
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: complaining.mind_complaints(replace(scope), public_url="x"), range(4)))
    assert sum(one["over"] for one in counts) == 1
    assert mails(scope) == begun + 3
    assert inbox(scope, "unanswered:%") == [holder.member_id]
    assert list_complaints(owner)[0].is_overdue(scope.now)


def test_an_answer_is_judged_and_made_good_without_telling_who(scope: Scope, clock: FixedClock) -> None:
    shop, holder = make_shop(scope, stamps=10), make_holder(scope)
    owner, me = office(scope, shop), member(scope, holder)
    here = replace(owner, location_id=shop.location_id)
    low = rated(scope, shop, holder, 2)
    with pytest.raises(ComplaintOpenError):
        complaining.judge_answer(me, feedback_id=low, is_solved=True)
    with pytest.raises(ComplaintOpenError):
        complaining.close_complaint(owner, feedback_id=low, ending="explained")
    answer_feedback(here, feedback_id=low, words="Sorry!", reward_id=shop.reward_ids[0])
    with pytest.raises(NotFoundError):
        complaining.take_offer(member(scope, make_holder(scope)), feedback_id=low)
    taken = complaining.take_offer(me, feedback_id=low)
    assert complaining.take_offer(me, feedback_id=low) == taken
    with scope.reading() as tx:
        assert tx.session.scalar(text("SELECT count(*) FROM voucher")) == 1
    complaining.judge_answer(me, feedback_id=low, is_solved=False)
    [known] = list_complaints(owner)
    assert (known.is_solved, known.is_taken) == (False, True)
    assert holder.member_id not in repr(known)
    other = office(scope, make_shop(scope, name="Other"))
    with pytest.raises(NotFoundError):
        complaining.close_complaint(other, feedback_id=low, ending="explained")
    complaining.judge_answer(me, feedback_id=low, is_solved=True)
    [closed] = list_complaints(owner, closed=True)
    assert (closed.ending, list_complaints(owner)) == ("made_good", [])
    with scope.reading() as tx:
        record = whole_record(tx, scope, holder.member_id)
    assert record["complaints"][0]["ending"] == "made_good"
    with scope.transaction() as tx:
        belongings.erase(tx, [holder.member_id])
        assert tx.session.scalar(select(func.count()).select_from(Complaint)) == 0


def test_the_score_counts_each_member_once_a_quarter(scope: Scope, clock: FixedClock) -> None:
    clock.set(datetime(2026, 5, 4, 10, tzinfo=UTC))
    shop = make_shop(scope, stamps=10)
    cross = make_holder(scope)
    for _ in range(12):
        rated(scope, shop, cross, 0, words=None)
        clock.advance(minutes=1)
    for _ in range(9):
        rated(scope, shop, make_holder(scope), 10, words=None)
    found = promoters_of(replace(scope, merchant_id=shop.merchant_id), timezone="Europe/Brussels")
    assert found.year == Score(9, 0, 1)
    assert list(found.months)[-1] == date(2026, 5, 1)
    assert found.months[date(2026, 5, 1)].net == pytest.approx(80)


def test_the_interval_of_the_score_keeps_its_word() -> None:
    assert tally([10, 9, 8, 7, 6, 0]) == Score(2, 2, 2)
    low, high = Score(10, 0, 0).interval
    assert low < 75 < 100 == round(high), "all the same is no certainty"
    dice = random.Random(7)
    held = 0
    for _ in range(2_000):
        score = tally(dice.choices((10, 8, 3), (0.5, 0.3, 0.2), k=25))
        low, high = score.interval
        held += low <= 30 <= high
    assert 0.93 <= held / 2_000 <= 0.98


def recall(scope: Scope, owner: Scope, *items: str, **how: object) -> str:
    day = scope.now.date()
    words = recalling.RecallWords(
        first=day - timedelta(days=7), last=day, title={"en": "Bring it back"}, text={"en": "Please."}, items=items
    )
    return recalling.write_recall(owner, replace(words, **how))  # type: ignore[arg-type]


def spread(scope: Scope, recall_id: str) -> list[int]:
    """Spread all that is queued, each stretch twice at once."""
    counts: list[int] = []
    with scope.reading() as tx:
        rows = tx.session.execute(text("SELECT id, payload, merchant_id FROM outbox WHERE topic = 'shop.recall'")).all()
    for row in rows:
        payload = row.payload if isinstance(row.payload, dict) else json.loads(row.payload)
        message = Message(str(row.id), recalling.TOPIC, str(row.merchant_id), payload, scope.now, 1)
        with ThreadPoolExecutor(2) as pool:
            counts += list(pool.map(lambda _, told=message: recalling.spread_recall(replace(scope), told), range(2)))
        with scope.transaction() as tx:
            tx.session.execute(text("DELETE FROM outbox WHERE id = :id"), {"id": row.id})
    return counts


def test_a_notice_reaches_who_bought_it_once(scope: Scope, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.set(datetime(2026, 5, 4, 10, tzinfo=UTC))
    monkeypatch.setattr(recalling, "ROWS", 3)
    shop, other = make_shop(scope, stamps=10), make_shop(scope, stamps=10, name="Other")
    owner = office(scope, shop)
    assert items_of(owner) == {}
    cake, bread = Item(sku="C-1", name="Käsekuchen", category="cake"), Item(sku="B-1", name="Bread")
    bought = [make_holder(scope) for _ in range(5)]
    for holder in bought:
        for _ in range(2):
            visit(shop.counter(), holder, amount_minor=900, items=(bread, cake))
    visit(shop.counter(), make_holder(scope), amount_minor=900, items=(bread,))
    visit(other.counter(), make_holder(scope), amount_minor=900, items=(cake,))
    assert items_of(owner)["Käsekuchen"] == 10
    recall_id = recall(scope, owner, "KÄSE")
    assert reach_of(owner, recall_id).bought == 5
    for wrong in (office(scope, other), office(scope, shop, "cashier")):
        with pytest.raises((NotFoundError, ForbiddenError)):
            recalling.send_recall(wrong, recall_id, revision=1)
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(recalling.send_recall, replace(owner), recall_id, revision=1) for _ in range(2)]
    assert sorted(type(one.exception()).__name__ for one in sent) == ["NoneType", "RecallSentError"]
    for _ in range(6):
        spread(scope, recall_id)
    assert inbox(scope, f"recall:{recall_id}") == sorted(one.member_id for one in bought)
    done = get_recall(owner, recall_id)
    assert (done.status, done.meant, done.told) == ("sent", 5, 5)
    with pytest.raises(RecallSentError):
        recalling.send_recall(owner, recall_id, revision=done.revision)


def test_by_night_only_what_is_urgent_is_brought(scope: Scope, clock: FixedClock) -> None:
    clock.set(datetime(2026, 5, 4, 21, tzinfo=UTC))
    shop, holder = make_shop(scope, stamps=10), make_holder(scope)
    owner = office(scope, shop)
    visit(shop.counter(), holder)
    calm, urgent = recall(scope, owner), recall(scope, owner, is_urgent=True)
    for one in (calm, urgent):
        recalling.send_recall(owner, one, revision=1)
    spread(scope, calm)
    assert inbox(scope, "recall:%") == [holder.member_id]
    assert get_recall(owner, urgent).status == "sent"
    clock.set(datetime(2026, 5, 5, 8, tzinfo=UTC))
    spread(scope, calm)
    assert len(inbox(scope, "recall:%")) == 2


def test_of_one_cause_told_without_its_guard_a_member_hears_twice(scope: Scope) -> None:
    """The twin: with a source of its own each time, the same stretch tells everybody again."""
    shop, holder = make_shop(scope, stamps=10), make_holder(scope)
    visit(shop.counter(), holder)
    for number in range(2):
        with scope.transaction() as tx:
            tell(tx, scope, holder.member_id, Told("shop_notice", f"twin:{number}", {}, shop.merchant_id))
    assert len(inbox(scope, "twin:%")) == 2


def test_ideas_are_off_then_let_through_voted_for_and_put_together(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope, stamps=10)
    owner = office(scope, shop)
    ann, ben, passer_by = (make_holder(scope) for _ in range(3))
    for holder in (ann, ben):
        visit(shop.counter(), holder)

    def propose(holder: Holder, words: str) -> str:
        return ideas.propose_idea(member(scope, holder), merchant_id=shop.merchant_id, words=words)

    def seen(holder: Holder) -> dict[str, int]:
        return {one.text: one.votes for one in list_ideas(member(scope, holder), shop.merchant_id).items}

    with pytest.raises(IdeasOffError):
        propose(ann, "Open on Sunday morning")
    complaining.set_feedback_setting(owner, takes_ideas=True, revision=0)
    with pytest.raises(IdeasOffError):
        propose(passer_by, "Open on Sunday morning")
    with ThreadPoolExecutor(6) as pool:
        made = [pool.submit(propose, ann, f"Open on Sunday at {hour} o'clock") for hour in range(6)]
    refused = [one.exception() for one in made if one.exception()]
    assert len(refused) == 3, "of six at once three stand"
    assert all(isinstance(one, IdeasEnoughError) for one in refused)
    first = next(one.result() for one in made if one.exception() is None)
    assert (len(seen(ann)), seen(ben)) == (3, {}), "others see nothing yet"
    with pytest.raises(NotFoundError):
        ideas.vote(member(scope, ben), idea_id=first, is_for=True)
    second = propose(ben, "Sundays please, early")
    for one in (first, second):
        ideas.decide_idea(owner, idea_id=one, status="open")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ideas.vote(member(scope, ben), idea_id=first, is_for=True), range(8)))
    assert max(seen(ben).values()) == 2, "each has one vote"
    ideas.merge_ideas(owner, idea_id=second, into=first)
    assert list(seen(ben).values()) == [2], "who voted for both has one"
    with pytest.raises(NotFoundError):
        ideas.merge_ideas(owner, idea_id=second, into=first)
    ideas.vote(member(scope, ben), idea_id=first, is_for=False)
    assert list(seen(ben).values()) == [1]
    ideas.vote(member(scope, ben), idea_id=first, is_for=True)
    ideas.decide_idea(owner, idea_id=first, status="planned", answer="From June.")
    assert len(inbox(scope, "idea:%:planned")) == 1
    assert {ann.member_id, ben.member_id}.isdisjoint(repr(list_shop_ideas(owner)).split("'"))

    with scope.transaction() as tx:
        merge(tx, scope, survivor_id=ann.member_id, merged_id=ben.member_id)
    with scope.reading() as tx:
        votes = tx.session.scalars(select(IdeaVote.member_id).where(IdeaVote.idea_id == first)).all()
        assert votes == [ann.member_id], "one person, one vote"
    with scope.transaction() as tx:
        belongings.erase(tx, [ann.member_id, ben.member_id])
        left = tx.session.execute(select(Idea.id, Idea.member_id).where(Idea.status != "merged")).all()
    assert [tuple(one) for one in left] == [(first, None)]
